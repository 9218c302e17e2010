"""What every inference backend promises."""

from __future__ import annotations

from salus.contracts.errors import SalusError
from salus.contracts.packages import ModelPackage
from salus.contracts.services import OPTIONAL_OUTPUTS, InferenceBackend
from salus.modelpackage.selftest import self_test
from salus.testing.batches import make_batch, require_equal, require_signature
from salus.testing.failures import NotConformant, refusal, require
from salus.testing.predictors import TOLERANCE, check_predictor


def check_backend(
    backend: InferenceBackend, package: ModelPackage, *, device: str = "cpu", tolerance: float = TOLERANCE
) -> None:
    """Check `backend` with `package`.

    It has a name; each variant loads, answers exactly the outputs of the signature in their shapes and datatypes
    (`load` without the optional ones, `load_full` with them) and agrees with itself; the package's own example is
    answered as recorded; every predictor is conformant; and an unknown variant is refused.

    Args:
        backend: Under test.
        package: A verified package, such as that of `salus.modelpackage.specimen`.
        device: Where to load it.
        tolerance: Of floating values between batches of different sizes and between the two ways of loading.

    Raises:
        NotConformant: A promise is not kept.
    """
    require(bool(backend.name.strip()), "a backend's name", found="an empty one")
    signature = package.manifest.task.signature
    batch = make_batch(signature, samples=3)
    specs = {spec.name: spec for spec in signature.outputs}
    always = {name: spec for name, spec in specs.items() if name not in OPTIONAL_OUTPUTS}
    for variant in package.manifest.variants:
        predictor = backend.load(package, variant=variant.name, device=device)
        full = backend.load_full(package, variant=variant.name, device=device)
        answered, whole = predictor.predict(batch), full.predict(batch)
        require_signature(answered, always, samples=3, law=f"the outputs of {variant.name!r}")
        require_signature(whole, specs, samples=3, law=f"every output of {variant.name!r}")
        require_equal(
            {name: whole[name] for name in always}, answered, law="both ways of loading to agree", tolerance=tolerance
        )
        check_predictor(full, batch, tolerance=tolerance)
        try:
            self_test(package, predictor, variant=variant.name)
        except SalusError as error:
            raise NotConformant(f"{variant.name!r} to answer the package's example", found=str(error)) from error
    default = backend.load(package, device=device).predict(batch)
    named = backend.load(package, variant=package.manifest.default_variant, device=device).predict(batch)
    require_equal(default, named, law="no variant to mean the default one", tolerance=tolerance)
    with refusal("a variant that the package does not have", SalusError):
        backend.load(package, variant="no_such_variant", device=device)
