from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from salus.training.early_stopping import EarlyStopping
from salus.training.ema import MovingAverage
from salus.training.measures import area_under_curve, classification_auroc
from salus.training.regularisation import balanced_class_weights, cross_entropy, penalty, soft_targets


def test_penalties_are_sums_over_the_weights() -> None:
    weights = [torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0]])]
    assert float(penalty(weights, l1=0.5, l2=0.0)) == pytest.approx(3.0)
    assert float(penalty(weights, l1=0.0, l2=0.1)) == pytest.approx(0.7)
    assert penalty(weights, l1=0.0, l2=0.0) == 0.0


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.array([0] * 7 + [1] * 2 + [2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(balanced_class_weights(torch.from_numpy(labels), 3).numpy(), expected, rtol=1e-6)
    assert balanced_class_weights(torch.tensor([0, 0, 2]), 3)[1] == 0


def test_the_loss_is_that_of_torch() -> None:
    torch.manual_seed(0)
    logits, labels, weights = torch.randn(6, 3), torch.tensor([0, 1, 2, 1, 0, 2]), torch.tensor([0.5, 1.0, 3.0])
    ours = cross_entropy(logits, soft_targets(labels, 3, smoothing=0.0), weights)
    torch.testing.assert_close(ours, functional.cross_entropy(logits, labels, weight=weights))
    smooth = cross_entropy(logits, soft_targets(labels, 3, smoothing=0.2), torch.ones(3))
    torch.testing.assert_close(smooth, functional.cross_entropy(logits, labels, label_smoothing=0.2))


def test_the_area_counts_pairs_and_half_the_ties() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 8, 60).astype(float), rng.random(60) < 0.4
    pairs = [(p > n) + 0.5 * (p == n) for p in scores[positive] for n in scores[~positive]]
    assert area_under_curve(scores, positive) == pytest.approx(np.mean(pairs))
    assert np.isnan(area_under_curve(scores, np.zeros(60, bool)))


def test_several_classes_are_averaged_over_those_present() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = roc_auc_score(labels, probabilities, multi_class="ovr")
    assert classification_auroc(logits, labels) == pytest.approx(expected)
    assert classification_auroc(logits[:, :2], np.array([0, 1] * 20)) > 0
    assert np.isnan(classification_auroc(logits[:, :2], np.zeros(40, np.int64)))


def test_stopping_follows_the_chosen_measure() -> None:
    stopping = EarlyStopping("auroc", patience=2)
    observed = [stopping.observe(loss=0.0, auroc=a) for a in (0.6, 0.7, float("nan"), 0.7)]
    assert observed == [True, True, False, False]
    assert stopping.exhausted
    resumed = EarlyStopping("auroc", patience=2)
    resumed.restore(stopping.state())
    assert resumed.exhausted
    assert resumed.observe(loss=0.0, auroc=0.8)
    last = EarlyStopping("last", patience=1)
    assert [last.observe(loss=x, auroc=0.5) for x in (1.0, 2.0, 3.0)] == [True] * 3
    assert not last.exhausted


def test_the_moving_average_is_that_of_plain_numbers() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    module, weight = torch.nn.Sequential(layer, torch.nn.BatchNorm1d(1)), layer.weight
    average = MovingAverage(module, decay=0.5)
    expected = weight.item()
    for t, value in enumerate([1.0, 2.0, 5.0, -3.0] * 3):
        torch.nn.init.constant_(weight, value)
        module(torch.randn(4, 1))
        average.update()
        decay = min(0.5, (1 + t) / (10 + t))
        expected = decay * expected + (1 - decay) * value
    assert average.module.get_parameter("0.weight").item() == pytest.approx(expected, rel=1e-5)
    assert average.module.state_dict()["1.num_batches_tracked"] == 12
    assert not average.module.training
