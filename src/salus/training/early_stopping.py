"""Which epoch is the best so far, and when to stop hoping for a better one."""

from __future__ import annotations

import math

from salus.training.recipes import Selection


class EarlyStopping:
    """Follows one measure (Prechelt, "Early stopping: but when?", 1998).

    Args:
        selection: What is followed; with `last` every epoch is the best so far and nothing stops.
        patience: Epochs without a better measure before it is time to stop; None never stops.

    Example:
        >>> stopping = EarlyStopping("validation_loss", patience=2)
        >>> [stopping.observe(loss=loss, auroc=0.5) for loss in (0.9, 0.8, 0.85)], stopping.exhausted
        ([True, True, False], False)
    """

    def __init__(self, selection: Selection, *, patience: int | None) -> None:
        self._selection = selection
        self._patience = patience
        self._best = math.inf
        self._waited = 0

    def badness(self, *, loss: float, auroc: float) -> float:
        """The followed measure, smaller being better. An AUROC that is not defined is the worst."""
        if self._selection == "auroc":
            return math.inf if math.isnan(auroc) else -auroc
        return math.inf if math.isnan(loss) else loss

    def observe(self, *, loss: float, auroc: float) -> bool:
        """Take an epoch's figures; True where it is the best so far. Ties keep the earlier epoch."""
        if self._selection == "last":
            return True
        value = self.badness(loss=loss, auroc=auroc)
        if value < self._best:
            self._best, self._waited = value, 0
            return True
        self._waited += 1
        return False

    @property
    def exhausted(self) -> bool:
        """Whether patience has run out."""
        return self._patience is not None and self._waited >= self._patience

    def state(self) -> dict[str, float]:
        """For a checkpoint."""
        return {"best": self._best, "waited": float(self._waited)}

    def restore(self, state: dict[str, float]) -> None:
        """From a checkpoint."""
        self._best, self._waited = state["best"], int(state["waited"])
