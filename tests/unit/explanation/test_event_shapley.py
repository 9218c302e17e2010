from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution
from salus.contracts.tensors import TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.explanation.event_shapley import MOST_ROWS, EventShapleyExplainer
from salus.explanation.explained_output import ExplainedOutput
from salus.testing.explainers import check_explainer

_WORD = LocalizedText("word", "词")
_VARIABLES = 5
_EVENTS = TensorSpec(
    name="events",
    datatype="FP32",
    shape=(-1, -1, 3),
    title=_WORD,
    content="events",
    unit="h",
    variables=tuple(Variable(name=f"v{i}", title=_WORD, unit="1") for i in range(_VARIABLES)),
)
_VALUE = ExplainedOutput("value")
Formula = Callable[[dict[str, float], NDArray[np.float64]], float]
"""Of a row's scalars and its observations (observations, 3), without padding."""


class _Rows:
    """A value by a formula, row by row; counts what it is asked."""

    def __init__(self, formula: Formula) -> None:
        self._formula = formula
        self.rows = self.padded = 0

    def predict(self, batch: Batch) -> dict[str, Array]:
        events = batch["events"].astype(np.float64)
        assert events.ndim == 3
        assert events.shape[1] > 0
        self.rows += len(events)
        self.padded += events.shape[0] * events.shape[1]
        names = [name for name in batch if name != "events"]
        values = []
        for index, row in enumerate(events):
            scalars = {name: float(batch[name][index].item()) for name in names}
            values.append(self._formula(scalars, row[~np.isnan(row).all(axis=1)]))
        return {"value": np.array(values, np.float64)}


def _weighted(scalars: dict[str, float], events: NDArray[np.float64]) -> float:
    """A sum of functions of single observations and scalars."""
    return sum(scalars.values()) + float(((events[:, 1] + 1) * events[:, 2] * (1 + events[:, 0])).sum())


def _crossed(scalars: dict[str, float], events: NDArray[np.float64]) -> float:
    """Everything acts on everything."""
    a, b = scalars.get("a", 1.0), scalars.get("b", 0.5)
    return float(
        np.tanh(a * b + 0.2 * len(events)) + 0.3 * a * np.sin(events[:, 2].sum()) + b * np.cos(events[:, 1]).sum()
    )


def _sample(rng: np.random.Generator, count: int, hours: float = 48.0) -> NDArray[np.float32]:
    columns = [rng.uniform(0, hours, count), rng.integers(0, _VARIABLES, count), rng.normal(size=count)]
    return np.stack(columns, axis=1).astype(np.float32)


def _explain(explainer: EventShapleyExplainer, predictor: _Rows, events: Array, **scalars: float) -> Attribution:
    batch: dict[str, Array] = {name: np.array([value], np.float32) for name, value in scalars.items()}
    batch["events"] = np.asarray(events)[None]
    return explainer.explain(predictor, batch, targets=np.array([0]))[0]


def _amounts(found: Attribution) -> dict[str, float]:
    return {c.name: c.amount for c in found.contributions}


def test_three_players_give_the_values_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    background = {"a": rng.normal(size=4).astype(np.float32), "b": rng.normal(size=4).astype(np.float32)}
    events, own = _sample(rng, 6), {"a": 0.5, "b": -1.5}
    found = _explain(EventShapleyExplainer(background, _EVENTS, explained=_VALUE), _Rows(_crossed), events, **own)

    def value(chosen: set[str]) -> float:
        rows = [
            {name: own[name] if name in chosen else float(background[name][row]) for name in own} for row in range(4)
        ]
        observed = events.astype(np.float64) if "events" in chosen else np.empty((0, 3))
        return float(np.mean([_crossed(row, observed) for row in rows]))

    players = ("a", "b", "events")
    for player in players:
        amount = 0.0
        for order in itertools.permutations(players):
            before = set(order[: order.index(player)])
            amount += (value(before | {player}) - value(before)) / math.factorial(3)
        assert _amounts(found)[player] == pytest.approx(amount, abs=1e-6)
    assert found.base == pytest.approx(value(set()), abs=1e-6)
    assert found.output == pytest.approx(value(set(players)), abs=1e-6)


def test_a_sum_over_observations_is_shared_exactly() -> None:
    rng = np.random.default_rng(1)
    events = _sample(rng, 40)
    found = _explain(
        EventShapleyExplainer({"a": np.zeros(3)}, _EVENTS, explained=_VALUE, span=(0.0, 48.0)),
        _Rows(_weighted),
        events,
        a=2.0,
    )
    strip = found.strip
    assert strip is not None
    assert strip.edges == tuple(np.linspace(0, 48, 13))
    expected = np.full((_VARIABLES, 12), np.nan)
    for time, variable, value in events.astype(np.float64):
        cell = int(variable), min(int(time // 4), 11)
        expected[cell] = np.nan_to_num(expected[cell]) + (variable + 1) * value * (1 + time)
    for row, name in enumerate(strip.variables):
        np.testing.assert_allclose(strip.amounts[row], expected[int(name[1:])], rtol=1e-4, atol=1e-4)
    assert _amounts(found)["a"] == pytest.approx(2.0)
    sizes = np.nansum(np.abs(strip.amounts), axis=1)
    assert (np.diff(sizes) <= 0).all()


def test_two_cells_that_act_together_share_as_owen_says() -> None:
    """One scalar and events of two variables: the twin walks all orders in which the two variables stay together."""
    background = {"a": np.array([0.3], np.float32)}
    events = np.array([[1.0, 0.0, 2.0], [1.0, 3.0, -1.0]], np.float32)

    def formula(scalars: dict[str, float], rows: NDArray[np.float64]) -> float:
        first, second = rows[rows[:, 1] == 0, 2].sum(), rows[rows[:, 1] == 3, 2].sum()
        return float(first * second + scalars["a"] * first + second**2)

    found = _explain(EventShapleyExplainer(background, _EVENTS, explained=_VALUE), _Rows(formula), events, a=1.0)
    orders = [("a", 0, 1), ("a", 1, 0), (0, 1, "a"), (1, 0, "a")]
    owen = dict.fromkeys(("a", 0, 1), 0.0)
    for order in orders:
        for place, player in enumerate(order):
            gain = 0.0
            for sign, joined in ((1, order[: place + 1]), (-1, order[:place])):
                kept = events[[i for i in (0, 1) if i in joined]].astype(np.float64)
                gain += sign * formula({"a": 1.0 if "a" in joined else float(background["a"][0])}, kept)
            owen[player] += gain / len(orders)
    strip = found.strip
    assert strip is not None
    told = {name: float(np.nansum(strip.amounts[row])) for row, name in enumerate(strip.variables)}
    assert told["v0"] == pytest.approx(owen[0], abs=1e-5)
    assert told["v3"] == pytest.approx(owen[1], abs=1e-5)
    assert _amounts(found)["a"] == pytest.approx(owen["a"], abs=1e-5)


def test_stretches_of_one_variable_share_its_part_as_nested_owen_says() -> None:
    """Two variables, two stretches each: the twin walks all orders in which a variable's stretches stay together."""
    events = np.array([[1.0, 0, 1.0], [9.0, 0, -2.0], [1.0, 1, 0.5], [9.0, 1, 1.5]], np.float32)

    def formula(scalars: dict[str, float], rows: NDArray[np.float64]) -> float:
        return float(np.exp(0.3 * rows[:, 2].sum()) + 0.2 * len(rows) ** 2)

    explainer = EventShapleyExplainer({}, _EVENTS, explained=_VALUE, span=(0.0, 10.0), bins=2)
    strip = _explain(explainer, _Rows(formula), events).strip
    assert strip is not None
    owen = np.zeros(4)
    orders = [
        (*one, *other) if not swapped else (*other, *one)
        for one in itertools.permutations((0, 1))
        for other in itertools.permutations((2, 3))
        for swapped in (False, True)
    ]
    for order in orders:
        for place, player in enumerate(order):
            after, before = (events[sorted(order[:end])].astype(np.float64) for end in (place + 1, place))
            owen[player] += (formula({}, after) - formula({}, before)) / len(orders)
    told = {name: strip.amounts[row] for row, name in enumerate(strip.variables)}
    np.testing.assert_allclose([*told["v0"], *told["v1"]], owen, atol=1e-4)


def test_the_strip_sums_to_the_contribution_of_the_events_and_all_sums_to_the_output() -> None:
    rng = np.random.default_rng(2)
    background = {name: rng.normal(size=50) for name in ("a", "b")}
    explainer = EventShapleyExplainer(background, _EVENTS, explained=_VALUE)
    for count in (1, 2, 30, 300):
        found = _explain(explainer, _Rows(_crossed), _sample(rng, count), a=1.0, b=-0.5)
        assert found.base is not None
        assert found.output is not None
        assert found.strip is not None
        total = math.fsum([found.base, *_amounts(found).values()])
        assert total == pytest.approx(found.output, abs=1e-9)
        assert float(np.nansum(found.strip.amounts)) == pytest.approx(_amounts(found)["events"], abs=1e-4)


def test_an_observation_that_changes_nothing_gets_nothing() -> None:
    rng = np.random.default_rng(3)
    events = _sample(rng, 60)

    def formula(scalars: dict[str, float], rows: NDArray[np.float64]) -> float:
        return float(np.tanh(scalars["a"] * rows[rows[:, 1] == 2, 2].sum()))

    found = _explain(
        EventShapleyExplainer({"a": rng.normal(size=9)}, _EVENTS, explained=_VALUE), _Rows(formula), events, a=1.0
    )
    assert found.strip is not None
    for row, name in enumerate(found.strip.variables):
        if name != "v2":
            assert np.nansum(np.abs(found.strip.amounts[row])) == 0.0
    assert found.strip.variables[0] == "v2"


def test_nothing_observed_adds_nothing_and_has_no_strip() -> None:
    explainer = EventShapleyExplainer({"a": np.zeros(2)}, _EVENTS, explained=_VALUE)
    found = _explain(explainer, _Rows(_weighted), np.full((3, 3), np.nan, np.float32), a=4.0)
    assert found.strip is None
    assert _amounts(found) == {"a": pytest.approx(4.0), "events": 0.0}


def test_events_alone_are_explained_against_no_events() -> None:
    rng = np.random.default_rng(4)
    events = _sample(rng, 10)
    found = _explain(EventShapleyExplainer({}, _EVENTS, explained=_VALUE), _Rows(_weighted), events)
    assert found.base == 0.0
    assert _amounts(found)["events"] == pytest.approx(_weighted({}, events.astype(np.float64)), rel=1e-6)


def test_one_explanation_stays_within_its_budget_and_pads_little() -> None:
    rng = np.random.default_rng(5)
    background = {f"s{i}": rng.normal(size=100) for i in range(5)}
    for count in (1, 40, 400, 900):
        predictor = _Rows(_weighted)
        explainer = EventShapleyExplainer(background, _EVENTS, explained=_VALUE)
        _explain(explainer, predictor, _sample(rng, count), **dict.fromkeys(background, 0.5))
        assert predictor.rows <= MOST_ROWS
        assert predictor.padded <= 0.75 * predictor.rows * count + predictor.rows
    small = EventShapleyExplainer(background, _EVENTS, explained=_VALUE, most_rows=150)
    predictor = _Rows(_weighted)
    found = _explain(small, predictor, _sample(rng, 400), **dict.fromkeys(background, 0.5))
    assert predictor.rows <= 150
    assert found.strip is not None
    assert found.strip.amounts.shape[1] < 12  # fewer stretches, so that a pair of walks fits


def test_padding_and_other_samples_change_nothing() -> None:
    rng = np.random.default_rng(6)
    explainer = EventShapleyExplainer({"a": rng.normal(size=20)}, _EVENTS, explained=_VALUE)
    lengths = (5, 30, 17)
    ragged = np.empty(3, dtype=object)
    padded = np.full((3, 40, 3), np.nan, np.float32)
    for index, count in enumerate(lengths):
        ragged[index] = _sample(rng, count)
        padded[index, 3 : 3 + count] = ragged[index]
    scalars = rng.normal(size=3).astype(np.float32)
    targets = np.zeros(3, np.int64)
    one = explainer.explain(_Rows(_crossed), {"a": scalars, "events": ragged}, targets=targets)
    other = explainer.explain(_Rows(_crossed), {"events": padded, "a": scalars}, targets=targets)
    for index in range(3):
        alone = _explain(explainer, _Rows(_crossed), ragged[index], a=float(scalars[index]))
        for found in (other[index], alone):
            assert _amounts(found) == _amounts(one[index])
            assert found.strip is not None
            np.testing.assert_array_equal(found.strip.amounts, one[index].strip.amounts)  # type: ignore[union-attr]  # has one


def test_events_are_a_conformant_explanation() -> None:
    rng = np.random.default_rng(7)
    events = np.stack([_sample(rng, 20) for _ in range(4)])
    batch: dict[str, Array] = {"events": events, "a": rng.normal(size=4).astype(np.float32)}
    explainer = EventShapleyExplainer({"a": rng.normal(size=30)}, _EVENTS, explained=_VALUE)
    check_explainer(explainer, _Rows(_crossed), batch, targets=np.zeros(4, np.int64))


def test_times_outside_the_span_count_to_the_first_and_last_stretch() -> None:
    events = np.array([[-5.0, 0, 1.0], [0.0, 0, 1.0], [99.0, 0, 1.0], [10.0, 1, 1.0]], np.float32)
    explainer = EventShapleyExplainer({}, _EVENTS, explained=_VALUE, span=(0.0, 10.0), bins=2)

    def count_of_first(scalars: dict[str, float], rows: NDArray[np.float64]) -> float:
        return float((rows[:, 1] == 0).sum())

    strip = _explain(explainer, _Rows(count_of_first), events).strip
    assert strip is not None
    assert strip.variables == ("v0", "v1")
    np.testing.assert_allclose(strip.amounts, [[2.0, 1.0], [np.nan, 0.0]])


def test_what_cannot_be_explained_is_refused() -> None:
    explainer = EventShapleyExplainer({"a": np.zeros(2)}, _EVENTS, explained=_VALUE)
    good = np.array([[1.0, 0.0, 1.0]], np.float32)
    with pytest.raises(InvalidInput, match="scalar inputs of the background"):
        _explain(explainer, _Rows(_weighted), good, b=1.0)
    for bad in ([np.nan, 0.0, 1.0], [1.0, np.nan, 1.0], [1.0, 5.0, 1.0], [1.0, -1.0, 1.0], [1.0, 0.5, 1.0]):
        with pytest.raises(InvalidInput, match="observations of"):
            _explain(explainer, _Rows(_weighted), np.array([bad], np.float32), a=1.0)
    for background in ({"a": np.empty(0)}, {"a": np.zeros(2), "b": np.zeros(3)}):
        with pytest.raises(InvalidInput, match="background"):
            EventShapleyExplainer(background, _EVENTS)
    whole = EventShapleyExplainer({"a": np.array([np.nan, 1.0])}, _EVENTS, explained=_VALUE)
    with pytest.raises(InvalidInput, match="no missing value"):
        whole.explain(_Rows(_weighted), {"a": np.array([1]), "events": good[None]}, targets=np.array([0]))
