"""An application: its tasks and the factories for each. Frozen values; listing packs imports no model code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packages import ExplainerName
from salus.contracts.planning import Planning, SolverFactory
from salus.contracts.predictors import EstimatorFactory
from salus.contracts.progress import Progress
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText


@dataclass(frozen=True)
class DataRequest:
    """Where a pack may look for its data.

    Attributes:
        data_dirs: Folders that hold local copies of public data sets, searched in order.
        cache_dir: Where fetched files are kept.
        offline: True forbids the network.
        progress: Told about downloads.
    """

    data_dirs: tuple[Path, ...]
    cache_dir: Path
    offline: bool
    progress: Progress


@dataclass(frozen=True)
class TaskKit:
    """Everything that the making side needs for one task.

    Attributes:
        task: The question.
        dataset: The catalogue's name of its data set.
        read_dataset: Reads and divides it. Arguments: where to look, and the seed of the build, which a division that
            is the publisher's or fixed does not follow. Raises DataUnavailable.
        read_folder: Reads samples from a folder or file of the user's own, labelled, for `salus evaluate`.
        estimators: By name; the first is the default. Factories import their libraries when called.
        explainer: How answers of the task are explained.
        threshold_rule: How the operating point is chosen on validation data: `youden`, `sensitivity>=0.95`,
            `specificity>=0.95`, `accuracy`.
        coverage: Share of new samples whose prediction set shall hold the truth; a set that does not single out one
            class makes the service abstain. The more is promised, the more often it abstains.
        mend: What the pack does about the faults of its published data before training, such as taking leaks out of
            the training part; `salus data check` shows the data as published. None leaves them.
        make_student: Makes the smaller network that distillation trains, untrained, from a seed: a torch module with
            the inputs and outputs of the estimator's. None where the task has no student.
        search_space: The hyperparameters of an estimator (by name) that a search may vary, as `training.search` takes
            them. None where there is nothing to search.
        licence: Of the weights that a build makes.
        example: What the package's own example is made of. `mean`: the mean of the finding's training samples, so
            that no person's data travel with the package. `sample`: the validation sample of the finding that the
            model is surest of; only for data that are published under an open licence or generated.
        prepare: Whether `salus up` builds and serves it unasked; False for what takes many minutes to train.
    """

    task: Task
    dataset: str
    read_dataset: Callable[[DataRequest, int], Dataset]
    read_folder: Callable[[Path], Split]
    estimators: Mapping[str, EstimatorFactory]
    explainer: ExplainerName
    threshold_rule: str = "youden"
    coverage: float = 0.95
    mend: Callable[[Dataset], Dataset] | None = None
    make_student: Callable[[int], object] | None = None
    search_space: Callable[[str], Mapping[str, Any]] | None = None
    licence: str = "Apache-2.0"
    example: Literal["mean", "sample"] = "mean"
    prepare: bool = True

    def mended(self, published: Dataset) -> Dataset:
        """The data as the pack trains on them."""
        return published if self.mend is None else self.mend(published)


@dataclass(frozen=True)
class SolverKit:
    """Everything for a task that is solved and not learned: there is nothing to fit, to calibrate or to quantise.

    Attributes:
        task: The question, a `Planning`.
        solver: Makes the solver; its settings, by name, travel in the package.
        read_instances: Published instances with the cost of a reference plan (None where none is known), by name, on
            which a build measures the solver. Raises DataUnavailable.
        dataset: The catalogue's name of those instances.
        example: A small instance that may travel with the package.
        trial_iterations: Moves that a build spends on each instance.
        licence: Of the package.
        prepare: Whether `salus up` builds and serves it unasked.
    """

    task: Task
    solver: SolverFactory
    read_instances: Callable[[DataRequest], Mapping[str, tuple[str, float | None]]]
    dataset: str
    example: Callable[[], str]
    trial_iterations: int = 20_000
    licence: str = "Apache-2.0"
    prepare: bool = True

    @property
    def question(self) -> Planning:
        """The question, by its own type."""
        if not isinstance(self.task.question, Planning):
            raise TypeError(f"expected a planning task; found {self.task.kind}")
        return self.task.question


@dataclass(frozen=True)
class Pack:
    """An application, found by the entry-point group `salus.packs`.

    Attributes:
        name: Stable, for machines.
        title: In words.
        kits: One per task.
    """

    name: str
    title: LocalizedText
    kits: tuple[TaskKit | SolverKit, ...]

    def kit(self, task: str) -> TaskKit | SolverKit | None:
        """The kit of the task called `task`, or None."""
        return next((kit for kit in self.kits if kit.task.name == task), None)
