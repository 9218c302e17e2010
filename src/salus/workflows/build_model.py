"""From data to a signed package in the registry: read, check, fit, calibrate, export, shrink, judge, write, file."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from salus.contracts.datasets import Dataset, QualityFinding, QualityReport
from salus.contracts.errors import Conflict, NotFound, QualityRefused
from salus.contracts.packages import Lineage, ModelPackage
from salus.contracts.packs import Pack, TaskKit
from salus.contracts.predictors import Estimator, FitOptions, Json, Predictor
from salus.contracts.reports import EvaluationReport, UnmetGoal
from salus.contracts.text import LocalizedText
from salus.data.own_data import divide_own
from salus.data.quality.checking import check_dataset
from salus.evaluation.gate import find_unmet_goals
from salus.modelpackage.writing import PackageDraft, write_package
from salus.registry.entries import PackageRecord
from salus.workflows.model_forms import calibrate_on, choose_forms, make_forms
from salus.workflows.package_draft import draft_package
from salus.workflows.registered_package import open_registered
from salus.workflows.verify_forms import verify_forms
from salus.workflows.workshop import Workshop, package_name


@dataclass(frozen=True)
class BuildRequest:
    """What to build.

    Attributes:
        pack: The application.
        kit: Its task.
        estimator: Name of the estimator; None for the kit's first.
        seed: Decides everything that is left to chance.
        options: Epochs, device, hyperparameters, tracker. Checkpoints are kept in the workshop's own folder.
        allow: Checks of the quality report whose refusals are overridden.
        forms: Which forms beside float32 to make: `int8`, `pruned`, `student`.
        own_data: A labelled folder or table of the user's own to train on, divided 60 : 20 : 20 by subject; None for
            the kit's data set.
    """

    pack: Pack
    kit: TaskKit
    estimator: str | None = None
    seed: int = 0
    options: FitOptions = field(default_factory=FitOptions)
    allow: frozenset[str] = frozenset()
    forms: tuple[str, ...] = ("int8",)
    own_data: Path | None = None


@dataclass(frozen=True)
class BuildOutcome:
    """What came of it.

    Attributes:
        package: In the registry, a candidate.
        record: What the registry holds of it, with the times.
        quality: What the checks found.
        reports: How good it is, the decisive part last.
        unmet: Goals that the release gate would refuse it for.
        rebuilt: True where the same lineage was built before and gave the same bytes.
    """

    package: ModelPackage
    record: PackageRecord
    quality: QualityReport
    reports: tuple[EvaluationReport, ...]
    unmet: tuple[UnmetGoal, ...]
    rebuilt: bool


def build_model(request: BuildRequest, workshop: Workshop) -> BuildOutcome:
    """Take the whole way once.

    Args:
        request: What to build.
        workshop: Where data, packages and keys are.

    Raises:
        NotFound: The kit has no such estimator.
        InvalidInput: An unknown form or hyperparameter, or a model that cannot be exported.
        DataUnavailable: The data are not at hand.
        QualityRefused: The quality report refuses the data.
        Conflict: The exported graph does not answer as the fitted model, or a rebuild gave other bytes.
        PackageRejected: The engine cannot serve what was built.
    """
    name = choose_estimator(request.kit, request.estimator)
    chosen = replace(request, forms=choose_forms(request.forms))
    plain = request.kit.estimators[name](request.options)  # refuses unknown hyperparameters before anything is read
    try:
        return _build(chosen, name, plain, workshop)
    finally:
        workshop.progress.end()


def _build(request: BuildRequest, name: str, plain: Estimator, workshop: Workshop) -> BuildOutcome:
    started = time.monotonic()
    workshop.progress.begin("read and check data", None)
    published = read_data(request, workshop)
    dataset = request.kit.mended(published) if request.own_data is None else published
    quality = note_mending(check_data(dataset, request.kit, request.allow), published, dataset)
    predictor, lineage = _fit(request, name, plain, dataset, workshop)
    fitted = time.monotonic()
    known = workshop.registry.find_same_lineage(package_name(request.pack, request.kit), lineage)
    draft, measured = _assemble(
        request,
        predictor=predictor,
        lineage=lineage,
        dataset=dataset,
        quality=quality,
        known=known,
        workshop=workshop,
    )
    times = {"fit_s": round(fitted - started, 1), "build_s": round(time.monotonic() - started, 1)}
    record = _file(draft, {**times, **measured}, known, workshop)
    return BuildOutcome(
        package=open_registered(workshop.registry, record, workshop.trust),
        record=record,
        quality=quality,
        reports=draft.reports,
        unmet=find_unmet_goals(draft.reports[-1], request.kit.task.goals),
        rebuilt=known is not None,
    )


def read_data(request: BuildRequest, workshop: Workshop) -> Dataset:
    """The kit's data set as published, or the user's own. Raises as `build_model`."""
    if request.own_data is None:
        return request.kit.read_dataset(workshop.data, request.seed)
    return divide_own(request.kit.read_folder(request.own_data), name=request.own_data.stem, seed=request.seed)


def choose_estimator(kit: TaskKit, name: str | None) -> str:
    """The estimator called `name`, or the kit's first.

    Raises:
        NotFound: There is none of that name.
    """
    chosen = name or next(iter(kit.estimators))
    if chosen not in kit.estimators:
        raise NotFound(f"one of {', '.join(kit.estimators)}", found=repr(name), remedy="See: salus packs.")
    return chosen


def check_data(dataset: Dataset, kit: TaskKit, allow: frozenset[str]) -> QualityReport:
    """The quality report, if it lets the data pass.

    Raises:
        QualityRefused: A finding stops the build and is not allowed by name.
    """
    report = check_dataset(dataset, task=kit.task, allow=allow)
    refusals = report.refusals()
    if refusals:
        raise QualityRefused(
            f"data of {dataset.source.name} that may be trained on",
            found="; ".join(f"{finding.check}: {finding.message.en}" for finding in refusals),
            remedy="Mend the data, or go on in spite of it: "
            + " ".join(f"--allow {check}" for check in sorted({finding.check for finding in refusals})),
        )
    return report


def note_mending(report: QualityReport, published: Dataset, mended: Dataset) -> QualityReport:
    """The report with a note on how many samples the pack left out of each part."""
    parts = mended.parts()
    left_out = {name: len(split) - len(parts[name]) for name, split in published.parts().items() if name in parts}
    total = sum(left_out.values())
    if not total:
        return report
    counts = ", ".join(f"{name} {count}" for name, count in left_out.items() if count)
    note = QualityFinding(
        check="mended",
        severity="note",
        message=LocalizedText(
            f"{total} samples of the published data were left out before training ({counts}); "
            "`salus data check` names the faults.",
            f"训练前剔除了已发布数据中的 {total} 个样本（{counts}）；`salus data check` 列出其问题。",
        ),
        count=total,
    )
    return msgspec.structs.replace(report, findings=(*report.findings, note))


def _fit(
    request: BuildRequest, name: str, plain: Estimator, dataset: Dataset, workshop: Workshop
) -> tuple[Predictor, Lineage]:
    lineage = Lineage(
        dataset=dataset.source,
        dataset_digest=dataset.digest,
        samples={part: len(split) for part, split in dataset.parts().items()},
        code=workshop.code,
        pack=request.pack.name,
        estimator=name,
        seed=request.seed,
        recipe={**plain.recipe, "forms": list(request.forms)},
        allowed_findings=tuple(sorted(request.allow)),
    )
    checkpoints = _checkpoint_dir(plain, name, lineage, request, workshop)
    estimator = request.kit.estimators[name](
        replace(request.options, checkpoint_dir=checkpoints, progress=workshop.progress)
    )
    predictor = estimator.fit(dataset.train, dataset.validation, rng=np.random.default_rng(request.seed))
    return predictor, lineage


def _checkpoint_dir(
    estimator: Estimator, name: str, lineage: Lineage, request: BuildRequest, workshop: Workshop
) -> Path:
    """One folder for one training: the same data, seed and recipe resume there, whatever is made of it afterwards."""
    key = msgspec.json.encode([name, lineage.dataset_digest, request.seed, estimator.recipe], order="sorted")
    return workshop.runs_dir / package_name(request.pack, request.kit) / hashlib.sha256(key).hexdigest()[:16]


def _assemble(
    request: BuildRequest,
    *,
    predictor: Predictor,
    lineage: Lineage,
    dataset: Dataset,
    quality: QualityReport,
    known: PackageRecord | None,
    workshop: Workshop,
) -> tuple[PackageDraft, dict[str, Json]]:
    name = package_name(request.pack, request.kit)
    calibration = calibrate_on(predictor, dataset.validation, request.kit, seed=request.seed)
    made = make_forms(
        predictor,
        calibration,
        dataset,
        request.kit,
        request.forms,
        seed=request.seed,
        default=known.facts.default_variant if known else None,
        progress=workshop.progress,
    )
    version = known.version if known else workshop.registry.next_version(name)
    draft = draft_package(
        request.kit,
        name=name,
        version=version,
        lineage=lineage,
        dataset=dataset,
        quality=quality,
        made=made,
        seed=request.seed,
    )
    forms = [msgspec.to_builtins(measured) for measured in made.measured]
    return draft, {"forms": forms, "skipped_forms": dict(made.skipped)}


def _file(
    draft: PackageDraft, measured: dict[str, Json], known: PackageRecord | None, workshop: Workshop
) -> PackageRecord:
    """Write the package aside, let the engine answer its example, and take it up; a rebuild must be the same bytes."""
    with TemporaryDirectory(prefix="salus-") as aside:
        package = write_package(draft, Path(aside) / "package", signer=workshop.signer)
        verify_forms(package, workshop.backend)
        if known is None:
            return workshop.registry.add(package, who=workshop.actor, build_record=measured)
    if package.digest != known.digest:
        raise Conflict(
            f"the same bytes from the same lineage as version {known.version} (digest {known.digest[:12]})",
            found=f"digest {package.digest[:12]}",
            remedy="Another processor or library sums in another order; change the seed to build a version of its own.",
        )
    return known
