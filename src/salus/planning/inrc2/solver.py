"""The solver of nurse rostering, as the house asks for one."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import msgspec

from salus.contracts.errors import Conflict, InvalidInput
from salus.contracts.planning import Plan, PlanQuestion, Watch, WhatIf
from salus.contracts.predictors import Json
from salus.planning.inrc2.arrays import write_codes
from salus.planning.inrc2.binding import explain_binding
from salus.planning.inrc2.bounds import lower_bound
from salus.planning.inrc2.changes import list_changes
from salus.planning.inrc2.charts import draw_charts
from salus.planning.inrc2.evaluation import Reckoning, evaluate
from salus.planning.inrc2.relief import list_reliefs
from salus.planning.inrc2.search import Budget, Clock, Found, Schedule, search
from salus.standards.inrc2.documents import FORMAT, Instance, Roster
from salus.standards.inrc2.reading import check_roster, read_instance, read_roster
from salus.standards.inrc2.writing import write_roster

_BETWEEN_NEWS_S = 0.5
_WHAT_IF_SHARE, _WHAT_IF_MOST_S = 0.1, 10.0
_TIME_LIMIT_S = 300.0


class Inrc2Solver:
    """Rosters nurses over all weeks at once by simulated annealing.

    Args:
        schedule: How to cool and what to try.
        time_limit_s: Seconds of a question that says nothing.
        clock: Measures time limits; `time.process_time` makes a measurement on a busy machine fair (one thread).
    """

    def __init__(
        self, schedule: Schedule | None = None, *, time_limit_s: float = _TIME_LIMIT_S, clock: Clock = time.monotonic
    ) -> None:
        self._schedule = schedule or Schedule()
        self._time_limit_s = time_limit_s
        self._clock = clock

    def check(self, instance: str) -> str:
        """`inrc2`, if the document is a sound instance. Raises InvalidInput."""
        read_instance(instance)
        return FORMAT

    def solve(self, question: PlanQuestion, watch: Watch) -> Plan:
        """The best roster found in the time given, with costs, charts and what it runs up against.

        A first call in a fresh installation compiles the kernels within its time limit (about 10 s of one core);
        at least a second of search, or the whole limit if it is shorter, comes after that.

        Raises:
            InvalidInput: The instance or the previous plan cannot be read.
            Conflict: Some shift has fewer nurses than it must have in every roster that was met.
        """
        instance = read_instance(question.instance)
        previous = None if question.previous is None else read_roster(question.previous)
        if not math.isfinite(question.keep) or question.keep < 0:
            raise InvalidInput("a keep of 0 or more", found="another number", remedy="Give 0 to plan freely.")
        news = _News(instance, watch, question.seed)
        found = search(
            instance,
            Budget(self._time_limit_s if question.time_limit_s is None else question.time_limit_s, question.iterations),
            schedule=self._schedule,
            seed=question.seed,
            threads=question.threads,
            start=previous,
            keep=question.keep,
            clock=self._clock,
            pause=news.tell,
        )
        roster = write_codes(instance, found.codes)
        if found.missing or not evaluate(instance, roster).feasible:
            raise Conflict(
                "a roster that keeps all hard constraints",
                found=f"none in {found.moves} moves; {found.missing} nurses are missing in the best",
                remedy="Give more time, or look for shifts that need more nurses of a skill than there are.",
            )
        plan = _reckoned(instance, roster, seed=question.seed, moves=found.moves)
        if previous is not None:
            plan = msgspec.structs.replace(plan, changes=list_changes(instance, previous, roster))
        return plan

    def reckon(self, instance: str, solution: str) -> Plan:
        """A given roster with costs, violations, charts and what it runs up against.

        Raises:
            InvalidInput: One of the documents cannot be read, or they do not belong together.
        """
        read, roster = read_instance(instance), read_roster(solution)
        check_roster(roster, read)
        return _reckoned(read, roster, solution=solution)

    def ask_what_if(self, question: PlanQuestion, plan: Plan, watch: Watch) -> tuple[WhatIf, ...]:
        """What one more nurse, one more skill or one more working weekend would save.

        Each is solved again from `plan` with a tenth of the question's time (10 s at most) or moves, and compared with
        what as much more search finds without it; a saving is what was found, not what is proven. (A new nurse has a
        least number of assignments too.)

        Raises:
            InvalidInput: The instance or the plan cannot be read.
        """
        instance, start = read_instance(question.instance), read_roster(plan.solution)
        check_roster(start, instance)
        limit = self._time_limit_s if question.time_limit_s is None else question.time_limit_s
        moves = None if question.iterations is None else max(1, int(question.iterations * _WHAT_IF_SHARE))
        budget = Budget(min(_WHAT_IF_MOST_S, limit * _WHAT_IF_SHARE), moves)

        def cost_of(eased: Instance) -> int:
            found = search(
                eased,
                budget,
                schedule=self._schedule,
                seed=question.seed,
                threads=question.threads,
                start=start,
                clock=self._clock,
                pause=lambda _found, _elapsed: watch.cancelled(),
            )
            known = evaluate(eased, start)
            reckoning = evaluate(eased, write_codes(eased, found.codes))
            return min(entry.cost for entry in (reckoning, known) if entry.feasible or entry is known)

        now = cost_of(instance)
        answers = []
        for relief in list_reliefs(instance, start):
            if watch.cancelled():
                break
            cost = min(now, cost_of(relief.instance))
            answers.append(WhatIf(name=relief.name, title=relief.title, cost=float(cost), saved=float(now - cost)))
        return tuple(sorted(answers, key=lambda answer: -answer.saved))


def make_solver(settings: Mapping[str, Json]) -> Inrc2Solver:
    """A solver with settings by name: those of `search.Schedule`, and `time_limit_s`.

    Raises:
        InvalidInput: An unknown name, or a value that is no positive number.
    """
    known = {*Schedule.__dataclass_fields__, "time_limit_s"}
    values: dict[str, float] = {}
    for name, value in settings.items():
        if name not in known:
            raise InvalidInput(f"one of {', '.join(sorted(known))}", found=name, remedy="Leave the setting out.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise InvalidInput(f"a positive number as {name}", found="something else", remedy="Give a number.")
        values[name] = float(value)
    time_limit_s = values.pop("time_limit_s", _TIME_LIMIT_S)
    return Inrc2Solver(Schedule(**values), time_limit_s=time_limit_s)


class _News:
    """Tells the watcher of better rosters, at most twice a second, and asks it whether to stop."""

    def __init__(self, instance: Instance, watch: Watch, seed: int) -> None:
        self._instance, self._watch, self._seed = instance, watch, seed
        self._told_at, self._told_cost = -_BETWEEN_NEWS_S, math.inf

    def tell(self, found: Found, elapsed_s: float) -> bool:
        if found.missing == 0 and elapsed_s - self._told_at >= _BETWEEN_NEWS_S:
            roster = write_codes(self._instance, found.codes)
            reckoning = evaluate(self._instance, roster)
            if reckoning.feasible and reckoning.cost < self._told_cost:
                self._told_at, self._told_cost = elapsed_s, reckoning.cost
                solution = write_roster(roster, self._instance)
                self._watch.improved(_plan(reckoning, solution, self._seed, found.moves), elapsed_s=elapsed_s)
        return self._watch.cancelled()


def _plan(reckoning: Reckoning, solution: str, seed: int, moves: int) -> Plan:
    return Plan(
        solution=solution,
        cost=float(reckoning.cost),
        costs={name: float(cost) for name, cost in reckoning.costs.items()},
        violations={name: count for name, count in reckoning.violations.items() if count},
        seed=seed,
        iterations=moves,
    )


def _reckoned(
    instance: Instance, roster: Roster, *, solution: str | None = None, seed: int = 0, moves: int = 0
) -> Plan:
    reckoning = evaluate(instance, roster)
    return msgspec.structs.replace(
        _plan(reckoning, write_roster(roster, instance) if solution is None else solution, seed, moves),
        bound=lower_bound(instance),
        binding=explain_binding(instance, roster, reckoning),
        charts=draw_charts(instance, roster),
    )
