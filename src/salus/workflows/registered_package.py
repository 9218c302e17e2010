"""A package as the registry recorded it: opened, verified, and the very one that was taken up."""

from __future__ import annotations

from salus.contracts.errors import Conflict
from salus.contracts.packages import ModelPackage
from salus.modelpackage.reading import open_package
from salus.registry.entries import PackageRecord
from salus.registry.store import ModelRegistry
from salus.security.trust import TrustPolicy


def open_registered(registry: ModelRegistry, record: PackageRecord, trust: TrustPolicy) -> ModelPackage:
    """Open the package of `record`.

    Args:
        registry: Knows the package's folder.
        record: What was recorded when the package was added.
        trust: Decides which packages may be opened.

    Raises:
        PackageRejected: The package does not satisfy the trust policy, was altered, or is gone.
        Conflict: Another package lies in its folder, however well signed.
    """
    package = open_package(registry.package_directory(record.name, record.version), trust=trust)
    if package.digest != record.digest:
        raise Conflict(
            f"the package that the registry recorded (digest {record.digest[:12]})",
            found=f"another one in its folder (digest {package.digest[:12]})",
            remedy="Restore the folder from an export, or build the version anew.",
        )
    return package
