"""From the words of a command to answers of a package on this machine."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from salus.bootstrap.house import House
from salus.bootstrap.jobs import make_solver_options
from salus.bootstrap.packages import find_package
from salus.contracts.errors import NotFound
from salus.contracts.packages import ModelPackage
from salus.contracts.packs import SolverKit
from salus.contracts.progress import Progress
from salus.modelpackage.reading import read_reports
from salus.plugins.discovery import find_kit
from salus.serving.deployment import PoolOptions
from salus.serving.solver_deployment import SolverOptions
from salus.workflows.answer_files import Answer, AnsweredFiles, answer_file
from salus.workflows.build_solver import evaluate_solver
from salus.workflows.deploy_model import Engine, start_service
from salus.workflows.evaluate_package import ForeignEvaluation, evaluate_package
from salus.workflows.given_inputs import read_given_inputs
from salus.workflows.sample_files import list_samples
from salus.workflows.workshop import package_question


def make_engine(house: House) -> Engine:
    """What packages are run with, by the settings."""
    serving = house.settings.serving
    options = PoolOptions(max_batch=serving.max_batch, max_queue=serving.max_queue)
    return Engine(
        backend=house.backend,
        trust=house.trust,
        options=options,
        solvers=house.solvers,
        solver_options=make_solver_options(house),
    )


def run_answers(
    reference: str,
    path: Path,
    *,
    variant: str | None,
    explain: bool,
    progress: Progress,
    inputs: Sequence[str] = (),
    house: House | None = None,
) -> AnsweredFiles:
    """Answer every sample under `path` with the package that `reference` names.

    Args:
        reference: `NAME` or `NAME:WHICH`.
        path: A picture, a table, a FHIR Bundle, a document, or a folder of them.
        variant: The form to run; None for the package's default.
        explain: Whether to ask for reasons too.
        progress: Told about each file.
        inputs: Inputs beside a document, as `workflows.given_inputs` reads them.
        house: None for the one that the environment describes.

    Raises:
        NotFound: No such package, or it has no such form.
        PackageRejected: The package does not satisfy the trust policy.
        InvalidInput: A file cannot be read as an input of the task.
    """
    here = house or House()
    record, package = find_package(here, reference)
    _require_form(package, variant)
    files = list_samples(path, package.manifest.task)
    given = read_given_inputs(inputs, package.manifest.task.signature)
    alone = PoolOptions(max_batch=here.settings.serving.max_batch)  # nobody else waits: the server's queue is no limit
    patient = SolverOptions(synchronous_s=math.inf)  # and nobody minds how long a plan takes
    engine = replace(make_engine(here), options=alone, solver_options=patient)
    service = start_service(here.registry, record, engine, variant=variant)

    async def answer() -> tuple[Answer, ...]:
        progress.begin("answer", len(files))
        try:
            answers = []
            for name, file in files.items():
                answers += [each async for each in answer_file(service, file, name, explain=explain, given=given)]
                progress.advance()
            return tuple(answers)
        finally:
            progress.end()
            await service.close()

    return AnsweredFiles(
        task=service.describe().manifest.task,
        calibration=service.calibration,
        report=next((report for report in read_reports(service.package) if report.part == "validation"), None),
        answers=asyncio.run(answer()),
        explained=explain,
    )


def run_evaluation(
    reference: str,
    path: Path,
    *,
    variant: str | None,
    seed: int,
    progress: Progress,
    time_limit_s: float | None = None,
    house: House | None = None,
) -> ForeignEvaluation:
    """Measure the package that `reference` names on labelled data under `path`.

    Args:
        reference: `NAME` or `NAME:WHICH`.
        path: As `evaluate_package` takes it; of a package that plans, an instance or a folder of them.
        variant: The form to run; None for the package's default.
        seed: Of the bootstrap.
        progress: Told about each batch.
        time_limit_s: Seconds for each instance of a package that plans; None takes the task's own.
        house: None for the one that the environment describes.

    Raises:
        NotFound: No such package, it has no such form, or the pack that made it is not installed.
        PackageRejected: The package does not satisfy the trust policy.
        InvalidInput: As `evaluate_package`.
    """
    here = house or House()
    _, package = find_package(here, reference)
    _require_form(package, variant)
    _, kit = find_kit(package_question(package.manifest.name))
    if isinstance(kit, SolverKit):
        workshop = here.workshop(progress)
        report = evaluate_solver(package, kit, path, workshop, seed=seed, time_limit_s=time_limit_s)
        return ForeignEvaluation(report, None, {}, 0)
    predictor = here.backend.load(package, variant=variant)
    try:
        return evaluate_package(package, kit, predictor, path, seed=seed, progress=progress)
    finally:
        progress.end()


def _require_form(package: ModelPackage, variant: str | None) -> None:
    if variant is not None and package.manifest.variant(variant) is None:
        forms = ", ".join(each.name for each in package.manifest.variants)
        raise NotFound(f"one of the forms {forms}", found=repr(variant), remedy="Choose one of them.")
