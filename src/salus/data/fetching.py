"""Downloads: resumed, verified, and put in place whole or not at all.

A file grows under the name `NAME.part`. A cut connection is taken up again where it broke (HTTP Range, RFC 9110
section 14), now or at the next call. What does not have the promised checksum is set aside as `NAME.wrong` and never
used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from salus.contracts.errors import ChecksumMismatch, DataUnavailable, InvalidInput
from salus.contracts.progress import Progress
from salus.data.copies import CatalogueEntry, DataFile, Layout, Located, check_file

MAX_BYTES = 20 << 30
"""Largest file that is fetched: 20 GiB."""

_TRIES = 4
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)


def fetch(
    entry: CatalogueEntry,
    cache_dir: Path,
    progress: Progress,
    *,
    offline: bool,
    client: httpx2.Client | None = None,
) -> Located:
    """Fetch what is missing of a data set.

    Args:
        entry: The set.
        cache_dir: Where copies are kept; the set gets a folder of its own name there.
        progress: Told the bytes of each file.
        offline: True forbids the network; a copy that is already in the cache is still found.
        client: Who asks; by default a new one that follows redirections.

    Returns:
        The copy, whose checksums have been compared.

    Raises:
        DataUnavailable: The set cannot be fetched, the network is forbidden, or the publisher does not answer.
        ChecksumMismatch: What came is not what was promised.
    """
    layout = entry.fetchable()
    if layout is None:
        raise DataUnavailable(
            f"a copy of {entry.name}", found="no address from which it can be fetched", remedy=entry.remedy.en
        )
    folder = cache_dir / entry.name
    missing = [file for file in layout.files if not (folder / file.path).is_file()]
    if missing and offline:
        raise DataUnavailable(
            f"a copy of {entry.name}", found="none, and the network is not to be used", remedy=entry.remedy.en
        )
    for file in layout.files:
        if file not in missing:
            check_file(folder / file.path, file)
    with _asking(client) as asker:
        for file in missing:
            _fetch_file(asker, file, folder / file.path, progress)
    return Located(folder=folder, layout=_placed(layout, entry.name))


def _placed(layout: Layout, name: str) -> Layout:
    return Layout(name=layout.name, folders=(name,), files=layout.files, checksums=layout.checksums)


@contextmanager
def _asking(client: httpx2.Client | None) -> Iterator[httpx2.Client]:
    """The caller's client, left open; or one of our own, closed at the end."""
    if client is not None:
        yield client
        return
    with httpx2.Client(follow_redirects=True, timeout=_TIMEOUT) as own:
        yield own


def _fetch_file(client: httpx2.Client, file: DataFile, target: Path, progress: Progress) -> None:
    """Download one file to `target`, in as many connections as it takes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    failure: httpx2.HTTPError | None = None
    for _ in range(_TRIES):
        try:
            _continue(client, str(file.url), part, progress, label=target.name)
        except httpx2.HTTPStatusError as error:
            raise _unreachable(file, f"HTTP status {error.response.status_code}") from error
        except httpx2.TransportError as error:
            failure = error
            continue
        finally:
            progress.end()
        break
    else:
        raise _unreachable(file, f"{type(failure).__name__} {_TRIES} times") from failure
    try:
        check_file(part, file)
    except ChecksumMismatch:
        part.replace(target.with_name(target.name + ".wrong"))
        raise
    part.replace(target)


def _unreachable(file: DataFile, found: str) -> DataUnavailable:
    return DataUnavailable(
        f"the file {file.url}",
        found=found,
        remedy="Try again later; what has come so far is kept and taken up again.",
    )


def _continue(client: httpx2.Client, url: str, part: Path, progress: Progress, *, label: str) -> None:
    """One connection: append what is missing, or start over where the server cannot continue."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx2.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return  # whole already
            part.unlink()
            raise httpx2.RemoteProtocolError("the server has another file; starting over")
        response.raise_for_status()
        continued = response.status_code == httpx2.codes.PARTIAL_CONTENT and response.headers.get(
            "Content-Range", ""
        ).startswith(f"bytes {have}-")
        start = have if continued else 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if length is not None and length.isdigit() else None
        _refuse_oversize(total or 0)
        progress.begin(label, total)
        if start:
            progress.advance(start)
        with part.open("ab" if continued else "wb") as stream:
            written = start
            for chunk in response.iter_raw():
                written += len(chunk)
                _refuse_oversize(written)
                stream.write(chunk)
                progress.advance(len(chunk))


def _refuse_oversize(size: int) -> None:
    if size > MAX_BYTES:
        raise InvalidInput(
            f"a file of at most {MAX_BYTES} bytes", found=f"{size} or more", remedy="Fetch the data set by hand."
        )
