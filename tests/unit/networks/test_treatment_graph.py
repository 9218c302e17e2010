from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.tabular_features import TabularFeatures
from salus.networks.treatment_graph import PropensityModel, Support, TreatmentGraph
from salus.networks.treatment_members import BoostedMembers, LinearMembers, MemberPerceptrons
from salus.networks.treatment_outcomes import EffectOutcomes, ModelPerOptionOutcomes, SingleModelOutcomes

INPUTS = (TensorSpec(name="x", datatype="FP32", shape=(-1,), title=LocalizedText("x", "值"), content="scalar"),)


def linear(slopes: list[float], bias: float) -> LinearMembers:
    """One feature, a member a slope."""
    return LinearMembers(np.array([slopes], np.float32), np.full(len(slopes), bias, np.float32))


def graph(outcomes: nn.Module, *, higher: bool = True, gamma: float = 100.0, options: int = 2) -> TreatmentGraph:
    scores = LinearMembers(np.zeros((1, options), np.float32), np.zeros(options, np.float32))
    return TreatmentGraph(
        TabularFeatures.fit(INPUTS, {"x": np.array([-1.0, 1.0], np.float32)}),
        outcomes,
        PropensityModel(scores, scale=1.0, shift=np.array([0.0] * (options - 1) + [1.0], np.float32)),
        Support(gamma=gamma, mean=np.zeros(1, np.float32), whitening=np.eye(1, dtype=np.float32), radius=3.0),
        width=2.0,
        higher_is_better=higher,
        resolution=1e-3,
    )


def ask(model: nn.Module, *values: float) -> list[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    with torch.inference_mode():
        return [tensor.numpy() for tensor in model(torch.tensor(values))]


def test_outcomes_are_the_members_mean_and_intervals_their_spread() -> None:
    model = graph(ModelPerOptionOutcomes([linear([1.0, 3.0], 0.0), linear([2.0, 6.0], 1.0)]))

    outcome, interval, effect, effect_interval, _, propensity, _ = ask(model, 0.5)

    assert outcome[0] == pytest.approx([1.0, 3.0])
    assert effect[0] == pytest.approx([0.0, 2.0])
    spread = np.std([1.0, 3.0], ddof=1)
    assert interval[0, 0] == pytest.approx([1.0 - spread, 1.0 + spread])  # half width: 2 x spread x 0.5
    assert effect_interval[0, 1] == pytest.approx([2.0 - spread, 2.0 + spread])
    assert propensity[0] == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)])


def test_the_better_option_comes_first_and_equal_ones_keep_the_order_of_the_task() -> None:
    outcomes = ModelPerOptionOutcomes([linear([0.0], 1.0), linear([1.0], 1.0), linear([0.0], 1.00001)])

    ranked = ask(graph(outcomes, options=3), -0.5, 0.5, 0.0)[4]
    lower = ask(graph(outcomes, options=3, higher=False), -0.5, 0.5, 0.0)[4]

    assert ranked.tolist() == [[0, 2, 1], [1, 0, 2], [0, 1, 2]]
    assert lower.tolist() == [[1, 0, 2], [0, 2, 1], [0, 1, 2]]


def test_who_lacks_a_needed_value_gets_no_number_no_rank_and_no_overlap() -> None:
    outcome, *_, ranking, propensity, overlap = ask(
        graph(ModelPerOptionOutcomes([linear([1.0], 0.0)] * 2)), float("nan")
    )

    assert np.isnan(outcome).all()
    assert np.isnan(propensity).all()
    assert ranking.tolist() == [[-1, -1]]
    assert overlap.tolist() == [False]


def test_overlap_ends_where_inverse_propensities_or_the_distance_grow_too_large() -> None:
    outcomes = ModelPerOptionOutcomes([linear([1.0], 0.0)] * 2)
    total = (1 + np.e) + (1 + np.e) / np.e

    assert ask(graph(outcomes, gamma=total + 0.01), 0.0, 2.9, 3.1)[6].tolist() == [True, True, False]
    assert ask(graph(outcomes, gamma=total - 0.01), 0.0)[6].tolist() == [False]


def test_effects_around_an_expected_outcome_average_to_it_over_the_propensities() -> None:
    x = torch.linspace(-1, 1, 5).unsqueeze(1)
    propensity = torch.softmax(torch.cat([x, -x, 0.3 * x], dim=1), dim=1)
    marginal, first, second = linear([2.0], 1.0), linear([0.5], 1.0), (linear([1.0], 0.0), linear([0.0], 2.0))

    told = EffectOutcomes(marginal, [first, second])(x, propensity)

    share = propensity[:, 2:] / (propensity[:, :1] + propensity[:, 2:])
    assert torch.allclose((told * propensity.unsqueeze(1)).sum(dim=2), marginal(x), atol=1e-6)
    assert torch.allclose(told[:, :, 1] - told[:, :, 0], first(x), atol=1e-6)
    assert torch.allclose(told[:, :, 2] - told[:, :, 0], share * 2.0 + (1 - share) * x, atol=1e-6)


def test_a_single_model_is_asked_for_each_option() -> None:
    model = LinearMembers(np.array([[1.0], [10.0], [20.0]], np.float32), np.zeros(1, np.float32))

    told = SingleModelOutcomes(model, options=3)(torch.tensor([[1.0], [2.0]]), torch.zeros(1))

    assert told[:, 0].tolist() == [[1.0, 11.0, 21.0], [2.0, 12.0, 22.0]]


def test_boosters_of_different_lengths_answer_side_by_side_as_they_do_alone() -> None:
    import lightgbm

    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)).astype(np.float32)
    data = lightgbm.Dataset(x, label=x[:, 0] + rng.normal(size=300), free_raw_data=False)
    settings = {"verbosity": -1, "num_threads": 1, "num_leaves": 5}
    boosters = [lightgbm.train(settings, data, num_boost_round=rounds) for rounds in (3, 8)]

    told = BoostedMembers(boosters)(torch.from_numpy(x)).numpy()

    expected = np.stack([np.asarray(booster.predict(x)) for booster in boosters], axis=1)
    assert np.allclose(told, expected, atol=1e-5)


def test_perceptrons_computed_together_answer_as_each_by_itself() -> None:
    network = MemberPerceptrons(3, [4, 5, 2], generator=torch.Generator().manual_seed(0), shared_input=True)
    x = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))

    together = network(x)

    for member in range(3):
        hidden: Tensor = nn.functional.elu(x @ network.weights[0][member] + network.biases[0][member])
        alone = hidden @ network.weights[1][member] + network.biases[1][member]
        assert torch.allclose(together[member], alone, atol=1e-6)
