from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from salus.networks.listings import FlattenedDenseCnn, ListingCnn28, ListingCnn28Deep, ListingCnn128


def convolve(x: NDArray[np.float64], weight: NDArray[np.float64], bias: NDArray[np.float64]) -> NDArray[np.float64]:
    """Valid 3x3 correlation: (channels, h, w) to (filters, h - 2, w - 2)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    return np.asarray(np.einsum("chwij,fcij->fhw", windows, weight, optimize=True) + bias[:, None, None])


def pool(x: NDArray[np.float64]) -> NDArray[np.float64]:
    channels, height, width = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return np.asarray(x.reshape(channels, height // 2, 2, width // 2, 2).max(axis=(2, 4)))


def twin(model: FlattenedDenseCnn, x: NDArray[np.float64], pooled: tuple[bool, ...]) -> NDArray[np.float64]:
    """The listing in plain NumPy: logits of one picture."""
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    position = 0
    for has_pool in pooled:
        x = convolve(x, weights[f"features.{position}.weight"], weights[f"features.{position}.bias"])
        x = np.maximum(x, 0)
        position += 2
        if has_pool:
            x = pool(x)
            position += 1
    hidden = np.maximum(weights["hidden.weight"] @ x.ravel() + weights["hidden.bias"], 0)
    z = np.asarray(weights["output.weight"] @ hidden + weights["output.bias"])
    return np.concatenate([[0.0], z]) if model.classes == 2 else z


LISTINGS = [
    (ListingCnn128, (3, 128, 128), 2, (True, True, True), (14, 14)),
    (ListingCnn28, (1, 28, 28), 10, (True,), (13, 13)),
    (ListingCnn28Deep, (1, 28, 28), 10, (True, True, False), (3, 3)),
]


@pytest.mark.parametrize(("family", "shape", "classes", "pooled", "grid"), LISTINGS)
def test_a_listing_answers_as_its_plain_twin(
    family: type[ListingCnn28], shape: tuple[int, ...], classes: int, pooled: tuple[bool, ...], grid: tuple[int, int]
) -> None:
    torch.manual_seed(1)
    model = family().eval()
    x = torch.rand(2, *shape)
    logits, evidence = model(x)
    assert logits.shape == (2, classes)
    assert evidence.shape == (2, classes, *grid)
    expected = np.stack([twin(model, picture.double().numpy(), pooled) for picture in x])
    np.testing.assert_allclose(logits.detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize(("family", "parameters"), [
    (ListingCnn128, 896 + 18496 + 73856 + 14 * 14 * 128 * 128 + 128 + 129),
    (ListingCnn28, 320 + 13 * 13 * 32 * 64 + 64 + 650),
    (ListingCnn28Deep, 320 + 18496 + 36928 + 3 * 3 * 64 * 64 + 64 + 650),
])  # fmt: skip
def test_a_listing_has_as_many_parameters_as_keras_counts(family: type[ListingCnn28], parameters: int) -> None:
    assert sum(p.numel() for p in family().parameters()) == parameters


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("family", [ListingCnn28, ListingCnn28Deep])
def test_closed_form_grad_cam_is_that_of_automatic_differentiation(family: type[ListingCnn28], classes: int) -> None:
    torch.manual_seed(2)
    model = family(classes).eval()
    x = torch.rand(3, 1, 28, 28)
    _, evidence = model(x)
    maps = model.features(x).detach().requires_grad_()
    z = model.output(torch.relu(model.hidden(maps.flatten(1))))
    outputs = torch.cat([-z, z], dim=1) if classes == 2 else z
    for k in range(classes):
        (gradient,) = torch.autograd.grad(outputs[:, k].sum(), maps, retain_graph=True)
        alpha = gradient.mean(dim=(2, 3), keepdim=True)
        expected = torch.relu((alpha * maps).sum(dim=1))
        torch.testing.assert_close(evidence[:, k], expected, atol=1e-5, rtol=1e-4)


def test_two_classes_are_the_listings_sigmoid() -> None:
    model = ListingCnn28(2).eval()
    x = torch.rand(4, 1, 28, 28)
    logits, _ = model(x)
    assert bool((logits[:, 0] == 0).all())
    torch.testing.assert_close(torch.softmax(logits, dim=1)[:, 1], torch.sigmoid(logits[:, 1]))


def test_one_class_and_pictures_too_small_are_refused() -> None:
    with pytest.raises(ValueError, match="two classes"):
        ListingCnn28(1)
    with pytest.raises(ValueError, match="large enough"):
        FlattenedDenseCnn(size=4, in_channels=1, stages=((2, True), (2, True)), hidden=3, classes=2)
