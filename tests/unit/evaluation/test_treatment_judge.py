from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.reports import EvaluationReport
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Option, treatment_outputs
from salus.evaluation.judges import judge_of
from salus.evaluation.judging import Judge
from salus.evaluation.treatment.judge import TreatmentJudge

Floats = NDArray[np.float64]
JUDGE = TreatmentJudge()


def task(better: str = "higher") -> Task:
    question = Choice(
        options=tuple(Option(name=name, title=LocalizedText(name, "方案")) for name in ("none", "drug")),
        outcome=LocalizedText("months", "月数"),
        unit="mo",
        better="higher" if better == "higher" else "lower",
    )
    spec = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=LocalizedText("x", "值"), content="scalar")
    return Task(
        name="choice",
        title=LocalizedText("Which?", "哪一种？"),
        question=question,
        signature=Signature((spec,), treatment_outputs(question)),
        intended_use=LocalizedText("Tests.", "测试。"),
        limits=LocalizedText("Others.", "其他。"),
    )


def split(outcome: Floats, given: NDArray[np.int64], **targets: Floats) -> Split:
    names = np.array([f"s{row}" for row in range(len(given))])
    groups = {"sex": np.where(np.arange(len(given)) % 2 == 0, "f", "m")}
    inputs = {"x": np.zeros(len(given), np.float32)}
    return Split(inputs, given, names, names, groups, targets={"outcome": outcome, **targets})


def answers(
    outcome: Floats, propensity: Floats, overlap: NDArray[np.bool_], *, sign: int = 1
) -> dict[str, NDArray[np.generic]]:
    return {
        "outcome": outcome.astype(np.float32),
        "effect": (outcome - outcome[:, :1]).astype(np.float32),
        "ranking": np.argsort(-sign * outcome, axis=1, kind="stable").astype(np.int64),
        "propensity": np.stack([1 - propensity, propensity], axis=1).astype(np.float32),
        "overlap": overlap,
    }


def values(outputs: Batch, part: Split, *, better: str = "higher") -> Mapping[str, float]:
    report = JUDGE.report(outputs, part, task=task(better), part="test", threshold=None, seed=0, resamples=20)
    return {m.name: m.value for m in report.measures if m.subgroup is None and m.value is not None}


def made(count: int, seed: int) -> tuple[Split, Batch, Floats, Floats]:
    """A confounded sample, honest answers about it, and the two true mean outcomes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=count)
    propensity = 1 / (1 + np.exp(-x))
    given = (rng.random(count) < propensity).astype(np.int64)
    both = np.stack([10.0 - x, 10.0 + x], axis=1)
    observed = both[np.arange(count), given] + rng.normal(0, 1.0, count)
    overlap = np.abs(x) < 1.5
    return split(observed, given, effect=2 * x), answers(both, propensity, overlap), both, x


def test_the_measures_are_those_that_a_plain_loop_gives() -> None:
    part, outputs, both, x = made(400, 0)

    found = values(outputs, part)

    given, observed = part.labels, part.targets["outcome"]
    chance, inside = outputs["propensity"].astype(np.float64), outputs["overlap"].astype(np.bool_)
    total: list[float] = []
    kept: list[float] = []
    took: list[float] = []
    left: list[float] = []
    errors: list[float] = []
    for row in range(len(part)):
        best = 1 if both[row, 1] > both[row, 0] else 0
        errors.append((both[row, given[row]] - observed[row]) ** 2)
        if not inside[row]:
            continue
        score = both[row, best]
        if given[row] == best:
            score += (observed[row] - both[row, best]) / chance[row, best]
        total.append(score)
        kept.append(observed[row])
        (took if given[row] == best else left).append(observed[row])
    assert found["outcome_rmse"] == pytest.approx(np.sqrt(np.mean(errors)), rel=1e-5)
    assert found["overlap"] == pytest.approx(inside.mean())
    assert found["policy_value"] == pytest.approx(np.mean(total), rel=1e-5)
    assert found["policy_gain"] == pytest.approx(np.mean(total) - np.mean(kept), rel=1e-4)
    assert found["recommended_difference"] == pytest.approx(np.mean(took) - np.mean(left), rel=1e-5)
    assert found["sqrt_pehe"] == pytest.approx(np.sqrt(np.mean((both[:, 1] - both[:, 0] - 2 * x) ** 2)), abs=1e-5)
    assert found["ate_error"] == pytest.approx(0.0, abs=1e-5)
    assert found["policy_regret"] == pytest.approx(0.0, abs=1e-6)


def test_doubly_robust_values_are_right_even_where_the_outcomes_are_wrong() -> None:
    part, outputs, both, x = made(20000, 1)
    wrong = answers(np.tile([0.0, 0.1], (20000, 1)), outputs["propensity"][:, 1].astype(np.float64), np.abs(x) < 1.5)

    found = values(wrong, part)

    inside = np.abs(x) < 1.5
    assert found["effect_aipw"] == pytest.approx((both[inside, 1] - both[inside, 0]).mean(), abs=0.3)
    assert found["policy_value"] == pytest.approx(both[inside, 1].mean(), abs=0.3)


def test_where_lower_is_better_a_gain_is_still_above_zero() -> None:
    part, outputs, both, x = made(5000, 2)
    lower = answers(both, outputs["propensity"][:, 1].astype(np.float64), np.abs(x) < 1.5, sign=-1)

    found = values(lower, part, better="lower")

    assert found["policy_gain"] > 0.5
    assert found["policy_value"] < 10.0
    assert found["recommended_difference"] > 0
    assert found["policy_regret"] == pytest.approx(0.0, abs=1e-6)


def test_wrong_recommendations_cost_what_the_true_effect_is() -> None:
    given = np.array([0, 1, 0, 1] * 10)
    effect = np.array([2.0, -1.0, 0.0, 4.0] * 10)
    part = split(np.zeros(40), given, effect=effect)
    outputs = answers(np.tile([0.0, 1.0], (40, 1)), np.full(40, 0.5), np.ones(40, np.bool_))

    found = values(outputs, part)

    assert found["policy_regret"] == pytest.approx(np.mean([0.0, 1.0, 0.0, 0.0]))
    assert found["ate_error"] == pytest.approx(abs(1.0 - effect.mean()))


def test_without_true_effects_nothing_is_said_of_them_and_intervals_hold_their_points() -> None:
    part, outputs, _, _ = made(300, 3)
    observed = split(part.targets["outcome"], part.labels)

    report = JUDGE.report(outputs, observed, task=task(), part="test", threshold=None, seed=0, resamples=50)

    assert report.measure("sqrt_pehe") is None
    assert msgspec.json.decode(msgspec.json.encode(report), type=EvaluationReport) == report
    for measure in report.measures:
        if measure.value is not None and measure.interval is not None:
            assert measure.interval.low <= measure.value <= measure.interval.high
    assert report.measure("outcome_rmse", "sex=f") is not None
    again = JUDGE.report(outputs, observed, task=task(), part="test", threshold=None, seed=0, resamples=50)
    assert again == report


def test_a_subgroup_in_which_nobody_was_given_the_other_option_has_no_values() -> None:
    part, outputs, _, _ = made(200, 4)
    alone = Split(
        part.inputs,
        np.where(np.arange(200) % 2 == 0, 0, part.labels),
        part.sample_ids,
        part.subjects,
        part.groups,
        targets=part.targets,
    )

    report = JUDGE.report(outputs, alone, task=task(), part="test", threshold=None, seed=0, resamples=20)

    found = report.measure("outcome_rmse", "sex=f")
    assert found is not None
    assert found.value is None
    assert found.samples == 100


def test_the_loss_of_a_worse_form_is_above_zero_and_of_the_same_form_nothing() -> None:
    part, outputs, both, x = made(500, 5)
    worse = answers(both + 1.0, outputs["propensity"][:, 1].astype(np.float64), np.abs(x) < 1.5)

    lost = JUDGE.loss(part, outputs, worse, task=task(), seed=0)
    same = JUDGE.loss(part, outputs, outputs, task=task(), seed=0)

    assert (lost.measure, same.value, same.low, same.high) == ("outcome_rmse", 0.0, 0.0, 0.0)
    assert 0 < lost.low <= lost.value <= lost.high


def test_unusable_answers_are_told_and_refused_in_a_report() -> None:
    part, outputs, _, _ = made(50, 6)
    broken = {
        **outputs,
        "outcome": np.where(np.arange(50)[:, None] == 3, np.nan, outputs["outcome"].astype(np.float32)),
    }

    assert np.flatnonzero(~JUDGE.answered(broken)).tolist() == [3]
    with pytest.raises(InvalidInput, match="1 answers"):
        JUDGE.report(broken, part, task=task(), part="test", threshold=None, seed=0)


def test_the_pictures_are_drawn_from_the_report_and_always_the_same() -> None:
    part, outputs, _, _ = made(300, 7)
    report = JUDGE.report(outputs, part, task=task(), part="test", threshold=None, seed=0, resamples=20)

    pictures = JUDGE.pictures(report)

    assert sorted(pictures) == ["effect", "outcome", "propensity"]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures.values())
    assert pictures == JUDGE.pictures(report)


def test_the_kind_of_the_task_leads_to_this_judge() -> None:
    found: Judge = judge_of("treatment")

    assert isinstance(found, TreatmentJudge)
