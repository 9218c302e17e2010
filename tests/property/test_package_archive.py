"""A package that travelled is the same package; anything else is refused, whatever the bytes are."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salus.contracts.errors import PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.archive import export_package, import_archive
from salus.modelpackage.onnx_files import check_onnx
from salus.modelpackage.reading import open_package
from salus.modelpackage.specimen import make_specimen_draft, make_specimen_graph
from salus.modelpackage.writing import PackageDraft, write_package
from salus.security.signing import LocalSigningKey
from salus.security.trust import TrustPolicy

_FAST = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
_EVERY = 17
"""Each file is altered at every so many bytes, and in its first and last ones."""


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> LocalSigningKey:
    return LocalSigningKey.load_or_create(tmp_path_factory.mktemp("keys") / "signing.pem")


@pytest.fixture(scope="module")
def trust(key: LocalSigningKey) -> TrustPolicy:
    return replace(TrustPolicy.trusting([key.public_key]), max_files=64)


@pytest.fixture(scope="module")
def package(key: LocalSigningKey, tmp_path_factory: pytest.TempPathFactory) -> ModelPackage:
    return write_package(make_specimen_draft(), tmp_path_factory.mktemp("packages") / "p", signer=key)


@pytest.fixture(scope="module")
def archive(package: ModelPackage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_package(package, tmp_path_factory.mktemp("archives") / "p.zip")


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


places = st.integers(0, 2**20)
"""Taken modulo the length of what is altered."""


def _make_draft(
    *, version: str, licence: str, recipe: dict[str, float | str], pictures: dict[str, bytes]
) -> PackageDraft:
    draft = make_specimen_draft(version)
    lineage = msgspec.structs.replace(draft.lineage, recipe=recipe)
    return replace(draft, licence=licence, lineage=lineage, pictures=pictures)


names = st.from_regex(r"\A[a-z][a-z0-9_]{0,9}\Z")


drafts = st.builds(
    _make_draft,
    version=st.integers(1, 10**9 - 1).map(str),
    licence=st.text(max_size=20),
    recipe=st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)),
    pictures=st.dictionaries(names, st.binary(max_size=50).map(lambda tail: b"\x89PNG" + tail), max_size=3),
)


@settings(_FAST, max_examples=20)
@given(draft=drafts)
def test_a_package_that_is_exported_and_imported_keeps_its_digest(
    key: LocalSigningKey, trust: TrustPolicy, draft: PackageDraft
) -> None:
    with folder() as place:
        written = write_package(draft, place / "written", signer=key)
        imported = import_archive(export_package(written, place / "p.zip"), place / "imported", trust=trust)
        assert imported == replace(written, directory=imported.directory)
        assert imported.manifest.lineage == draft.lineage
        assert export_package(imported, place / "q.zip").read_bytes() == (place / "p.zip").read_bytes()


def test_a_single_altered_byte_in_any_file_is_refused(package: ModelPackage, trust: TrustPolicy) -> None:
    with folder() as place:
        copy = place / "copy"
        shutil.copytree(package.directory, copy)
        for path in sorted(p for p in copy.rglob("*") if p.is_file()):
            whole = path.read_bytes()
            for position in sorted({*range(0, len(whole), _EVERY), len(whole) - 1}):
                altered = bytearray(whole)
                altered[position] ^= 1 + position % 255
                path.write_bytes(altered)
                with pytest.raises(PackageRejected):
                    open_package(copy, trust=trust)
            path.write_bytes(whole)
        assert open_package(copy, trust=trust).digest == package.digest


@_FAST
@given(change=st.tuples(places, places, st.integers(0, 40), st.binary(max_size=40)))
def test_a_file_that_lost_or_gained_bytes_anywhere_is_refused(
    package: ModelPackage, trust: TrustPolicy, change: tuple[int, int, int, bytes]
) -> None:
    file, place, lost, gained = change
    paths = sorted(str(p.relative_to(package.directory)) for p in package.directory.rglob("*") if p.is_file())
    path = paths[file % len(paths)]
    whole = (package.directory / path).read_bytes()
    start = place % (len(whole) + 1)
    altered = whole[:start] + gained + whole[start + lost :]
    with folder() as shelf:
        copy = shelf / "copy"
        shutil.copytree(package.directory, copy)
        (copy / path).write_bytes(altered)
        if altered == whole:
            assert open_package(copy, trust=trust).digest == package.digest
        else:
            with pytest.raises(PackageRejected):
                open_package(copy, trust=trust)


def refused_or_equal(content: bytes, package: ModelPackage, trust: TrustPolicy) -> None:
    """What every archive must do: give the package that was signed, or be refused and leave nothing."""
    with folder() as place:
        (place / "a.zip").write_bytes(content)
        try:
            imported = import_archive(place / "a.zip", place / "out" / "p", trust=trust)
        except PackageRejected:
            assert not list((place / "out").iterdir())
        else:
            assert imported.digest == package.digest
        assert {p.name for p in place.iterdir()} <= {"a.zip", "out"}


@_FAST
@given(changes=st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8), in_directory=st.booleans())
def test_an_archive_with_altered_bytes_is_refused_or_gives_the_signed_package(
    package: ModelPackage, archive: Path, trust: TrustPolicy, changes: list[tuple[int, int]], in_directory: bool
) -> None:
    altered = bytearray(archive.read_bytes())
    first = altered.index(b"PK\x01\x02") if in_directory else 0
    for place, value in changes:
        altered[first + place % (len(altered) - first)] = value
    refused_or_equal(bytes(altered), package, trust)


@_FAST
@given(places=st.tuples(places, places), between=st.binary(max_size=200))
def test_an_archive_that_was_cut_and_spliced_is_refused_or_gives_the_signed_package(
    package: ModelPackage, archive: Path, trust: TrustPolicy, places: tuple[int, int], between: bytes
) -> None:
    whole = archive.read_bytes()
    start, stop = sorted(place % (len(whole) + 1) for place in places)
    refused_or_equal(whole[:start] + between + whole[stop:], package, trust)


@_FAST
@given(content=st.binary(max_size=500), tail=st.booleans())
def test_bytes_that_are_no_archive_are_refused(
    package: ModelPackage, trust: TrustPolicy, content: bytes, tail: bool
) -> None:
    end = b"PK\x05\x06" + content[:18].ljust(18, b"\0") if tail else b""
    refused_or_equal(content + end, package, trust)


members = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=30)
        | st.sampled_from(["manifest.json", "signature.json", "model.onnx", "CARD.md", "../x.json", "/x.json", "a/b"]),
        st.binary(max_size=100),
    ),
    max_size=6,
)


@_FAST
@given(members=members, deflated=st.booleans())
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_an_archive_of_other_members_is_refused(
    package: ModelPackage, trust: TrustPolicy, members: list[tuple[str, bytes]], deflated: bool
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode("utf-8")), content)
    refused_or_equal(buffer.getvalue(), package, trust)


@settings(deadline=None, max_examples=300)
@given(changes=st.lists(st.tuples(places, st.integers(0, 255)), max_size=10), tail=st.binary(max_size=20))
def test_a_graph_of_any_bytes_is_accepted_or_refused_and_nothing_else(
    changes: list[tuple[int, int]], tail: bytes
) -> None:
    graph = bytearray(make_specimen_graph())
    for place, value in changes:
        graph[place % len(graph)] = value
    content = bytes(graph) + tail
    with suppress(PackageRejected):
        check_onnx(io.BytesIO(content), len(content), "model.onnx")
