"""Curves of a survival model together with what came of the subjects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.survival import TimeToEvent
from salus.evaluation.weighted import Floats

SURVIVAL, SCORE = "survival", "score"


@dataclass(frozen=True)
class SurvivalAnswers:
    """Answers to N subjects.

    Attributes:
        time: (N,) of the event or of censoring, not negative.
        event: (N,) True where the event was observed.
        score: (N,) any number that grows with an earlier event.
        survival: (N, T) probability of no event up to each of `times`.
        times: (T,) ascending, only those at which every curve is known and somebody is still observed.
        horizons: Those of `times` that are measured by themselves.
    """

    time: Floats
    event: NDArray[np.bool_]
    score: Floats
    survival: Floats
    times: Floats
    horizons: tuple[float, ...]

    def __len__(self) -> int:
        return int(self.time.shape[0])

    def take(self, indices: NDArray[np.integer]) -> SurvivalAnswers:
        """The subjects at `indices`; times after the last of them are left out."""
        taken = SurvivalAnswers(
            self.time[indices],
            self.event[indices],
            self.score[indices],
            self.survival[indices],
            self.times,
            self.horizons,
        )
        return _bounded(taken)

    def at(self, horizon: float) -> Floats:
        """(N,) probability of no event up to one of `times`."""
        return self.survival[:, int(np.flatnonzero(self.times == horizon)[0])]


def read_answers(outputs: Batch, split: Split, question: TimeToEvent) -> SurvivalAnswers:
    """The answers of a part of a data set.

    Raises:
        InvalidInput: Outputs or times are missing, do not fit the question, or a first value of a curve is not finite.
    """
    curves, score, time = outputs.get(SURVIVAL), outputs.get(SCORE), split.targets.get("time")
    count, wanted = len(split), (len(split), len(question.times))
    if curves is None or score is None or curves.shape != wanted or score.shape != (count,) or not count:
        raise InvalidInput(
            f"outputs `survival` of shape (samples, {wanted[1]}) and `score` for at least one sample",
            found=f"{sorted(outputs)} for {count} samples",
            remedy="Evaluate the answers of the task's own model.",
        )
    if time is None or not (np.isfinite(time).all() and (time >= 0).all()) or not np.isin(split.labels, (0, 1)).all():
        raise InvalidInput(
            "a time of 0 or more and an event of 0 or 1 for every sample",
            found="others" if time is not None else "no times",
            remedy="Leave out subjects without follow-up; times count from the moment that the sample describes.",
        )
    if not (np.isfinite(curves[:, 0].astype(np.float64)).all() and np.isfinite(score.astype(np.float64)).all()):
        raise InvalidInput("a curve for every sample", found="some without", remedy="Leave out what is not answered.")
    whole = SurvivalAnswers(
        time.astype(np.float64),
        split.labels == 1,
        score.astype(np.float64),
        curves.astype(np.float64),
        np.array(question.times, dtype=np.float64),
        question.horizons,
    )
    return _bounded(whole)


def _bounded(answers: SurvivalAnswers) -> SurvivalAnswers:
    known = np.isfinite(answers.survival).all(axis=0) & (answers.times < answers.time.max(initial=0.0))
    times = answers.times[known]
    horizons = tuple(horizon for horizon in answers.horizons if bool((times == horizon).any()))
    return replace(answers, survival=answers.survival[:, known], times=times, horizons=horizons)
