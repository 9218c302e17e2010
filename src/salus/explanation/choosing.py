"""The explainer that a package names."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import Classification
from salus.contracts.errors import InvalidInput, NotFound
from salus.contracts.explanations import Explainer
from salus.contracts.packages import ExplainerName, Reference
from salus.contracts.tasks import Task
from salus.contracts.tensors import TensorSpec
from salus.explanation.event_shapley import EventShapleyExplainer
from salus.explanation.evidence_map import EvidenceMapExplainer
from salus.explanation.explained_output import explained_output
from salus.explanation.shapley import ShapleyExplainer


def make_explainer(name: ExplainerName, reference: Reference, task: Task) -> Explainer:
    """The explainer `name` for a task, with the background of the package's reference where it needs one.

    Raises:
        InvalidInput: `shapley` without a background; `event_shapley` for a task without exactly one events input, or
            without a background of its scalar inputs.
        NotFound: No explainer has that name, or (`what_if`) the solver gives its reasons itself.
        UnsupportedInput: The task's kind is not explained by contributions.
    """
    if name == "evidence_map":
        return EvidenceMapExplainer()
    background: dict[str, NDArray[np.float64]] = {
        column: np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        for column, values in reference.background.items()
    }
    if name == "shapley":
        return ShapleyExplainer(background, explained=explained_output(task))
    if name == "event_shapley":
        events, scalars = _find_events(task)
        if not scalars <= set(background):
            raise InvalidInput(
                f"a background of the {len(scalars)} scalar inputs",
                found=f"{len(scalars & set(background))} of them",
                remedy="Build the package again.",
            )
        ordered = {spec.name: background[spec.name] for spec in task.signature.inputs if spec.name in scalars}
        return EventShapleyExplainer(ordered, events, explained=explained_output(task), span=_find_span(task, events))
    raise NotFound(  # a manifest is read from a file, which may say anything
        "the explainer `evidence_map`, `shapley` or `event_shapley`",
        found=repr(name),
        remedy="Update Salus, or repair the package.",
    )


def _find_events(task: Task) -> tuple[TensorSpec, set[str]]:
    """The one events input, and the names of the scalar ones."""
    events = [spec for spec in task.signature.inputs if spec.content == "events"]
    scalars = {spec.name for spec in task.signature.inputs if spec.content in {"scalar", "category"}}
    if len(events) != 1 or len(scalars) + 1 != len(task.signature.inputs):
        raise InvalidInput(
            "one events input beside scalars and categories",
            found=f"{len(events)} of {len(task.signature.inputs)} inputs",
            remedy="Name another explainer in the pack.",
        )
    return events[0], scalars


def _find_span(task: Task, events: TensorSpec) -> tuple[float, float] | None:
    """The times that the events may have, else those at which the risk is told, else None: as the sample has them."""
    if events.valid_range is not None and all(math.isfinite(end) for end in events.valid_range):
        return events.valid_range
    course = task.question.course if isinstance(task.question, Classification) else ()
    return (0.0, course[-1]) if course else None
