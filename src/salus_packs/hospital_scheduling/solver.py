"""The solver of the pack, made when it is needed: its libraries are heavy."""

from __future__ import annotations

from collections.abc import Mapping

from salus.contracts.planning import Solver
from salus.contracts.predictors import Json


def make_solver(settings: Mapping[str, Json]) -> Solver:
    """Simulated annealing over the whole timetable. Raises InvalidInput for an unknown setting."""
    from salus.planning.ihtc.solver import make_solver as make

    return make(settings)
