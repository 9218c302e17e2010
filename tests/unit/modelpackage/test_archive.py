import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salus.contracts.errors import Conflict, NotFound, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.archive import export_package, import_archive
from salus.security.trust import TrustPolicy

Member = tuple[zipfile.ZipInfo | str, bytes]


@pytest.fixture
def archive(package: ModelPackage, tmp_path: Path) -> Path:
    return export_package(package, tmp_path / "out" / "package.zip")


@pytest.fixture
def pack(archive: Path, tmp_path: Path) -> Callable[..., Path]:
    """The honest archive, packed anew with more members."""

    def _pack(*more: Member, compression: int = zipfile.ZIP_STORED) -> Path:
        path = tmp_path / "other.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w", compression) as new:
            warnings.simplefilter("ignore", UserWarning)
            for name in old.namelist():
                new.writestr(name, old.read(name))
            for info, content in more:
                new.writestr(info, content)
        return path

    return _pack


def refused(path: Path, trust: TrustPolicy, reason: str) -> None:
    target = path.parent / "imported" / "package"
    with pytest.raises(PackageRejected, match=reason):
        import_archive(path, target, trust=trust)
    assert not target.parent.exists() or not list(target.parent.iterdir())


def test_what_is_exported_is_imported(package: ModelPackage, archive: Path, trust: TrustPolicy, tmp_path: Path) -> None:
    imported = import_archive(archive, tmp_path / "shelf" / "p", trust=trust)
    assert imported == replace(package, directory=tmp_path / "shelf" / "p")


def test_the_same_package_gives_the_same_archive(package: ModelPackage, archive: Path, tmp_path: Path) -> None:
    assert export_package(package, tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_an_ordinary_zip_program_may_pack_a_package_too(
    pack: Callable[..., Path], trust: TrustPolicy, tmp_path: Path
) -> None:
    path = pack(("examples/", b""), compression=zipfile.ZIP_DEFLATED)
    assert import_archive(path, tmp_path / "p", trust=trust).signer is not None


def test_an_archive_and_a_folder_are_never_overwritten(
    package: ModelPackage, archive: Path, trust: TrustPolicy
) -> None:
    before = archive.read_bytes()
    with pytest.raises(Conflict, match="never overwritten"):
        export_package(package, archive)
    assert archive.read_bytes() == before
    with pytest.raises(Conflict, match="never overwritten"):
        import_archive(archive, package.directory, trust=trust)
    assert [p.name for p in archive.parent.iterdir()] == ["package.zip"]


def test_a_package_that_changed_since_it_was_opened_is_not_exported(package: ModelPackage, tmp_path: Path) -> None:
    model = package.directory / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"~")
    with pytest.raises(PackageRejected):
        export_package(package, tmp_path / "out" / "p.zip")
    assert not list((tmp_path / "out").iterdir())


def test_an_archive_that_is_not_there_is_not_found(tmp_path: Path, trust: TrustPolicy) -> None:
    with pytest.raises(NotFound):
        import_archive(tmp_path / "nothing.zip", tmp_path / "p", trust=trust)


@pytest.mark.parametrize("length", [0, 1, 100, -1, -22, -500])
def test_a_truncated_archive_is_refused(archive: Path, trust: TrustPolicy, length: int) -> None:
    archive.write_bytes(archive.read_bytes()[:length])
    refused(archive, trust, "a zip archive that is whole")


@pytest.mark.parametrize(
    "name", ["../escape.json", "/escape.json", "a/../../escape.json", "a\\b.json", "C:/x.json", "x.pkl", ".x.json"]
)
def test_a_member_that_leaves_the_folder_or_the_known_kinds_is_refused(
    pack: Callable[..., Path], trust: TrustPolicy, name: str, tmp_path: Path
) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name
    refused(pack((info, b"{}")), trust, "file names of|only files of the kinds")
    assert not list(tmp_path.rglob("escape.json"))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_in_an_archive_is_refused(pack: Callable[..., Path], trust: TrustPolicy, kind: int) -> None:
    info = zipfile.ZipInfo("link.json")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    refused(pack((info, b"/etc/passwd")), trust, "a link or device")


def test_a_name_twice_is_refused_in_any_case(pack: Callable[..., Path], trust: TrustPolicy) -> None:
    refused(pack(("CARD.md", b"other")), trust, "each name once")
    refused(pack(("card.MD", b"other")), trust, "each name once")


def test_a_name_that_is_a_file_and_a_folder_is_refused(pack: Callable[..., Path], trust: TrustPolicy) -> None:
    refused(pack(("CARD.md/x.json", b"{}")), trust, "a file or a folder, not both")


def test_a_member_beside_the_package_is_refused(pack: Callable[..., Path], trust: TrustPolicy) -> None:
    refused(pack(("more.json", b"{}")), trust, "only files that the manifest lists")


def test_an_encrypted_member_is_refused(archive: Path, trust: TrustPolicy) -> None:
    content = bytearray(archive.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    archive.write_bytes(content)
    refused(archive, trust, "not encrypted")


def test_a_member_in_an_unusual_compression_is_refused(pack: Callable[..., Path], trust: TrustPolicy) -> None:
    refused(pack(compression=zipfile.ZIP_LZMA), trust, "stored or deflated")


def test_a_bomb_of_ratio_is_refused(pack: Callable[..., Path], trust: TrustPolicy) -> None:
    info = zipfile.ZipInfo("bomb.json")
    info.compress_type = zipfile.ZIP_DEFLATED
    refused(pack((info, bytes(4 * 1024**2))), trust, "times their size")


def test_a_bomb_of_size_is_refused(archive: Path, trust: TrustPolicy) -> None:
    refused(archive, replace(trust, max_package_bytes=1000, max_manifest_bytes=10_000), "bytes in all")
    refused(archive, replace(trust, max_file_bytes=10, max_manifest_bytes=10), "files of at most")


def test_a_bomb_of_number_is_refused(pack: Callable[..., Path], archive: Path, trust: TrustPolicy) -> None:
    refused(archive, replace(trust, max_files=3), "at most 3 files")
    refused(pack(*((f"{n}.json", b"") for n in range(600))), trust, "at most 256 files")


def test_a_bomb_of_directory_is_refused_before_it_is_read(tmp_path: Path, trust: TrustPolicy) -> None:
    """A central directory of 3 MiB: 60,000 entries that a careless reader turns into objects."""
    entry = (
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0) + b"a.txt"
    )
    directory = entry * 60_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(directory), 0, 0)
    (tmp_path / "bomb.zip").write_bytes(directory + end)
    refused(tmp_path / "bomb.zip", trust, "more than 2 MiB")


def test_members_that_overlap_are_refused(archive: Path, trust: TrustPolicy) -> None:
    """Every entry of the directory points to the same large member (D. Fifield, A better zip bomb, WOOT 2019)."""
    content = bytearray(archive.read_bytes())
    position, largest = content.index(b"PK\x01\x02"), len(content)
    while position >= 0:
        content[position + 20 : position + 28] = struct.pack("<2L", largest, largest)
        position = content.find(b"PK\x01\x02", position + 1)
    archive.write_bytes(content)
    refused(archive, trust, "do not overlap")


def test_a_member_before_the_beginning_is_refused(archive: Path, trust: TrustPolicy) -> None:
    """A directory that claims to begin later than it does moves every member to a negative place."""
    archive.write_bytes(archive.read_bytes()[100:])
    refused(archive, trust, "before the beginning")


def test_an_altered_member_is_refused(archive: Path, trust: TrustPolicy) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"specimen", b"specimem", 1))
    refused(archive, trust, "a zip archive that is whole|altered")


def test_an_unsigned_package_in_an_archive_is_refused(archive: Path, trust: TrustPolicy, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(tmp_path / "unsigned.zip", "w") as new:
        for name in old.namelist():
            if name != "signature.json":
                new.writestr(name, old.read(name))
    refused(tmp_path / "unsigned.zip", trust, "a signed package")
