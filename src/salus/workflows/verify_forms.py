"""Does each executable form of a package answer the package's own example?"""

from __future__ import annotations

from salus.contracts.packages import ModelPackage
from salus.contracts.services import InferenceBackend
from salus.modelpackage.selftest import self_test


def verify_forms(package: ModelPackage, backend: InferenceBackend) -> None:
    """Load every form with the engine that will serve it, and let it answer.

    Args:
        package: Verified.
        backend: The engine.

    Raises:
        PackageRejected: A form does not load, or answers something else.
    """
    for variant in package.manifest.variants:
        self_test(package, backend.load_full(package, variant=variant.name), variant=variant.name)
