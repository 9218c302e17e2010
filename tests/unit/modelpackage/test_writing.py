from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from salus.contracts.errors import Conflict, InvalidInput, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import Measure
from salus.modelpackage.folders import copy_package
from salus.modelpackage.reading import open_package
from salus.modelpackage.specimen import SPECIMEN_CALIBRATION, make_specimen_draft
from salus.modelpackage.writing import sign_package, write_package
from salus.security.signing import LocalSigningKey
from salus.security.trust import TrustPolicy


def contents(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def test_the_same_draft_gives_the_same_bytes_signature_included(tmp_path: Path, signer: LocalSigningKey) -> None:
    first = write_package(make_specimen_draft(), tmp_path / "a", signer=signer)
    second = write_package(make_specimen_draft(), tmp_path / "elsewhere" / "b", signer=signer)
    assert contents(first.directory) == contents(second.directory)
    assert first.digest == second.digest


def test_a_signature_is_no_part_of_the_digest(tmp_path: Path, package: ModelPackage) -> None:
    assert write_package(make_specimen_draft(), tmp_path / "unsigned", signer=None).digest == package.digest


def test_the_manifest_lists_every_file_and_holds_no_time_and_no_place(package: ModelPackage, tmp_path: Path) -> None:
    found = contents(package.directory)
    assert {entry.path for entry in package.manifest.files} == set(found) - {"manifest.json", "signature.json"}
    assert not any(str(tmp_path).encode() in content for content in found.values())


def test_an_existing_folder_is_never_overwritten(package: ModelPackage, signer: LocalSigningKey) -> None:
    before = contents(package.directory)
    with pytest.raises(Conflict, match="never overwritten"):
        write_package(make_specimen_draft("2"), package.directory, signer=signer)
    assert contents(package.directory) == before


def test_a_package_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, signer: LocalSigningKey) -> None:
    draft = make_specimen_draft()
    broken = replace(draft, variants=(replace(draft.variants[0], model=b"no model"),))
    with pytest.raises(InvalidInput, match="ONNX model"):
        write_package(broken, tmp_path / "out" / "p", signer=signer)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_a_figure_that_json_cannot_hold_is_refused(tmp_path: Path, figure: float) -> None:
    draft = make_specimen_draft()
    calibration = msgspec.structs.replace(SPECIMEN_CALIBRATION, temperature=figure)
    with pytest.raises(InvalidInput, match="finite number"):
        write_package(replace(draft, calibration=calibration), tmp_path / "p", signer=None)
    variant = replace(draft.variants[0], measure="auroc", loss=figure)
    with pytest.raises(InvalidInput, match="finite number"):
        write_package(replace(draft, variants=(variant,)), tmp_path / "p", signer=None)
    measure = Measure(name="auroc", value=None, interval=None, samples=0)
    report = msgspec.structs.replace(draft.reports[0], measures=(measure,))
    write_package(replace(draft, reports=(report,)), tmp_path / "p", signer=None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "Upper Case"}, "a name such as"),
        ({"version": "v1"}, "a whole number"),
        ({"variants": ()}, "default variant"),
        ({"default_variant": "int8"}, "default variant"),
        ({"pictures": {"../up": b""}}, "pictures with plain names"),
        ({"reports": ()}, "at least one report"),
        ({"request": {}}, "inputs of the signature"),
        ({"request": {"inputs": [{"name": "c"}]}}, "inputs of the signature"),
        ({"answer": {"outputs": [{"name": "a"}]}}, "outputs of the signature"),
    ],
)
def test_a_draft_that_is_no_package_is_refused_when_it_is_made(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        replace(make_specimen_draft(), **changes)


def test_a_default_variant_out_of_tolerance_and_a_variant_twice_are_refused() -> None:
    draft = make_specimen_draft()
    with pytest.raises(InvalidInput, match="within tolerance"):
        replace(draft, variants=(replace(draft.variants[0], within_tolerance=False),))
    with pytest.raises(InvalidInput, match="each once"):
        replace(draft, variants=draft.variants * 2)


def test_each_variant_has_its_own_file(tmp_path: Path, signer: LocalSigningKey) -> None:
    draft = make_specimen_draft()
    int8 = replace(draft.variants[0], name="int8", precision="INT8")
    package = write_package(replace(draft, variants=(*draft.variants, int8)), tmp_path / "p", signer=signer)
    assert [variant.file for variant in package.manifest.variants] == ["model.onnx", "model.int8.onnx"]
    assert package.model_path("int8").is_file()


def test_an_unsigned_package_can_be_signed_later_and_anew(tmp_path: Path, signer: LocalSigningKey) -> None:
    package = write_package(make_specimen_draft(), tmp_path / "p", signer=None)
    with pytest.raises(PackageRejected, match="a signed package"):
        sign_package(package.directory, signer=signer, trust=TrustPolicy())
    signed = sign_package(package.directory, signer=signer, trust=TrustPolicy(require_signature=False))
    assert (signed.digest, signed.signer) == (package.digest, signer.fingerprint)
    other = LocalSigningKey.load_or_create(tmp_path / "other.pem")
    again = sign_package(package.directory, signer=other, trust=TrustPolicy.trusting([signer.public_key]))
    assert again == open_package(package.directory, trust=TrustPolicy.trusting([other.public_key]))
    assert not list(tmp_path.glob(".p.*"))


def test_a_copy_is_the_same_package(package: ModelPackage, trust: TrustPolicy, tmp_path: Path) -> None:
    copy = copy_package(package, tmp_path / "shelf" / "copy")
    assert contents(copy.directory) == contents(package.directory)
    assert open_package(copy.directory, trust=trust) == copy
    with pytest.raises(Conflict):
        copy_package(package, copy.directory)


@pytest.mark.parametrize("path", ["model.onnx", "manifest.json"])
def test_a_package_that_changed_since_it_was_opened_is_not_copied(
    package: ModelPackage, tmp_path: Path, path: str
) -> None:
    file = package.directory / path
    file.write_bytes(file.read_bytes()[:-1] + b" ")
    with pytest.raises(PackageRejected):
        copy_package(package, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not list(tmp_path.glob(".copy*"))
