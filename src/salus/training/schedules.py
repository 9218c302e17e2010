"""How the learning rate moves. All but one are functions of progress alone, so resuming needs no state.

A factor multiplies the recipe's learning rate.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

_Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
_Count = Annotated[int, msgspec.Meta(ge=1)]


class Constant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="constant", tag_field="name"):
    """Always 1."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step", tag_field="name"):
    """gamma ^ floor(epoch / every).

    Attributes:
        every: Epochs between two steps.
        gamma: What each step multiplies by.
    """

    every: _Count = 10
    gamma: _Share = 0.1


class Cosine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cosine", tag_field="name"):
    """A linear warm-up, then (1 + cos(pi t)) / 2 down to `floor` (Loshchilov and Hutter, SGDR, ICLR 2017).

    Attributes:
        warmup: Share of all steps that warms up.
        floor: The factor at the end.
    """

    warmup: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    floor: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0


class OneCycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="one_cycle", tag_field="name"):
    """From 1/`start` up to 1 and down to 1/(`start` x `end`), both along a cosine (Smith and Topin, 2018).

    Only the learning rate is cycled, not the momentum.

    Attributes:
        rise: Share of all steps that rises.
        start: What the highest rate is divided by at first.
        end: What the first rate is divided by at last.
    """

    rise: _Share = 0.3
    start: Annotated[float, msgspec.Meta(gt=1)] = 25.0
    end: Annotated[float, msgspec.Meta(ge=1)] = 1e4


class ReduceOnPlateau(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="reduce_on_plateau", tag_field="name"
):
    """Divide the rate when the selection measure has not become better for a while.

    `schedule_factor` leaves it at 1; the factor comes from `PlateauState`, which the loop keeps and checkpoints.

    Attributes:
        patience: Epochs without a better measure that are borne.
        gamma: What a reduction multiplies by.
    """

    patience: _Count = 5
    gamma: _Share = 0.1


Schedule = Constant | Step | Cosine | OneCycle | ReduceOnPlateau


def schedule_factor(schedule: Schedule, *, step: int, steps: int, epoch: int) -> float:
    """What the learning rate is multiplied by.

    Args:
        schedule: Which.
        step: Optimiser steps done, from 0.
        steps: All that there will be.
        epoch: Epochs done, from 0.
    """
    if isinstance(schedule, Step):
        return float(schedule.gamma ** (epoch // schedule.every))
    if isinstance(schedule, Cosine):
        return _cosine(schedule, step, steps)
    if isinstance(schedule, OneCycle):
        return _one_cycle(schedule, step, steps)
    return 1.0


def _cosine(schedule: Cosine, step: int, steps: int) -> float:
    warm = int(schedule.warmup * steps)
    if step < warm:
        return (step + 1) / warm
    return _along_cosine(1.0, schedule.floor, (step - warm) / max(1, steps - warm))


def _one_cycle(schedule: OneCycle, step: int, steps: int) -> float:
    top = schedule.rise * steps - 1
    first, last = 1 / schedule.start, 1 / (schedule.start * schedule.end)
    if step <= top:
        return _along_cosine(first, 1.0, step / top) if top > 0 else 1.0
    return _along_cosine(1.0, last, min(1.0, (step - top) / max(1e-12, steps - 1 - top)))


class PlateauState:
    """The moving part of `ReduceOnPlateau`.

    Args:
        schedule: What to follow; another schedule leaves the factor at 1.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule if isinstance(schedule, ReduceOnPlateau) else None
        self._best = math.inf
        self._bad = 0
        self.factor = 1.0

    def observe(self, badness: float) -> None:
        """Take the epoch's selection measure, smaller being better."""
        if self._schedule is None:
            return
        if badness < self._best:
            self._best, self._bad = badness, 0
        else:
            self._bad += 1
        if self._bad > self._schedule.patience:
            self.factor *= self._schedule.gamma
            self._bad = 0

    def state(self) -> dict[str, float]:
        """For a checkpoint."""
        return {"best": self._best, "bad": float(self._bad), "factor": self.factor}

    def restore(self, state: dict[str, float]) -> None:
        """From a checkpoint."""
        self._best, self._bad, self.factor = state["best"], int(state["bad"]), state["factor"]


def _along_cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
