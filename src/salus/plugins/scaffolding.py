"""Writes a new pack from the templates in `scaffold/`."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from salus.contracts.errors import Conflict, InvalidInput

_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
_PLACES = {
    "pyproject.toml": "pyproject.toml",
    "package.py": "src/{package}/__init__.py",
    "task.py": "src/{package}/task.py",
    "data.py": "src/{package}/data.py",
    "model.py": "src/{package}/model.py",
    "pack.py": "src/{package}/pack.py",
    "samples.csv": "src/{package}/samples.csv",
    "test_conformance.py": "tests/test_conformance.py",
}


def write_pack(name: str, folder: Path) -> Path:
    """Write a distribution `salus-<name>` with one pack into `folder`.

    Args:
        name: The pack's name: lower case, digits, underscores.
        folder: Where; the distribution gets a folder of its own in it.

    Returns:
        The distribution's folder.

    Raises:
        InvalidInput: The name cannot be a pack's.
        Conflict: The folder exists.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "a lower-case name with underscores, such as heart_failure", found=repr(name), remedy="Choose another."
        )
    root = folder / f"salus-{name.replace('_', '-')}"
    if root.exists():
        raise Conflict("a folder that does not exist", found=str(root), remedy="Remove it, or choose another --folder.")
    words = {"name": name, "package": f"salus_{name}", "distribution": root.name, "title": name.replace("_", " ")}
    templates = files("salus.plugins") / "scaffold"
    for template, place in _PLACES.items():
        text = (templates / f"{template}.txt").read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        target = root / place.format(package=words["package"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root
