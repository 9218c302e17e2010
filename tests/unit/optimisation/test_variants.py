"""Variants are made, compared with the float one, and chosen by rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import nn

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import Conflict
from salus.contracts.packages import Variant
from salus.contracts.predictors import GraphSource
from salus.contracts.reports import Calibration, VariantName
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.image_classifier import ImageClassifier
from salus.networks.predictor import TorchPredictor
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.residual import ResidualNetwork
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.measuring import MeasuredVariant, measure_variants
from salus.optimisation.pictures import draw_latencies, write_table
from salus.optimisation.pruning import prune_channels
from salus.optimisation.variants import Comparison, MadeVariants, Tolerance, choose_default, make_variants

IMAGE = TensorSpec(
    name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=LocalizedText("image", "图像"), content="image"
)
CALIBRATION = Calibration(
    temperature=1.5,
    bias=(0.0, 0.1),
    threshold=0.5,
    threshold_rule="youden",
    conformal_quantile=0.4,
    coverage=0.9,
    ensemble=((1.4, 0.0, 0.1), (1.6, 0.0, 0.1)),
)


def split(inputs: Batch, count: int) -> Split:
    names = np.array([f"s{i}" for i in range(count)])
    return Split(inputs=inputs, labels=np.arange(count) % 2, sample_ids=names, subjects=names)


def pictures(count: int) -> Split:
    rng = np.random.default_rng(count)
    return split({"image": rng.integers(0, 256, (count, 28, 28, 1)).astype(np.uint8)}, count)


def lost(reference: Batch, candidate: Batch) -> tuple[float, float, float]:
    """A stand-in for the AUROC: the mean of the probability of the truth."""
    a, b = reference["probabilities"].astype(np.float64), candidate["probabilities"].astype(np.float64)
    rows = np.arange(len(a))
    loss = float((a[rows, rows % 2] - b[rows, rows % 2]).mean())
    return loss, loss - 0.001, loss + 0.001


LOST = Comparison(outputs=("probabilities",), measure="auroc", compare=lost, compared="probabilities")


@pytest.fixture(scope="module")
def predictor() -> TorchPredictor:
    torch.manual_seed(0)
    preprocessing = ImagePreprocessing((28, 28), in_channels=1, channels=1)
    module = ImageClassifier(preprocessing, ResidualNetwork(2, widths=(16, 16), blocks=(1, 1)))
    return TorchPredictor(module, input_names=("image",), outputs=("logits", "evidence"))


@pytest.fixture(scope="module")
def made(predictor: TorchPredictor) -> MadeVariants:
    source = predictor.graph_source()
    sample = {"image": np.zeros((2, 28, 28, 1), np.uint8)}
    small = GraphSource("torch", nn.Sequential(nn.Linear(1, 1)))
    return make_variants(
        source,
        (IMAGE,),
        CALIBRATION,
        reference=predictor,
        train=pictures(16),
        validation=pictures(12),
        comparison=LOST,
        seconds=0.0,
        others={
            "pruned": lambda: prune_channels(source, share=0.5, sample=sample),
            "student": lambda: prune_channels(small, share=0.5, sample={"x": np.zeros((1, 1), np.float32)}),
        },
        recalibrate=lambda logits: CALIBRATION,
    )


def test_each_variant_serves_the_same_outputs(made: MadeVariants) -> None:
    assert [variant.facts.name for variant in made.made] == ["float32", "int8", "pruned"]
    names = {tuple(GraphPredictor(variant.model).outputs) for variant in made.made}
    assert names == {("probabilities", "probability_interval", "decision", "prediction_set", "logits", "evidence")}
    for variant in made.made:
        onnx.checker.check_model(onnx.load_from_string(variant.model))


def test_the_facts_are_those_of_the_files(made: MadeVariants) -> None:
    validation = pictures(12)
    reference = GraphPredictor(made.made[0].model).predict(validation.inputs)["probabilities"]
    for variant in made.made:
        facts = variant.facts
        probabilities = GraphPredictor(variant.model).predict(validation.inputs)["probabilities"]
        assert facts.size == len(variant.model)
        difference = np.abs(probabilities.astype(np.float64) - reference.astype(np.float64)).max()
        assert facts.max_abs_difference == pytest.approx(difference, abs=1e-6)
        assert facts.loss_interval[0] <= facts.loss <= facts.loss_interval[1]
    assert made.made[0].facts.loss == 0.0
    assert made.made[1].facts.file == "model.int8.onnx"


def test_a_variant_that_cannot_be_made_is_skipped_with_its_reason(made: MadeVariants) -> None:
    assert list(made.skipped) == ["student"]
    assert "smaller" in made.skipped["student"]


def test_every_variant_is_measured(made: MadeVariants) -> None:
    assert [m.name for m in made.measured] == ["float32", "int8", "pruned"]
    for entry, variant in zip(made.measured, made.made, strict=True):
        assert entry.size == variant.facts.size
        assert set(entry.latency_ms) == set(entry.speed_up) == {"1", "8"}
        assert min(entry.latency_ms.values()) > 0
    assert set(made.measured[0].speed_up.values()) == {1.0}


def test_the_same_source_makes_the_same_files(made: MadeVariants, predictor: TorchPredictor) -> None:
    again = make_variants(
        predictor.graph_source(),
        (IMAGE,),
        CALIBRATION,
        reference=predictor,
        train=pictures(16),
        validation=pictures(12),
        comparison=LOST,
        seconds=0.0,
        default="int8",
    )
    assert [v.model for v in again.made] == [v.model for v in made.made[:2]]
    assert [v.facts for v in again.made] == [v.facts for v in made.made[:2]]
    assert again.default == "int8"


def table_inputs() -> tuple[tuple[TensorSpec, ...], dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    matrix = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    specs = tuple(
        TensorSpec(name=n, datatype="FP32", shape=(-1,), title=LocalizedText(n, n), content="scalar") for n in "ab"
    )
    return specs, {"a": matrix[:, 0], "b": matrix[:, 1]}, matrix


class Linear:
    def __init__(self, model: Any, *, offset: float = 0.0) -> None:
        self._model = model
        self._offset = offset

    def predict(self, batch: Batch) -> Batch:
        odds = self._model.decision_function(np.stack([batch["a"], batch["b"]], axis=1)) + self._offset
        return {"logits": np.stack([np.zeros_like(odds), odds], axis=1).astype(np.float32)}


def test_a_table_model_is_served_in_float32_and_says_why() -> None:
    specs, columns, matrix = table_inputs()
    model = LogisticRegression().fit(matrix, np.arange(20) % 2)
    source = GraphSource("sklearn", model)
    part = split(columns, 20)
    done = make_variants(
        source, specs, CALIBRATION, reference=Linear(model), train=part, validation=part, comparison=LOST, seconds=0.0
    )
    assert done.default == "float32"
    assert [variant.facts.name for variant in done.made] == ["float32"]
    assert "float32" in done.skipped["int8"]
    with pytest.raises(Conflict, match="logits within"):
        make_variants(
            source,
            specs,
            CALIBRATION,
            reference=Linear(model, offset=0.01),
            train=part,
            validation=part,
            comparison=LOST,
            seconds=0.0,
        )


def fact(name: VariantName, *, within: bool = True, loss: float = 0.001) -> Variant:
    return Variant(
        name=name,
        file=f"{name}.onnx",
        precision="FP32",
        size=1_500_000,
        max_abs_difference=0.01,
        measure="auroc",
        loss=loss,
        loss_interval=(loss - 0.002, loss + 0.002),
        within_tolerance=within,
    )


def measured(name: str, first: float, second: float) -> MeasuredVariant:
    return MeasuredVariant(
        name=name,
        size=1_500_000,
        latency_ms={"1": 2 / first, "8": 10 / second},
        speed_up={"1": first, "8": second},
        threads=1,
        rounds={"1": 30, "8": 30},
    )


@pytest.mark.parametrize(
    ("speeds", "beyond", "expected"),
    [
        ({"int8": (1.2, 1.25)}, set(), "float32"),
        ({"int8": (2.0, 2.0)}, set(), "int8"),
        ({"int8": (2.0, 2.0)}, {"int8"}, "float32"),
        ({"int8": (2.0, 2.0), "pruned": (2.1, 2.1)}, set(), "int8"),
        ({"int8": (2.0, 2.0), "pruned": (4.0, 4.0)}, set(), "pruned"),
        ({"int8": (1.0, 1.0), "student": (4.0, 0.5)}, set(), "student"),
    ],
)
def test_the_default_is_the_fastest_within_tolerance_by_a_clear_margin(
    speeds: dict[VariantName, tuple[float, float]], beyond: set[str], expected: str
) -> None:
    facts = [fact("float32"), *(fact(name, within=name not in beyond) for name in speeds)]
    times = [measured("float32", 1.0, 1.0), *(measured(name, *pair) for name, pair in speeds.items())]
    assert choose_default(facts, times, margin=Tolerance().speed_up) == expected


def test_the_table_has_a_row_for_each_variant_and_marks_the_default() -> None:
    facts = [fact("float32", loss=0.0), fact("int8", within=False, loss=0.006)]
    table = write_table(facts, [measured("float32", 1, 1), measured("int8", 2, 4)], default="float32")
    lines = table.splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| float32 * |")
    assert lines[3] == "| int8 | FP32 | 1.50 | 1 | 2.00 | 2.5 | 4.00 | 0.01 | 0.0060 (0.0040 to 0.0080) | no |"


def test_the_same_figures_draw_the_same_picture() -> None:
    facts = [fact("float32", loss=0.0), fact("int8", within=False, loss=0.006)]
    times = [measured("float32", 1, 1), measured("int8", 2, 4)]
    first, second = (draw_latencies(facts, times, batch=8, tolerance=0.005) for _ in range(2))
    assert first == second
    assert first.startswith(b"\x89PNG")
    with pytest.raises(KeyError):
        draw_latencies(facts, times, batch=3)


def test_measuring_fills_a_batch_from_the_samples_at_hand(made: MadeVariants) -> None:
    sample = {"image": np.zeros((3, 28, 28, 1), np.uint8)}
    (entry,) = measure_variants({"float32": made.made[0].model}, sample, batch_sizes=(5,), seconds=0.0)
    assert entry.rounds == {"5": 5}
    assert list(entry.latency_ms) == ["5"]
