"""Pruned networks are really smaller, and lose nothing that was nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salus.contracts.errors import UnsupportedInput
from salus.contracts.predictors import GraphSource
from salus.networks.ensemble import AveragingEnsemble
from salus.networks.image_classifier import ImageClassifier
from salus.networks.listings import ListingCnn28Deep
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.residual import ResidualNetwork
from salus.networks.view_averaging import ViewAveraging
from salus.optimisation.pruning import prune_channels, prune_weights

SAMPLE = {"image": np.random.default_rng(0).integers(0, 256, (3, 31, 29, 1)).astype(np.uint8)}


def residual() -> ResidualNetwork:
    torch.manual_seed(0)
    return ResidualNetwork(2, widths=(16, 32), blocks=(1, 1))


def source(backbone: nn.Module) -> GraphSource:
    preprocessing = ImagePreprocessing((28, 28), in_channels=1, channels=1)
    return GraphSource("torch", ImageClassifier(preprocessing, backbone).eval(), outputs=("logits", "evidence"))


def answer(made: GraphSource) -> tuple[Tensor, Tensor]:
    assert isinstance(made.model, nn.Module)
    with torch.inference_mode():
        logits, evidence = made.model(torch.from_numpy(SAMPLE["image"]))
    return logits, evidence


def weights(made: GraphSource) -> int:
    assert isinstance(made.model, nn.Module)
    return sum(parameter.numel() for parameter in made.model.parameters())


@pytest.mark.parametrize("make", [residual, ListingCnn28Deep, lambda: AveragingEnsemble([residual(), residual()])])
def test_a_pruned_network_is_smaller_and_answers_in_the_same_shapes(make: object) -> None:
    assert callable(make)
    original = source(make())
    before = answer(original)[0].clone()
    pruned = prune_channels(original, share=0.5, sample=SAMPLE)
    assert weights(pruned) < 0.75 * weights(original)
    assert [part.shape for part in answer(pruned)] == [part.shape for part in answer(original)]
    assert pruned.outputs == original.outputs
    torch.testing.assert_close(answer(original)[0], before, rtol=0, atol=0)


def test_removing_dead_channels_changes_no_answer() -> None:
    net = residual()
    for name in ("layer1.0", "layer2.0"):
        block = net.get_submodule(name)
        dead = torch.arange(0, block.get_parameter("bn1.weight").numel(), 2)
        with torch.no_grad():
            block.get_parameter("bn1.weight")[dead] = 0.0
            block.get_parameter("bn1.bias")[dead] = 0.0
    original = source(net)
    pruned = prune_channels(original, share=0.5, sample=SAMPLE)
    for found, expected in zip(answer(pruned), answer(original), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_removing_dead_channels_before_a_flattened_layer_changes_no_answer() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 9, 16),
        nn.ReLU(),
        nn.Linear(16, 2),
    )
    with torch.no_grad():
        for layer in (net[0], net[4]):
            assert isinstance(layer, nn.Conv2d | nn.Linear)
            assert layer.bias is not None
            layer.weight[::2] = 0.0
            layer.bias[::2] = 0.0
    x = np.random.default_rng(0).normal(size=(4, 1, 8, 8)).astype(np.float32)
    pruned = prune_channels(GraphSource("torch", net), share=0.5, sample={"x": x}).model
    assert isinstance(pruned, nn.Sequential)
    assert pruned.get_parameter("0.weight").shape == (8, 1, 3, 3)
    assert pruned.get_parameter("4.weight").shape == (8, 72)
    assert pruned.get_parameter("6.weight").shape == (2, 8)
    torch.testing.assert_close(pruned(torch.from_numpy(x)), net(torch.from_numpy(x)))


def test_a_layer_whose_weights_are_read_elsewhere_stays_whole() -> None:
    pruned = prune_channels(source(ListingCnn28Deep()), share=0.5, sample=SAMPLE).model
    assert isinstance(pruned, nn.Module)
    features = [layer for layer in pruned.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in features] == [16, 32, 64]
    assert pruned.get_parameter("backbone.hidden.weight").shape == (64, 64 * 9)


def test_fine_tuning_is_given_the_small_network() -> None:
    seen: list[int] = []

    def note(module: nn.Module) -> nn.Module:
        seen.append(sum(parameter.numel() for parameter in module.parameters()))
        return module

    pruned = prune_channels(source(residual()), share=0.5, sample=SAMPLE, fine_tune=note)
    assert seen == [weights(pruned)]


@pytest.mark.parametrize(
    "bad",
    [
        GraphSource("sklearn", object()),
        GraphSource("torch", nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))),
        GraphSource("torch", nn.Identity()),
    ],
)
def test_what_cannot_become_smaller_is_refused(bad: GraphSource) -> None:
    with pytest.raises(UnsupportedInput):
        prune_channels(bad, share=0.5, sample={"x": np.zeros((1, 1, 9, 9), np.float32)})


def test_groups_of_normalisation_are_left_whole() -> None:
    with pytest.raises(UnsupportedInput):
        prune_channels(source(ResidualNetwork(2, widths=(16,), blocks=(1,), norm="group")), share=0.5, sample=SAMPLE)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        prune_channels(source(residual()), share=share, sample=SAMPLE)


def test_the_smallest_weights_become_zero_and_stay_so_after_fine_tuning() -> None:
    def disturb(module: nn.Module) -> nn.Module:
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(1.0)
        return module

    original = source(residual())
    pruned = prune_weights(original, share=0.7, fine_tune=disturb)
    assert isinstance(pruned.model, nn.Module)
    layers = [m for m in pruned.model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    zeros = sum(int((layer.weight == 0).sum()) for layer in layers)
    assert zeros == round(0.7 * sum(layer.weight.numel() for layer in layers))


def test_weights_of_a_network_without_layers_cannot_be_pruned() -> None:
    with pytest.raises(UnsupportedInput):
        prune_weights(GraphSource("torch", nn.Identity()), share=0.5)


def test_a_network_that_looks_at_several_views_is_pruned_inside() -> None:
    whole = source(ViewAveraging(residual(), zooms=(1.0, 0.8), mirror=True))
    smaller = prune_channels(whole, share=0.5, sample=SAMPLE).model
    assert isinstance(whole.model, nn.Module)
    assert isinstance(smaller, nn.Module)
    assert sum(w.numel() for w in smaller.parameters()) < sum(w.numel() for w in whole.model.parameters())
