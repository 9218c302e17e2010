"""From the words of a command to answers of a package on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

from salus.bootstrap.house import House
from salus.bootstrap.packages import find_package, split_reference
from salus.contracts.progress import Progress
from salus.modelpackage.reading import read_reports
from salus.plugins.discovery import find_kit
from salus.serving.deployment import PoolOptions
from salus.workflows.answer_files import Answer, AnsweredFiles, answer_files, list_files
from salus.workflows.deploy_model import Engine, start_service
from salus.workflows.evaluate_package import ForeignEvaluation, evaluate_package


def make_engine(house: House) -> Engine:
    """What packages are run with, by the settings."""
    serving = house.settings.serving
    options = PoolOptions(max_batch=serving.max_batch, max_queue=serving.max_queue)
    return Engine(backend=house.backend, trust=house.trust, options=options)


def run_answers(
    reference: str, path: Path, *, variant: str | None, explain: bool, progress: Progress, house: House | None = None
) -> AnsweredFiles:
    """Answer every sample under `path` with the package that `reference` names.

    Raises:
        NotFound: No such package.
        InvalidInput: A file cannot be read as an input of the task.
    """
    here = house or House()
    files = list_files(path)
    record = here.registry.get(*split_reference(reference))
    service = start_service(here.registry, record, make_engine(here), variant=variant)

    async def answer() -> tuple[Answer, ...]:
        progress.begin("answer", len(files))
        try:
            answers = []
            for file in files:
                answers += [each async for each in answer_files(service, file, explain=explain)]
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
    reference: str, path: Path, *, variant: str | None, seed: int, progress: Progress, house: House | None = None
) -> ForeignEvaluation:
    """Measure the package that `reference` names on labelled data under `path`. Raises as `evaluate_package`."""
    here = house or House()
    _, package = find_package(here, reference)
    pack, _, task = package.manifest.name.partition(".")
    _, kit = find_kit(f"{pack}/{task}")
    predictor = here.backend.load(package, variant=variant)
    return evaluate_package(package, kit, predictor, path, seed=seed, progress=progress)
