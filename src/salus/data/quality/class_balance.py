"""Check `class_balance`: classes, options or events that are rare or absent."""

from __future__ import annotations

import numpy as np

from salus.contracts.classification import ClassLabel
from salus.contracts.datasets import Dataset, QualityFinding
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice
from salus.data.quality.findings import PART_TITLES, finding

NAME = "class_balance"

RARE_SHARE = 0.05
"""Below this share a class is rare."""

UNEVEN_SHARE = 0.3
"""Below this share of what an even division would give, a class is uneven."""


_CENSORED = ClassLabel(name="censored", title=LocalizedText("censored", "删失"))


def list_labels(task: Task) -> tuple[ClassLabel, ...]:
    """What the labels of a split mean, by index: classes, censoring and event, options; nothing for a number."""
    question = task.question
    if isinstance(question, TimeToEvent):
        return (_CENSORED, ClassLabel(name="event", title=question.event))
    if isinstance(question, Choice):
        return tuple(ClassLabel(name=option.name, title=option.title) for option in question.options)
    return task.classes


def class_shares(dataset: Dataset, task: Task) -> dict[str, dict[str, float]]:
    """Share of each class (by index, as text) by part, from 0 to 1; 0 for every class of an empty part."""
    count = len(list_labels(task))
    return {
        name: {str(index): float(np.mean(part.labels == index)) if len(part) else 0.0 for index in range(count)}
        for name, part in dataset.parts().items()
    }


def find_imbalance(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """A refusal where a class is absent from a part, a warning where it is rare, a note where classes are uneven."""
    found = []
    labels = list_labels(task)
    for part_name, shares in class_shares(dataset, task).items():
        part_zh = PART_TITLES.get(part_name, part_name)
        for index, label in enumerate(labels):
            share = shares[str(index)]
            if share == 0.0:
                found.append(
                    finding(
                        NAME,
                        "refusal",
                        f"{part_name} has no sample of {label.name}.",
                        f"{part_zh}中没有“{label.title.zh}”类的样本。",
                    )
                )
            elif share < max(RARE_SHARE, UNEVEN_SHARE / len(labels)):
                rare = share < RARE_SHARE
                found.append(
                    finding(
                        NAME,
                        "warning" if rare else "note",
                        f"{label.name} makes up {share:.1%} of {part_name}.",
                        f"{part_zh}中“{label.title.zh}”类占 {share:.1%}。",
                        count=round(share * len(dataset.parts()[part_name])),
                    )
                )
    return found
