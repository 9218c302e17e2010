from __future__ import annotations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.reports import EvaluationReport
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.evaluation.judges import judge_of
from salus.evaluation.judging import Judge
from salus.evaluation.regression.judge import RegressionJudge

JUDGE = RegressionJudge()


def task(close: float | None = 0.2) -> Task:
    question = Regression(quantity=LocalizedText("dose", "剂量"), unit="mg/wk", close=close)
    spec = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=LocalizedText("x", "值"), content="scalar")
    return Task(
        name="dose",
        title=LocalizedText("How much?", "多少？"),
        question=question,
        signature=Signature((spec,), regression_outputs(question)),
        intended_use=LocalizedText("Tests.", "测试。"),
        limits=LocalizedText("Others.", "其他。"),
    )


def made(count: int, seed: int) -> tuple[Split, dict[str, NDArray[np.generic]]]:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(10, 60, count)
    value = truth + rng.normal(0, 5, count)
    names = np.array([f"s{row}" for row in range(count)])
    groups = {"race": np.where(np.arange(count) < 15, "few", "many")}
    part = Split({"x": np.zeros(count)}, np.zeros(count, np.int64), names, names, groups, targets={"value": truth})
    interval = np.stack([value - 8.0, value + 8.0], axis=1)
    return part, {"value": value.astype(np.float32), "value_interval": interval.astype(np.float32)}


def test_the_measures_are_those_of_scikit_learn_and_of_plain_counting() -> None:
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    part, outputs = made(300, 0)
    truth, value = part.targets["value"], outputs["value"].astype(np.float64)

    report = JUDGE.report(outputs, part, task=task(), part="test", threshold=None, seed=0, resamples=50)

    found = {m.name: m.value for m in report.measures if m.subgroup is None}
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, value))
    assert found["rmse"] == pytest.approx(root_mean_squared_error(truth, value))
    assert found["r2"] == pytest.approx(r2_score(truth, value))
    assert found["bias"] == pytest.approx(float(np.mean(value - truth)))
    assert found["within"] == pytest.approx(sum(abs(v - t) <= 0.2 * t for v, t in zip(value, truth, strict=True)) / 300)
    assert found["coverage"] == pytest.approx(sum(abs(v - t) <= 8 for v, t in zip(value, truth, strict=True)) / 300)
    assert found["interval_width"] == pytest.approx(16.0)
    assert JUDGE.report(outputs, part, task=task(None), part="test", threshold=None, seed=0).measure("within") is None


def test_small_subgroups_have_no_values_and_intervals_hold_their_points() -> None:
    part, outputs = made(200, 1)

    report = JUDGE.report(outputs, part, task=task(), part="test", threshold=None, seed=0, resamples=100)

    few, many = report.measure("mae", "race=few"), report.measure("mae", "race=many")
    assert msgspec.json.decode(msgspec.json.encode(report), type=EvaluationReport) == report
    assert few is not None
    assert many is not None
    assert (few.value, few.samples) == (None, 15)
    assert many.interval is not None
    assert many.interval.low < (many.value or 0.0) < many.interval.high


def test_the_calibration_curve_holds_the_means_of_its_bins() -> None:
    part, outputs = made(200, 2)

    report = JUDGE.report(outputs, part, task=task(), part="test", threshold=None, seed=0, resamples=10)

    curve = next(curve for curve in report.curves if curve.name == "calibration")
    order = np.argsort(outputs["value"].astype(np.float64))
    first = order[:20]
    assert len(curve.x) == 10
    assert curve.x[0] == pytest.approx(outputs["value"][first].astype(np.float64).mean())
    assert curve.y[0] == pytest.approx(part.targets["value"][first].mean())
    assert sorted(JUDGE.pictures(report)) == ["calibration"]


def test_the_loss_is_the_growth_of_the_mean_absolute_error() -> None:
    part, outputs = made(400, 3)
    worse = {**outputs, "value": outputs["value"].astype(np.float32) + np.float32(3.0)}

    lost = JUDGE.loss(part, outputs, worse, task=task(), seed=0)

    truth = part.targets["value"]
    errors = [np.abs(answer["value"].astype(np.float64) - truth).mean() for answer in (outputs, worse)]
    assert lost.value == pytest.approx(errors[1] - errors[0])
    assert lost.low <= lost.value <= lost.high


def test_persons_with_several_samples_are_drawn_as_one() -> None:
    part, outputs = made(300, 4)
    rows = np.repeat(np.arange(100), 3)
    tripled = {name: column[rows] for name, column in outputs.items()}
    names = np.array([f"t{row}" for row in range(300)])
    whole = part.take(rows)
    shared = Split(whole.inputs, whole.labels, names, whole.subjects, targets=whole.targets)

    report = JUDGE.report(tripled, shared, task=task(), part="test", threshold=None, seed=0)
    alone = JUDGE.report(
        {name: column[:100] for name, column in outputs.items()},
        part.take(np.arange(100)),
        task=task(),
        part="test",
        threshold=None,
        seed=0,
    )

    widths = []
    for one in (report, alone):
        found = one.measure("mae")
        assert found is not None
        assert found.interval is not None
        widths.append(found.interval.high - found.interval.low)
    assert widths[0] == pytest.approx(widths[1], rel=0.15)


def test_answers_that_are_no_numbers_and_other_kinds_are_refused() -> None:
    part, outputs = made(30, 5)
    broken = {**outputs, "value": np.where(np.arange(30) == 4, np.nan, outputs["value"].astype(np.float32))}
    found: Judge = judge_of("regression")

    assert np.flatnonzero(~found.answered(broken)).tolist() == [4]
    with pytest.raises(InvalidInput, match="1 answers"):
        JUDGE.report(broken, part, task=task(), part="test", threshold=None, seed=0)
    with pytest.raises(InvalidInput, match="shape"):
        JUDGE.report(
            {**outputs, "value_interval": outputs["value"]}, part, task=task(), part="t", threshold=None, seed=0
        )
