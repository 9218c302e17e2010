"""What of a document was not used, in words for the person who sent it."""

from __future__ import annotations

from collections.abc import Iterable

from salus.contracts.text import LocalizedText
from salus.standards.fhir.ignored import Ignored


def write_notes(ignored: Iterable[Ignored]) -> tuple[LocalizedText, ...]:
    """One line for each reason; holds no value of a patient."""
    return tuple(
        LocalizedText(f"Not used: {each.count} {each.message.en}.", f"未使用：{each.message.zh}（{each.count}）。")
        for each in ignored
    )
