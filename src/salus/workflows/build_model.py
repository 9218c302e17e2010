"""From data to a signed package in the registry: read, check, fit, calibrate, export, shrink, judge, write."""

from __future__ import annotations

from dataclasses import dataclass, field

from salus.contracts.datasets import QualityReport
from salus.contracts.packages import ModelPackage
from salus.contracts.packs import Pack, TaskKit
from salus.contracts.predictors import FitOptions
from salus.contracts.reports import EvaluationReport, UnmetGoal

COVERAGE = 0.9


@dataclass(frozen=True)
class BuildRequest:
    """What to build.

    Attributes:
        pack: The application.
        kit: Its task.
        estimator: Name of the estimator; None for the kit's first.
        seed: Decides everything that is left to chance.
        options: Epochs, device, hyperparameters, checkpoints, tracker.
        allow: Checks of the quality report whose refusals are overridden.
        variants: Which forms beside float32 to make: `int8`, `pruned`, `student`.
    """

    pack: Pack
    kit: TaskKit
    estimator: str | None = None
    seed: int = 0
    options: FitOptions = field(default_factory=FitOptions)
    allow: frozenset[str] = frozenset()
    variants: tuple[str, ...] = ("int8",)


@dataclass(frozen=True)
class BuildOutcome:
    """What came of it. `rebuilt` is True where the same lineage was built before and gave the same package."""

    package: ModelPackage
    quality: QualityReport
    reports: tuple[EvaluationReport, ...]
    unmet: tuple[UnmetGoal, ...]
    rebuilt: bool
