"""All checks over one data set."""

from __future__ import annotations

from salus.contracts.datasets import Dataset, QualityReport, Severity
from salus.contracts.errors import InvalidInput
from salus.contracts.tasks import Task
from salus.data.quality import class_balance, duplicates, label_contradictions, leaks, missing_values, shortcuts
from salus.data.quality import valid_ranges as ranges
from salus.data.quality.pooling import pool_parts

CHECKS: tuple[str, ...] = (
    missing_values.NAME,
    ranges.NAME,
    class_balance.NAME,
    duplicates.EXACT,
    duplicates.NEAR,
    leaks.SUBJECT,
    leaks.EXACT,
    leaks.NEAR,
    label_contradictions.NAME,
    shortcuts.NAME,
    shortcuts.INTENSITY,
    shortcuts.SAMPLING,
)
"""The names of all checks."""

_WORST_FIRST: dict[Severity, int] = {"refusal": 0, "warning": 1, "note": 2}


def check_dataset(dataset: Dataset, *, task: Task, allow: frozenset[str] = frozenset()) -> QualityReport:
    """What is wrong with a data set, before it is learned from.

    It changes nothing and refuses nothing by itself: `QualityReport.refusals()` names what stops a build.

    Args:
        dataset: Already divided.
        task: The question, with the inputs' ranges and the classes.
        allow: Names of checks whose refusals are overridden.

    Raises:
        InvalidInput: A name in `allow` is no check's, or the data set does not have the task's inputs.
    """
    unknown = sorted(allow - set(CHECKS))
    if unknown:
        raise InvalidInput(
            f"names of checks ({', '.join(CHECKS)})", found=", ".join(unknown), remedy="Correct what is allowed."
        )
    for name, part in dataset.parts().items():
        absent = [spec.name for spec in task.signature.inputs if spec.name not in part.inputs]
        if absent:
            raise InvalidInput(
                f"the inputs of {task.name} in the part {name}",
                found=f"none called {', '.join(absent)}",
                remedy="Check the data set's reader.",
            )
    pool = pool_parts(dataset, task)
    classes = task.kind == "classification"  # elsewhere two people alike may differ in what came of them
    found = [
        *leaks.find_leaks(pool),
        *(label_contradictions.find_label_contradictions(pool) if classes else ()),
        *duplicates.find_duplicates(pool),
        *missing_values.find_missing_values(dataset, task),
        *ranges.find_out_of_range(dataset, task),
        *class_balance.find_imbalance(dataset, task),
        *(shortcuts.find_shortcuts(dataset, task) if classes else ()),
    ]
    refused = {item.check for item in found if item.severity == "refusal"}
    return QualityReport(
        dataset=dataset.source.name,
        digest=dataset.digest,
        samples={name: len(part) for name, part in dataset.parts().items()},
        balance=class_balance.class_shares(dataset, task),
        findings=tuple(sorted(found, key=lambda item: _WORST_FIRST[item.severity])),
        allowed=tuple(sorted(refused & allow)),
    )
