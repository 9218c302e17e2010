"""Data as the making side sees it: parts of samples, each with its subject, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch, count_samples
from salus.contracts.text import LocalizedText

Severity = Literal["note", "warning", "refusal"]


class DatasetSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a data set comes from and under which terms.

    Attributes:
        name: The catalogue's name for it.
        title: In words.
        url: Where its publisher offers it; empty for generated data.
        licence: SPDX identifier where there is one, else the terms in words; `UNCLEAR` is said, not guessed.
        citation: How its authors ask to be cited.
        synthetic: True for generated data.
    """

    name: str
    title: LocalizedText
    url: str
    licence: str
    citation: str
    synthetic: bool = False


@dataclass(frozen=True)
class Split:
    """One part of a data set, such as its training part.

    Attributes:
        inputs: The signature's inputs by name; axis 0 counts the samples; ragged object arrays are allowed.
        labels: One whole number per sample, shape (samples,), int64: the class; for time to event 1 where the event
            was observed, 0 where the subject was censored; for a choice the option that was given; else 0.
        sample_ids: A name per sample, shape (samples,), unique within the data set.
        subjects: The person (or group that must not be divided) of each sample, shape (samples,).
        groups: Subgroup columns by name, each of shape (samples,), strings: `sex`, `source`.
        targets: What else is known of the truth, each of shape (samples,), FP64: `time` of an event or of censoring,
            `outcome` of the option that was given, `value` of a quantity. Empty for a classification.
        attributes: Facts about each sample that the model does not see but that may betray the label, each of
            shape (samples,): original width, file type, source. Searched for shortcuts.
    """

    inputs: Batch
    labels: NDArray[np.int64]
    sample_ids: NDArray[np.str_]
    subjects: NDArray[np.str_]
    groups: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    attributes: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    targets: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = count_samples(self.inputs)
        columns = {"labels": self.labels, "sample_ids": self.sample_ids, "subjects": self.subjects}
        for name, column in {**columns, **self.groups, **self.attributes, **self.targets}.items():
            if column.shape != (count,):
                raise ValueError(f"expected shape ({count},) for {name!r}; found {column.shape}")

    def __len__(self) -> int:
        return int(self.labels.shape[0])

    def take(self, indices: NDArray[np.integer]) -> Split:
        """The samples at `indices`, in that order."""
        return Split(
            inputs={name: array[indices] for name, array in self.inputs.items()},
            labels=self.labels[indices],
            sample_ids=self.sample_ids[indices],
            subjects=self.subjects[indices],
            groups={name: column[indices] for name, column in self.groups.items()},
            attributes={name: column[indices] for name, column in self.attributes.items()},
            targets={name: column[indices] for name, column in self.targets.items()},
        )


@dataclass(frozen=True)
class Dataset:
    """A data set, already divided by subject.

    Attributes:
        source: Where it comes from.
        digest: SHA-256 (hex) over the content of its parts in order; travels with every model trained on it.
        train: Learned from.
        validation: Chosen by: early stopping, calibration, thresholds, variants.
        test: Read once, at the end; None where the publisher's test part is not at hand.
    """

    source: DatasetSource
    digest: str
    train: Split
    validation: Split
    test: Split | None = None

    def parts(self) -> dict[str, Split]:
        """The parts by name, `test` only where there is one."""
        parts = {"train": self.train, "validation": self.validation}
        return parts if self.test is None else {**parts, "test": self.test}


class QualityFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a check found.

    Attributes:
        check: The check's name, such as `leak.near_duplicate`; what `--allow` takes.
        severity: `refusal` stops a build unless the check is allowed by name.
        message: What was found, with counts.
        samples: Names of the samples concerned, at most fifty.
        count: How many there are in all.
    """

    check: str
    severity: Severity
    message: LocalizedText
    samples: tuple[str, ...] = ()
    count: int = 0


class QualityReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the checks found before training.

    Attributes:
        dataset: The data set's name.
        digest: Its digest.
        samples: Number of samples by part.
        balance: Share of each class (by index, as text) by part, from 0 to 1.
        findings: In order of severity, worst first.
        allowed: Names of checks whose refusals were overridden.
    """

    dataset: str
    digest: str
    samples: dict[str, int]
    balance: dict[str, dict[str, float]]
    findings: tuple[QualityFinding, ...]
    allowed: tuple[str, ...] = ()

    def refusals(self) -> tuple[QualityFinding, ...]:
        """The findings that stop a build."""
        return tuple(f for f in self.findings if f.severity == "refusal" and f.check not in self.allowed)
