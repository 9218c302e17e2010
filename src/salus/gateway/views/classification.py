"""Which class: probabilities, the class that is called, and the risk over time."""

from __future__ import annotations

import msgspec
import numpy as np

from salus.contracts.batches import Batch
from salus.contracts.classification import Classification
from salus.contracts.text import LocalizedText
from salus.gateway.views.numbers import NaturalFrequency, as_natural_frequency, read_numbers


class ClassName(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """A class: its name for machines and for people."""

    class_: str
    title: LocalizedText


class ClassProbability(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """The calibrated probability of a class, from 0 to 1, with its 95 % interval (low, high)."""

    class_: str
    title: LocalizedText
    probability: float
    interval: tuple[float, float]


class CoursePoint(msgspec.Struct, frozen=True, kw_only=True):
    """The finding's probability given what was known up to `time`, in the events' unit; null where nothing was."""

    time: float
    probability: float | None


def view_decision(outputs: Batch, index: int, question: Classification) -> ClassName:
    """The class that is called for one sample."""
    called = question.classes[int(np.asarray(outputs["decision"][index]))]
    return ClassName(class_=called.name, title=called.title)


def view_probabilities(outputs: Batch, index: int, question: Classification) -> tuple[ClassProbability, ...]:
    """The probability of each class for one sample."""
    probabilities = np.asarray(outputs["probabilities"][index], dtype=np.float64)
    intervals = np.asarray(outputs["probability_interval"][index], dtype=np.float64)
    return tuple(
        ClassProbability(
            class_=label.name,
            title=label.title,
            probability=float(probabilities[place]),
            interval=(float(intervals[place, 0]), float(intervals[place, 1])),
        )
        for place, label in enumerate(question.classes)
    )


def view_prediction_set(outputs: Batch, index: int, question: Classification) -> tuple[str, ...]:
    """The names of the classes that are not excluded for one sample."""
    members = np.asarray(outputs["prediction_set"][index], dtype=np.bool_)
    return tuple(label.name for label, inside in zip(question.classes, members, strict=True) if inside)


def view_frequency(outputs: Batch, index: int, question: Classification) -> NaturalFrequency | None:
    """How many of a hundred such samples have the finding; None with more than two classes."""
    if len(question.classes) != 2:
        return None
    return as_natural_frequency(float(np.asarray(outputs["probabilities"][index], dtype=np.float64)[1]))


def view_course(outputs: Batch, index: int, question: Classification) -> tuple[CoursePoint, ...] | None:
    """The risk over time; None where the service tells none or was not asked for it."""
    if not question.course or "course" not in outputs:
        return None
    risks = read_numbers(outputs["course"][index])
    return tuple(CoursePoint(time=time, probability=risk) for time, risk in zip(question.course, risks, strict=True))
