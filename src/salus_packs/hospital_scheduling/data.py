"""Instances on which the pack is measured, and one that may travel with its package."""

from __future__ import annotations

from collections.abc import Mapping

from salus.contracts.packs import DataRequest

EXAMPLE_SEED = 2024
"""The made-up hospital of the example; the competition's own toy states no licence, so it does not travel."""


def read_instances(request: DataRequest) -> Mapping[str, tuple[str, float | None]]:
    """The competition's public instances i01 to i15 with the best cost known. Raises DataUnavailable."""
    from salus.data.sets.ihtc2024 import read_instances as read

    return read(request)


def make_example() -> str:
    """A week of a made-up hospital of three rooms."""
    from salus.planning.ihtc.generation import make_instance
    from salus.standards.ihtc2024 import write_instance

    return write_instance(make_instance(EXAMPLE_SEED))
