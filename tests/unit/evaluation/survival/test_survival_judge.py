from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from salus.contracts.batches import Batch
from salus.contracts.classification import Classification, ClassLabel
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.evaluation.survival.judge import SurvivalJudge

WORDS = LocalizedText("words", "文字")
QUESTION = TimeToEvent(event=WORDS, unit="mo", times=(6, 12, 24, 36), horizons=(12, 36))


def make_task(question: TimeToEvent | Classification = QUESTION) -> Task:
    spec = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=WORDS, content="scalar")
    return Task(
        name="toy",
        title=WORDS,
        question=question,
        signature=Signature((spec,), survival_outputs(QUESTION)),
        intended_use=WORDS,
        limits=WORDS,
    )


def make_part(
    count: int = 160, *, last: float = np.inf
) -> tuple[Split, dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=count)
    time = np.minimum(rng.exponential(20 * np.exp(-x)) + 0.1, 60.0)
    names = np.array([f"s-{k}" for k in range(count)])
    split = Split(
        inputs={"x": x.astype(np.float32)},
        labels=(rng.random(count) < 0.7).astype(np.int64),
        sample_ids=names,
        subjects=names,
        groups={"sex": np.where(np.arange(count) < 6, "other", np.where(x > 0, "f", "m"))},
        targets={"time": time},
    )
    times = np.array(QUESTION.times)
    survival = np.exp(-np.exp(x)[:, None] * times / 30)
    survival[:, times > last] = np.nan
    return split, {"survival": survival.astype(np.float32), "score": x.astype(np.float32)}


def test_a_report_holds_every_measure_by_subgroup_and_the_curves() -> None:
    split, outputs = make_part()

    report = SurvivalJudge().report(outputs, split, task=make_task(), part="test", threshold=None, seed=1, resamples=40)

    names = {measure.name for measure in report.measures if measure.subgroup is None}
    assert names >= {"c_index", "c_index_ipcw", "ibs", "d_calibration", "brier_12", "brier_36", "calibration_12"}
    few = report.measure("c_index", "sex=other")
    assert few is not None
    assert (few.value, few.interval, few.samples) == (None, None, 6)
    women = report.measure("ibs", "sex=f")
    assert women is not None
    assert women.value is not None
    assert {"mean_survival", "kaplan_meier", "kaplan_meier_low", "calibration_36_high", "brier", "brier_reference"} <= {
        curve.name for curve in report.curves
    }
    assert report.samples == 160
    assert report.classes == ()


def test_curves_are_judged_up_to_where_they_are_told_and_no_further() -> None:
    split, outputs = make_part(last=24)

    report = SurvivalJudge().report(outputs, split, task=make_task(), part="test", threshold=None, seed=1, resamples=20)

    beyond, within = report.measure("brier_36"), report.measure("brier_12")
    assert beyond is not None
    assert within is not None
    assert beyond.value is None
    assert within.value is not None
    mean = next(curve for curve in report.curves if curve.name == "mean_survival")
    assert mean.x == (0.0, 6.0, 12.0, 24.0)


def test_repeated_visits_of_a_person_widen_the_intervals() -> None:
    split, outputs = make_part()
    alone = SurvivalJudge().report(outputs, split, task=make_task(), part="t", threshold=None, seed=1, resamples=80)
    grouped = Split(
        inputs=split.inputs,
        labels=split.labels,
        sample_ids=split.sample_ids,
        subjects=np.array([f"p-{int(rank) // 20}" for rank in np.argsort(np.argsort(split.targets["time"]))]),
        targets=split.targets,
    )
    together = SurvivalJudge().report(
        outputs, grouped, task=make_task(), part="t", threshold=None, seed=1, resamples=80
    )

    def width(measure: str, report: object) -> float:
        found = report.measure(measure)  # type: ignore[attr-defined]  # a report
        return float(found.interval.high - found.interval.low)

    assert width("brier_12", together) > width("brier_12", alone)


def test_the_loss_of_a_form_is_that_of_harrells_c() -> None:
    split, outputs = make_part()
    worse: Batch = {**outputs, "score": np.random.default_rng(0).normal(size=160).astype(np.float32)}

    loss = SurvivalJudge().loss(split, outputs, worse, task=make_task(), seed=1)

    assert loss.measure == "c_index"
    assert 0 < loss.low <= loss.value <= loss.high


def test_only_samples_with_a_curve_and_a_score_are_answered() -> None:
    _, outputs = make_part(4)
    outputs["survival"][1] = np.nan
    outputs["score"][2] = np.nan

    assert SurvivalJudge().answered(outputs).tolist() == [True, False, False, True]


@pytest.mark.parametrize("wrong", ["outputs", "time", "label", "curve", "kind"])
def test_what_does_not_fit_is_refused(wrong: str) -> None:
    split, outputs = make_part()
    task = make_task()
    if wrong == "outputs":
        outputs["survival"] = outputs["survival"][:, :2]
    if wrong == "time":
        split = Split(split.inputs, split.labels, split.sample_ids, split.subjects)
    if wrong == "label":
        split = Split(split.inputs, split.labels + 1, split.sample_ids, split.subjects, targets=split.targets)
    if wrong == "curve":
        outputs["survival"][0] = np.nan
    if wrong == "kind":
        labels = (ClassLabel(name="a", title=WORDS), ClassLabel(name="b", title=WORDS))
        task = make_task(Classification(classes=labels))

    with pytest.raises(InvalidInput):
        SurvivalJudge().report(outputs, split, task=task, part="test", threshold=None, seed=1, resamples=10)


def test_the_pictures_are_drawn_from_the_report_alone_and_always_alike() -> None:
    split, outputs = make_part()
    judge = SurvivalJudge()
    report = judge.report(outputs, split, task=make_task(), part="test", threshold=None, seed=1, resamples=20)

    pictures = judge.pictures(report)

    assert set(pictures) == {"survival", "calibration_12", "calibration_36", "brier"}
    assert pictures["brier"] == judge.pictures(report)["brier"]
    assert Image.open(io.BytesIO(pictures["survival"])).size == (640, 480)
