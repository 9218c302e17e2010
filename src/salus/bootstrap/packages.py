"""From the words of a command to packages."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from salus.bootstrap.house import House
from salus.contracts.errors import InvalidInput
from salus.contracts.packages import ModelPackage
from salus.modelpackage.archive import import_archive
from salus.modelpackage.reading import open_package
from salus.registry.entries import PackageRecord
from salus.workflows.registered_package import open_registered
from salus.workflows.verify_forms import verify_forms


def split_reference(reference: str) -> tuple[str, str | None]:
    """`NAME` or `NAME:WHICH`, WHICH being a version, an alias or a stage.

    Raises:
        InvalidInput: Nothing stands before or behind the colon.
    """
    name, colon, which = reference.partition(":")
    if not name or (colon and not which):
        raise InvalidInput(
            "NAME or NAME:WHICH (a version, an alias or a stage)",
            found=repr(reference),
            remedy="See: salus packages list.",
        )
    return name, which or None


def find_package(house: House, reference: str) -> tuple[PackageRecord, ModelPackage]:
    """The package that `reference` names, verified.

    Raises:
        NotFound: There is none.
        PackageRejected: It does not satisfy the trust policy.
        Conflict: The package in the folder is not the one that was recorded.
    """
    record = house.registry.get(*split_reference(reference))
    return record, open_registered(house.registry, record, house.trust)


def verify_package(house: House, reference: str) -> dict[str, object]:
    """Verify, load and self-test a package of the registry, or one in a folder.

    Returns:
        What there is to say of it, in words.

    Raises:
        NotFound: There is none.
        PackageRejected: Something about it is wrong.
        Conflict: The package in the registry's folder is not the one that was recorded.
    """
    if Path(reference).is_dir():
        package = open_package(Path(reference), trust=house.trust)
    else:
        _, package = find_package(house, reference)
    verify_forms(package, house.engine_of(package))
    return {
        "package": f"{package.manifest.name} version {package.manifest.version}",
        "digest": package.digest,
        "signed by": package.signer,
        "files": len(package.manifest.files),
        "forms tested": ", ".join(variant.name for variant in package.manifest.variants),
        "verdict": "whole, signed by a trusted key, and answers its own example"
        if package.signer
        else "whole, unsigned, and answers its own example",
    }


def import_package(house: House, path: Path) -> PackageRecord:
    """Take up the package in an archive as a candidate.

    Raises:
        PackageRejected: It does not satisfy the trust policy, or fails its own test.
        Conflict: Another package has its name and version.
    """
    house.packages_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=house.settings.home) as aside:
        package = import_archive(path, Path(aside) / "package", trust=house.trust)
        verify_forms(package, house.engine_of(package))
        return house.registry.add(package, who=house.actor, build_record={"imported_from": path.name})
