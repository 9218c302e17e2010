"""Gaps of the hospital timetables to the best costs known: docs/performance/scheduling.md and scheduling.json.

One instance after the other; with one thread the seconds are those of the process's own processor time, so that others
on the machine do not change what a figure means; with more they are those of the wall clock. Rows of the same
instance, budget, threads and seed are replaced, all others are kept, so that a table can be filled bit by bit.
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
from salus.planning.ihtc.solver import IhtcSolver
from salus_packs.hospital_scheduling.data import read_instances

ROWS = PAGES / "scheduling.json"
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scheduling", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="on each instance")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instances", nargs="*", help="names; all where none is named")
    parser.add_argument("--rows", type=Path, default=ROWS, help="where the figures are kept")
    options = parser.parse_args(list(arguments))
    instances = read_instances(House().data_request())
    for name in options.instances or instances:
        document, best = instances[name]
        question = PlanQuestion(
            instance=document, time_limit_s=options.seconds, threads=options.threads, seed=options.seed
        )
        row = _measure(name, question, best)
        print(json.dumps(row), flush=True)
        _keep(options.rows, row)
    _write_page(options.rows)


def _measure(name: str, question: PlanQuestion, best: float | None) -> Row:
    solver = IhtcSolver(clock=time.process_time if question.threads == 1 else time.monotonic)
    begin = time.monotonic()
    plan = solver.solve(question, _Nobody())
    return {
        "instance": name,
        "seconds": question.time_limit_s,
        "threads": question.threads,
        "seed": question.seed,
        "wall_s": round(time.monotonic() - begin, 1),
        "cost": plan.cost,
        "best_known": best,
        "gap": None if best is None else plan.cost / best - 1,
        "bound": plan.bound,
        "violations": sum(plan.violations.values()),
        "million_moves": round(plan.iterations / 1e6, 1),
    }


def _key(row: Row) -> tuple[Any, ...]:
    return row["seconds"], row["threads"], row["seed"], row["instance"]


def _keep(path: Path, row: Row) -> None:
    rows = _read(path)
    kept = [each for each in rows if _key(each) != _key(row)]
    path.write_text(json.dumps(sorted([*kept, row], key=_key), indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return rows


def _write_page(path: Path) -> None:
    rows = _read(path)
    facts = describe_machine(("numba", "numpy", "ortools"), command="python -m benchmarks.scheduling")
    page = ["# Hospital timetables", "", "Gap to the best cost known of the competition's public instances.", facts, ""]
    for seconds, threads in sorted({(row["seconds"], row["threads"]) for row in rows}):
        chosen = [row for row in rows if (row["seconds"], row["threads"]) == (seconds, threads)]
        page += [*_table(chosen, seconds, threads), ""]
    path.with_suffix(".md").write_text("\n".join(page), encoding="utf-8")


def _table(rows: list[Row], seconds: float, threads: int) -> list[str]:
    clock = "of processor time, one thread" if threads == 1 else f"by the clock, {threads} threads"
    lines = [
        f"## {seconds:g} s an instance {clock}",
        "",
        "| instance | seed | cost | best known | gap | lower bound | broken | million moves |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['instance']} | {row['seed']} | {row['cost']:.0f} | {row['best_known']:.0f} | {row['gap']:.2%} "
        f"| {row['bound']:.0f} | {row['violations']} | {row['million_moves']:.0f} |"
        for row in rows
    ]
    gaps = [row["gap"] for row in rows]
    lines += ["", f"Mean gap {statistics.mean(gaps):.2%}, median {statistics.median(gaps):.2%}, of {len(gaps)} runs."]
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
