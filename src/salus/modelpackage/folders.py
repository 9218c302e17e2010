"""Folders that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from salus.contracts.errors import Conflict, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.layout import MANIFEST, SIGNATURE
from salus.modelpackage.verification import check_content, open_regular


@contextmanager
def new_folder(directory: Path) -> Iterator[Path]:
    """A draft folder beside `directory`, which takes its place when the block ends well and vanishes when it does not.

    Raises:
        Conflict: Something stands at `directory`; it is never overwritten.
    """
    if os.path.lexists(directory):
        raise _occupied(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = directory.with_name(f".{directory.name}.{secrets.token_hex(8)}")
    draft.mkdir()
    try:
        yield draft
        _flush_folder(draft)
        try:
            draft.rename(directory)
        except OSError as error:
            if os.path.lexists(directory):
                raise _occupied(directory) from error
            raise
        _flush_folder(directory.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def write_file(path: Path, content: bytes) -> None:
    """Write a new file, and its folders, through to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def copy_package(package: ModelPackage, directory: Path) -> ModelPackage:
    """A verified package, copied to `directory`; each byte is verified again on the way.

    Raises:
        Conflict: Something stands at `directory`.
        PackageRejected: The package was altered since it was opened.
    """
    with new_folder(directory) as draft:
        for path in (MANIFEST, SIGNATURE, *(entry.path for entry in package.manifest.files)):
            if path == SIGNATURE and not (package.directory / path).exists():
                continue
            with open_regular(package.directory / path) as file:
                write_file(draft / path, file.read())
        for entry in package.manifest.files:
            with open_regular(draft / entry.path) as file:
                check_content(file, entry)
        if hashlib.sha256((draft / MANIFEST).read_bytes()).hexdigest() != package.digest:
            raise PackageRejected(
                "the manifest that was verified", found="another one", remedy="Open the package again."
            )
    return replace(package, directory=directory)


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _occupied(directory: Path) -> Conflict:
    return Conflict(
        f"nothing at {directory.name} yet",
        found="a file or folder",
        remedy="Choose another place; packages are never overwritten.",
    )
