"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else; no progress bars.")]
Seed = Annotated[int, typer.Option(help="Decides everything that is left to chance.")]
Question = Annotated[str, typer.Argument(metavar="PACK/TASK", help="As `salus packs` lists it.")]
PackageRef = Annotated[str, typer.Argument(metavar="NAME[:VERSION]", help="Package; a version, an alias or a stage.")]
Form = Annotated[
    str | None, typer.Option("--form", help="Which form (float32, int8, …); by default the package's default.")
]
Set = Annotated[list[str] | None, typer.Option("--set", help="Hyperparameter as NAME=VALUE; repeatable.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(help="Go on in spite of this finding of the quality report, by its name; repeatable."),
]
