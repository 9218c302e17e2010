"""Who, when, where: the plan with its reckoning, as the solver wrote it."""

from __future__ import annotations

import msgspec

from salus.contracts.batches import Batch
from salus.contracts.errors import ServiceUnavailable
from salus.contracts.planning import Plan


def view_plan(outputs: Batch, index: int) -> Plan:
    """The plan of one sample.

    Raises:
        ServiceUnavailable: The solver's answer is no plan.
    """
    document = outputs["plan"][index]
    if not isinstance(document, bytes):
        raise ServiceUnavailable("a plan as JSON", found=type(document).__name__, remedy="Report it to its publisher.")
    try:
        return msgspec.json.decode(document, type=Plan)
    except msgspec.DecodeError as error:
        raise ServiceUnavailable(
            "a plan as JSON", found="another document", remedy="Report it to its publisher."
        ) from error
