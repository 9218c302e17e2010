"""Files that hold a secret: made with mode 0600, written whole or not at all, refused where others may read them."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salus.contracts.errors import Conflict

_WIDER_THAN_OWNER = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path) -> bytes:
    """The content of a private file.

    Raises:
        FileNotFoundError: There is none.
        Conflict: Others than its owner may read or write it (POSIX; not looked at elsewhere).
    """
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if os.name == "posix" and mode & _WIDER_THAN_OWNER:
            raise Conflict(
                f"{path.name} to be readable by its owner alone (mode 0600)",
                found=f"mode {mode:04o}",
                remedy=f"If nobody else has read it, run: chmod 600 {path}. Otherwise replace the key.",
            )
        return file.read()


def create_private(path: Path, content: bytes) -> bytes:
    """Make a private file, unless another process was faster.

    Returns:
        The content of the file that stands at `path`: `content`, or what the faster process wrote.

    Raises:
        Conflict: A file was there and others may read it.
    """
    draft = _write_draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return read_private(path)
    finally:
        draft.unlink()
    return content


def replace_private(path: Path, content: bytes) -> None:
    """Write a private file whole, in place of the one that may be there."""
    draft = _write_draft(path, content)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold, among this machine's processes, the right to change `path`. Where there is no `flock`, nobody waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write_draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
