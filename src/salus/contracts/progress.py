"""How long work tells that it goes on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told about each step of long work. A quiet one does nothing."""

    def begin(self, label: str, total: int | None) -> None:
        """A stage called `label` of `total` steps (None: not known) begins; it ends the one before."""

    def advance(self, steps: int = 1, **measures: float) -> None:
        """`steps` more are done; `measures` are the newest figures, such as `loss`."""

    def end(self) -> None:
        """The last stage is done."""


class Silence:
    """Progress that nobody watches.

    Example:
        >>> Silence().begin("train", 10)
    """

    def begin(self, label: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, steps: int = 1, **measures: float) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Say nothing."""
