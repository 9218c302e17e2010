"""Everything that a package holds, put together from what the stages made."""

from __future__ import annotations

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.datasets import Dataset, QualityReport, Split
from salus.contracts.packages import Lineage
from salus.contracts.packs import TaskKit
from salus.contracts.reports import EvaluationReport
from salus.evaluation.pictures import draw_pictures, draw_variants
from salus.evaluation.predicting import predict_split
from salus.evaluation.report import evaluate
from salus.modelpackage.writing import PackageDraft, VariantDraft
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.variants import MadeVariant, MadeVariants
from salus.workflows.package_contents import choose_example, summarise_training, write_answer, write_request

JUDGED = ("probabilities", "prediction_set")


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
    validation = predict_split(graph, dataset.validation, outputs=JUDGED)
    reports = [_judge(validation, dataset.validation, "validation", kit, default, seed=seed)]
    if dataset.test is not None:
        answers = predict_split(graph, dataset.test, outputs=JUDGED)
        reports.append(_judge(answers, dataset.test, "test", kit, default, seed=seed))
    probabilities = validation["probabilities"].astype(np.float64)
    example = choose_example(kit, dataset.train, dataset.validation, probabilities)
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
        reference=summarise_training(kit.task, dataset.train, probabilities),
        pictures={**draw_pictures(reports[-1]), "variants": draw_variants(facts)},
    )


def _judge(
    outputs: dict[str, Array], split: Split, part: str, kit: TaskKit, variant: MadeVariant, *, seed: int
) -> EvaluationReport:
    return evaluate(
        outputs,
        split.labels,
        part=part,
        classes=[label.name for label in kit.task.classes],
        threshold=variant.calibration.threshold,
        groups=split.groups,
        seed=seed,
        subjects=split.subjects,
    )


def _draft_variant(variant: MadeVariant) -> VariantDraft:
    facts = variant.facts
    return VariantDraft(
        name=facts.name,
        precision=facts.precision,
        max_abs_difference=facts.max_abs_difference,
        auroc_loss=facts.auroc_loss,
        auroc_loss_interval=facts.auroc_loss_interval,
        within_tolerance=facts.within_tolerance,
        model=variant.model,
    )
