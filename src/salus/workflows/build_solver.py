"""From a solver to a signed package in the registry: nothing is learned; the solver is measured, and its settings kept.

Of the making side's other walks `evaluate_solver` stands here too. Making a model smaller and searching hyperparameters
do not apply to a solver: `plugins.discovery.find_learned_kit` says so.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from salus.contracts.batches import Array, Batch
from salus.contracts.datasets import DatasetSource, QualityFinding, QualityReport
from salus.contracts.errors import (
    Conflict,
    DataUnavailable,
    InvalidInput,
    NotFound,
    QualityRefused,
)
from salus.contracts.packages import Lineage, ModelPackage, Reference
from salus.contracts.packs import Pack, SolverKit
from salus.contracts.planning import Solver
from salus.contracts.predictors import Json
from salus.contracts.progress import Silence
from salus.contracts.reports import EvaluationReport
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.catalogue import find_entry
from salus.evaluation.gate import find_unmet_goals
from salus.modelpackage.solver_files import SolverFile, encode_solver
from salus.modelpackage.writing import PackageDraft, VariantDraft, write_package
from salus.registry.entries import PackageRecord
from salus.serving.solver_backend import SolverBackend, write_plans
from salus.serving.solver_process_keeper import IsolatedSolver, name_factory
from salus.workflows.build_model import BuildOutcome
from salus.workflows.measure_solver import Instances, plan_instances, report_plans
from salus.workflows.registered_package import open_registered
from salus.workflows.verify_forms import verify_forms
from salus.workflows.workshop import Workshop, package_name

EXAMPLE_TIME_LIMIT_S = 10.0
"""Written into a package's example request; the example itself is planned by the number of moves."""
MOST_EXAMPLE_ITERATIONS = 200_000
"""Most moves on a package's own example: it is planned again at every start of its service."""
UNREADABLE = "instance.unreadable"
_SUFFIXES = frozenset({".json", ".txt", ".xml"})


@dataclass(frozen=True)
class SolverBuildRequest:
    """What to build.

    Attributes:
        pack: The application.
        kit: Its task.
        seed: Decides what is left to chance while the solver is measured.
        settings: Of the solver, by name; an unknown one is refused.
        allow: Checks of the quality report whose refusals are overridden: `instance.unreadable`.
    """

    pack: Pack
    kit: SolverKit
    seed: int = 0
    settings: Mapping[str, Json] = field(default_factory=dict)
    allow: frozenset[str] = frozenset()


def build_solver(request: SolverBuildRequest, workshop: Workshop, *, solver: Solver | None = None) -> BuildOutcome:
    """Measure the solver on the kit's published instances, a fixed number of moves each, and write the package.

    Where the instances are not at hand it is built all the same, measured on the kit's example alone; the quality
    report says so.

    Args:
        request: What to build.
        workshop: Where data, packages and keys are; its engine is not used.
        solver: Measured and packaged; None makes the kit's by the settings, in a process of its own.

    Raises:
        InvalidInput: An unknown setting.
        QualityRefused: A published instance cannot be read.
        Conflict: A rebuild gave other bytes.
        PackageRejected: The package does not answer its own example twice alike.
        ServiceUnavailable: The solver's process ended without an answer.
    """
    kit = request.kit
    began = time.monotonic()
    chosen = solver or IsolatedSolver(name_factory(kit.solver), request.settings)
    example = kit.example()
    chosen.check(example)  # refuses unknown settings before anything is planned
    instances, at_hand = _read_instances(kit, example, workshop)
    planned = plan_instances(chosen, instances, workshop.progress, seed=request.seed, iterations=kit.trial_iterations)
    unreadable = [each.name for each in planned if not each.readable]
    quality = _judge_instances(instances, unreadable, request, at_hand=at_hand)
    planned = tuple(each for each in planned if each.readable)
    report = report_plans(planned, part="validation" if at_hand else "example", seed=request.seed)
    lineage = _lineage(request, quality, workshop)
    known = workshop.registry.find_same_lineage(package_name(request.pack, kit), lineage)
    version = workshop.registry.next_version(package_name(request.pack, kit)) if known is None else known.version
    draft = draft_solver(request, chosen, version=version, lineage=lineage, quality=quality, report=report)
    build_record: dict[str, Json] = {"build_s": round(time.monotonic() - began, 1)}
    record = _file(draft, build_record, known, workshop, SolverBackend({draft.name: kit}))
    return BuildOutcome(
        package=open_registered(workshop.registry, record, workshop.trust),
        record=record,
        quality=quality,
        reports=draft.reports,
        unmet=find_unmet_goals(report, kit.task.goals),
        rebuilt=known is not None,
    )


def evaluate_solver(
    package: ModelPackage, kit: SolverKit, path: Path, workshop: Workshop, *, seed: int, time_limit_s: float | None
) -> EvaluationReport:
    """Plan the instances of a file or a folder by the clock, with the package's solver and settings.

    Args:
        package: Verified.
        kit: Of the pack that made it.
        path: An instance, or a folder of them; those that are among the kit's published ones (by name) are compared
            with their reference cost.
        workshop: Where data are, and who is told about progress.
        seed: Decides what is left to chance.
        time_limit_s: Seconds on each instance; None takes the task's own.

    Raises:
        InvalidInput: Nothing under `path` is an instance, or one cannot be read.
    """
    predictor = SolverBackend({package.manifest.name: kit}).load(package)
    try:
        published: Instances = kit.read_instances(workshop.data)
    except DataUnavailable:
        published = {}
    files = [path] if path.is_file() else sorted(each for each in path.glob("*") if each.suffix in _SUFFIXES)
    references = {name: reference for name, (_, reference) in published.items()}
    instances = {each.stem: (each.read_text("utf-8"), references.get(each.stem)) for each in files}
    limit = kit.question.time_limit_s if time_limit_s is None else time_limit_s
    planned = plan_instances(predictor.solver, instances, workshop.progress, seed=seed, time_limit_s=limit)
    unreadable = [each.name for each in planned if not each.readable]
    if unreadable:
        raise InvalidInput(
            f"instances in the formats {', '.join(kit.question.formats)}",
            found=f"{len(unreadable)} that cannot be read: {', '.join(unreadable[:10])}",
            remedy="Leave them out, or mend them.",
        )
    return report_plans(planned, part=path.resolve().stem, seed=seed)


def _read_instances(kit: SolverKit, example: str, workshop: Workshop) -> tuple[Instances, bool]:
    workshop.progress.begin("read instances", None)
    try:
        found = kit.read_instances(workshop.data)
        if found:
            return dict(sorted(found.items())), True
    except DataUnavailable:
        pass  # said in the quality report
    finally:
        workshop.progress.end()
    return {"example": (example, None)}, False


def _judge_instances(
    instances: Instances, unreadable: list[str], request: SolverBuildRequest, *, at_hand: bool
) -> QualityReport:
    """What there is to say of the instances. Raises QualityRefused as `build_solver`."""
    if unreadable and UNREADABLE not in request.allow:
        raise QualityRefused(
            "published instances that the solver can read",
            found=f"{len(unreadable)} of {len(instances)} that it cannot: {', '.join(unreadable[:10])}",
            remedy=f"Fetch them anew, or leave them out: --allow {UNREADABLE}",
        )
    findings = [_unreadable(unreadable)] if unreadable else []
    return QualityReport(
        dataset=request.kit.dataset,
        digest=_digest(instances),
        samples={"instances": len(instances)},
        balance={},
        findings=tuple(findings if at_hand else [*findings, _no_instances(request.kit)]),
        allowed=tuple(sorted(request.allow)),
    )


def _unreadable(names: list[str]) -> QualityFinding:
    return QualityFinding(
        check=UNREADABLE,
        severity="refusal",
        message=LocalizedText(f"{len(names)} instances cannot be read.", f"{len(names)} 个实例无法读取。"),
        samples=tuple(names[:50]),
        count=len(names),
    )


def _no_instances(kit: SolverKit) -> QualityFinding:
    return QualityFinding(
        check="instances.absent",
        severity="warning",
        message=LocalizedText(
            f"The published instances ({kit.dataset}) were not at hand: the solver was measured on its example alone.",
            f"构建时没有已发布的实例（{kit.dataset}）：仅在示例上评测了求解器。",
        ),
    )


def _lineage(request: SolverBuildRequest, quality: QualityReport, workshop: Workshop) -> Lineage:
    return Lineage(
        dataset=_source(request.kit),
        dataset_digest=quality.digest,
        samples=quality.samples,
        code=workshop.code,
        pack=request.pack.name,
        estimator="solver",
        seed=request.seed,
        recipe={"settings": dict(request.settings), "trial_iterations": request.kit.trial_iterations},
        allowed_findings=tuple(sorted(request.allow)),
    )


def _source(kit: SolverKit) -> DatasetSource:
    try:
        return find_entry(kit.dataset).source
    except NotFound:  # a pack's own instances are in no catalogue
        title = LocalizedText(kit.dataset, kit.dataset)
        return DatasetSource(name=kit.dataset, title=title, url="", licence="UNCLEAR", citation="")


def _digest(instances: Instances) -> str:
    """SHA-256 (hex) over names and documents, in order."""
    whole = hashlib.sha256()
    for name, (document, reference) in instances.items():
        whole.update(msgspec.json.encode([name, document, reference]))
    return whole.hexdigest()


def draft_solver(
    request: SolverBuildRequest,
    solver: Solver,
    *,
    version: str,
    lineage: Lineage,
    quality: QualityReport,
    report: EvaluationReport,
) -> PackageDraft:
    """Everything that the package of a solver holds; its example is planned here, by the number of moves.

    Args:
        request: What is built.
        solver: Plans the example.
        version: Of the package.
        lineage: What made it.
        quality: What there is to say of the published instances.
        report: How well it plans them.

    Raises:
        Conflict: No plan of the example was found.
    """
    kit, example = request.kit, request.kit.example()
    file = SolverFile(
        pack=request.pack.name,
        task=kit.task.name,
        settings=dict(request.settings),
        example_iterations=_example_iterations(kit),
    )
    outputs = _plan_example(solver, kit, example, request.seed)
    return PackageDraft(
        name=package_name(request.pack, kit),
        version=version,
        title=kit.task.title,
        task=kit.task,
        variants=(_variant(encode_solver(file)),),
        default_variant="solver",
        explainer="what_if",
        lineage=lineage,
        licence=kit.licence,
        calibration=None,
        reports=(report,),
        quality=quality,
        request={"id": "example", "inputs": _tensors(_ask_example(example, request.seed), kit.task.signature.inputs)},
        answer={"id": "example", "outputs": _tensors(outputs, kit.task.signature.outputs)},
        reference=Reference(background={}, inputs={}, outputs={}),
    )


def _variant(content: bytes) -> VariantDraft:
    return VariantDraft(
        name="solver",
        precision="none",
        max_abs_difference=0.0,
        measure="gap",
        loss=0.0,
        loss_interval=(0.0, 0.0),
        within_tolerance=True,
        model=content,
    )


def _ask_example(example: str, seed: int) -> dict[str, Array]:
    instance, previous = np.empty(1, dtype=object), np.empty(1, dtype=object)
    instance[0], previous[0] = example.encode(), b""
    return {
        "instance": instance,
        "previous": previous,
        "time_limit_s": np.array([EXAMPLE_TIME_LIMIT_S], dtype=np.float32),
        "seed": np.array([seed], dtype=np.int64),
    }


def _plan_example(solver: Solver, kit: SolverKit, example: str, seed: int) -> Batch:
    (planned,) = plan_instances(
        solver, {"example": (example, None)}, Silence(), seed=seed, iterations=_example_iterations(kit)
    )
    if planned.plan is None:
        raise Conflict("an example that can be planned", found="none", remedy="Mend the kit's example.")
    return write_plans([planned.plan], kit.question)


def _example_iterations(kit: SolverKit) -> int:
    return min(kit.trial_iterations, MOST_EXAMPLE_ITERATIONS)


def _tensors(batch: Batch, specs: tuple[TensorSpec, ...]) -> list[dict[str, object]]:
    """Tensors in the form of the Open Inference Protocol: flat data, texts for BYTES."""
    tensors: list[dict[str, object]] = []
    for spec in specs:
        array = batch[spec.name]
        flat = [each.decode() if isinstance(each, bytes) else each for each in array.ravel().tolist()]
        tensors.append({"name": spec.name, "shape": list(array.shape), "datatype": spec.datatype, "data": flat})
    return tensors


def _file(
    draft: PackageDraft,
    build_record: dict[str, Json],
    known: PackageRecord | None,
    workshop: Workshop,
    backend: SolverBackend,
) -> PackageRecord:
    """Into the registry; a rebuild must give the bytes that it gave before."""
    with TemporaryDirectory(prefix="salus-") as aside:
        package = write_package(draft, Path(aside) / "package", signer=workshop.signer)
        verify_forms(package, backend)
        if known is not None and package.digest != known.digest:
            raise Conflict(
                f"a rebuild of {draft.name} version {draft.version} to give the same bytes",
                found="others: the solver does not answer alike for the same number of moves",
                remedy="Make all its chance come from the seed, or count the pack's version up.",
            )
        return workshop.registry.add(package, who=workshop.actor, build_record=build_record)
