"""How fast and how large each form of a model is, on the machine at hand.

These figures belong to the build record; a package holds none of them, because they are never twice the same.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from salus.contracts.batches import Batch, count_samples, take_samples
from salus.optimisation.graph_predictor import GraphPredictor

_FEWEST_ROUNDS, _MOST_ROUNDS = 5, 200


class MeasuredVariant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form of a model, measured.

    Attributes:
        name: The variant's name.
        size: Bytes of its file.
        latency_ms: Median time of one call in milliseconds, by the number of samples in it, as text.
        speed_up: Median over the rounds of float32's time divided by this one's, likewise.
        threads: Of one operator.
        rounds: How many calls the medians rest on, likewise.
    """

    name: str
    size: int
    latency_ms: dict[str, float]
    speed_up: dict[str, float]
    threads: int
    rounds: dict[str, int]


def measure_variants(
    models: Mapping[str, bytes],
    sample: Batch,
    *,
    reference: str = "float32",
    batch_sizes: Sequence[int] = (1, 8),
    seconds: float = 2.0,
    threads: int = 1,
    skip_outputs: frozenset[str] = frozenset({"evidence", "course"}),
) -> tuple[MeasuredVariant, ...]:
    """Measure variants side by side: every round calls each of them once, so that a busy moment strikes all alike.

    Args:
        models: The files' contents by name, `reference` among them.
        sample: At least one rectangular sample; repeated to fill a batch.
        reference: The variant to which the others are compared.
        batch_sizes: Samples in a call.
        seconds: Time to spend on each batch size, about; at least 5 and at most 200 rounds, whatever it takes.
        threads: Of one operator.
        skip_outputs: Outputs that are not fetched.

    Returns:
        One entry per model, in the order given.
    """
    runners = {name: GraphPredictor(model, threads=threads, without=skip_outputs) for name, model in models.items()}
    times = {size: _time_rounds(runners, sample, size=size, seconds=seconds) for size in batch_sizes}
    return tuple(
        MeasuredVariant(
            name=name,
            size=len(model),
            latency_ms={str(size): 1e3 * statistics.median(times[size][name]) for size in batch_sizes},
            speed_up={
                str(size): statistics.median(
                    a / b for a, b in zip(times[size][reference], times[size][name], strict=True)
                )
                for size in batch_sizes
            },
            threads=threads,
            rounds={str(size): len(times[size][name]) for size in batch_sizes},
        )
        for name, model in models.items()
    )


def _time_rounds(
    runners: Mapping[str, GraphPredictor], sample: Batch, *, size: int, seconds: float
) -> dict[str, list[float]]:
    """Seconds of each call by variant; the variants take turns at being first. Two rounds before are not counted."""
    batch = take_samples(sample, np.arange(size) % count_samples(sample))
    times: dict[str, list[float]] = {name: [] for name in runners}
    _run_round(runners, batch, start=0, times=None)
    began = time.perf_counter()
    _run_round(runners, batch, start=0, times=None)
    rounds = int(np.clip(seconds / (time.perf_counter() - began), _FEWEST_ROUNDS, _MOST_ROUNDS))
    for turn in range(rounds):
        _run_round(runners, batch, start=turn % len(runners), times=times)
    return times


def _run_round(
    runners: Mapping[str, GraphPredictor], batch: Batch, *, start: int, times: dict[str, list[float]] | None
) -> None:
    names = list(runners)
    for name in names[start:] + names[:start]:
        began = time.perf_counter()
        runners[name].predict(batch)
        if times is not None:
            times[name].append(time.perf_counter() - began)
