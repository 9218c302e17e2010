"""The data sets that Salus knows: where each comes from, under which terms, and in which forms a copy may lie."""

from __future__ import annotations

from salus.contracts.errors import NotFound
from salus.data.copies import CatalogueEntry, Located, locate, verify
from salus.data.entries import ENTRIES

__all__ = ["CatalogueEntry", "Located", "find_entry", "list_entries", "locate", "verify"]


def list_entries() -> tuple[CatalogueEntry, ...]:
    """Every data set, by name."""
    return tuple(sorted(ENTRIES, key=lambda entry: entry.name))


def find_entry(name: str) -> CatalogueEntry:
    """The data set called `name`.

    Raises:
        NotFound: There is none.
    """
    entries = {entry.name: entry for entry in list_entries()}
    if name not in entries:
        raise NotFound(f"one of {', '.join(entries)}", found=f"{name!r}", remedy="See `salus data list` for the names.")
    return entries[name]
