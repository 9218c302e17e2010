"""Rules that take options away before the model is asked, and what is left of its answer."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import PackageRejected
from salus.contracts.tensors import Signature
from salus.contracts.treatment import Choice

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_BY_OPTION = ("outcome", "outcome_interval", "effect", "effect_interval")


@dataclass(frozen=True)
class Contraindications:
    """Which options the rules take away.

    Attributes:
        taken: (samples, options) True where a rule takes the option away.
        names: The names of the rules that fired, per sample, in the order of the question.
    """

    taken: NDArray[np.bool_]
    names: tuple[tuple[str, ...], ...]


def require_known_inputs(question: Choice, signature: Signature) -> None:
    """Refuse rules that look at something which is no scalar or category of the signature.

    Raises:
        PackageRejected: There is such a rule: it would never fire, and nobody would notice.
    """
    known = {spec.name for spec in signature.inputs if spec.content in {"scalar", "category"}}
    unknown = [rule.name for rule in question.rules if rule.input not in known]
    if unknown:
        raise PackageRejected(
            "rules about the scalar inputs of the signature",
            found=f"other inputs in the rules {', '.join(unknown)}",
            remedy="Correct the rules of the task and build the package again.",
        )


def find_contraindications(question: Choice, inputs: Batch, judged: NDArray[np.bool_]) -> Contraindications:
    """Evaluate every rule on every sample. A missing value fires no rule.

    Values are compared in the input's own precision, so that FP32 0.1 equals 0.1.

    Args:
        question: Holds the rules.
        inputs: Those that the rules look at, (samples,) each.
        judged: (samples,) False where the guard does not believe the sample: no rule fires there.
    """
    count = len(judged)
    places = {option.name: place for place, option in enumerate(question.options)}
    taken = np.zeros((count, len(places)), dtype=np.bool_)
    fired = np.zeros((count, len(question.rules)), dtype=np.bool_)
    for index, rule in enumerate(question.rules):
        column = inputs[rule.input]
        limit = column.dtype.type(rule.value) if column.dtype.kind == "f" else rule.value
        fired[:, index] = _COMPARE[rule.comparison](column, limit) & judged
        taken[:, places[rule.option]] |= fired[:, index]
    names = [rule.name for rule in question.rules]
    lists = tuple(tuple(names[place] for place in np.flatnonzero(row)) for row in fired)
    return Contraindications(taken, lists)


def take_options_away(outputs: Mapping[str, Array], taken: NDArray[np.bool_]) -> dict[str, Array]:
    """Copies of a treatment model's outputs without what concerns options that were taken away.

    Their outcome, effect and intervals become NaN. They leave the ranking: the others move up in their order, and -1
    fills the end. Where the reference itself is taken away every effect becomes NaN: it would be told against
    something that must not be done. `propensity` and `overlap` stay: they say what was done, not what to do.

    Args:
        outputs: By name, axis 0 counts the samples.
        taken: (samples, options).
    """
    if not taken.any():
        return dict(outputs)
    kept = dict(outputs)
    effects = taken | taken[:, :1]
    for name in _BY_OPTION:
        if name in kept:
            copy: NDArray[Any] = kept[name].copy()
            copy[effects if name.startswith("effect") else taken] = np.nan
            kept[name] = copy
    if "ranking" in kept:
        kept["ranking"] = _close_ranks(kept["ranking"].astype(np.int64), taken)
    return kept


def _close_ranks(ranking: NDArray[np.int64], taken: NDArray[np.bool_]) -> NDArray[np.int64]:
    gone = np.take_along_axis(taken, np.maximum(ranking, 0), axis=1) | (ranking < 0)
    order = np.argsort(gone, axis=1, kind="stable")
    closed = np.take_along_axis(ranking, order, axis=1)
    closed[np.take_along_axis(gone, order, axis=1)] = -1
    return closed
