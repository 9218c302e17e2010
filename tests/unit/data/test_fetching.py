"""Fetching against a real server on this machine, which can be told to misbehave."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from salus.contracts.errors import ChecksumMismatch, DataUnavailable, InvalidInput
from salus.contracts.progress import Silence
from salus.data import fetching
from salus.data.catalogue import find_entry
from salus.data.copies import CatalogueEntry, DataFile, Layout
from salus.data.fetching import fetch

CONTENT = bytes(range(256)) * 4096


@dataclass
class Behaviour:
    """How the server answers.

    Attributes:
        ranges: Whether it honours Range.
        cut_after: After how many bytes it drops each of its first `cuts` connections.
        cuts: How many connections it drops.
        status: What it answers instead, or None.
        requests: The Range header of each request, None where there was none.
    """

    ranges: bool = True
    cut_after: int = 100_000
    cuts: int = 0
    status: int | None = None
    content: bytes = CONTENT
    requests: list[str | None] = field(default_factory=list)


@dataclass
class Server:
    url: str
    behaviour: Behaviour


@pytest.fixture
def server() -> Iterator[Server]:
    behaviour = Behaviour()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            behaviour.requests.append(asked)
            content = behaviour.content
            start = int(re.findall(r"\d+", asked)[0]) if asked and behaviour.ranges else 0
            if behaviour.status is not None:
                self.send_error(behaviour.status)
                return
            if start >= len(content) and asked and behaviour.ranges:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            rest = content[start:]
            if behaviour.cuts > 0:
                behaviour.cuts -= 1
                rest = rest[: behaviour.cut_after]
            self.wfile.write(rest)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Server(url=f"http://127.0.0.1:{listener.server_port}/data/set.bin", behaviour=behaviour)
    listener.shutdown()
    thread.join()
    listener.server_close()


class Steps:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int | None]] = []
        self.bytes = 0
        self.ended = 0

    def begin(self, label: str, total: int | None) -> None:
        self.begun.append((label, total))
        self.bytes = 0

    def advance(self, steps: int = 1, **measures: float) -> None:
        self.bytes += steps

    def end(self) -> None:
        self.ended += 1


def entry(url: str, content: bytes = CONTENT) -> CatalogueEntry:
    file = DataFile("set.bin", sha256=hashlib.sha256(content).hexdigest(), url=url)
    known = find_entry("pneumoniamnist")
    layout = Layout(name="one", folders=("pneumoniamnist",), files=(file,))
    return CatalogueEntry(source=known.source, reader="", layouts=(layout,), notes=(), remedy=known.remedy)


def test_a_file_is_fetched_whole_with_progress_and_only_once(server: Server, tmp_path: Path) -> None:
    steps = Steps()

    located = fetch(entry(server.url), tmp_path, steps, offline=False)
    again = fetch(entry(server.url), tmp_path, steps, offline=True)

    assert (located.folder / "set.bin").read_bytes() == CONTENT
    assert again.folder == located.folder
    assert server.behaviour.requests == [None]
    assert steps.begun == [("set.bin", len(CONTENT))]
    assert steps.bytes == len(CONTENT)
    assert steps.ended >= 1
    assert [path.name for path in located.folder.iterdir()] == ["set.bin"]


def test_a_cut_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.behaviour.cuts = 2

    located = fetch(entry(server.url), tmp_path, Silence(), offline=False)

    assert (located.folder / "set.bin").read_bytes() == CONTENT
    assert server.behaviour.requests == [None, "bytes=100000-", "bytes=200000-"]


def test_what_came_is_kept_for_the_next_call_where_the_server_keeps_failing(server: Server, tmp_path: Path) -> None:
    server.behaviour.cuts = 4
    with pytest.raises(DataUnavailable, match="4 times"):
        fetch(entry(server.url), tmp_path, Silence(), offline=False)
    assert (tmp_path / "pneumoniamnist" / "set.bin.part").stat().st_size == 400_000

    located = fetch(entry(server.url), tmp_path, Silence(), offline=False)

    assert (located.folder / "set.bin").read_bytes() == CONTENT
    assert server.behaviour.requests[-1] == "bytes=400000-"


def test_a_server_without_ranges_is_asked_from_the_start(server: Server, tmp_path: Path) -> None:
    server.behaviour.ranges = False
    server.behaviour.cuts = 1

    located = fetch(entry(server.url), tmp_path, Silence(), offline=False)

    assert (located.folder / "set.bin").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_put_in_place(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "pneumoniamnist" / "set.bin.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT)

    located = fetch(entry(server.url), tmp_path, Silence(), offline=False)

    assert (located.folder / "set.bin").read_bytes() == CONTENT
    assert not part.exists()


def test_a_part_of_another_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "pneumoniamnist" / "set.bin.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT + b"more than there is")

    located = fetch(entry(server.url), tmp_path, Silence(), offline=False)

    assert (located.folder / "set.bin").read_bytes() == CONTENT
    assert server.behaviour.requests[-1] is None


def test_a_wrong_checksum_is_refused_and_the_file_set_aside(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ChecksumMismatch):
        fetch(entry(server.url, content=b"something else"), tmp_path, Silence(), offline=False)

    assert [path.name for path in (tmp_path / "pneumoniamnist").iterdir()] == ["set.bin.wrong"]


def test_a_damaged_copy_in_the_cache_is_refused(server: Server, tmp_path: Path) -> None:
    (tmp_path / "pneumoniamnist").mkdir()
    (tmp_path / "pneumoniamnist" / "set.bin").write_bytes(b"damaged")

    with pytest.raises(ChecksumMismatch):
        fetch(entry(server.url), tmp_path, Silence(), offline=False)


def test_nothing_is_asked_of_the_network_where_it_is_forbidden(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="not to be used"):
        fetch(entry(server.url), tmp_path, Silence(), offline=True)

    assert server.behaviour.requests == []


def test_a_refusal_of_the_server_is_said(server: Server, tmp_path: Path) -> None:
    server.behaviour.status = 404

    with pytest.raises(DataUnavailable, match="HTTP status 404"):
        fetch(entry(server.url), tmp_path, Silence(), offline=False)


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="ConnectError"):
        fetch(entry("http://127.0.0.1:9/set.bin"), tmp_path, Silence(), offline=False)


def test_a_file_that_is_too_large_is_refused(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)

    with pytest.raises(InvalidInput, match="at most 1000 bytes"):
        fetch(entry(server.url), tmp_path, Silence(), offline=False)


def test_a_set_without_an_address_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="Clone"):
        fetch(find_entry("covid-ct"), tmp_path, Silence(), offline=False)


def test_the_callers_client_is_used_and_left_open(server: Server, tmp_path: Path) -> None:
    with httpx2.Client() as client:
        fetch(entry(server.url), tmp_path, Silence(), offline=False, client=client)

        assert not client.is_closed
