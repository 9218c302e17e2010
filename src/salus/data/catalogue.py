"""The data sets that Salus knows: where each comes from, under which terms, and in which forms a copy may lie."""

from __future__ import annotations

from salus.contracts.errors import NotFound
from salus.data import entries, entries_icu, entries_scheduling, entries_survival, entries_treatment
from salus.data.copies import CatalogueEntry, Located, locate, verify

__all__ = ["CatalogueEntry", "Located", "find_entry", "list_entries", "locate", "verify"]


_PAGES = (
    entries.ENTRIES,
    entries_icu.ENTRIES,
    entries_scheduling.ENTRIES,
    entries_survival.ENTRIES,
    entries_treatment.ENTRIES,
)


def list_entries() -> tuple[CatalogueEntry, ...]:
    """Every data set, by name."""
    return tuple(sorted((entry for page in _PAGES for entry in page), key=lambda entry: entry.name))


def find_entry(name: str) -> CatalogueEntry:
    """The data set called `name`.

    Raises:
        NotFound: There is none.
    """
    known = {entry.name: entry for entry in list_entries()}
    if name not in known:
        raise NotFound(f"one of {', '.join(known)}", found=f"{name!r}", remedy="See `salus data list` for the names.")
    return known[name]
