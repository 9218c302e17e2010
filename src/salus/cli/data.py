"""Commands about data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salus.cli.options import Allow, AsJson, Question, Seed

app = typer.Typer(help="List, fetch, check, describe and de-identify data.", no_args_is_help=True)


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List the data sets that Salus knows, and whether a copy is at hand.

    Example: salus data list
    """
    from salus.bootstrap.data import find_copies
    from salus.cli.output import show_json, show_table

    copies = find_copies()
    if json:
        show_json(copies)
        return
    show_table(
        ["NAME", "WHAT", "LICENCE", "COPY"],
        [[c["name"], c["title"], c["licence"], c["copy"] or "none"] for c in copies],
        next_step="Look at one: salus data describe NAME. A folder with copies is named by SALUS_DATA_DIR.",
    )


@app.command()
def describe(name: Annotated[str, typer.Argument(help="As `salus data list` has it.")], json: AsJson = False) -> None:
    """Say where a data set comes from, under which terms, and what one has to know of it.

    Example: salus data describe covid-ct
    """
    from salus.bootstrap.data import describe_entry
    from salus.cli.output import show_facts, show_json

    facts = describe_entry(name)
    if json:
        show_json(facts)
        return
    show_facts(facts)


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="As `salus data list` has it.")], json: AsJson = False) -> None:
    """Download a data set, go on where a download stopped, and verify its checksums.

    Example: salus data fetch pneumoniamnist
    """
    from salus.bootstrap.data import fetch_entry
    from salus.cli.output import show_json, write
    from salus.cli.progress import choose_progress

    folder = fetch_entry(name, choose_progress(quiet=json))
    if json:
        show_json({"name": name, "folder": str(folder)})
        return
    write(f"{name} is in {folder}.")


@app.command()
def check(question: Question, *, seed: Seed = 0, allow: Allow = None, json: AsJson = False) -> None:
    """Write the quality report of a task's data: what a build would see and refuse.

    Example: salus data check chest_ct/covid
    """
    from salus.bootstrap.data import check_question
    from salus.cli.exit_codes import QUALITY_REFUSED
    from salus.cli.output import show_json, show_table, write
    from salus.cli.progress import choose_progress

    report = check_question(question, seed=seed, allow=frozenset(allow or ()), progress=choose_progress(quiet=json))
    if json:
        show_json(report)
    else:
        counts = ", ".join(f"{part} {count}" for part, count in report.samples.items())
        write(f"{report.dataset}: {counts}; digest {report.digest[:12]}")
        for finding in report.findings:
            write("")
            write(f"{finding.severity}  {finding.check}  ({finding.count})")
            write(f"  {finding.message.en}")
            if finding.samples:
                show_table(["  SAMPLES"], [[f"  {sample}"] for sample in finding.samples[:6]])
    if report.refusals():
        raise typer.Exit(QUALITY_REFUSED)


@app.command()
def deidentify(
    source: Annotated[Path, typer.Argument(help="A DICOM file, or a folder of them.")],
    target: Annotated[Path, typer.Argument(help="Folder for the de-identified files.")],
    json: AsJson = False,
) -> None:
    """De-identify DICOM files by the Basic Profile of PS3.15, with this installation's own pseudonyms.

    Example: salus data deidentify incoming/ research/
    """
    from salus.bootstrap import data
    from salus.cli.output import show_json, write
    from salus.cli.progress import choose_progress

    done = data.deidentify(source, target, choose_progress(quiet=json))
    if json:
        show_json([{"file": each.source, "written": each.written, "warnings": each.warnings} for each in done])
        return
    for each in done:
        write(f"{each.source}  {target / each.written}")
        for warning in each.warnings:
            write(f"  look at it: {warning.en}")
