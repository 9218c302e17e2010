"""What the registry's own folder holds, whether its rows know it or not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from salus.modelpackage.layout import MANIFEST, is_version


def newest_folder(directory: Path) -> int:
    """The highest version that has a folder in `directory`; 0 where there is none."""
    if not directory.is_dir():
        return 0
    return max((int(each.name) for each in directory.iterdir() if is_version(each.name)), default=0)


def digest_folder(directory: Path) -> str | None:
    """The digest of the package in `directory`, not verified; None where there is no manifest."""
    try:
        return hashlib.sha256((directory / MANIFEST).read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
