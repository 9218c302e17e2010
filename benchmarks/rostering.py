"""Gaps of the nurse rosters to published costs and bounds: docs/performance/rostering.md and rostering.json.

One instance after the other on one thread; seconds are those of the process's own processor time, so that others on
the machine do not change what a figure means. Rows of the same instance, budget and seed are replaced, all others are
kept, so that a table can be filled bit by bit.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import PAGES, describe_machine
from salus.bootstrap.house import House
from salus.contracts.planning import Plan, PlanQuestion
from salus.data.sets.inrc2 import Published, read_instances, read_published
from salus.planning.inrc2.solver import Inrc2Solver

ROWS = PAGES / "rostering.json"
"""What was measured so far."""

Row = dict[str, Any]


class _Nobody:
    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """Look away."""

    def cancelled(self) -> bool:
        """Never."""
        return False


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rostering", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="on each instance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instances", nargs="*", help="names; all where none is named")
    parser.add_argument("--rows", type=Path, default=ROWS, help="where the figures are kept")
    options = parser.parse_args(list(arguments))
    request = House().data_request()
    instances, published = read_instances(request), read_published(request)
    for name in options.instances or instances:
        question = PlanQuestion(instance=instances[name][0], time_limit_s=options.seconds, seed=options.seed)
        row = _measure(name, question, published[name])
        print(json.dumps(row), flush=True)
        _keep(options.rows, row)
    _write_page(options.rows)


def _measure(name: str, question: PlanQuestion, known: Published) -> Row:
    begin = time.monotonic()
    plan = Inrc2Solver(clock=time.process_time).solve(question, _Nobody())
    return {
        "instance": name,
        "seconds": question.time_limit_s,
        "seed": question.seed,
        "wall_s": round(time.monotonic() - begin, 1),
        "cost": plan.cost,
        "best_2017": known.best,
        "gap": plan.cost / known.best - 1,
        "search_2017": known.search,
        "bound_2017": known.bound,
        "bound": plan.bound,
        "violations": sum(plan.violations.values()),
        "million_moves": round(plan.iterations / 1e6, 1),
    }


def _key(row: Row) -> tuple[Any, ...]:
    return row["seconds"], row["seed"], row["instance"]


def _keep(path: Path, row: Row) -> None:
    rows = [each for each in _read(path) if _key(each) != _key(row)]
    path.write_text(json.dumps(sorted([*rows, row], key=_key), indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rows


def _write_page(path: Path) -> None:
    rows = _read(path)
    facts = describe_machine(("numba", "numpy", "ortools"), command="python -m benchmarks.rostering")
    page = [
        "# Nurse rosters",
        "",
        "INRC-II, all weeks known at once: gap to the best cost that Legrain, Omer and Rosat published in 2017 (better",
        "ones are known since for some), beside their large-neighbourhood search and their lower bound.",
        "",
        facts,
        "",
    ]
    for seconds in sorted({row["seconds"] for row in rows}):
        page += [*_table([row for row in rows if row["seconds"] == seconds], seconds), ""]
    path.with_suffix(".md").write_text("\n".join(page), encoding="utf-8")


def _table(rows: list[Row], seconds: float) -> list[str]:
    lines = [
        f"## {seconds:g} s an instance of processor time, one thread",
        "",
        "| instance | seed | cost | best 2017 | gap | search 2017 | bound 2017 | our bound | broken | million moves |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['instance']} | {row['seed']} | {row['cost']:.0f} | {row['best_2017']:.0f} | {row['gap']:.2%} "
        f"| {row['search_2017']:.0f} | {row['bound_2017']:.0f} | {row['bound']:.0f} | {row['violations']} "
        f"| {row['million_moves']:.0f} |"
        for row in rows
    ]
    gaps = [row["gap"] for row in rows]
    lines += ["", f"Mean gap {statistics.mean(gaps):.2%}, median {statistics.median(gaps):.2%}, of {len(gaps)} runs."]
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
