"""From the words of a command to packages."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from salus.bootstrap.house import House
from salus.contracts.packages import ModelPackage
from salus.modelpackage.archive import import_archive
from salus.modelpackage.reading import open_package
from salus.modelpackage.selftest import self_test
from salus.registry.entries import PackageRecord


def split_reference(reference: str) -> tuple[str, str | None]:
    """`NAME` or `NAME:WHICH`, WHICH being a version, an alias or a stage."""
    name, _, which = reference.partition(":")
    return name, which or None


def find_package(house: House, reference: str) -> tuple[PackageRecord, ModelPackage]:
    """The package that `reference` names, verified.

    Raises:
        NotFound: There is none.
        PackageRejected: It does not satisfy the trust policy.
    """
    record = house.registry.get(*split_reference(reference))
    directory = house.registry.package_directory(record.name, record.version)
    return record, open_package(directory, trust=house.trust)


def verify_package(house: House, reference: str) -> dict[str, object]:
    """Verify, load and self-test a package of the registry, or one in a folder.

    Raises:
        PackageRejected: Something about it is wrong.
    """
    if Path(reference).is_dir():
        package = open_package(Path(reference), trust=house.trust)
    else:
        _, package = find_package(house, reference)
    for variant in package.manifest.variants:
        self_test(package, house.backend.load_full(package, variant=variant.name), variant=variant.name)
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
    with TemporaryDirectory(dir=house.settings.home) as aside:
        package = import_archive(path, Path(aside) / "package", trust=house.trust)
        self_test(package, house.backend.load_full(package))
        return house.registry.add(package, who=house.workshop().actor, build_record={"imported_from": path.name})
