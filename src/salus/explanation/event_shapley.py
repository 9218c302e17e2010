"""What each scalar, and each variable in each stretch of time, adds to the explained output: table and heat strip."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, count_samples
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution, Contribution, HeatStrip
from salus.contracts.predictors import Predictor
from salus.contracts.tensors import TensorSpec
from salus.explanation.event_rows import EventRows, strip_padding
from salus.explanation.explained_output import LOG_ODDS, ExplainedOutput
from salus.explanation.inner_walks import plan_inner_walks, share_within, spread
from salus.explanation.log_odds import check_targets
from salus.explanation.walks import Walks, plan_walks, rows_that_fit

MOST_ROWS = 2000
"""Rows that the explanation of one sample asks the predictor for, at most."""
_SHARE_OF_INPUTS = 0.25
_MOST_PAIRS, _MOST_CONTEXTS = 32, 8


class EventShapleyExplainer:
    """Shapley values of scalar inputs and of events, the events' shared among variables and stretches of time.

    The game of the inputs is that of `ShapleyExplainer`: scalars change from a background row to the sample's, and the
    events from none at all to the sample's. So base is the mean output for background rows *of whom nothing was
    observed over time*, and base + contributions = output to rounding, the events counting as one input.

    What the events add is shared by Owen's value for nested groups (Owen, in: Mathematical Economics and Game Theory,
    Springer 1977, 76-88; levels: Winter, Int J Game Theory 18:227-240, 1989): at the place where the events join,
    one variable joins after another, and within a variable one stretch of time after another, as far as something was
    observed in it. It is estimated by antithetic walks: of the variables in many contexts, of a variable's stretches
    in few, at evenly spaced places of the variable. What a coarser level says holds: the remainder is spread over the
    finer one in proportion to the amounts' sizes, so that the strip sums to the events' contribution. An observation
    that never changes the output gets exactly 0.

    The answer is sampled, not exact, and single stretches are less certain than whole variables. The same input gives
    the same answer, in whatever batch it comes, however it is padded.

    Args:
        background: By scalar input's name, (rows,) each: training rows. Empty where the events are the only input.
        events: The events input.
        explained: What is explained; the log-odds of the target unless told otherwise.
        span: First and last time of the strip, in the events' unit; None spans from 0 (or the first observation before
            it) to the sample's last. Observations outside count to the first or last stretch.
        bins: Stretches of equal length. Halved, for a sample, while a single pair of walks would not fit the budget.
        most_rows: Rows that one sample may ask for.
        seed: Of the orders.

    Raises:
        InvalidInput: The background's columns differ in length or have no row.
    """

    def __init__(
        self,
        background: Mapping[str, NDArray[np.generic]],
        events: TensorSpec,
        *,
        explained: ExplainedOutput = LOG_ODDS,
        span: tuple[float, float] | None = None,
        bins: int = 12,
        most_rows: int = MOST_ROWS,
        seed: int = 0,
    ) -> None:
        shapes = {np.shape(column) for column in background.values()}
        if len(shapes) > 1 or any(len(shape) != 1 or not shape[0] for shape in shapes):
            raise InvalidInput(
                "a background of one column per scalar input, all of the same length of at least 1",
                found=f"{len(background)} columns of {len(shapes)} shapes",
                remedy="Take up to 100 training rows.",
            )
        self._names = tuple(background)
        self._events, self._explained, self._span, self._bins = events, explained, span, bins
        self._most_rows, self._seed = most_rows, seed
        columns = [np.asarray(column, dtype=np.float64) for column in background.values()]
        rows = np.stack(columns, axis=1) if columns else np.empty((1, 0))
        of_inputs = int(_SHARE_OF_INPUTS * most_rows)
        players = len(self._names) + 1
        self._background: NDArray[np.float64] = rows[rows_that_fit(len(rows), players, most_rows=of_inputs)]
        rng = np.random.default_rng(seed)
        self._walks = plan_walks(len(self._background), players, rng, most_rows=of_inputs)

    @property
    def method(self) -> str:
        """The method's name."""
        return (
            "Shapley values of inputs and Owen values of events, by antithetic permutation sampling "
            "(Strumbelj and Kononenko 2014; Owen 1977; Mitchell et al. 2022)"
        )

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        """The contributions of each sample, strongest first, and the strip of its events.

        Args:
            predictor: Answers the explained output, also for a sample of whom nothing was observed over time.
            batch: The background's inputs, (samples,) each, and the events: (samples, observations, 3), or an object
                array of (observations, 3).
            targets: (samples,).

        Raises:
            InvalidInput: The inputs are other ones, or the predictor does not answer what is explained.
            UnsupportedInput: It gives no number for some combination, such as no observation at all.
        """
        count = count_samples(batch)
        check_targets(targets, count)
        if set(batch) != {*self._names, self._events.name} or any(batch[name].ndim != 1 for name in self._names):
            raise InvalidInput(
                f"the events {self._events.name!r} and the {len(self._names)} scalar inputs of the background",
                found=f"{len(batch)} inputs, {len(set(batch) & {*self._names, self._events.name})} of them known",
                remedy="Explain with the reference of the model's own package.",
            )
        kinds = {name: batch[name].dtype for name in self._names}
        found = []
        for index, target in enumerate(targets):
            scalars = np.array([batch[name][index] for name in self._names], dtype=np.float64)
            observed: Array = batch[self._events.name][index]
            events = strip_padding(observed, len(self._events.variables))
            rows = EventRows(predictor, self._explained, int(target), kinds, self._events.name, events)
            found.append(self._explain_one(rows, scalars))
        return tuple(found)

    def _explain_one(self, rows: EventRows, scalars: NDArray[np.float64]) -> Attribution:
        walks, players = self._walks, len(self._names) + 1
        count = len(self._background)
        joined = [walks.joined(step) for step in range(1, players)]
        nobody, everybody = np.zeros((count, players), np.bool_), np.ones((1, players), np.bool_)
        who = np.concatenate([everybody, nobody, *joined])
        start = np.concatenate([[0], np.arange(count), *([walks.start] * len(joined))]).astype(np.intp)
        answers = rows.ask(*self._rows(who, start, scalars, np.repeat(who[:, -1:], len(rows.events), axis=1)))
        output, at_background = float(answers[0]), answers[1 : 1 + count]
        path = np.empty((players + 1, len(walks.start)))
        path[0], path[players] = at_background[walks.start], output
        path[1:players] = answers[1 + count :].reshape(players - 1, len(walks.start))
        amounts = walks.gains(path).mean(axis=0)
        values = [None if np.isnan(value) else float(value) for value in scalars]
        contributions = [
            Contribution(name=name, value=value, amount=float(amount))
            for name, value, amount in zip((*self._names, self._events.name), (*values, None), amounts, strict=True)
        ]
        strip = self._draw_strip(rows, scalars, float(amounts[-1]), asked=len(answers)) if len(rows.events) else None
        return Attribution(
            target=rows.target,
            contributions=tuple(sorted(contributions, key=lambda c: -abs(c.amount))),
            base=float(at_background.mean()),
            output=output,
            strip=strip,
        )

    def _rows(
        self, who: NDArray[np.bool_], start: NDArray[np.intp], scalars: NDArray[np.float64], kept: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Rows whose scalars are the sample's for those who joined, else the background's."""
        return np.where(who[:, :-1], scalars, self._background[start]), kept

    def _draw_strip(self, rows: EventRows, scalars: NDArray[np.float64], total: float, *, asked: int) -> HeatStrip:
        budget = self._most_rows - asked
        bins = self._bins
        while True:
            edges, places = self._place(rows.events, bins)
            players, member = np.unique(places, return_inverse=True)
            if bins == 1 or 2 * len(players) <= budget:
                break
            bins //= 2
        amounts = self._share(rows, scalars, member, players // bins, total=total, budget=budget)
        names = [variable.name for variable in self._events.variables]
        table = np.full((len(names), bins), np.nan, dtype=np.float32)
        table[players // bins, players % bins] = amounts
        seen = np.flatnonzero(~np.isnan(table).all(axis=1))
        decisive = sorted(seen, key=lambda v: -float(np.nansum(np.abs(table[v]))))
        return HeatStrip(
            input=self._events.name,
            edges=tuple(float(edge) for edge in edges),
            variables=tuple(names[v] for v in decisive),
            amounts=table[decisive],
        )

    def _place(self, events: NDArray[np.float32], bins: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """The stretches' ends, and for each observation its variable and stretch as one number."""
        times = events[:, 0].astype(np.float64)
        low, high = self._span or (min(0.0, float(times.min())), float(times.max()))
        edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
        stretch = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, bins - 1)
        return edges, (events[:, 1].astype(np.intp) * bins + stretch).astype(np.intp)

    def _share(
        self,
        rows: EventRows,
        scalars: NDArray[np.float64],
        member: NDArray[np.intp],
        variable: NDArray[np.intp],
        *,
        total: float,
        budget: int,
    ) -> NDArray[np.float64]:
        """(players,) what each variable in each stretch adds; sums to `total`.

        Args:
            rows: The sample's events.
            scalars: The sample's.
            member: (observations,) the player to which each belongs.
            variable: (players,) the variable of each.
            total: What the events add.
            budget: Rows that may be asked for.
        """
        owner = np.unique(variable, return_inverse=True)[1]
        count, variables = len(owner), int(owner.max()) + 1
        inside = 2 * (count - variables)
        contexts = min(_MOST_CONTEXTS, max(1, budget // 2 // inside)) if inside else 0
        pairs = max(1, min(_MOST_PAIRS, (budget - contexts * inside) // (2 * variables)))
        rng = np.random.default_rng((self._seed, count))
        forward = np.stack([rng.permutation(variables) for _ in range(pairs)])
        walks = Walks(start=np.tile(np.arange(pairs), 2), order=np.concatenate([forward, forward[:, ::-1]]))
        # the contexts in which the events join: walks of the inputs, evenly spaced
        outer = (np.arange(pairs) * len(self._walks.start)) // pairs
        place = np.argsort(self._walks.order[outer], axis=1)
        before, start = place < place[:, -1:], self._walks.start[outer]
        steps = [walks.joined(step)[:, owner[member]] for step in range(1, variables)]
        nothing = np.zeros((pairs, len(member)), np.bool_)
        context = np.concatenate([np.arange(pairs), np.arange(pairs), *([walks.start] * len(steps))])
        kept = np.concatenate([nothing, ~nothing, *steps])
        answers = rows.ask(*self._rows(before[context], start[context], scalars, kept))
        path = np.empty((variables + 1, 2 * pairs))
        path[0], path[variables] = answers[:pairs][walks.start], answers[pairs : 2 * pairs][walks.start]
        path[1:variables] = answers[2 * pairs :].reshape(variables - 1, 2 * pairs)
        of_variables = spread(walks.gains(path).mean(axis=0), total)
        inner = plan_inner_walks(walks, owner, contexts, rng)
        chosen = walks.start[[walk.outer for walk in inner for _ in walk.kept]]
        asked = np.array([kept for walk in inner for kept in walk.kept], dtype=np.bool_).reshape(-1, count)[:, member]
        found = rows.ask(*self._rows(before[chosen], start[chosen], scalars, asked))
        return share_within(inner, found, path, of_variables, owner)
