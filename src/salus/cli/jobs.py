"""Commands about jobs, for the operator of an installation: they look into its own database of jobs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salus.cli.options import AsJson

if TYPE_CHECKING:
    from salus.contracts.jobs import Job

app = typer.Typer(help="Questions that take minutes: look at them, stop them, fetch an answer.", no_args_is_help=True)
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]


@app.command("list")
def list_(
    *,
    service: Annotated[str | None, typer.Option(help="Of this service alone.")] = None,
    cursor: Annotated[str | None, typer.Option(help="From the end of the page before.")] = None,
    json: AsJson = False,
) -> None:
    """List the jobs of all callers, newest first; never what they ask or what came of it.

    Example: salus jobs list --service hospital_scheduling.timetable
    """
    from salus.bootstrap.jobs import list_jobs
    from salus.cli.output import show_json, show_table

    page = list_jobs(service=service, cursor=cursor)
    if json:
        show_json({"jobs": page.jobs, "cursor": page.cursor})
        return
    show_table(
        ["JOB", "SERVICE", "CALLER", "STATE", "HANDED IN", "SECONDS", "COST", "DONE"],
        [
            [
                job.id,
                job.service,
                job.owner,
                job.state,
                job.created_at[:16],
                round(job.progress.elapsed_s),
                job.progress.cost,
                "" if job.progress.of is None else f"{job.progress.done} of {job.progress.of}",
            ]
            for job in page.jobs
        ],
        next_step=f"More: salus jobs list --cursor '{page.cursor}'" if page.cursor else "",
    )


@app.command("show")
def show(job: JobId, json: AsJson = False) -> None:
    """Show how a job stands.

    Example: salus jobs show 3f2b9c1d7e6a45c08d1b2a3c4d5e6f70
    """
    from salus.bootstrap.jobs import show_job

    _show(show_job(job), json=json)


@app.command("cancel")
def cancel(job: JobId, json: AsJson = False) -> None:
    """Stop a job; a plan keeps the best one found until then as its answer.

    Example: salus jobs cancel 3f2b9c1d7e6a45c08d1b2a3c4d5e6f70
    """
    from salus.bootstrap.jobs import cancel_job

    _show(cancel_job(job), json=json)


@app.command("result")
def result(
    job: JobId,
    out: Annotated[Path, typer.Option(help="File to write, readable by you alone.")],
    *,
    overwrite: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
) -> None:
    """Write the answer of a job to a file.

    Example: salus jobs result 3f2b9c1d7e6a45c08d1b2a3c4d5e6f70 --out answer.json
    """
    from salus.bootstrap.jobs import write_result
    from salus.cli.output import write
    from salus.contracts.errors import Conflict

    if out.exists() and not overwrite:
        raise Conflict("a new file", found=f"{out.name}, which is there", remedy="Say --overwrite, or name another.")
    write_result(job, out, overwrite=overwrite)
    write(f"{out} holds the answer.")


def _show(job: Job, *, json: bool) -> None:
    from salus.cli.output import show_facts, show_json

    if json:
        show_json(job)
        return
    progress, failure = job.progress, job.failure
    facts: dict[str, object] = {
        "job": job.id,
        "service": job.service,
        "caller": job.owner,
        "state": job.state,
        "handed in": job.created_at,
        "begun": job.started_at,
        "ended": job.finished_at,
        "deleted at": job.expires_at,
        "seconds of work": progress.elapsed_s,
        "time limit (s)": progress.limit_s,
        "samples": None if progress.of is None else f"{progress.done} of {progress.of}",
        "cost of the best plan": progress.cost,
        "error": None if failure is None else f"expected {failure.expected}; found {failure.found}. {failure.remedy}",
    }
    shown = {name: value for name, value in facts.items() if value is not None}
    show_facts(shown, next_step=f"Its answer: salus jobs result {job.id} --out answer.json" if job.has_result else "")
