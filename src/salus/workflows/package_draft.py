"""Everything that a package holds, put together from what the stages made."""

from __future__ import annotations

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.datasets import Dataset, QualityReport, Split
from salus.contracts.packages import Lineage
from salus.contracts.packs import TaskKit
from salus.contracts.reports import EvaluationReport
from salus.contracts.services import OPTIONAL_OUTPUTS
from salus.evaluation.judges import judge_of
from salus.evaluation.judging import Judge
from salus.evaluation.pictures import draw_variants
from salus.evaluation.predicting import predict_split
from salus.modelpackage.writing import PackageDraft, VariantDraft
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.variants import MadeVariant, MadeVariants
from salus.workflows.package_contents import choose_example, summarise_training, write_answer, write_request


def draft_package(
    kit: TaskKit,
    *,
    name: str,
    version: str,
    lineage: Lineage,
    dataset: Dataset,
    quality: QualityReport,
    made: MadeVariants,
    seed: int,
) -> PackageDraft:
    """Judge the form that is run by default, choose the example, summarise the data, and draw the pictures.

    The test part is read here for the first and only time.
    """
    default = next(variant for variant in made.made if variant.facts.name == made.default)
    graph = GraphPredictor(default.model)
    judge = judge_of(kit.task.kind)
    told = tuple(dict.fromkeys((*judge.outputs, *(spec.name for spec in kit.task.signature.outputs))))
    outputs = tuple(name for name in told if name not in OPTIONAL_OUTPUTS)
    validation = predict_split(graph, dataset.validation, outputs=outputs)
    reports = [_report(judge, validation, dataset.validation, part="validation", kit=kit, variant=default, seed=seed)]
    if dataset.test is not None:
        answers = predict_split(graph, dataset.test, outputs=judge.outputs)
        reports.append(_report(judge, answers, dataset.test, part="test", kit=kit, variant=default, seed=seed))
    example = choose_example(kit, dataset.train, dataset.validation, validation)
    facts = tuple(variant.facts for variant in made.made)
    return PackageDraft(
        name=name,
        version=version,
        title=kit.task.title,
        task=kit.task,
        variants=tuple(_draft_variant(variant) for variant in made.made),
        default_variant=made.default,
        explainer=kit.explainer,
        lineage=lineage,
        licence=kit.licence,
        calibration=default.calibration,
        reports=tuple(reports),
        quality=quality,
        request=write_request(example, kit.task),
        answer=write_answer(graph.predict(example), kit.task),
        reference=summarise_training(kit.task, dataset.train, validation),
        pictures={**judge.pictures(reports[-1]), "variants": draw_variants(facts)},
    )


def _report(
    judge: Judge,
    outputs: dict[str, Array],
    split: Split,
    *,
    part: str,
    kit: TaskKit,
    variant: MadeVariant,
    seed: int,
) -> EvaluationReport:
    """On the samples that the model answers: one that it cannot judge is withheld by the service too."""
    answered = np.flatnonzero(judge.answered(outputs))
    return judge.report(
        {name: array[answered] for name, array in outputs.items()},
        split.take(answered),
        task=kit.task,
        part=part,
        threshold=None if variant.calibration is None else variant.calibration.threshold,
        seed=seed,
    )


def _draft_variant(variant: MadeVariant) -> VariantDraft:
    facts = variant.facts
    return VariantDraft(
        name=facts.name,
        precision=facts.precision,
        max_abs_difference=facts.max_abs_difference,
        measure=facts.measure,
        loss=facts.loss,
        loss_interval=facts.loss_interval,
        within_tolerance=facts.within_tolerance,
        model=variant.model,
    )
