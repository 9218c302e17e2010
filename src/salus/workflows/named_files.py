"""Files under a path, each by its name below that path, and errors that say which file they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salus.contracts.errors import InvalidInput


def find_files(path: Path) -> dict[str, Path]:
    """The file at `path`, or every file of that folder and those below it but hidden ones, in order.

    Returns:
        By name: of a single file its own, else the path below `path`, with `/`.

    Raises:
        InvalidInput: There is nothing under this name.
    """
    if path.is_file():
        return {path.name: path}
    if not path.is_dir():
        raise InvalidInput("a file or a folder", found=f"nothing under the name {path}", remedy="Check the path.")
    below = {file.relative_to(path): file for file in sorted(path.rglob("*")) if file.is_file()}
    return {
        name.as_posix(): file for name, file in below.items() if not any(part.startswith(".") for part in name.parts)
    }


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Let what is wrong with the content of a file be told with the file's name.

    Raises:
        InvalidInput: What the block raises, of the same type, and the name with it.
    """
    try:
        yield
    except InvalidInput as error:
        raise type(error)(error.expected, found=f"{error.found}, in {name}", remedy=error.remedy) from error
