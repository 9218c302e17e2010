"""Does a loaded package still answer its own example as it did when it was made?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.errors import PackageRejected
from salus.contracts.packages import ModelPackage
from salus.contracts.predictors import Predictor
from salus.contracts.services import OPTIONAL_OUTPUTS
from salus.contracts.tensors import NUMPY_NAMES, TensorSpec
from salus.modelpackage.layout import ANSWER, REQUEST, shown
from salus.modelpackage.reading import read_example

TOLERANCE = 1e-3
"""Largest difference of a number from the recorded one, absolute below 1 and relative above; the same graph differs
between machines by about 1e-6 in FP32."""
_MAIN_ANSWERS = frozenset({"probabilities", "survival", "outcome", "value"})


def self_test(
    package: ModelPackage, predictor: Predictor, *, variant: str | None = None, tolerance: float = TOLERANCE
) -> None:
    """Return if `predictor` answers the package's example as the package says.

    The default variant must give every recorded output: floating ones within `tolerance`, others exactly. Another
    variant is held to its kind's main answer alone (probabilities, curve, outcomes, value), within `tolerance` and the
    two variants' recorded differences from float32. Optional outputs (`evidence`) are compared where the predictor
    answers them.

    Args:
        package: The package.
        predictor: One of its variants, loaded.
        variant: Which one; None for the default one.
        tolerance: See `TOLERANCE`.

    Raises:
        PackageRejected: It answers something else, or the example does not fit the signature.
    """
    request, answer = read_example(package)
    manifest = package.manifest
    batch = _read_tensors(request.get("inputs"), manifest.task.signature.inputs, REQUEST)
    recorded = _read_tensors(answer.get("outputs"), manifest.task.signature.outputs, ANSWER)
    given = predictor.predict(batch)
    allowed = tolerance
    if variant not in {None, manifest.default_variant}:
        recorded = {name: array for name, array in recorded.items() if name in _MAIN_ANSWERS}
        allowed += sum(v.max_abs_difference for v in manifest.variants if v.name in {variant, manifest.default_variant})
    for name, array in recorded.items():
        if name not in given:
            if name in OPTIONAL_OUTPUTS:
                continue
            raise _failed(f"the output {name}", "none")
        _compare(name, np.asarray(given[name]), array, allowed)


def _compare(name: str, given: Array, recorded: Array, tolerance: float) -> None:
    if given.shape != recorded.shape:
        raise _failed(f"shape {recorded.shape} of {name}", f"{given.shape}")
    if recorded.dtype.kind == "f":
        worst = _worst_difference(given.astype(np.float64), recorded.astype(np.float64))
        if not worst <= tolerance:
            raise _failed(f"{name} within {tolerance:g} of the recorded answer", f"a difference of {worst:.3g}")
    elif not np.array_equal(given, recorded):
        differing = int(np.sum(given != recorded))
        raise _failed(f"{name} as recorded", f"{differing} of {recorded.size} values that differ")


def _worst_difference(given: NDArray[np.float64], recorded: NDArray[np.float64]) -> float:
    """Largest difference, relative where the recorded number is above 1; infinite where one side alone is NaN."""
    same = (given == recorded) | (np.isnan(given) & np.isnan(recorded))
    with np.errstate(invalid="ignore"):
        differences = np.abs(given - recorded) / np.maximum(1.0, np.abs(recorded))
    return float(np.max(np.where(same, 0.0, np.nan_to_num(differences, nan=np.inf)), initial=0.0))


def _read_tensors(body: object, specs: tuple[TensorSpec, ...], file: str) -> dict[str, Array]:
    """Tensors of a body of the Open Inference Protocol (flat data, null for NaN), by name."""
    known = {spec.name: spec for spec in specs}
    if not isinstance(body, list) or not body:
        raise _unfit(file, "no list of tensors")
    return dict(_read_tensor(tensor, known, file) for tensor in body)


def _read_tensor(tensor: Any, known: dict[str, TensorSpec], file: str) -> tuple[str, Array]:
    name = tensor.get("name") if isinstance(tensor, dict) else None
    spec = known.get(name) if isinstance(name, str) else None
    if spec is None or tensor.get("datatype") != spec.datatype:
        raise _unfit(file, f"the tensor {shown(str(name))} with another name or datatype")
    shape, data = tensor.get("shape"), tensor.get("data")
    try:
        if spec.datatype == "BYTES":
            array = np.array([text.encode("utf-8") for text in data], dtype=object)
        else:
            holes = [float("nan") if value is None else value for value in data] if spec.datatype[:2] == "FP" else data
            array = np.asarray(holes, dtype=NUMPY_NAMES[spec.datatype])
        return spec.name, array.reshape(shape)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise _unfit(file, f"data of {spec.name} that do not fit its shape or datatype") from error


def _unfit(file: str, found: str) -> PackageRejected:
    return PackageRejected(f"tensors of the signature in {file}", found=found, remedy="Write the package anew.")


def _failed(expected: str, found: str) -> PackageRejected:
    return PackageRejected(
        expected,
        found=found,
        remedy="Do not serve the package on this machine; try its float32 variant, or another version of the engine.",
    )
