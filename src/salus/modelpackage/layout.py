"""Which files a package holds, under which names, and what a name may look like."""

from __future__ import annotations

import re

from salus.contracts.errors import PackageRejected
from salus.contracts.text import Language

MANIFEST = "manifest.json"
SOLVER = "solver.json"
SIGNATURE = "signature.json"
CALIBRATION = "calibration.json"
EVALUATION = "evaluation.json"
QUALITY = "quality.json"
REQUEST = "examples/request.json"
ANSWER = "examples/answer.json"
REFERENCE = "reference/reference.json"
CARDS: dict[Language, str] = {"en": "CARD.md", "zh": "CARD.zh-CN.md"}

REQUIRED = frozenset({EVALUATION, QUALITY, REQUEST, ANSWER, REFERENCE, *CARDS.values()})
"""What every package lists, beside its models; that of a classifier lists `CALIBRATION` too."""

SUFFIXES = frozenset({".json", ".md", ".onnx", ".png"})
"""The only kinds of file that a package may hold. Nothing among them can carry a pickle or a program."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
_LONGEST_PATH = 160
_DEEPEST = 4


def model_file(variant: str) -> str:
    """The file of a variant: `model.onnx` for `float32`, `solver.json` for `solver`, else `model.<variant>.onnx`."""
    if variant == "solver":
        return SOLVER
    return "model.onnx" if variant == "float32" else f"model.{variant}.onnx"


def picture_file(name: str) -> str:
    """The file of a picture: `pictures/<name>.png`."""
    return f"pictures/{name}.png"


def shown(text: str) -> str:
    """A name from an unverified package, made fit for a message: printable ASCII, at most 80 characters."""
    plain = ascii(text)
    return plain if len(plain) <= 80 else plain[:77] + "..."


def is_name(text: str) -> bool:
    """Whether `text` can be a package's name, such as `chest_xray.pneumonia`."""
    return len(text) <= 100 and _NAME.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether `text` can be a package's version: a whole number from 1 on."""
    return _VERSION.fullmatch(text) is not None


def check_path(path: str) -> None:
    """Return if `path` is a name that a file of a package may have on every system.

    Allowed are relative paths of at most four parts, of ASCII letters, digits, `_`, `-` and `.`, no part beginning or
    ending with a dot, none a device's name, with one of the known suffixes. So nothing leaves the folder, nothing is
    hidden, and no two spellings of Unicode are the same file.

    Raises:
        PackageRejected: It is none.
    """
    parts = path.split("/")
    fits = (
        len(path) <= _LONGEST_PATH
        and len(parts) <= _DEEPEST
        and all(_PART.fullmatch(part) and not part.endswith(".") for part in parts)
        and not any(part.split(".")[0].lower() in _DEVICES for part in parts)
    )
    if not fits:
        raise PackageRejected(
            "file names of ASCII letters, digits, '_', '-' and '.', inside the folder",
            found=shown(path),
            remedy="Do not use this package; ask its maker for one that keeps to the format.",
        )
    if not path.endswith(tuple(SUFFIXES)):
        raise PackageRejected(
            f"only files of the kinds {', '.join(sorted(SUFFIXES))}",
            found=shown(path),
            remedy="Do not use this package: pickles and programs have no place in one.",
        )
