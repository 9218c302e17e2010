"""Which code is running: the version, with the commit where it runs from a checkout."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from salus import __version__


def find_code_version() -> str:
    """`0.1.0`, `0.1.0+g1a2b3c4` in a clean checkout, `0.1.0+g1a2b3c4.d5e6f70` with changes that are not committed."""
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return __version__
    commit = _git(root, "rev-parse", "--short=7", "HEAD")
    if commit is None:
        return __version__
    return f"{__version__}+g{commit}{_mark_changes(root)}"


def _mark_changes(root: Path) -> str:
    """`.d` and seven digits of what is changed or new under `src`; empty where nothing is."""
    changed = (_git(root, "diff", "HEAD", "--", "src") or "").encode()
    new = (_git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", "src") or "").split("\0")
    whole = hashlib.sha256(changed)
    for name in filter(None, new):
        whole.update(name.encode() + b"\0" + (root / name).read_bytes())
    return f".d{whole.hexdigest()[:7]}" if changed or any(new) else ""


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None  # no git, or not a repository of its own: the plain version is the honest answer
    return done.stdout.strip()
