"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else; no progress bars.")]
Seed = Annotated[int, typer.Option(help="Decides everything that is left to chance.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(help="Go on in spite of this finding of the quality report, by its name; repeatable."),
]
