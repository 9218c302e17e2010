"""Which code is running: the version, with the commit where it runs from a checkout."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from salus import __version__


def find_code_version() -> str:
    """`0.1.0`, `0.1.0+g1a2b3c4` in a clean checkout, `0.1.0+g1a2b3c4.d5e6f708` with changes that are not committed."""
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return __version__
    commit = _git(root, "rev-parse", "--short=7", "HEAD")
    if commit is None:
        return __version__
    changes = _git(root, "diff", "HEAD", "--", "src")
    mark = f".d{hashlib.sha256(changes.encode()).hexdigest()[:7]}" if changes else ""
    return f"{__version__}+g{commit}{mark}"


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None  # no git, or not a repository of its own: the plain version is the honest answer
    return done.stdout.strip()
