"""From a fitted predictor to the executable forms of a package: float32, INT8, pruned, student."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.packs import TaskKit
from salus.contracts.predictors import Exportable, GraphSource, Predictor
from salus.contracts.progress import Progress
from salus.contracts.reports import Calibration, VariantName
from salus.evaluation.calibration import fit_calibration
from salus.evaluation.judges import judge_of
from salus.evaluation.judging import Judge
from salus.evaluation.predicting import predict_split
from salus.optimisation.variants import Comparison, MadeVariants, Tolerance, make_variants

PRUNED_SHARE = 0.4
FORMS = ("int8", "pruned", "student")


def calibrate_on(predictor: Predictor, validation: Split, kit: TaskKit, *, seed: int) -> Calibration | None:
    """The calibration of a classifier's logits on validation data; None for the other kinds, which answer whole."""
    if kit.task.kind != "classification":
        return None
    logits = predict_split(predictor, validation, outputs=("logits",))["logits"]
    return calibrate(logits.astype(np.float32), validation.labels, kit, seed=seed)


def calibrate(logits: NDArray[np.floating], labels: NDArray[np.int64], kit: TaskKit, *, seed: int) -> Calibration:
    """The calibration of uncalibrated validation logits, by the kit's threshold rule."""
    return fit_calibration(logits, labels, threshold_rule=kit.threshold_rule, coverage=kit.coverage, seed=seed)


def choose_forms(names: Iterable[str]) -> tuple[str, ...]:
    """The forms called `names`, each once and in the order of `FORMS`, so that the order of asking changes nothing.

    Raises:
        InvalidInput: An unknown form.
    """
    wanted = set(names)
    unknown = sorted(wanted - set(FORMS))
    if unknown:
        raise InvalidInput(
            f"forms among {', '.join(FORMS)}; float32 is always made",
            found=", ".join(repr(name) for name in unknown),
            remedy="Correct the names.",
        )
    return tuple(form for form in FORMS if form in wanted)


def make_forms(
    predictor: Predictor,
    calibration: Calibration | None,
    dataset: Dataset,
    kit: TaskKit,
    wanted: tuple[str, ...],
    *,
    seed: int,
    default: str | None,
    progress: Progress,
) -> MadeVariants:
    """Export the float form and make the others that are wanted.

    Args:
        predictor: Fitted; a classifier answers uncalibrated logits, others the served outputs.
        calibration: Of a classifier's logits; None for other kinds.
        dataset: INT8 ranges, distillation and fine-tuning look at the training part, comparisons at validation.
        kit: Names threshold rule and student.
        wanted: As `choose_forms` gives them.
        seed: All chance.
        default: The form to run whatever the times say, for a repeated build; None chooses by the times.
        progress: Told about each form.

    Raises:
        InvalidInput: The predictor cannot be exported.
    """
    if not isinstance(predictor, Exportable):
        raise InvalidInput(
            "a predictor that can be exported",
            found=f"{type(predictor).__name__}, which cannot",
            remedy="Give the predictor a graph_source().",
        )
    source = predictor.graph_source()
    judge = judge_of(kit.task.kind)
    makers: dict[VariantName, Callable[[], GraphSource]] = {}
    if "pruned" in wanted:
        makers["pruned"] = lambda: _prune(predictor, source, dataset, seed=seed, progress=progress)
    if "student" in wanted:
        makers["student"] = lambda: _teach(predictor, source, dataset, kit, seed=seed, progress=progress)
    return make_variants(
        source,
        kit.task.signature.inputs,
        calibration,
        reference=predictor,
        train=dataset.train,
        validation=dataset.validation,
        comparison=_comparison(judge, dataset.validation, kit, seed=seed),
        tolerance=Tolerance(loss=judge.loss_tolerance, max_abs_difference=judge.tolerance),
        int8="int8" in wanted,
        others=makers,
        recalibrate=None
        if calibration is None
        else lambda logits: calibrate(logits, dataset.validation.labels, kit, seed=seed),
        default=default,  # type: ignore[arg-type]  # a name from a manifest; make_variants ignores one it does not know
        progress=progress,
    )


def _comparison(judge: Judge, validation: Split, kit: TaskKit, *, seed: int) -> Comparison:
    def compare(ours: Batch, theirs: Batch) -> tuple[float, float, float]:
        loss = judge.loss(validation, ours, theirs, task=kit.task, seed=seed)
        return loss.value, loss.low, loss.high

    outputs = tuple(dict.fromkeys((*judge.outputs, judge.compared)))
    return Comparison(outputs=outputs, measure=judge.measure, compare=compare, compared=judge.compared)


def _prune(
    predictor: Predictor, source: GraphSource, dataset: Dataset, *, seed: int, progress: Progress
) -> GraphSource:
    from salus.optimisation.distillation import DistillationRecipe, distil
    from salus.optimisation.pruning import prune_channels
    from salus.optimisation.variants import first_samples

    recipe = DistillationRecipe(epochs=5, learning_rate=5e-4)
    return prune_channels(
        source,
        share=PRUNED_SHARE,
        sample=first_samples(dataset.train.inputs, most=1),
        fine_tune=lambda pruned: distil(predictor, pruned, dataset.train, recipe=recipe, seed=seed, progress=progress),
    )


def _teach(
    predictor: Predictor, source: GraphSource, dataset: Dataset, kit: TaskKit, *, seed: int, progress: Progress
) -> GraphSource:
    if kit.make_student is None or source.framework != "torch":
        raise UnsupportedInput(
            "a torch model in a pack that names a student", found="none", remedy="Give the kit a make_student."
        )
    from salus.optimisation.distillation import DistillationRecipe, distil

    student = distil(
        predictor,
        kit.make_student(seed),  # type: ignore[arg-type]  # contracts name no torch type
        dataset.train,
        recipe=DistillationRecipe(epochs=20),
        seed=seed,
        progress=progress,
    )
    return GraphSource(framework="torch", model=student, outputs=source.outputs)
