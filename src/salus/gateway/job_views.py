"""Jobs as the JSON of `/api/v1`, and the answers that they are fetched with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from salus.contracts.jobs import Job, JobFailure, JobProgress, JobState
from salus.contracts.services import InferenceRequest, Prediction
from salus.contracts.text import LocalizedText
from salus.gateway.answer_views import PredictionView, view_prediction
from salus.gateway.documents import DocumentShelf
from salus.gateway.errors import Problem, write_error
from salus.records.job_rows import make_error
from salus.records.job_store import JobPage
from salus.serving.catalogue import ServiceCatalogue

ROOT = "/api/v1/jobs"


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stands.

    Times are ISO 8601 in UTC, null before they come. `error` says why a failed job has no answer; `result_url` is there
    as soon as there is an answer to fetch.
    """

    id: str
    service: str
    state: JobState
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: str | None
    progress: JobProgress
    error: Problem | None
    result_url: str | None


class JobListView(msgspec.Struct, frozen=True):
    """Some jobs, newest first. `cursor` asks for the next page; null on the last."""

    jobs: tuple[JobView, ...]
    cursor: str | None


def view_job(job: Job) -> JobView:
    """The job."""
    return JobView(
        id=job.id,
        service=job.service,
        state=job.state,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        expires_at=job.expires_at,
        progress=job.progress,
        error=None if job.failure is None else _view_failure(job.failure, job.id),
        result_url=f"{ROOT}/{job.id}/result" if job.has_result else None,
    )


def view_page(page: JobPage) -> JobListView:
    """The page."""
    return JobListView(tuple(view_job(job) for job in page.jobs), page.cursor)


class PredictionWriter:
    """Writes the answers of jobs as `/predictions` writes them.

    Args:
        services: Name the task and the calibration.
        shelf: Documents of the packages.
    """

    def __init__(self, services: ServiceCatalogue, shelf: DocumentShelf) -> None:
        self._services = services
        self._shelf = shelf

    async def write(self, service: str, request: InferenceRequest, prediction: Prediction, notes: bytes) -> bytes:
        """A `PredictionView` as JSON; `notes` are the warnings of each sample."""
        _ = request  # pictures are shown with explanations only
        deployed = self._services.get(service)
        documents = await self._shelf.of(deployed.package)
        warnings = msgspec.json.decode(notes, type=tuple[tuple[LocalizedText, ...], ...] | None) or ()
        task = deployed.describe().manifest.task
        report = documents.report("validation")
        return msgspec.json.encode(view_prediction(prediction, task, deployed.calibration, report, warnings=warnings))

    def join(self, answers: Sequence[bytes]) -> bytes:
        """The first answer with the samples of all."""
        views = [msgspec.json.decode(answer, type=PredictionView) for answer in answers]
        samples = tuple(sample for view in views for sample in view.samples)
        return msgspec.json.encode(msgspec.structs.replace(views[0], samples=samples))


def _view_failure(failure: JobFailure, job: str) -> Problem:
    """By the gateway's one table of errors; the job's id stands for the request's."""
    return msgspec.json.decode(write_error(make_error(failure), path=ROOT, request_id=job).body, type=Problem)
