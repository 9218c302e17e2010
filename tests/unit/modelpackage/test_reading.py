import json
import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salus.contracts.errors import NotFound, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.reading import (
    list_pictures,
    open_package,
    read_calibration,
    read_card,
    read_example,
    read_model,
    read_picture,
    read_quality,
    read_reference,
    read_reports,
)
from salus.modelpackage.specimen import make_specimen_draft, make_specimen_graph
from salus.modelpackage.writing import write_package
from salus.security.signing import LocalSigningKey
from salus.security.trust import TrustPolicy

Forge = Callable[..., Path]
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_package_opens_as_it_was_written(package: ModelPackage, trust: TrustPolicy) -> None:
    assert open_package(package.directory, trust=trust) == package
    draft = make_specimen_draft()
    assert read_calibration(package) == draft.calibration
    assert read_reports(package) == draft.reports
    assert read_quality(package) == draft.quality
    assert read_reference(package) == draft.reference
    assert read_example(package) == (draft.request, draft.answer)
    assert read_model(package) == read_model(package, "float32") == make_specimen_graph()
    assert read_card(package, "en") != read_card(package, "zh")
    assert list_pictures(package) == ()


def test_pictures_are_listed_and_read_by_name(tmp_path: Path, signer: LocalSigningKey) -> None:
    draft = replace(make_specimen_draft(), pictures={"roc": PNG + b"1", "pr": PNG + b"2"})
    package = write_package(draft, tmp_path / "p", signer=signer)
    assert list_pictures(package) == ("pr", "roc")
    assert read_picture(package, "roc") == PNG + b"1"
    with pytest.raises(NotFound, match="pr, roc"):
        read_picture(package, "../manifest")


def test_a_variant_that_is_not_there_is_not_found(package: ModelPackage) -> None:
    with pytest.raises(NotFound, match="float32"):
        read_model(package, "int8")


def test_a_folder_that_is_not_there_is_not_found(tmp_path: Path, trust: TrustPolicy) -> None:
    with pytest.raises(NotFound):
        open_package(tmp_path / "nothing", trust=trust)


def test_an_unsigned_package_is_refused_unless_the_policy_lets_it_pass(tmp_path: Path, trust: TrustPolicy) -> None:
    package = write_package(make_specimen_draft(), tmp_path / "p", signer=None)
    with pytest.raises(PackageRejected, match="a signed package"):
        open_package(package.directory, trust=trust)
    assert open_package(package.directory, trust=TrustPolicy(require_signature=False)).signer is None


def test_a_signature_by_an_unknown_key_vouches_for_nothing(package: ModelPackage, tmp_path: Path) -> None:
    stranger = TrustPolicy.trusting([LocalSigningKey.load_or_create(tmp_path / "other.pem").public_key])
    with pytest.raises(PackageRejected, match="by a trusted key"):
        open_package(package.directory, trust=stranger)
    assert open_package(package.directory, trust=TrustPolicy(require_signature=False)).signer is None


def test_a_signature_that_does_not_fit_is_refused_even_where_none_is_required(package: ModelPackage) -> None:
    path = package.directory / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"CC0-1.0", b"CC1-1.0"))
    with pytest.raises(PackageRejected, match="fits the manifest"):
        open_package(package.directory, trust=TrustPolicy(require_signature=False))


def test_another_key_under_a_trusted_fingerprint_is_refused(
    package: ModelPackage, trust: TrustPolicy, tmp_path: Path
) -> None:
    import base64

    path = package.directory / "signature.json"
    other = LocalSigningKey.load_or_create(tmp_path / "other.pem")
    body = json.loads(path.read_text())
    text = path.read_text().replace(body["public_key"], base64.b64encode(other.public_key).decode())
    path.write_text(text)
    with pytest.raises(PackageRejected, match="public key of the signer"):
        open_package(package.directory, trust=trust)
    path.write_text(text.replace(json.loads(text)["public_key"], "AAAA"))
    with pytest.raises(PackageRejected, match="32 bytes"):
        open_package(package.directory, trust=trust)


def test_a_signature_file_in_another_layout_is_refused(package: ModelPackage, trust: TrustPolicy) -> None:
    path = package.directory / "signature.json"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(PackageRejected, match="as it was written"):
        open_package(package.directory, trust=trust)


@pytest.mark.parametrize("path", ["model.onnx", "calibration.json", "CARD.md", "examples/answer.json"])
def test_a_truncated_altered_or_missing_file_is_refused(package: ModelPackage, trust: TrustPolicy, path: str) -> None:
    file = package.directory / path
    whole = file.read_bytes()
    for content, reason in (
        (whole[:-1], "bytes in"),
        (whole + b"\n", "bytes in"),
        (bytes([whole[0] ^ 1]) + whole[1:], "altered bytes"),
    ):
        file.write_bytes(content)
        with pytest.raises(PackageRejected, match=reason):
            open_package(package.directory, trust=trust)
    file.unlink()
    with pytest.raises(PackageRejected, match=r"found none|empty folder"):
        open_package(package.directory, trust=trust)


@pytest.mark.parametrize("path", ["extra.json", ".hidden", "examples/.DS_Store", "model.onnx.data", "weights.pkl"])
def test_a_file_that_is_not_listed_is_refused_also_a_hidden_one(
    package: ModelPackage, trust: TrustPolicy, path: str
) -> None:
    (package.directory / path).write_bytes(b"")
    with pytest.raises(PackageRejected, match="only files that the manifest lists"):
        open_package(package.directory, trust=trust)


def test_an_empty_folder_is_refused(package: ModelPackage, trust: TrustPolicy) -> None:
    (package.directory / "empty").mkdir()
    with pytest.raises(PackageRejected, match="no empty folder"):
        open_package(package.directory, trust=trust)


def test_a_link_is_refused_wherever_it_leads(package: ModelPackage, trust: TrustPolicy, tmp_path: Path) -> None:
    model = package.directory / "model.onnx"
    (tmp_path / "outside.onnx").write_bytes(model.read_bytes())
    model.unlink()
    model.symlink_to(tmp_path / "outside.onnx")
    with pytest.raises(PackageRejected, match="a link or device"):
        open_package(package.directory, trust=trust)


def test_a_linked_folder_and_a_linked_manifest_are_refused(
    package: ModelPackage, trust: TrustPolicy, tmp_path: Path
) -> None:
    (package.directory / "reference").rename(tmp_path / "reference")
    (package.directory / "reference").symlink_to(tmp_path / "reference")
    with pytest.raises(PackageRejected, match="a link or device"):
        open_package(package.directory, trust=trust)
    (package.directory / "manifest.json").rename(tmp_path / "manifest.json")
    (package.directory / "manifest.json").symlink_to(tmp_path / "manifest.json")
    with pytest.raises(PackageRejected, match=r"a regular file 'manifest\.json'"):
        open_package(package.directory, trust=trust)


def test_a_device_is_refused_and_never_waited_for(package: ModelPackage, trust: TrustPolicy) -> None:
    (package.directory / "model.onnx").unlink()
    os.mkfifo(package.directory / "model.onnx")
    with pytest.raises(PackageRejected, match="a link or device"):
        open_package(package.directory, trust=trust)
    (package.directory / "manifest.json").unlink()
    os.mkfifo(package.directory / "manifest.json")
    with pytest.raises(PackageRejected, match="a regular file"):
        open_package(package.directory, trust=trust)


def test_a_package_without_a_manifest_is_refused(package: ModelPackage, trust: TrustPolicy) -> None:
    (package.directory / "manifest.json").unlink()
    with pytest.raises(PackageRejected, match="found none"):
        open_package(package.directory, trust=trust)


@pytest.mark.parametrize(
    "limits",
    [{"max_manifest_bytes": 100}, {"max_files": 3}, {"max_file_bytes": 500}, {"max_package_bytes": 5000}],
)
def test_an_over_large_package_is_refused(package: ModelPackage, trust: TrustPolicy, limits: dict[str, int]) -> None:
    with pytest.raises(PackageRejected, match="at most"):
        open_package(package.directory, trust=replace(trust, **limits))  # type: ignore[arg-type]  # all are numbers


def test_a_folder_with_countless_files_is_refused_before_they_are_all_looked_at(
    package: ModelPackage, trust: TrustPolicy
) -> None:
    for number in range(100):
        (package.directory / f"{number}.json").touch()
    with pytest.raises(PackageRejected, match="at most 22 files"):
        open_package(package.directory, trust=replace(trust, max_files=20))


@pytest.mark.parametrize(
    "path",
    [
        "../escape.json",
        "/etc/escape.json",
        "a/../../escape.json",
        "./a.json",
        "a//b.json",
        "a\\b.json",
        "C:/a.json",
        ".hidden.json",
        "a/.b/c.json",
        "a./b.json",
        "nul.json",
        "COM1.json",
        "ﬁle.json",
        "caf\u0065\u0301.json",
        "a\n.json",
        "a\x00.json",
        "x" * 170 + ".json",
        "a/b/c/d/e.json",
        "",
        "weights.pkl",
        "weights.pickle",
        "weights.pt",
        "weights.pth",
        "weights.joblib",
        "weights.npy",
        "weights.npz",
        "run.py",
        "model.onnx.data",
        "noending",
        "MODEL.ONNX",
    ],
)
def test_a_name_that_leaves_the_folder_or_the_known_kinds_is_refused(
    forge: Forge, package: ModelPackage, trust: TrustPolicy, path: str
) -> None:
    from msgspec import to_builtins

    files = [*to_builtins(package.manifest.files), {"path": path, "sha256": "0" * 64, "size": 1}]
    directory = forge(files=sorted(files, key=lambda entry: str(entry["path"])))
    with pytest.raises(PackageRejected, match=r"file names of|only files of the kinds"):
        open_package(directory, trust=trust)


def test_two_names_that_differ_in_case_alone_are_refused(forge: Forge, trust: TrustPolicy) -> None:
    with pytest.raises(PackageRejected, match="each file name once"):
        open_package(forge({"card.md": b"# other\n"}), trust=trust)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_under_another_name_is_refused(forge: Forge, trust: TrustPolicy, protocol: int) -> None:
    directory = forge({"notes.json": pickle.dumps({"weights": [1.0]}, protocol=protocol)})
    with pytest.raises(PackageRejected, match="a pickle"):
        open_package(directory, trust=trust)


def test_a_zip_under_another_name_is_refused(forge: Forge, trust: TrustPolicy) -> None:
    with pytest.raises(PackageRejected, match="a zip archive"):
        open_package(forge({"notes.json": b"PK\x03\x04data.pkl"}), trust=trust)


def test_the_same_bytes_with_honest_records_open(forge: Forge, trust: TrustPolicy) -> None:
    assert open_package(forge({"notes.json": b"{}"}), trust=trust).signer is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format_version": 3}, "version 3"),
        ({"format_version": "2"}, "format_version"),
        ({"surprise": 1}, "unknown field"),
        ({"name": "../up"}, "the name"),
        ({"version": "0"}, "not a whole number"),
        ({"version": "1.0"}, "not a whole number"),
        ({"default_variant": "int8"}, "which is not listed"),
        ({"variants": []}, "which is not listed"),
        ({"files": []}, "without a file of its size"),
        ({"explainer": "oracle"}, "Invalid enum"),
    ],
)
def test_a_manifest_of_another_form_is_refused(
    forge: Forge, trust: TrustPolicy, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(PackageRejected, match=reason):
        open_package(forge(**changes), trust=trust)


def test_a_manifest_that_contradicts_itself_is_refused(forge: Forge, package: ModelPackage, trust: TrustPolicy) -> None:
    from msgspec import to_builtins

    files = to_builtins(package.manifest.files)
    variants = to_builtins(package.manifest.variants)
    for changes, reason in (
        ({"files": files[::-1]}, "not sorted"),
        ({"files": [*files, files[-1]]}, "names one twice"),
        ({"files": [entry for entry in files if entry["path"] != "CARD.md"]}, "no CARD.md"),
        ({"variants": variants * 2}, "listed twice"),
        ({"variants": [{**variants[0], "file": "CARD.md"}]}, "without a file of its size"),
    ):
        with pytest.raises(PackageRejected, match=reason):
            open_package(forge(**changes), trust=trust)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format_version":2}'])
def test_bytes_that_are_no_manifest_are_refused(package: ModelPackage, content: bytes) -> None:
    (package.directory / "manifest.json").write_bytes(content)
    (package.directory / "signature.json").unlink()
    with pytest.raises(PackageRejected, match="as the format describes it"):
        open_package(package.directory, trust=TrustPolicy(require_signature=False))


def test_a_message_about_a_hostile_name_holds_no_control_characters(
    forge: Forge, package: ModelPackage, trust: TrustPolicy
) -> None:
    from msgspec import to_builtins

    entry = {"path": "\x1b[2J" + "x" * 500, "sha256": "0" * 64, "size": 1}
    with pytest.raises(PackageRejected) as caught:
        open_package(forge(files=[entry, *to_builtins(package.manifest.files)]), trust=trust)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("model.onnx", read_model),
        ("calibration.json", read_calibration),
        ("CARD.md", lambda package: read_card(package, "en")),
    ],
)
def test_a_file_that_changes_after_the_opening_is_refused_when_it_is_read(
    package: ModelPackage, path: str, read: Callable[[ModelPackage], object]
) -> None:
    file = package.directory / path
    file.write_bytes(file.read_bytes()[:-1] + b"~")
    with pytest.raises(PackageRejected, match="that were verified"):
        read(package)


def test_a_signed_record_of_another_form_is_refused_when_it_is_read(forge: Forge, trust: TrustPolicy) -> None:
    package = open_package(forge({"calibration.json": b'{"temperature": 1}'}), trust=trust)
    with pytest.raises(PackageRejected, match="missing required field"):
        read_calibration(package)
