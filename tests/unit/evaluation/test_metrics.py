from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput, NotFound
from salus.evaluation.answers import Answers, decide
from salus.evaluation.metrics import auroc, confusion, ece_bins, list_measures, measure, prepare_measure


def _answers(*, count: int = 200, classes: int = 2, seed: int = 0, digits: int = 2) -> Answers:
    """Answers with many ties (probabilities rounded to `digits`)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count)
    logits = rng.normal(size=(count, classes)) + 1.2 * np.eye(classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if classes == 2:
        finding = probabilities[:, 1].round(digits)
        probabilities = np.stack([1 - finding, finding], axis=1)
        return Answers(labels, probabilities, decide(probabilities, threshold=0.4), probabilities > 0.3)
    return Answers(labels, probabilities, decide(probabilities, threshold=None), probabilities > 0.2)


def _plain_auroc(labels: Sequence[int], scores: Sequence[float]) -> float:
    pairs = [
        1.0 if p > n else 0.5 if p == n else 0.0
        for p, truth in zip(scores, labels, strict=True)
        if truth == 1
        for n, other in zip(scores, labels, strict=True)
        if other == 0
    ]
    return sum(pairs) / len(pairs)


def _plain_average_precision(labels: Sequence[int], scores: Sequence[float]) -> float:
    total, area = sum(labels), 0.0
    for level in sorted(set(scores), reverse=True):
        called = [truth for truth, score in zip(labels, scores, strict=True) if score >= level]
        added = sum(truth for truth, score in zip(labels, scores, strict=True) if score == level)
        area += added / total * sum(called) / len(called)
    return area


def _plain_counts(answers: Answers) -> tuple[int, int, int, int]:
    tp = fp = tn = fn = 0
    for truth, called in zip(answers.labels, answers.decisions, strict=True):
        tp += truth == 1 and called == 1
        fp += truth == 0 and called == 1
        tn += truth == 0 and called == 0
        fn += truth == 1 and called == 0
    return tp, fp, tn, fn


def _plain_ece(scores: Sequence[float], happened: Sequence[bool], bins: int) -> float:
    members: dict[int, list[int]] = {}
    for index, score in enumerate(scores):
        below = sum(other < score for other in scores)
        equal = sum(other == score for other in scores)
        members.setdefault(min(bins - 1, int((below + equal / 2) * bins / len(scores))), []).append(index)
    return sum(abs(sum(scores[i] - happened[i] for i in group)) for group in members.values()) / len(scores)


def test_every_measure_of_two_classes_agrees_with_its_plain_twin() -> None:
    answers = _answers()
    labels = answers.labels.tolist()
    p = answers.probabilities[:, 1].tolist()
    tp, fp, tn, fn = _plain_counts(answers)
    expected = {
        "accuracy": (tp + tn) / len(p),
        "balanced_accuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2,
        "sensitivity": tp / (tp + fn),
        "specificity": tn / (tn + fp),
        "ppv": tp / (tp + fp),
        "npv": tn / (tn + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "auroc": _plain_auroc(labels, p),
        "auprc": _plain_average_precision(labels, p),
        "brier": sum((x - y) ** 2 for x, y in zip(p, labels, strict=True)) / len(p),
        "log_loss": sum(-math.log(max(x if y else 1 - x, 1e-15)) for x, y in zip(p, labels, strict=True)) / len(p),
        "ece": _plain_ece(p, [y == 1 for y in labels], ece_bins(len(p))),
    }
    for name, value in expected.items():
        assert measure(name, answers) == pytest.approx(value, abs=1e-12), name
    assert confusion(answers) == ((tn, fp), (fn, tp))


def test_measures_of_two_classes_agree_with_scikit_learn() -> None:
    from sklearn import metrics as theirs

    answers = _answers(count=500, seed=3)
    y, p, d = answers.labels, answers.probabilities[:, 1], answers.decisions
    expected = {
        "accuracy": theirs.accuracy_score(y, d),
        "balanced_accuracy": theirs.balanced_accuracy_score(y, d),
        "sensitivity": theirs.recall_score(y, d),
        "specificity": theirs.recall_score(y, d, pos_label=0),
        "ppv": theirs.precision_score(y, d),
        "npv": theirs.precision_score(y, d, pos_label=0),
        "f1": theirs.f1_score(y, d),
        "auroc": theirs.roc_auc_score(y, p),
        "auprc": theirs.average_precision_score(y, p),
        "brier": theirs.brier_score_loss(y, p),
        "log_loss": theirs.log_loss(y, np.clip(p, 1e-15, 1 - 1e-15)),
    }
    for name, value in expected.items():
        assert measure(name, answers) == pytest.approx(value, abs=1e-9), name
    assert confusion(answers) == tuple(map(tuple, theirs.confusion_matrix(y, d).tolist()))


def test_measures_of_four_classes_agree_with_scikit_learn() -> None:
    from sklearn import metrics as theirs

    answers = _answers(count=400, classes=4, seed=5)
    y, p, d = answers.labels, answers.probabilities, answers.decisions
    expected = {
        "accuracy": theirs.accuracy_score(y, d),
        "balanced_accuracy": theirs.balanced_accuracy_score(y, d),
        "f1": theirs.f1_score(y, d, average="macro"),
        "auroc": theirs.roc_auc_score(y, p, multi_class="ovr", average="macro"),
        "auprc": theirs.average_precision_score(np.eye(4)[y], p, average="macro"),
        "log_loss": theirs.log_loss(y, p),
        "brier": float(((p - np.eye(4)[y]) ** 2).sum(axis=1).mean()),
    }
    for name, value in expected.items():
        assert measure(name, answers) == pytest.approx(value, abs=1e-9), name
    assert not {"sensitivity", "specificity", "ppv", "npv"} & set(list_measures(answers))


def test_coverage_and_set_size_count_what_the_sets_hold() -> None:
    sets = np.array([[True, False], [True, True], [False, False]])
    p = np.full((3, 2), 0.5)
    answers = Answers(np.array([0, 1, 1]), p, decide(p, threshold=None), sets)
    assert measure("coverage", answers) == pytest.approx(2 / 3)
    assert measure("set_size", answers) == pytest.approx(1.0)


def test_what_is_not_defined_is_none_and_never_a_number() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2]])
    negatives = Answers(np.array([0, 0]), p, decide(p, threshold=0.5))
    for name in ("auroc", "auprc", "sensitivity", "ppv", "f1", "balanced_accuracy"):
        assert measure(name, negatives) is None, name
    assert measure("specificity", negatives) == 1.0
    assert auroc(np.array([1, 1]), np.array([0.1, 0.2])) is None
    assert auroc(np.array([], dtype=np.int64), np.array([])) is None
    nobody = Answers(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0, np.int64))
    assert measure("accuracy", nobody) is None


def test_a_weighting_is_worth_as_much_as_repeated_samples() -> None:
    answers = _answers(count=60, seed=7)
    times = np.random.default_rng(1).integers(0, 4, 60)
    repeated = answers.take(np.repeat(np.arange(60), times))
    for name in list_measures(answers):
        weighted = prepare_measure(name, answers)(times[None].astype(np.float64))[0]
        if name == "ece":  # the bins stay those of the samples, so only the definition of the bins differs
            assert 0 <= weighted <= 1
        else:
            assert weighted == pytest.approx(measure(name, repeated), abs=1e-12), name


def test_equal_scores_share_a_bin_whatever_the_order_of_the_samples() -> None:
    answers = _answers(count=300, digits=1, seed=9)
    shuffled = answers.take(np.random.default_rng(0).permutation(300))
    assert measure("ece", answers) == pytest.approx(measure("ece", shuffled), abs=1e-12)


def test_a_threshold_is_compared_in_float32_and_includes_its_own_value() -> None:
    p = np.array([[0.7, 0.3], [0.7000001, 0.2999999]])
    assert decide(p, threshold=float(np.float32(0.3))).tolist() == [1, 0]
    with pytest.raises(InvalidInput, match="no threshold"):
        decide(np.full((1, 3), 1 / 3), threshold=0.5)


def test_bad_answers_are_refused_with_shapes_and_no_values() -> None:
    p = np.full((3, 2), 0.5)
    with pytest.raises(InvalidInput, match="same samples"):
        Answers(np.zeros(2, np.int64), p, np.zeros(3, np.int64))
    with pytest.raises(InvalidInput, match="1 samples without"):
        Answers(np.zeros(3, np.int64), np.array([[0.5, 0.5], [np.nan, 0.5], [0.5, 0.5]]), np.zeros(3, np.int64))
    with pytest.raises(InvalidInput, match="class indices"):
        Answers(np.array([0, 1, 2]), p, np.zeros(3, np.int64))
    with pytest.raises(InvalidInput, match="one score per label"):
        auroc(np.array([0, 1]), np.array([np.nan, 1.0]))
    answers = Answers(np.zeros(3, np.int64), p, np.zeros(3, np.int64))
    with pytest.raises(NotFound, match="auroc"):
        measure("roc_auc", answers)
    with pytest.raises(NotFound):
        measure("coverage", answers)
