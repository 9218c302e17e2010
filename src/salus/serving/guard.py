"""What a sample must be for the model to be asked, and which answers must not be given.

A request that does not fit the signature is refused as a whole (InvalidInput). A sample whose *value* must not be
judged (missing, beyond the believable range) is answered by an abstention, and the model never sees it. No value is
ever written into an error or a message: only names, units and the ranges of the signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.services import Abstention, InferenceRequest
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec
from salus.serving.abstentions import missing_value, out_of_range
from salus.serving.document_guard import MOST_DOCUMENT_BYTES, check_documents
from salus.serving.event_guard import check_events

_MOST_NAMES = 20


@dataclass(frozen=True)
class GuardedBatch:
    """A request that fits the signature.

    Attributes:
        inputs: Every input of the signature, in its order; pictures may be ragged (object array of arrays), events
            are, each sample's padded as `event_guard.pad_rows` does.
        abstentions: One entry per sample: None, or why the model must not be asked.
    """

    inputs: Batch
    abstentions: tuple[Abstention | None, ...]


def check_request(
    request: InferenceRequest, signature: Signature, *, most_document_bytes: int = MOST_DOCUMENT_BYTES
) -> GuardedBatch:
    """Check names, datatypes, shapes, missing values and ranges.

    Args:
        request: What was asked.
        signature: What the model takes and answers.
        most_document_bytes: Largest document.

    Raises:
        InvalidInput: The request does not fit the signature, or a value is missing (or not finite) where the
            signature rejects that.
    """
    _check_names("input", set(request.inputs), [spec.name for spec in signature.inputs], all_needed=True)
    _check_names("output", set(request.outputs), [spec.name for spec in signature.outputs], all_needed=False)
    inputs = {spec.name: request.inputs[spec.name] for spec in signature.inputs}
    counts = {name: array.shape[0] if array.ndim else -1 for name, array in inputs.items()}
    if len(set(counts.values())) != 1:
        raise _unfit("inputs of one number of samples", f"{counts}")
    count = next(iter(counts.values()))
    if count == 0:
        raise _unfit("at least one sample", "none")
    reasons: list[Abstention | None] = [None] * count
    plain = []
    events = [spec for spec in signature.inputs if spec.content == "events"]
    for spec in signature.inputs:
        if spec.content == "document":
            check_documents(inputs[spec.name], spec, most_bytes=most_document_bytes)
        elif spec.content != "events":
            _check_tensor(inputs[spec.name], spec)
            plain.append(spec)
    for spec in plain:
        for index in np.flatnonzero(_find_missing(inputs[spec.name], spec)):
            reasons[index] = reasons[index] or missing_value(spec)
    for spec in plain:
        for index in np.flatnonzero(_find_unbelievable(inputs[spec.name], spec)):
            reasons[index] = reasons[index] or out_of_range(spec)
    for spec in events:
        checked = check_events(inputs[spec.name], spec)
        inputs[spec.name] = checked.column
        reasons = [known or found for known, found in zip(reasons, checked.abstentions, strict=True)]
    return GuardedBatch(inputs, tuple(reasons))


def mask_abstained(outputs: Mapping[str, Array], abstained: NDArray[np.bool_]) -> dict[str, Array]:
    """Copies of `outputs` whose rows of abstained samples hold no answer.

    Those rows hold NaN in floating outputs, False in Boolean, -1 in whole-number ones, and empty documents.

    Args:
        outputs: By name; axis 0 counts the samples; object arrays hold one array, or one document, a sample.
        abstained: (samples,) True where there is no answer.
    """
    return {name: _mask(array, abstained) for name, array in outputs.items()}


def _mask(array: Array, abstained: NDArray[np.bool_]) -> Array:
    if array.dtype == object:
        masked = np.empty(array.shape, dtype=object)
        for index, element in enumerate(array):
            masked[index] = element
            if abstained[index]:
                masked[index] = b"" if isinstance(element, bytes) else np.full_like(element, np.nan)
        return masked
    kind = array.dtype.kind
    copy = array.astype(np.int64) if kind == "u" else array.copy()
    copy[abstained] = np.nan if kind == "f" else False if kind == "b" else -1
    return copy


def _check_names(side: str, found: set[str], known: Sequence[str], *, all_needed: bool) -> None:
    unknown = sorted(found - set(known))
    if unknown:
        raise _unfit(
            f"{side}s named {_some(known)}", f"{len(unknown)} unknown: {_some([name[:64] for name in unknown])}"
        )
    absent = [name for name in known if name not in found]
    if all_needed and absent:
        raise _unfit(f"every {side} of the signature", f"none for {_some(absent)}")


def _check_tensor(array: Array, spec: TensorSpec) -> None:
    """Refuse a tensor of another datatype or shape."""
    if array.dtype == object and spec.content == "image" and array.ndim == 1:
        for element in array:
            _check_form(np.asarray(element)[np.newaxis], spec)
    else:
        _check_form(array, spec)


def _check_form(array: Array, spec: TensorSpec) -> None:
    if array.dtype != np.dtype(NUMPY_NAMES[spec.datatype]):
        raise _unfit(f"datatype {spec.datatype} for {spec.name!r}", f"{array.dtype}")
    fits = array.ndim == len(spec.shape) and all(
        asked == had or (asked == -1 and (had > 0 or axis == 0))
        for axis, (asked, had) in enumerate(zip(spec.shape, array.shape, strict=True))
    )
    if not fits:
        raise _unfit(f"shape {list(spec.shape)} for {spec.name!r} (-1: any length)", f"{list(array.shape)}")


def _find_missing(array: Array, spec: TensorSpec) -> NDArray[np.bool_]:
    """(samples,) where the signature wants an abstention for a missing value."""
    nothing = np.zeros(array.shape[0], dtype=np.bool_)
    if array.dtype.kind != "f":
        return nothing
    missing = _any_per_sample(np.isnan(array))
    if spec.missing == "reject" and missing.any():
        raise InvalidInput(
            f"a value for {spec.name!r} in every sample",
            found=f"none in {int(missing.sum())} of {len(missing)}",
            remedy="Send the value, or leave the sample out.",
        )
    infinite = _any_per_sample(np.isinf(array))
    if infinite.any():
        raise InvalidInput(
            f"finite numbers for {spec.name!r}",
            found=f"an infinite one in {int(infinite.sum())} of {len(infinite)} samples",
            remedy="Send a number, or null where the value is missing.",
        )
    return missing if spec.missing == "abstain" else nothing


def _find_unbelievable(array: Array, spec: TensorSpec) -> NDArray[np.bool_]:
    """(samples,) where a value lies outside the signature's range or is no index of its categories; NaN is not."""
    if array.dtype == object and spec.content == "image":
        if spec.valid_range is None:
            return np.zeros(array.shape[0], dtype=np.bool_)
        return np.array([_outside(element, spec.valid_range).any() for element in array], dtype=np.bool_)
    if array.dtype.kind not in "fiu":
        return np.zeros(array.shape[0], dtype=np.bool_)
    wrong = np.zeros(array.shape, dtype=np.bool_)
    if spec.valid_range is not None:
        wrong |= _outside(array, spec.valid_range)
    if spec.content == "category":
        wrong |= _outside(array, (0, len(spec.categories) - 1))
        if array.dtype.kind == "f":
            wrong |= np.isfinite(array) & (array != np.floor(array))
    return _any_per_sample(wrong)


def _outside(array: Array, limits: tuple[float, float]) -> NDArray[np.bool_]:
    """Where a value is outside; compared in the array's own precision, so that FP32 0.1 is not beyond 0.1."""
    low, high = limits
    numbers: NDArray[Any] = array
    if numbers.dtype.kind == "f":
        return _as_flags((numbers < numbers.dtype.type(low)) | (numbers > numbers.dtype.type(high)))
    return _as_flags((numbers < low) | (numbers > high))


def _as_flags(flags: object) -> NDArray[np.bool_]:
    return np.asarray(flags, dtype=np.bool_)


def _any_per_sample(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _as_flags(flags.reshape(flags.shape[0], -1).any(axis=1))


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _unfit(expected: str, found: str) -> InvalidInput:
    return InvalidInput(expected, found=found, remedy="Look at the service's signature and send what it says.")
