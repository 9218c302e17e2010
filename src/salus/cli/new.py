"""Commands that begin something."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salus.cli.options import AsJson

app = typer.Typer(help="Begin something new.", no_args_is_help=True)


@app.callback()
def new() -> None:
    """Begin something new."""


@app.command()
def pack(
    name: Annotated[str, typer.Argument(help="Lower case with underscores, such as heart_failure.")],
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path(),
    json: AsJson = False,
) -> None:
    """Write a pack of its own distribution, which passes the conformance suite as it is.

    Example: salus new pack heart_failure
    """
    from salus.cli.output import show_json, write
    from salus.plugins.scaffolding import write_pack

    root = write_pack(name, folder)
    if json:
        show_json({"folder": str(root)})
        return
    write(f"{root} holds a pack that answers from one table. Change task.py first, then data.py and model.py.")
    write("")
    write(f"Install and test it: pip install -e {root} && pytest {root}")
