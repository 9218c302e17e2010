"""How a finding is put: names of samples are cut at fifty, counts are whole."""

from __future__ import annotations

from collections.abc import Sequence

from salus.contracts.datasets import QualityFinding, Severity
from salus.contracts.text import LocalizedText

MOST_SAMPLES = 50
"""Most samples that a finding names."""

PART_TITLES = {"train": "训练集", "validation": "验证集", "test": "测试集"}
"""The parts in Chinese."""


def finding(
    check: str, severity: Severity, english: str, chinese: str, *, samples: Sequence[str] = (), count: int | None = None
) -> QualityFinding:
    """A finding.

    Args:
        check: The check's name.
        severity: How bad it is.
        english: What was found, with counts.
        chinese: The same.
        samples: Every sample concerned, each once.
        count: How many there are in all; without it the number of samples.
    """
    return QualityFinding(
        check=check,
        severity=severity,
        message=LocalizedText(english, chinese),
        samples=tuple(str(sample) for sample in samples[:MOST_SAMPLES]),
        count=len(samples) if count is None else count,
    )
