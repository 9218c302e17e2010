from __future__ import annotations

import io

import msgspec
import numpy as np
import pytest
from PIL import Image

from salus.contracts.errors import InvalidInput
from salus.contracts.packages import Variant
from salus.contracts.reports import EvaluationReport, Interval, Measure
from salus.contracts.tasks import Goal
from salus.evaluation.curves import MOST_POINTS
from salus.evaluation.gate import find_unmet_goals
from salus.evaluation.pictures import draw_pictures, draw_variants
from salus.evaluation.report import evaluate


def _outputs(count: int, *, classes: int = 2, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count)
    logits = rng.normal(size=(count, classes)) + 2 * np.eye(classes)[labels]
    p = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)
    return {"probabilities": p, "prediction_set": p > 0.2}, labels


@pytest.fixture(scope="module")
def report() -> EvaluationReport:
    outputs, labels = _outputs(700)
    sex = np.where(np.arange(700) % 3 == 0, "f", "m")
    site = np.where(np.arange(700) < 10, "rare", np.where(labels == 1, "sick", "mixed"))
    return evaluate(
        outputs,
        labels,
        part="test",
        classes=("benign", "malignant"),
        threshold=0.45,
        groups={"sex": sex, "site": site},
        seed=0,
        resamples=100,
    )


def test_all_samples_come_first_and_each_subgroup_counts_its_own(report: EvaluationReport) -> None:
    subgroups = [m.subgroup for m in report.measures]
    assert subgroups[0] is None
    assert subgroups.index("sex=f") > max(i for i, name in enumerate(subgroups) if name is None)
    found = report.measure("auroc", "sex=f")
    assert found is not None
    assert found.samples == len(range(0, 700, 3))
    assert found.value is not None
    assert found.interval is not None


def test_a_small_or_one_sided_subgroup_has_no_value(report: EvaluationReport) -> None:
    for subgroup, samples in (("site=rare", 10), ("site=sick", None)):
        found = [m for m in report.measures if m.subgroup == subgroup]
        assert found
        assert all(m.value is None and m.interval is None for m in found)
        assert samples is None or all(m.samples == samples for m in found)


def test_the_report_travels_as_json(report: EvaluationReport) -> None:
    assert msgspec.json.decode(msgspec.json.encode(report), type=EvaluationReport) == report


def test_every_sample_is_in_the_confusion_matrix_and_curves_are_thin(report: EvaluationReport) -> None:
    assert sum(map(sum, report.confusion)) == 700
    names = [curve.name for curve in report.curves]
    for name in ("roc", "pr", "reliability", "risk_coverage"):
        assert {name, f"{name}_low", f"{name}_high"} <= set(names)
    for curve in report.curves:
        assert len(curve.x) == len(curve.y) <= MOST_POINTS
        assert list(curve.x) == sorted(curve.x)


def test_a_thinned_roc_curve_keeps_its_area(report: EvaluationReport) -> None:
    curve = next(curve for curve in report.curves if curve.name == "roc")
    area = report.measure("auroc")
    assert area is not None
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(area.value, abs=2e-3)


def test_three_classes_have_no_sensitivity_and_no_roc_curve() -> None:
    outputs, labels = _outputs(120, classes=3)
    found = evaluate(outputs, labels, part="v", classes=("a", "b", "c"), threshold=None, seed=0, resamples=20)
    assert found.measure("sensitivity") is None
    assert found.measure("auroc") is not None
    assert {curve.name for curve in found.curves}.isdisjoint({"roc", "pr"})
    assert set(draw_pictures(found)) == {"reliability", "risk_coverage", "confusion"}


def test_one_class_alone_is_reported_without_a_stand_in() -> None:
    outputs, labels = _outputs(30)
    found = evaluate(
        {"probabilities": outputs["probabilities"]},
        np.zeros_like(labels),
        part="v",
        classes=("a", "b"),
        threshold=0.5,
        seed=0,
        resamples=20,
        subjects=np.arange(30) // 2,
    )
    area = found.measure("auroc")
    assert area is not None
    assert (area.value, area.interval) == (None, None)
    assert found.measure("coverage") is None
    draw_pictures(found)


def test_outputs_that_do_not_fit_the_classes_are_refused() -> None:
    outputs, labels = _outputs(30)
    with pytest.raises(InvalidInput, match="probabilities"):
        evaluate({}, labels, part="v", classes=("a", "b"), threshold=0.5, seed=0)
    with pytest.raises(InvalidInput, match="probabilities"):
        evaluate(outputs, labels, part="v", classes=("a", "b", "c"), threshold=None, seed=0)
    with pytest.raises(InvalidInput, match="columns"):
        evaluate(
            outputs,
            labels,
            part="v",
            classes=("a", "b"),
            threshold=0.5,
            groups={"sex": np.array(["m"])},
            seed=0,
        )


def test_the_gate_looks_at_the_worse_bound() -> None:
    found = EvaluationReport(
        part="test",
        samples=100,
        classes=("a", "b"),
        threshold=0.5,
        measures=(
            Measure(name="auroc", value=0.98, interval=Interval(0.95, 0.99), samples=100),
            Measure(name="brier", value=0.08, interval=Interval(0.05, 0.11), samples=100),
            Measure(name="auroc", value=None, interval=None, samples=9, subgroup="sex=f"),
        ),
    )
    met = (Goal(measure="auroc", at_least=0.95), Goal(measure="brier", at_most=0.11))
    assert find_unmet_goals(found, met) == ()
    unmet = find_unmet_goals(
        found,
        (
            Goal(measure="auroc", at_least=0.97),
            Goal(measure="brier", at_most=0.1),
            Goal(measure="auroc", at_least=0.5, subgroup="sex=f"),
            Goal(measure="auroc", at_least=0.5, subgroup="sex=m"),
            Goal(measure="f2", at_least=0.5),
        ),
    )
    assert [(u.measure, u.found) for u in unmet] == [
        ("auroc", "lower bound 0.9500 (value 0.9800) on test"),
        ("brier", "upper bound 0.1100 (value 0.0800) on test"),
        ("auroc of sex=f", "not defined on 9 samples of test"),
        ("auroc of sex=m", "not measured on test"),
        ("f2", "not measured on test"),
    ]
    assert unmet[0].asked == "lower bound at least 0.97"


def test_pictures_are_png_of_one_size_and_the_same_bytes_again(report: EvaluationReport) -> None:
    pictures = draw_pictures(report)
    assert set(pictures) == {"roc", "pr", "reliability", "confusion", "risk_coverage"}
    for name, data in pictures.items():
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "PNG"
            assert picture.size == (640, 480)
            assert "Software" not in picture.info, name
    assert draw_pictures(report) == pictures


def test_names_that_the_font_lacks_are_still_drawn(report: EvaluationReport) -> None:
    renamed = msgspec.structs.replace(report, part="$外部", classes=("良性", "恶性"))
    assert draw_pictures(renamed)["confusion"]


def test_a_variant_outside_tolerance_is_drawn_too() -> None:
    variants = [
        Variant(
            name=name,
            file="model.onnx",
            precision="FP32",
            size=size,
            max_abs_difference=0.0,
            measure="auroc",
            loss=loss,
            loss_interval=(loss - 0.001, loss + 0.001),
            within_tolerance=loss < 0.005,
        )
        for name, size, loss in (("float32", 40_000_000, 0.0), ("pruned", 9_000_000, 0.02))
    ]
    with Image.open(io.BytesIO(draw_variants(variants))) as picture:
        assert picture.size == (640, 480)
