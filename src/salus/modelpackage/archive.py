"""Carry a package in one file: a zip whose bytes follow from the package alone, and which is read with suspicion."""

from __future__ import annotations

import io
import os
import secrets
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salus.contracts.errors import Conflict, NotFound, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.folders import new_folder
from salus.modelpackage.layout import MANIFEST, SIGNATURE, check_path, shown
from salus.modelpackage.reading import open_package
from salus.modelpackage.verification import check_content, open_regular
from salus.security.trust import TrustPolicy

_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1024**2
_LARGEST_READ = 2 * 1024**2
_LARGEST_RATIO = 100
_RATIO_FROM_BYTES = 1024**2
_UNIX = 3
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
)
"""What the standard library raises on archives that are damaged or hostile."""


def export_package(package: ModelPackage, path: Path) -> Path:
    """Write `package` to the zip file `path`.

    The entries are sorted, stored uncompressed and dated 1980-01-01, so that every machine writes the same bytes.

    Raises:
        Conflict: There is a file at `path`.
        PackageRejected: The package was altered since it was opened.
    """
    if os.path.lexists(path):
        raise _occupied(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with zipfile.ZipFile(draft, "x", zipfile.ZIP_STORED) as archive:
            _write_entries(package, archive)
        try:
            os.link(draft, path)
        except FileExistsError as error:
            raise _occupied(path) from error
    finally:
        draft.unlink(missing_ok=True)
    return path


def import_archive(path: Path, directory: Path, *, trust: TrustPolicy) -> ModelPackage:
    """Unpack the zip file `path` into the folder `directory`, which must not exist, and open it.

    The folder appears only after the package in it was verified.

    Raises:
        NotFound: There is no such file.
        Conflict: Something stands at `directory`.
        PackageRejected: The archive is damaged, encrypted, too large or hostile, or the package in it is.
    """
    if not path.is_file():
        raise NotFound(f"an archive {path.name}", found="no file", remedy="Check the path.")
    with new_folder(directory) as draft:
        with _opened(path) as archive:
            entries = _checked_entries(archive, path.stat().st_size, trust)
            for entry in entries:
                _unpack(archive, entry, draft / entry.filename)
        open_package(draft, trust=trust)
    return open_package(directory, trust=trust)


class _BoundedFile(io.FileIO):
    """A file that is never read in large pieces, nor before its beginning, whatever the archive's directory asks."""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET and offset < 0:
            raise zipfile.BadZipFile("an entry before the beginning")
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = os.fstat(self.fileno()).st_size - self.tell() if size is None or size < 0 else size
        if wanted > _LARGEST_READ:
            raise zipfile.BadZipFile("a directory of more than 2 MiB")
        return super().read(size)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with _BoundedFile(path, "r") as file, zipfile.ZipFile(file) as archive:
            yield archive
    except _BROKEN as error:
        raise PackageRejected(
            "a zip archive that is whole and not encrypted",
            found=f"one that cannot be read ({shown(str(error))})",
            remedy="Get an unaltered copy.",
        ) from error


def _checked_entries(archive: zipfile.ZipFile, size: int, trust: TrustPolicy) -> list[zipfile.ZipInfo]:
    """The files of the archive, if their names, kinds, sizes and number are those of a package."""
    entries = archive.infolist()
    if len(entries) > 2 * trust.max_files:
        raise _refused(f"at most {trust.max_files} files in the archive", f"{len(entries)} entries")
    files, seen = [], set()
    for entry in entries:
        name = entry.orig_filename
        if name.casefold() in seen:
            raise _refused("each name once in the archive", shown(name))
        seen.add(name.casefold())
        if not entry.is_dir():
            check_path(name)
            _check_entry(entry, trust)
            files.append(entry)
    names = {entry.orig_filename.casefold() for entry in files}
    for name in sorted(names):
        if any(name[:cut] in names for cut in range(len(name)) if name[cut] == "/"):
            raise _refused("names that are a file or a folder, not both", shown(name))
    if sum(entry.compress_size for entry in files) > size:
        raise _refused("entries that do not overlap", "entries that are longer than the archive")
    total = sum(entry.file_size for entry in files)
    if total > trust.max_package_bytes + trust.max_manifest_bytes:
        raise _refused(f"at most {trust.max_package_bytes} bytes in all", f"{total}")
    return files


def _check_entry(entry: zipfile.ZipInfo, trust: TrustPolicy) -> None:
    name = shown(entry.filename)
    mode = entry.external_attr >> 16
    if entry.flag_bits & _ENCRYPTED:
        raise _refused("files that are not encrypted", name)
    if entry.create_system == _UNIX and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise _refused("regular files", f"{name}, a link or device")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _refused("files that are stored or deflated", f"{name}, compressed otherwise")
    if entry.file_size > max(trust.max_file_bytes, trust.max_manifest_bytes):
        raise _refused(f"files of at most {trust.max_file_bytes} bytes", f"{name} of {entry.file_size}")
    if entry.file_size > max(_RATIO_FROM_BYTES, _LARGEST_RATIO * entry.compress_size):
        raise _refused(
            f"files that unpack to at most {_LARGEST_RATIO} times their size",
            f"{name}: {entry.compress_size} bytes that promise {entry.file_size}",
        )


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > entry.file_size:
                raise _refused("files of the size that the archive promises", f"{shown(entry.filename)}: more")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _write_entries(package: ModelPackage, archive: zipfile.ZipFile) -> None:
    entries = {entry.path: entry for entry in package.manifest.files}
    paths = {*entries, MANIFEST}
    if (package.directory / SIGNATURE).exists():
        paths.add(SIGNATURE)
    for path in sorted(paths):
        info = zipfile.ZipInfo(path, date_time=_EPOCH)
        info.create_system = _UNIX
        info.external_attr = (stat.S_IFREG | 0o644) << 16
        with open_regular(package.directory / path) as file:
            if path in entries:
                check_content(file, entries[path])
            file.seek(0)
            info.file_size = os.fstat(file.fileno()).st_size
            with archive.open(info, "w") as entry:
                while chunk := file.read(_CHUNK):
                    entry.write(chunk)


def _refused(expected: str, found: str) -> PackageRejected:
    return PackageRejected(expected, found=found, remedy="Do not use this archive; ask its maker for another.")


def _occupied(path: Path) -> Conflict:
    return Conflict(
        f"no file {path.name} yet", found="one", remedy="Choose another name; archives are never overwritten."
    )
