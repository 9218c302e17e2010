"""The command `salus`. Heavy libraries are imported inside commands, so that help answers at once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from salus import __version__
from salus.cli import building, data, house, jobs, new, packages, running
from salus.cli.exit_codes import EXIT_CODES, OTHERWISE, exit_code
from salus.contracts.errors import SalusError

OVERVIEW = """AI models as a service for health, and for the city.

Start with these:

\b
  salus up                    build what is missing and serve it
  salus packs                 what can be asked
  salus build breast_cancer   from data to a signed package
  salus predict NAME FILE     answer a picture, a table or a folder of them
  salus doctor                what is missing, and how to mend it
"""
ENDING = "\b\nExit codes:\n  0   all went well\n" + "\n".join(
    f"  {code:<3} {meaning}" for _, code, meaning in sorted(EXIT_CODES, key=lambda row: row[1])
)

app = typer.Typer(
    name="salus",
    help=OVERVIEW,
    epilog=ENDING,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("packs")(house.packs)
app.add_typer(data.app, name="data")
app.command("build")(building.build)
app.command("search")(building.search)
app.command("evaluate")(building.evaluate)
app.command("optimise")(building.optimise)
app.add_typer(packages.app, name="packages")
app.command("deploy")(running.deploy)
app.command("predict")(running.predict)
app.command("explain")(running.explain)
app.command("serve")(running.serve)
app.command("up")(running.up)
app.add_typer(jobs.app, name="jobs")
app.command("settings")(house.settings)
app.command("doctor")(house.doctor)
app.add_typer(new.app, name="new")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"salus {__version__}\n")
        raise typer.Exit


@app.callback()
def salus(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """The house's own options."""


salus.__doc__ = OVERVIEW


def main() -> None:
    """Run a command; an error is shown in one paragraph and ends with its code of the table."""
    try:
        app(prog_name="salus")
    except SalusError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(exit_code(error)) from error
    except OSError as error:
        if error.filename is None:
            raise
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        raise SystemExit(OTHERWISE) from error
