"""Progress bars, on a terminal only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from salus.contracts.progress import Progress, Silence

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


def choose_progress(*, quiet: bool) -> Progress:
    """Bars on a terminal; silence with `quiet`, in a pipe and in a log."""
    return Silence() if quiet or not sys.stderr.isatty() else TerminalProgress()


class TerminalProgress:
    """One bar for each stage, with elapsed and remaining time and the newest figures."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._task: TaskID | None = None

    def begin(self, label: str, total: int | None) -> None:
        """Draw a bar for the stage."""
        from rich import progress as rich_progress
        from rich.console import Console

        self.end()
        self._bars = rich_progress.Progress(
            rich_progress.TextColumn("{task.description:<24}"),
            rich_progress.BarColumn(bar_width=24),
            rich_progress.TaskProgressColumn(),
            rich_progress.TimeElapsedColumn(),
            rich_progress.TimeRemainingColumn(),
            rich_progress.TextColumn("{task.fields[measures]}"),
            console=Console(stderr=True),
        )
        self._bars.start()
        self._task = self._bars.add_task(label, total=total, measures="")

    def advance(self, steps: int = 1, **measures: float) -> None:
        """Move the bar."""
        if self._bars is None or self._task is None:
            return
        self._bars.update(self._task, advance=steps)
        if measures:
            text = " ".join(f"{name} {value:.4g}" for name, value in measures.items())
            self._bars.update(self._task, measures=text)

    def end(self) -> None:
        """Leave the bar as it is and go on below it."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = self._task = None
