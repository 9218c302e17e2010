"""Every form of a model that a package may hold, compared with the float one, and the choice among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, rectangular_parts
from salus.contracts.datasets import Split
from salus.contracts.errors import UnsupportedInput
from salus.contracts.packages import Variant
from salus.contracts.predictors import GraphSource, Predictor
from salus.contracts.progress import Progress, Silence
from salus.contracts.reports import Calibration, VariantName
from salus.contracts.tensors import TensorSpec
from salus.optimisation.measuring import MeasuredVariant, measure_variants

Compare = Callable[[Batch, Batch], tuple[float, float, float]]
"""(served outputs of float32, served outputs of a variant) to the loss in the main measure, and its interval's ends."""

Recalibrate = Callable[[NDArray[np.float32]], Calibration]
"""Uncalibrated validation logits (N, K) of a variant to a calibration of its own."""

FILES: dict[VariantName, str] = {
    "float32": "model.onnx",
    "int8": "model.int8.onnx",
    "pruned": "model.pruned.onnx",
    "student": "model.student.onnx",
}
_ORDER: tuple[VariantName, ...] = ("float32", "int8", "pruned", "student")


@dataclass(frozen=True)
class Comparison:
    """How forms are compared with float32 on validation data.

    Attributes:
        outputs: Served outputs that the comparison needs.
        measure: Name of the main measure.
        compare: Gives its loss with its interval.
        compared: The output whose largest difference is told.
    """

    outputs: tuple[str, ...]
    measure: str
    compare: Compare
    compared: str


@dataclass(frozen=True)
class Tolerance:
    """How far a variant may be from float32 and still be chosen, and how much faster it must be.

    Attributes:
        loss: Largest loss in the main measure (point estimate) on validation data.
        max_abs_difference: Largest difference of a single compared number, such as a probability.
        speed_up: Smallest gain in speed, as a factor, for which a simpler choice is left. It lies between what small
            networks gain from INT8 (1.2 and less) and what others gain (1.4 and more), so that noise in the measured
            times does not change the choice, and with it the package, from build to build.
    """

    loss: float = 0.005
    max_abs_difference: float = 0.1
    speed_up: float = 1.3


@dataclass(frozen=True)
class MadeVariant:
    """A variant: what the manifest says of it, and the file's content. `calibration`: that in its graph."""

    facts: Variant
    model: bytes
    calibration: Calibration | None


@dataclass(frozen=True)
class MadeVariants:
    """All that came of it.

    Attributes:
        made: `float32` first.
        default: Name of the variant to run unless told otherwise.
        measured: Times and sizes in the order of `made`; for the build record, not for the package.
        skipped: Why a variant that was asked for was not made, by name.
    """

    made: tuple[MadeVariant, ...]
    default: VariantName
    measured: tuple[MeasuredVariant, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)


def make_variants(
    source: GraphSource,
    inputs: tuple[TensorSpec, ...],
    calibration: Calibration | None,
    *,
    reference: Predictor,
    train: Split,
    validation: Split,
    comparison: Comparison,
    int8: bool = True,
    others: Mapping[VariantName, Callable[[], GraphSource]] | None = None,
    recalibrate: Recalibrate | None = None,
    tolerance: Tolerance | None = None,
    default: VariantName | None = None,
    threads: int = 1,
    seconds: float = 2.0,
    progress: Progress | None = None,
) -> MadeVariants:
    """Export the float graph, check it against the predictor, make the other forms, compare and measure them.

    Args:
        source: The predictor's inside; of a classifier, `evidence` and `course_logits` among its outputs are served.
        inputs: The signature's inputs.
        calibration: Of a classifier's logits. None: the predictor answers the served outputs itself.
        reference: The predictor; the float graph's logits (or served outputs) must be within 1e-4 of its in every
            validation sample, relative where a served output is above 1.
        train: Its inputs calibrate the integer ranges.
        validation: Every variant is compared with float32 on it.
        comparison: What to compare the forms by.
        int8: Whether to quantise.
        others: Makers of `pruned` and `student`; one that raises `UnsupportedInput` is skipped with its reason.
        recalibrate: Gives `pruned` and `student` a calibration of their own; None keeps the float one.
        tolerance: Which variants may be chosen.
        default: The variant to choose, whatever the times say, if it is within tolerance: for a repeated build.
        threads: Of one operator, for the measured times.
        seconds: How long to measure each batch size, about.
        progress: Told about each variant.

    Raises:
        Conflict: The float graph differs from the predictor.
        InvalidInput: The predictor cannot be exported.
    """
    from salus.optimisation.canonical import to_bytes
    from salus.optimisation.export import export_core
    from salus.optimisation.graph_predictor import GraphPredictor
    from salus.optimisation.parity import require_parity

    limits = tolerance or Tolerance()
    watcher = progress or Silence()
    watcher.begin("optimise", 2 + int(int8) + len(others or {}))
    sample = first_samples(validation.inputs)
    core = export_core(source, inputs, sample=sample)
    require_parity(
        reference,
        GraphPredictor(to_bytes(core)),
        validation.inputs,
        outputs=source.outputs if calibration is None else ("logits",),
        relative=calibration is None,
    )
    judged = _Judged(validation, comparison, limits)
    made = [judged.judge("float32", "FP32", to_bytes(core), calibration)]
    watcher.advance()
    skipped: dict[str, str] = {}
    if int8:
        from salus.optimisation.quantisation import PRECISION, quantise

        try:
            quantised = to_bytes(quantise(core, train.inputs))
            made.append(judged.judge("int8", PRECISION, quantised, calibration))
        except UnsupportedInput as reason:
            skipped["int8"] = str(reason)
        watcher.advance()
    for name, make in sorted((others or {}).items()):
        try:
            other = to_bytes(export_core(make(), inputs, sample=sample))
        except UnsupportedInput as reason:
            skipped[name] = str(reason)
        else:
            own = calibration if recalibrate is None else recalibrate(judged.raw_logits(other))
            made.append(judged.judge(name, "FP32", other, own))
        watcher.advance()
    measured = measure_variants({v.facts.name: v.model for v in made}, sample, threads=threads, seconds=seconds)
    watcher.advance()
    watcher.end()
    facts = [variant.facts for variant in made]
    if default is None or default not in _eligible(facts):
        default = choose_default(facts, measured, margin=limits.speed_up)
    return MadeVariants(made=tuple(made), default=default, measured=measured, skipped=skipped)


def choose_default(facts: Sequence[Variant], measured: Sequence[MeasuredVariant], *, margin: float) -> VariantName:
    """The fastest variant within tolerance.

    Speed is the geometric mean of the speed-ups over the measured batch sizes. In the order float32, int8, pruned,
    student each one replaces the choice so far only if it is faster by the factor `margin`.
    """
    speeds = {m.name: math.exp(float(np.mean(np.log(list(m.speed_up.values()))))) for m in measured}
    chosen: VariantName = "float32"
    for name in _eligible(facts):
        if speeds[name] >= margin * speeds[chosen]:
            chosen = name
    return chosen


def first_samples(inputs: Batch, *, most: int = 8) -> Batch:
    """The first samples of a possibly ragged batch that have the same shape, at most `most`."""
    return next(rectangular_parts(inputs, most=most))[1]


def _eligible(facts: Sequence[Variant]) -> list[VariantName]:
    within = {variant.name for variant in facts if variant.within_tolerance}
    return [name for name in _ORDER if name in within]


class _Judged:
    """Turns a core graph into a served one and compares it with the first that came, the float one."""

    def __init__(self, validation: Split, comparison: Comparison, limits: Tolerance) -> None:
        self._validation = validation
        self._by = comparison
        self._limits = limits
        self._reference: Batch | None = None

    def raw_logits(self, core: bytes) -> NDArray[np.float32]:
        """Uncalibrated logits (N, K) of a core graph on validation data."""
        return np.asarray(self._answer(core, ("logits",))["logits"], dtype=np.float32)

    def judge(self, name: VariantName, precision: str, core: bytes, calibration: Calibration | None) -> MadeVariant:
        """Append the calibration, where there is one, and compare the answers with those of the float variant."""
        model = core if calibration is None else _calibrated(core, calibration)
        answers = self._answer(model, self._by.outputs)
        if self._reference is None:
            self._reference = answers
            difference, loss, low, high = 0.0, 0.0, 0.0, 0.0
        else:
            difference = _largest_difference(self._reference[self._by.compared], answers[self._by.compared])
            loss, low, high = self._by.compare(self._reference, answers)
        facts = Variant(
            name=name,
            file=FILES[name],
            precision=precision,
            size=len(model),
            max_abs_difference=difference,
            measure=self._by.measure,
            loss=loss,
            loss_interval=(low, high),
            within_tolerance=loss <= self._limits.loss and difference <= self._limits.max_abs_difference,
        )
        return MadeVariant(facts=facts, model=model, calibration=calibration)

    def _answer(self, model: bytes, outputs: tuple[str, ...]) -> dict[str, Array]:
        from salus.optimisation.graph_predictor import GraphPredictor, predict_samples

        return predict_samples(GraphPredictor(model), self._validation.inputs, outputs=outputs)


def _calibrated(core: bytes, calibration: Calibration) -> bytes:
    import onnx

    from salus.optimisation.canonical import to_bytes
    from salus.optimisation.postprocessing import append_calibration

    model = onnx.load_from_string(core)
    evidence = any(value.name == "evidence" for value in model.graph.output)
    return to_bytes(append_calibration(model, calibration, evidence=evidence))


def _largest_difference(ours: Array, theirs: Array) -> float:
    """Over all numbers that both give; infinite where one of them alone is NaN."""
    first, second = ours.astype(np.float64), theirs.astype(np.float64)
    both = np.isnan(first) & np.isnan(second)
    with np.errstate(invalid="ignore"):
        apart = np.where(both, 0.0, np.abs(first - second))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))
