from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from salus.networks.residual import Norm, ResidualBlock, ResidualNetwork


def randomise(model: torch.nn.Module) -> None:
    """Give every tensor, running statistics too, a value that matters."""
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape) + 0.5 if "var" in name else torch.randn(tensor.shape) * 0.3)


def convolve(x: NDArray[np.float64], weight: NDArray[np.float64], stride: int) -> NDArray[np.float64]:
    """Padded correlation: (channels, h, w) to (filters, h / stride, w / stride)."""
    size = weight.shape[2]
    padded = np.pad(x, ((0, 0), (size // 2, size // 2), (size // 2, size // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    return np.asarray(np.einsum("chwij,fcij->fhw", windows, weight))


def normalise(x: NDArray[np.float64], state: dict[str, NDArray[np.float64]], name: str) -> NDArray[np.float64]:
    scale = state[f"{name}.weight"] / np.sqrt(state[f"{name}.running_var"] + 1e-5)
    shift = state[f"{name}.bias"] - state[f"{name}.running_mean"] * scale
    return np.asarray(x * scale[:, None, None] + shift[:, None, None])


@pytest.mark.parametrize(("in_width", "stride"), [(4, 1), (3, 1), (4, 2)])
def test_a_block_answers_as_its_plain_twin(in_width: int, stride: int) -> None:
    torch.manual_seed(0)
    block = ResidualBlock(in_width, 4, stride=stride, norm="batch").eval()
    randomise(block)
    state = {name: tensor.double().numpy() for name, tensor in block.state_dict().items()}
    x = torch.randn(1, in_width, 6, 6)
    plain = x[0].double().numpy()
    y = np.maximum(normalise(convolve(plain, state["conv1.weight"], stride), state, "bn1"), 0)
    y = normalise(convolve(y, state["conv2.weight"], 1), state, "bn2")
    if "downsample.0.weight" in state:
        plain = normalise(convolve(plain, state["downsample.0.weight"], stride), state, "downsample.1")
    np.testing.assert_allclose(block(x)[0].detach().numpy(), np.maximum(y + plain, 0), atol=1e-5)


@pytest.mark.parametrize("norm", ["batch", "group"])
@pytest.mark.parametrize("classes", [2, 5])
def test_the_mean_of_a_map_plus_the_bias_is_the_logit(norm: Norm, classes: int) -> None:
    torch.manual_seed(0)
    model = ResidualNetwork(classes, widths=(6, 8), blocks=(1, 2), norm=norm, dropout=0.5).eval()
    randomise(model)
    logits, evidence = model(torch.randn(3, 1, 20, 12))
    bias = model.fc.bias - model.fc.bias.mean()
    torch.testing.assert_close(evidence.mean(dim=(2, 3)) + bias, logits, atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(logits.sum(dim=1), torch.zeros(3), atol=1e-4, rtol=0)


def test_centred_logits_have_the_probabilities_of_the_plain_head() -> None:
    model = ResidualNetwork(3, widths=(4,), blocks=(1,)).eval()
    x = torch.randn(2, 1, 16, 16)
    plain = model.fc(model.feature_maps(x).mean(dim=(2, 3)))
    torch.testing.assert_close(torch.softmax(model(x)[0], dim=1), torch.softmax(plain, dim=1))


def test_resnet18_has_as_many_parameters_as_published() -> None:
    model = ResidualNetwork.resnet18(1000)
    assert sum(p.numel() for p in model.parameters()) == 11_689_512
    assert "layer4.1.bn2.running_var" in model.state_dict()
    assert "layer2.0.downsample.0.weight" in model.state_dict()


@pytest.mark.parametrize(("small", "grid"), [(False, 1), (True, 4)])
def test_resnet18_sees_28_pixels_on_its_grid(small: bool, grid: int) -> None:
    _, evidence = ResidualNetwork.resnet18(2, in_channels=1, small=small).eval()(torch.zeros(1, 1, 28, 28))
    assert evidence.shape == (1, 2, grid, grid)


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="two or more classes"):
        ResidualNetwork(1)
    with pytest.raises(ValueError, match="a stem that is odd"):
        ResidualNetwork(2, stem_kernel=4)
    with pytest.raises(ValueError, match="as many blocks"):
        ResidualNetwork(2, widths=(4,))
    with pytest.raises(ValueError, match="norm"):
        ResidualNetwork(2, norm="layer")  # type: ignore[arg-type]  # the fault that is tested


def test_an_even_stem_of_stride_two_is_aligned_with_the_picture() -> None:
    network = ResidualNetwork(2, widths=(4,), blocks=(1,), stem_kernel=6, stem_stride=2).eval()
    picture = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    assert network(picture)[1].shape == (1, 2, 16, 16)
    with torch.no_grad():
        for layer in (network.conv1,):
            layer.weight.copy_(torch.ones_like(layer.weight))
    stem = network.conv1(picture)
    torch.testing.assert_close(network.conv1(picture.flip(3)), stem.flip(3))  # a stem that is not aligned shifts


def test_a_network_that_pools_sees_a_mirrored_picture_at_the_mirrored_place() -> None:
    torch.manual_seed(0)
    network = ResidualNetwork(2, widths=(4, 8), blocks=(1, 1)).eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):  # kernels that are their own mirror image
                module.weight.copy_((module.weight + module.weight.flip(3)) / 2)
    picture = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    logits, evidence = network(picture)
    mirrored_logits, mirrored_evidence = network(picture.flip(3))
    torch.testing.assert_close(mirrored_logits, logits)
    torch.testing.assert_close(mirrored_evidence, evidence.flip(3))
