"""A lower bound of a roster's cost: nobody works more than one shift a day, and contracts are kept or paid for.

Left out are all rules on days in a row and on weekends, and the least cover; what is left (S1, S4 and S6) is a flow of
least cost: contract to nurse, nurse to day, day to shift and skill (Ahuja, Magnanti and Orlin, "Network Flows", 1993).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from salus.planning.inrc2.arrays import (
    COVER,
    LEAST_TOTAL,
    MOST,
    MOST_TOTAL,
    TOTAL,
    TOTALS,
    WISH,
    Case,
    Ints,
    build_case,
)
from salus.standards.inrc2.documents import Instance


def lower_bound(instance: Instance) -> float:
    """A cost that no roster of the instance can fall below; no rule is broken for it, but many are left out."""
    case = build_case(instance)
    wanted = case.need[:, :, MOST]
    nobody = int(case.weights[COVER] * wanted.sum()) + _cost_of_nothing(case)
    return float(nobody + _least_cost(_list_arcs(case)))


def _cost_of_nothing(case: Case) -> int:
    """What totals cost if nobody works; every working day then gives or takes."""
    short = np.maximum(0, case.contract[:, LEAST_TOTAL] - case.history[:, TOTAL])
    over = np.maximum(0, case.history[:, TOTAL] - case.contract[:, MOST_TOTAL])
    return int(case.weights[TOTALS] * (short + over).sum())


def _list_arcs(case: Case) -> Ints:
    """(arcs, 4) tail, head, capacity and cost of one unit, from node 0 back to node 0.

    A unit is a working day of a nurse. More nurses than wanted are of no use for S1, but may work for S6.
    """
    nurses, codes = len(case.own), len(case.shift_of)
    day_nodes = 1 + nurses
    shift_nodes = day_nodes + nurses * case.days
    arcs = []
    for n in range(nurses):
        done = int(case.history[n, TOTAL])
        least = max(0, int(case.contract[n, LEAST_TOTAL]) - done)
        most = max(0, int(case.contract[n, MOST_TOTAL]) - done)
        weight = int(case.weights[TOTALS])
        arcs += [(0, 1 + n, least, -weight), (0, 1 + n, most - least, 0), (0, 1 + n, case.days, weight)]
        choices = case.options[n, 1 : 1 + case.options[n, 0]]
        for d in range(case.days):
            node = day_nodes + n * case.days + d
            arcs.append((1 + n, node, 1, 0))
            wish = case.weights[WISH] * case.wish[n, d, case.shift_of[choices]]
            arcs += [
                (node, shift_nodes + d * codes + int(code), 1, int(cost))
                for code, cost in zip(choices, wish, strict=True)
            ]
    for d in range(case.days):
        for code in range(1, codes):
            node = shift_nodes + d * codes + code
            arcs.append((node, 0, int(case.need[d, code, MOST]), -int(case.weights[COVER])))
            arcs.append((node, 0, nurses, 0))
    return np.array([arc for arc in arcs if arc[2] > 0], np.int64).reshape(-1, 4)


def _least_cost(arcs: Ints) -> int:
    """The least cost of a circulation; ortools wants a supply, so that arcs of negative cost are filled and undone."""
    from ortools.graph.python import min_cost_flow

    flow: Any = min_cost_flow.SimpleMinCostFlow()
    tail, head, capacity, cost = (arcs[:, column].copy() for column in range(4))
    filled = cost < 0
    tail[filled], head[filled], cost[filled] = head[filled], tail[filled], -cost[filled]
    supply = np.zeros(int(arcs[:, :2].max()) + 1, np.int64) if len(arcs) else np.zeros(1, np.int64)
    np.subtract.at(supply, arcs[filled, 0], capacity[filled])
    np.add.at(supply, arcs[filled, 1], capacity[filled])
    flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    flow.set_nodes_supplies(np.arange(len(supply)), supply)
    if flow.solve() != flow.OPTIMAL:
        raise AssertionError("a circulation with capacities always exists")
    return int(flow.optimal_cost() - (arcs[filled, 2] * cost[filled]).sum())
