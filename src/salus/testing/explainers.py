"""What every explainer promises."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch, count_samples
from salus.contracts.explanations import Attribution, Explainer, HeatStrip
from salus.contracts.predictors import Predictor
from salus.testing.batches import copy_batch, require_equal, rows_of
from salus.testing.failures import require

TOLERANCE = 1e-4


def check_explainer(
    explainer: Explainer,
    predictor: Predictor,
    batch: Batch,
    *,
    targets: NDArray[np.int64] | None = None,
    tolerance: float = TOLERANCE,
) -> None:
    """Check `explainer` with `predictor` on `batch`.

    It names its method; gives one attribution per sample, of the asked class, as a heatmap from 0 to 1 or as
    contributions of known inputs that sum to the output; a heat strip of events sums to their contribution; gives the
    same one again, whatever samples stand beside; and leaves the batch as it was.

    Args:
        explainer: Under test.
        predictor: One that it can explain.
        batch: Rectangular.
        targets: (samples,) classes or options to explain; None explains number 1 of each.
        tolerance: Of numbers, absolute below 1 and relative above.

    Raises:
        NotConformant: A promise is not kept.
    """
    count = count_samples(batch)
    wanted = np.ones(count, dtype=np.int64) if targets is None else targets
    require(bool(explainer.method.strip()), "the method's name", found="an empty one")
    before = copy_batch(batch)
    attributions = explainer.explain(predictor, batch, targets=wanted)
    require_equal(batch, before, law="the explainer to leave its batch as it was")
    require(len(attributions) == count, f"{count} attributions", found=f"{len(attributions)}")
    for index, attribution in enumerate(attributions):
        target = int(wanted[index])
        require(attribution.target == target, f"target {target}", found=f"{attribution.target}")
        _check_one(attribution, set(batch), tolerance)
    for law, indices in (
        ("the same input to give the same attribution", list(range(count))),
        ("attributions that do not depend on the samples beside", list(range(count))[::-1]),
    ):
        again = explainer.explain(predictor, rows_of(batch, indices), targets=wanted[indices])
        for attribution, index in zip(again, indices, strict=True):
            _require_same(attribution, attributions[index], law, tolerance)


def _check_one(attribution: Attribution, inputs: set[str], tolerance: float) -> None:
    heatmap, contributions = attribution.heatmap, attribution.contributions
    require((heatmap is None) == bool(contributions), "either a heatmap or contributions", found="both or neither")
    if heatmap is not None:
        plane = heatmap.ndim == 2 and heatmap.size > 0 and heatmap.dtype == np.float32
        require(plane, "a heatmap (height, width) of float32", found=f"shape {heatmap.shape} of {heatmap.dtype}")
        within = bool(np.isfinite(heatmap).all()) and heatmap.min() >= 0 and heatmap.max() <= 1
        require(bool(within), "a heatmap from 0 to 1", found="values outside")
        return
    names = [contribution.name for contribution in contributions]
    require(len(set(names)) == len(names), "each input once", found="an input twice")
    require(set(names) <= inputs, "contributions of the inputs", found=f"{sorted(set(names) - inputs)}")
    sizes = [abs(contribution.amount) for contribution in contributions]
    require(sizes == sorted(sizes, reverse=True), "the strongest contribution first", found="another order")
    base, output = attribution.base, attribution.output
    if base is None or output is None:
        require(False, "base and output beside contributions", found="none")
        return
    total = math.fsum([base, *(contribution.amount for contribution in contributions)])
    near = math.isclose(total, output, rel_tol=tolerance, abs_tol=tolerance)
    require(near, "base and contributions to sum to the output", found=f"a difference of {total - output:.3g}")
    if attribution.strip is not None:
        _check_strip(attribution.strip, {c.name: c.amount for c in contributions}, tolerance)


def _check_strip(strip: HeatStrip, amounts: dict[str, float], tolerance: float) -> None:
    require(strip.input in amounts, "a strip of an input that contributes", found=repr(strip.input))
    shape = (len(strip.variables), len(strip.edges) - 1)
    form = strip.amounts.shape == shape and strip.amounts.dtype == np.float32
    require(form, f"amounts {shape} of float32", found=f"{strip.amounts.shape} of {strip.amounts.dtype}")
    ascending = all(a < b for a, b in zip(strip.edges, strip.edges[1:], strict=False))
    require(ascending and len(strip.edges) > 1, "edges in ascending order", found="others")
    require(len(set(strip.variables)) == len(strip.variables), "each variable once", found="a variable twice")
    known = ~np.isnan(strip.amounts)
    require(bool(known.any(axis=1).all()), "rows of variables that were observed", found="a row of NaN alone")
    require(not bool(np.isinf(strip.amounts).any()), "finite amounts", found="infinite ones")
    sizes = np.nansum(np.abs(strip.amounts.astype(np.float64)), axis=1)
    require(bool((np.diff(sizes) <= tolerance).all()), "the most decisive variable first", found="another order")
    total, whole = float(strip.amounts[known].astype(np.float64).sum()), amounts[strip.input]
    near = math.isclose(total, whole, rel_tol=tolerance, abs_tol=tolerance)
    require(near, "a strip that sums to its input's contribution", found=f"a difference of {total - whole:.3g}")


def _require_same(one: Attribution, other: Attribution, law: str, tolerance: float) -> None:
    require((one.heatmap is None) == (other.heatmap is None), law, found="a heatmap that comes and goes")
    if one.heatmap is not None and other.heatmap is not None:
        same = one.heatmap.shape == other.heatmap.shape and np.allclose(one.heatmap, other.heatmap, atol=tolerance)
        require(bool(same), law, found="another heatmap")
    amounts = {c.name: c.amount for c in one.contributions}
    others = {c.name: c.amount for c in other.contributions}
    require(set(amounts) == set(others), law, found="other inputs")
    same = all(math.isclose(amounts[n], others[n], rel_tol=tolerance, abs_tol=tolerance) for n in amounts)
    require(same, law, found="other contributions")
    first, second = one.strip, other.strip
    require((first is None) == (second is None), law, found="a strip that comes and goes")
    if first is not None and second is not None:
        same = (first.input, first.edges, first.variables) == (second.input, second.edges, second.variables)
        near = same and np.allclose(first.amounts, second.amounts, rtol=tolerance, atol=tolerance, equal_nan=True)
        require(bool(near), law, found="another strip")
