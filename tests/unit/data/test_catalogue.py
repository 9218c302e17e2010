from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from salus.contracts.errors import ChecksumMismatch, DataUnavailable, NotFound
from salus.data.catalogue import find_entry, list_entries, locate, verify
from salus.data.copies import CatalogueEntry, DataFile, Layout, check_file


def entry(*layouts: Layout) -> CatalogueEntry:
    known = find_entry("pneumoniamnist")
    return CatalogueEntry(source=known.source, reader="", layouts=layouts, notes=(), remedy=known.remedy)


def layout(name: str, *files: DataFile, folder: str = "set", checksums: str | None = None) -> Layout:
    return Layout(name=name, folders=(folder,), files=files, checksums=checksums)


def test_every_entry_says_where_it_comes_from_and_under_which_terms() -> None:
    entries = list_entries()

    assert [e.name for e in entries] == sorted(e.name for e in entries)
    assert {"wisconsin", "pneumoniamnist", "covid-ct", "phantom"} <= {e.name for e in entries}
    for e in entries:
        assert e.source.licence
        assert e.source.citation
        assert e.notes
        assert e.source.synthetic or e.source.url.startswith("https://")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="wisconsin"):
        find_entry("no-such-set")


def test_only_a_set_with_addresses_and_checksums_can_be_fetched() -> None:
    found = find_entry("pneumoniamnist").fetchable()

    assert found is not None
    assert found.files[0].md5 == "28209eda62fecd6e6a2d98b1501bb15f"
    assert find_entry("covid-ct").fetchable() is None
    assert find_entry("wisconsin").fetchable() is None


def test_the_preferred_layout_goes_before_the_order_of_the_folders(tmp_path: Path) -> None:
    first, second = tmp_path / "first" / "set", tmp_path / "second" / "set"
    for folder, name in ((first, "other.bin"), (second, "best.bin")):
        folder.mkdir(parents=True)
        (folder / name).write_bytes(b"x")
    sought = entry(layout("best", DataFile("best.bin")), layout("other", DataFile("other.bin")))

    assert locate(sought, [tmp_path / "first", tmp_path / "second"]).folder == second
    assert locate(sought, [tmp_path / "first"]).layout.name == "other"


def test_a_missing_copy_is_said_with_what_would_do_and_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable) as caught:
        locate(find_entry("covid-ct"), [tmp_path])

    assert "manifest.csv" in caught.value.expected
    assert "Clone https://" in caught.value.remedy


def test_a_layout_may_ask_for_folders(tmp_path: Path) -> None:
    sought = entry(layout("tree", DataFile("pictures/")))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "pictures").write_bytes(b"a file of that name is no folder")
    with pytest.raises(DataUnavailable):
        locate(sought, [tmp_path])
    (tmp_path / "set" / "pictures").unlink()
    (tmp_path / "set" / "pictures").mkdir()

    assert verify(locate(sought, [tmp_path])) == 0


def test_a_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    good = hashlib.sha256(b"content").hexdigest()

    assert check_file(path, DataFile("a.bin", sha256=good.upper()))
    assert check_file(path, DataFile("a.bin", md5=hashlib.md5(b"content", usedforsecurity=False).hexdigest()))
    assert not check_file(path, DataFile("a.bin"))
    with pytest.raises(ChecksumMismatch, match="sha256"):
        check_file(path, DataFile("a.bin", sha256="0" * 64))
    with pytest.raises(ChecksumMismatch, match="found none"):
        check_file(tmp_path / "b.bin", DataFile("b.bin", sha256=good))


def test_a_list_of_checksums_binds_every_file_of_a_copy(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"a")
    listed = f"{hashlib.sha256(b'a').hexdigest()}  ./a.bin\n"
    (folder / "SHA256SUMS").write_text(listed)
    sums = DataFile("SHA256SUMS", sha256=hashlib.sha256(listed.encode()).hexdigest())
    located = locate(entry(layout("listed", sums, checksums="SHA256SUMS")), [tmp_path])

    assert verify(located) == 2
    (folder / "a.bin").write_bytes(b"b")
    with pytest.raises(ChecksumMismatch, match=r"a\.bin"):
        verify(located)
    (folder / "SHA256SUMS").write_text(listed + "0" * 64 + "  ./b.bin\n")
    with pytest.raises(ChecksumMismatch, match="SHA256SUMS"):
        verify(located)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.data(name))
        for name in ("covid-ct", "dicom-samples", "pneumoniamnist", "tabular-small")
    ],
)
def test_the_local_copies_are_the_ones_that_the_catalogue_promises(name: str, data_dir: Path) -> None:
    assert verify(locate(find_entry(name), [data_dir.parent])) > 0
