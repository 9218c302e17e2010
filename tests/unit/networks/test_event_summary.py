"""The summary of observations equals a plain one, written variable by variable."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from salus.networks.event_summary import RATIO_STATISTICS, STATISTICS, EventSummary, last_time, observed_until

VARIABLES = 5
UNION = (1, 3)


def _events(seed: int, count: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    rows = np.stack(
        [rng.integers(0, 48 * 4, count) / 4, rng.integers(0, VARIABLES - 1, count), rng.normal(37, 2, count).round(1)],
        1,
    )
    return rows.astype(np.float32)


def _plain(rows: NDArray[np.float32], members: tuple[int, ...], *, now: float, recent: float) -> dict[str, float]:
    """One variable's statistics, in Python."""
    own = [(float(t), float(x)) for t, c, x in rows if int(c) in members]
    late = [x for t, x in own if t >= now - recent]
    values = [x for _, x in own]
    nan = math.nan
    found = dict.fromkeys(STATISTICS, nan) | {"count": float(len(own)), "total": sum(values)}
    found["recent_count"] = float(len(late))
    if own:
        mean = sum(values) / len(values)
        begin, end = min(t for t, _ in own), max(t for t, _ in own)
        found |= {"mean": mean, "minimum": min(values), "maximum": max(values), "since_last": now - end}
        found["deviation"] = math.sqrt(sum((x - mean) ** 2 for x in values) / len(values))
        found["first"] = float(np.mean([x for t, x in own if t == begin]))
        found["last"] = float(np.mean([x for t, x in own if t == end]))
        if len(own) > 2 and end > begin:
            found["slope"] = float(np.polyfit([t for t, _ in own], values, 1)[0])
    if late:
        found |= {"recent_mean": sum(late) / len(late), "recent_minimum": min(late), "recent_maximum": max(late)}
    return found


@pytest.mark.parametrize("count", [1, 7, 60])
def test_the_summary_is_what_a_plain_loop_finds(count: int) -> None:
    summary = EventSummary(VARIABLES, unions=[UNION], recent=6.0)
    rows = _events(count, count)
    answered = summary(torch.from_numpy(rows).unsqueeze(0))[0].numpy()
    assert answered.shape == (summary.width,)
    now = float(rows[:, 0].max())
    assert answered[-1] == now
    for column, members in enumerate([*((v,) for v in range(VARIABLES)), UNION]):
        plain = _plain(rows, members, now=now, recent=6.0)
        for place, statistic in enumerate(STATISTICS):
            value = answered[place * (VARIABLES + 1) + column]
            assert value == pytest.approx(plain[statistic], rel=2e-4, abs=1e-5, nan_ok=True), (statistic, members)


def test_a_ratio_divides_two_columns_and_is_unknown_where_one_is() -> None:
    summary = EventSummary(VARIABLES, unions=[UNION], ratios=[(0, VARIABLES), (0, VARIABLES - 1)])
    rows = torch.from_numpy(_events(9, 40)).unsqueeze(0)
    answered = summary(rows)[0]
    means = answered[2 * (VARIABLES + 1) : 3 * (VARIABLES + 1)]
    ratios = answered[-1 - 2 * len(RATIO_STATISTICS) : -1]
    assert float(ratios[0]) == pytest.approx(float(means[0] / means[VARIABLES]), rel=1e-6)
    assert bool(torch.isnan(ratios[1::2]).all())


def test_order_and_padding_do_not_change_a_bit() -> None:
    summary = EventSummary(VARIABLES, unions=[UNION])
    rows = _events(3, 50)
    mixed = np.concatenate([rows[::-1], np.full((9, 3), np.nan, np.float32)])
    first, second = (summary(torch.from_numpy(r.copy()).unsqueeze(0)) for r in (rows, mixed))
    assert torch.equal(torch.nan_to_num(first, nan=-1.0), torch.nan_to_num(second, nan=-1.0))


def test_values_that_never_change_have_no_deviation_and_no_slope() -> None:
    rows = torch.tensor([[[t / 7, 0.0, 0.4] for t in range(30)]])
    answered = EventSummary(1)(rows)[0]
    assert answered[STATISTICS.index("deviation")] == 0.0
    assert answered[STATISTICS.index("slope")] == 0.0


def test_nothing_observed_is_unknown_and_no_number() -> None:
    answered = EventSummary(2)(torch.full((1, 4, 3), torch.nan))[0].reshape(-1)
    counts = [i for i, name in enumerate(STATISTICS) if name in {"count", "total", "recent_count"}]
    for place in range(len(STATISTICS)):
        pair = answered[2 * place : 2 * place + 2]
        assert bool((pair == 0).all() if place in counts else torch.isnan(pair).all())
    assert answered[-1] == 0.0


def test_later_observations_become_padding() -> None:
    events: Tensor = torch.from_numpy(_events(5, 30)).unsqueeze(0)
    known = observed_until(events, 20.0)
    assert float(last_time(known)) <= 20.0
    kept = torch.logical_not(torch.isnan(known[0, :, 0]))
    assert torch.equal(kept, events[0, :, 0] <= 20.0)
    assert torch.equal(known[0][kept], events[0][kept])
