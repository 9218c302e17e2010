"""Table E.1-1 of PS3.15: what the Basic Application Level Confidentiality Profile does to each attribute.

The table itself comes from the library dicom-anonymizer, which follows the standard's editions. Its engine is not
used: it acts on the top level of a data set alone, and it draws replacement UIDs by chance, in a table that grows
for ever. The walk here goes into every sequence, and every replacement follows from a key.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from importlib import import_module

EDITION = "2026c"
"""Edition of the DICOM standard whose Table E.1-1 is followed."""

Rules = tuple[dict[tuple[int, int], "Action"], tuple[tuple[int, int, int, int], ...]]


class Action(Enum):
    """The action codes of PS3.15 Table E.1-1a."""

    DUMMY = "D"
    ZERO = "Z"
    REMOVE = "X"
    UID = "U"
    ZERO_OR_DUMMY = "Z/D"
    REMOVE_OR_ZERO = "X/Z"
    REMOVE_OR_DUMMY = "X/D"
    REMOVE_OR_ZERO_OR_DUMMY = "X/Z/D"
    KEEP_WITH_NEW_UIDS = "X/Z/U*"


_COLUMNS = {
    "D_TAGS": Action.DUMMY,
    "Z_TAGS": Action.ZERO,
    "X_TAGS": Action.REMOVE,
    "U_TAGS": Action.UID,
    "Z_D_TAGS": Action.ZERO_OR_DUMMY,
    "X_Z_TAGS": Action.REMOVE_OR_ZERO,
    "X_D_TAGS": Action.REMOVE_OR_DUMMY,
    "X_Z_D_TAGS": Action.REMOVE_OR_ZERO_OR_DUMMY,
    "X_Z_U_STAR_TAGS": Action.KEEP_WITH_NEW_UIDS,
}


@cache
def basic_profile() -> Rules:
    """The profile's rules.

    Returns:
        The action of each attribute by (group, element), and the repeating groups that are removed, each as
        (group, element, mask of the group, mask of the element).
    """
    table = import_module(f"dicomanonymizer.dicom_anonymization_databases.dicomfields_{EDITION}")
    single: dict[tuple[int, int], Action] = {}
    repeating: list[tuple[int, int, int, int]] = []
    for column, action in _COLUMNS.items():
        for tag in getattr(table, column):
            if len(tag) == 2:
                single[tag] = action
            else:
                repeating.append(tag)
    return single, tuple(repeating)


def find_action(group: int, element: int) -> Action | None:
    """What the profile does to an attribute; None where the table does not name it."""
    single, repeating = basic_profile()
    found = single.get((group, element))
    if found is not None:
        return found
    for tag_group, tag_element, group_mask, element_mask in repeating:
        if group & group_mask == tag_group & group_mask and element & element_mask == tag_element & element_mask:
            return Action.REMOVE
    return None
