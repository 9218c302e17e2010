"""Batches made up from a signature, and their comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, take_samples
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec
from salus.testing.failures import require

_FREE_LENGTHS = (40, 56, 3)
"""For free axes beyond the first: the height, width and channels of a small picture."""


def make_batch(signature: Signature, *, samples: int, seed: int = 0) -> dict[str, Array]:
    """Believable inputs for `signature`: numbers within each valid range, categories, grey noise for pictures.

    Args:
        signature: Its inputs are filled.
        samples: How many.
        seed: The same seed gives the same batch.

    Example:
        >>> from salus.contracts.tensors import TensorSpec
        >>> from salus.contracts.text import LocalizedText
        >>> age = TensorSpec(name="age", datatype="FP32", shape=(-1,), title=LocalizedText("age", "年龄"))
        >>> make_batch(Signature((age,), (age,)), samples=2)["age"].shape
        (2,)
    """
    rng = np.random.default_rng(seed)
    return {spec.name: _fill(spec, samples, rng) for spec in signature.inputs}


def copy_batch(batch: Batch) -> dict[str, Array]:
    """Arrays of its own, so that changes to `batch` show."""
    return {name: array.copy() for name, array in batch.items()}


def require_equal(given: Batch, wanted: Batch, *, law: str, tolerance: float = 0.0) -> None:
    """Raise NotConformant unless the two have the same outputs, shapes, datatypes and values.

    Args:
        given: What was seen.
        wanted: What it should be.
        law: The promise, for the message.
        tolerance: Of floating values, absolute below 1 and relative above; everything else is equal exactly.
    """
    require(set(given) == set(wanted), law, found=f"outputs {sorted(given)} beside {sorted(wanted)}")
    for name, array in wanted.items():
        other = given[name]
        same_form = other.shape == array.shape and other.dtype == array.dtype
        require(same_form, law, found=f"{name!r} of {other.shape} {other.dtype} beside {array.shape} {array.dtype}")
        require(_near(other, array, tolerance), law, found=f"{name!r} differs by {_distance(other, array)}")


def rows_of(batch: Batch, indices: list[int]) -> dict[str, Array]:
    """The samples at `indices`."""
    return take_samples(batch, indices)


def require_signature(answered: Batch, specs: Mapping[str, TensorSpec], *, samples: int, law: str) -> None:
    """Raise NotConformant unless `answered` holds exactly the tensors of `specs`, in their shapes and datatypes."""
    require(set(answered) == set(specs), law, found=f"outputs {sorted(answered)} instead of {sorted(specs)}")
    for name, spec in specs.items():
        array = answered[name]
        expected = (samples, *spec.shape[1:])
        fits = array.ndim == len(expected) and all(e in {-1, s} for e, s in zip(expected, array.shape, strict=True))
        require(fits, f"{law}: shape {expected} of {name!r}", found=f"{array.shape}")
        kind = np.dtype(NUMPY_NAMES[spec.datatype])
        require(array.dtype == kind, f"{law}: datatype {kind} of {name!r}", found=f"{array.dtype}")


def _fill(spec: TensorSpec, samples: int, rng: np.random.Generator) -> Array:
    free = iter(_FREE_LENGTHS)
    lengths = tuple(next(free, 2) if length == -1 else length for length in spec.shape[1:])
    shape = (samples, *lengths)
    kind = np.dtype(NUMPY_NAMES[spec.datatype])
    if spec.content == "category":
        return rng.integers(0, len(spec.categories), shape).astype(kind)
    if kind.kind == "O":
        return np.full(shape, b"text", dtype=object)
    if kind.kind == "b":
        return rng.random(shape) < 0.5
    low, high = spec.valid_range or ((0.0, 255.0) if spec.content == "image" else (0.0, 1.0))
    low, high = (low if math.isfinite(low) else -1e6), (high if math.isfinite(high) else 1e6)
    numbers: NDArray[np.float64] = rng.uniform(low, high, shape)
    return np.rint(numbers).astype(kind) if kind.kind in "iu" else numbers.astype(kind)


def _near(one: Array, other: Array, tolerance: float) -> bool:
    if one.dtype.kind != "f":
        return bool(np.array_equal(one, other))
    return bool(
        np.allclose(one.astype(np.float64), other.astype(np.float64), rtol=tolerance, atol=tolerance, equal_nan=True)
    )


def _distance(one: Array, other: Array) -> str:
    if one.dtype.kind != "f":
        return f"{int(np.sum(one != other))} values"
    difference = np.abs(one.astype(np.float64) - other.astype(np.float64))
    return f"{np.nanmax(difference, initial=0.0):.3g}"
