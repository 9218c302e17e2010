"""What is looked at before anybody may use a package: its tree, its signature, and each file's bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from salus.contracts.errors import ChecksumMismatch, InvalidInput, PackageRejected
from salus.contracts.packages import FORMAT_VERSION, FileEntry, Manifest
from salus.modelpackage.encoding import decode_record, encode_record
from salus.modelpackage.layout import (
    CALIBRATION,
    MANIFEST,
    REQUIRED,
    SIGNATURE,
    SOLVER,
    check_path,
    is_name,
    is_version,
    shown,
)
from salus.modelpackage.onnx_files import check_onnx
from salus.security.signing import Signature, decode_public_key, verify
from salus.security.trust import TrustPolicy

_CHUNK = 1024**2
_SIGNATURE_BYTES = 4096
_ALTERED = "Get an unaltered copy."


class _Format(msgspec.Struct):
    format_version: int


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, never through a link.

    Raises:
        PackageRejected: It is missing, a link, or no regular file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise PackageRejected(
            f"a regular file {shown(path.name)}", found=_cannot_open(error), remedy=_ALTERED
        ) from error
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise PackageRejected(f"a regular file {shown(path.name)}", found="something else", remedy=_ALTERED)
    return file


def read_bounded(path: Path, most: int) -> bytes:
    """A regular file of at most `most` bytes.

    Raises:
        PackageRejected: As `open_regular`, or it is longer.
    """
    with open_regular(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise PackageRejected(
            f"at most {most} bytes in {shown(path.name)}", found="more", remedy="Do not use this package."
        )
    return content


def read_manifest(content: bytes) -> Manifest:
    """The manifest, strictly decoded and consistent in itself.

    Raises:
        PackageRejected: It is not.
    """
    version = decode_record(content, _Format, MANIFEST).format_version
    if version != FORMAT_VERSION:
        raise PackageRejected(
            f"version {FORMAT_VERSION} of the package format",
            found=f"version {version}",
            remedy="Install the version of Salus that the package was made for.",
        )
    manifest = decode_record(content, Manifest, MANIFEST)
    for problem in _contradictions(manifest):
        raise PackageRejected("a manifest that agrees with itself", found=problem, remedy=_ALTERED)
    return manifest


def check_signature(directory: Path, manifest: bytes, trust: TrustPolicy) -> str | None:
    """Who vouches for the manifest.

    Returns:
        The fingerprint of the trusted key that signed it; None where the policy lets a package pass that no
        trusted key signed.

    Raises:
        PackageRejected: The signature does not fit, or there is none that counts and the policy asks for one.
    """
    if not os.path.lexists(directory / SIGNATURE):
        if trust.require_signature:
            raise PackageRejected(
                "a signed package", found="no signature.json", remedy="Have its maker sign it: salus packages sign."
            )
        return None
    content = read_bounded(directory / SIGNATURE, _SIGNATURE_BYTES)
    signature = decode_record(content, Signature, SIGNATURE)
    if encode_record(signature) != content:
        raise PackageRejected("signature.json as it was written", found="altered text", remedy=_ALTERED)
    key = trust.trusted_keys.get(signature.fingerprint)
    if key is None:
        if trust.require_signature:
            raise PackageRejected(
                "a signature by a trusted key",
                found=f"one by {shown(signature.fingerprint)}",
                remedy="If you trust that key, add it to packages.trusted_keys in the settings.",
            )
        key = _own_key(signature)
        _verify(signature, manifest, key)
        return None
    if _own_key(signature) != key:
        raise PackageRejected("the public key of the signer in signature.json", found="another", remedy=_ALTERED)
    _verify(signature, manifest, key)
    return signature.fingerprint


def check_files(directory: Path, files: tuple[FileEntry, ...], trust: TrustPolicy) -> None:
    """Return if the folder holds the listed files, byte for byte, and nothing else.

    Raises:
        PackageRejected: A name leaves the folder or stands for two files; a file is missing, not listed, a link,
            too large, altered, a pickle, or a model that names another file.
    """
    _check_list(files, trust)
    listed = {entry.path for entry in files}
    found = set(walk_files(directory, most=trust.max_files + 2))
    extra, absent = found - listed - {MANIFEST, SIGNATURE}, listed - found
    for path in sorted(extra):
        raise PackageRejected("only files that the manifest lists", found=shown(path), remedy=_ALTERED)
    for path in sorted(absent):
        raise PackageRejected(f"the file {shown(path)}", found="none", remedy=_ALTERED)
    for entry in files:
        with open_regular(directory / entry.path) as file:
            check_content(file, entry)


def check_content(file: BinaryIO, entry: FileEntry) -> None:
    """Return if `file` holds what `entry` promises.

    Raises:
        PackageRejected: It does not, or it holds a pickle or, as a model, names another file.
    """
    digest, size, start = hashlib.sha256(), 0, b""
    while chunk := file.read(min(_CHUNK, entry.size + 1 - size)):
        start = start or chunk[:4]
        digest.update(chunk)
        size += len(chunk)
    if size != entry.size:
        found = "more" if size > entry.size else f"{size}"
        raise PackageRejected(f"{entry.size} bytes in {entry.path}", found=found, remedy=_ALTERED)
    if digest.hexdigest() != entry.sha256:
        raise PackageRejected(
            f"the bytes of {entry.path} that the manifest lists", found="altered bytes", remedy=_ALTERED
        )
    if start[:1] == b"\x80" and start[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        raise _not_data(entry.path, "a pickle")
    if start == b"PK\x03\x04":
        raise _not_data(entry.path, "a zip archive, the form of pickled models and object arrays")
    if entry.path.endswith(".onnx"):
        check_onnx(file, entry.size, entry.path)


def walk_files(directory: Path, *, most: int) -> Iterator[str]:
    """Paths of the files below `directory`, with forward slashes.

    Raises:
        PackageRejected: There is a link, a device, an empty folder, or more than `most` files.
    """
    open_folders = [("", directory)]
    count = 0
    while open_folders:
        prefix, folder = open_folders.pop()
        with os.scandir(folder) as entries:
            members = sorted(entries, key=lambda entry: entry.name)
        if not members and prefix:
            raise PackageRejected("no empty folder", found=shown(prefix), remedy=_ALTERED)
        for member in members:
            path = prefix + member.name
            count += 1
            if count > 4 * most:
                raise PackageRejected(f"at most {most} files", found="more", remedy="Do not use this package.")
            if member.is_dir(follow_symlinks=False):
                open_folders.append((f"{path}/", folder / member.name))
            elif member.is_file(follow_symlinks=False):
                yield path
            else:
                raise PackageRejected(
                    "regular files and folders", found=f"{shown(path)}, a link or device", remedy=_ALTERED
                )


def _check_list(files: tuple[FileEntry, ...], trust: TrustPolicy) -> None:
    if len(files) > trust.max_files:
        raise _too_large(f"at most {trust.max_files} files", f"{len(files)}")
    seen: set[str] = set()
    for entry in files:
        check_path(entry.path)
        if entry.path.casefold() in seen:
            raise PackageRejected("each file name once", found=shown(entry.path), remedy=_ALTERED)
        seen.add(entry.path.casefold())
        if not 0 <= entry.size <= trust.max_file_bytes:
            raise _too_large(f"files of at most {trust.max_file_bytes} bytes", f"{entry.size}")
    total = sum(entry.size for entry in files)
    if total > trust.max_package_bytes:
        raise _too_large(f"at most {trust.max_package_bytes} bytes in all", f"{total}")


def _contradictions(manifest: Manifest) -> Iterator[str]:
    sizes = {entry.path: entry.size for entry in manifest.files}
    names = [variant.name for variant in manifest.variants]
    if not is_name(manifest.name):
        yield f"the name {shown(manifest.name)}"
    if not is_version(manifest.version):
        yield f"the version {shown(manifest.version)}, not a whole number from 1 on"
    if len(set(names)) != len(names):
        yield "a variant that is listed twice"
    if manifest.default_variant not in names:
        yield f"the default variant {shown(manifest.default_variant)}, which is not listed"
    for variant in manifest.variants:
        runs = variant.file == SOLVER if manifest.task.kind == "planning" else variant.file.endswith(".onnx")
        if not runs or sizes.get(variant.file) != variant.size:
            yield f"variant {shown(variant.name)} without a file of its size"
    required = REQUIRED | {CALIBRATION} if manifest.task.kind == "classification" else REQUIRED
    for path in sorted(required - sizes.keys()):
        yield f"no {path}"
    if list(sizes) != sorted(sizes) or len(sizes) != len(manifest.files) or sizes.keys() & {MANIFEST, SIGNATURE}:
        yield "a list of files that is not sorted by path, or names one twice"


def _own_key(signature: Signature) -> bytes:
    try:
        return decode_public_key(signature.public_key)
    except InvalidInput as error:
        raise PackageRejected(error.expected, found=error.found, remedy=_ALTERED) from error


def _verify(signature: Signature, message: bytes, key: bytes) -> None:
    try:
        verify(signature, message, key)
    except ChecksumMismatch as error:
        raise PackageRejected(
            "a signature that fits the manifest",
            found="one that does not: manifest.json or signature.json was altered",
            remedy=_ALTERED,
        ) from error


def _cannot_open(error: OSError) -> str:
    return "none" if isinstance(error, FileNotFoundError) else f"one that cannot be opened ({error.strerror})"


def _too_large(expected: str, found: str) -> PackageRejected:
    return PackageRejected(expected, found=found, remedy="Raise the limit in the settings if the package is yours.")


def _not_data(path: str, found: str) -> PackageRejected:
    return PackageRejected(f"data in {path}", found=found, remedy="Do not use this package.")
