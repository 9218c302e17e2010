from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from salus.networks.preprocessing import Aspect, ImagePreprocessing


def picture(height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth structure with noise, UINT8 (1, height, width, channels)."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.uniform(0, 255, (1, channels, 5, 5)).astype(np.float32))
    smooth = functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 255)
    noisy = smooth.permute(0, 2, 3, 1).numpy() + rng.normal(0, 10, (1, height, width, channels))
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def resized_by_hand(x: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The plain twin along one axis: for each output cell, its weighted mean."""
    length = x.shape[0]
    scale = length / size
    out = np.zeros((size, *x.shape[1:]))
    for i in range(size):
        centre = (i + 0.5) * scale
        weights = np.array([max(0.0, 1 - abs(j + 0.5 - centre) / max(scale, 1.0)) for j in range(length)])
        out[i] = np.tensordot(weights / weights.sum(), x, axes=1)
    return out


@settings(max_examples=30, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90), size=st.tuples(st.integers(1, 40), st.integers(2, 40)))
def test_resizing_is_that_of_torch_with_antialias(height: int, width: int, size: tuple[int, int]) -> None:
    # Not to a width of 1: torch 2.13 then repeats the first row (Pillow and the plain twin below do not).
    x = torch.from_numpy(np.random.default_rng(height * width).integers(0, 256, (1, height, width, 1), dtype=np.uint8))
    resized, inside = ImagePreprocessing(size, in_channels=1, channels=1).resize(x)
    floating = x.permute(0, 3, 1, 2).float() / 255
    expected = functional.interpolate(floating, size=size, mode="bilinear", antialias=True, align_corners=False)
    torch.testing.assert_close(resized, expected, atol=2e-5, rtol=0)
    assert bool((inside == 1).all())


def test_resizing_is_that_of_the_plain_twin() -> None:
    x = picture(61, 47, 1)
    resized, _ = ImagePreprocessing((20, 30), in_channels=1, channels=1).resize(torch.from_numpy(x))
    rows = resized_by_hand(x[0, :, :, 0] / 255, 20)
    expected = resized_by_hand(rows.T, 30).T
    np.testing.assert_allclose(resized[0, 0].numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("size", [(3, 1), (1, 1), (1, 4)])
def test_resizing_to_a_single_row_or_column_is_that_of_pillow(size: tuple[int, int]) -> None:
    x = picture(5, 2, 1)
    resized, _ = ImagePreprocessing(size, in_channels=1, channels=1).resize(torch.from_numpy(x))
    pillow = np.asarray(Image.fromarray(x[0, :, :, 0]).resize(size[::-1], Image.Resampling.BILINEAR))
    assert np.abs(resized[0, 0].numpy() * 255 - pillow).max() <= 1.01


@pytest.mark.parametrize(("height", "width"), [(500, 400), (28, 28), (17, 90)])
def test_resizing_is_that_of_pillow_within_a_grey_level(height: int, width: int) -> None:
    x = picture(height, width, 1)
    resized, _ = ImagePreprocessing((28, 28), in_channels=1, channels=1).resize(torch.from_numpy(x))
    pillow = np.asarray(Image.fromarray(x[0, :, :, 0]).resize((28, 28), Image.Resampling.BILINEAR))
    assert np.abs(resized[0, 0].numpy() * 255 - pillow).max() <= 1.01


def test_rgb_becomes_grey_as_pillow_does_it() -> None:
    x = picture(30, 40, 3)
    resized, _ = ImagePreprocessing((30, 40), in_channels=3, channels=1).resize(torch.from_numpy(x))
    pillow = np.asarray(Image.fromarray(x[0]).convert("L"))
    assert np.abs(resized[0, 0].numpy() * 255 - pillow).max() <= 1.01


def test_grey_becomes_three_equal_channels() -> None:
    resized, _ = ImagePreprocessing((8, 8), in_channels=1, channels=3).resize(torch.from_numpy(picture(9, 9, 1)))
    assert resized.shape == (1, 3, 8, 8)
    assert bool((resized[:, 0] == resized[:, 2]).all())


def test_padding_keeps_the_proportions_and_leaves_the_margin_at_zero() -> None:
    wide = torch.full((1, 20, 40, 1), 200, dtype=torch.uint8)
    module = ImagePreprocessing((16, 16), in_channels=1, channels=1, aspect="pad", normalisation="fixed")
    _, inside = module.resize(wide)
    assert inside[0, 0].sum(dim=1).tolist() == [0.0] * 4 + [16.0] * 8 + [0.0] * 4
    prepared = module(wide)
    assert bool((prepared[0, 0, :4] == 0).all())
    torch.testing.assert_close(prepared[0, 0, 4:12], torch.full((8, 16), (200 / 255 - 0.5) / 0.25))


@pytest.mark.parametrize("aspect", ["stretch", "pad"])
def test_each_picture_has_mean_0_and_deviation_1_inside(aspect: Aspect) -> None:
    module = ImagePreprocessing((32, 32), in_channels=1, channels=1, aspect=aspect)
    x = torch.from_numpy(picture(80, 50, 1))
    _, inside = module.resize(x)
    values = module(x)[inside.bool()]
    assert float(values.mean()) == pytest.approx(0, abs=1e-5)
    assert float(values.std(correction=0)) == pytest.approx(1, abs=1e-4)


def test_a_blank_picture_is_not_stretched_to_noise() -> None:
    module = ImagePreprocessing((28, 28), in_channels=1, channels=1, local_contrast=7)
    assert float(module(torch.full((1, 301, 203, 1), 77, dtype=torch.uint8)).abs().max()) < 0.01


@pytest.mark.parametrize("aspect", ["stretch", "pad"])
def test_local_contrast_is_that_of_a_plain_window(aspect: Aspect) -> None:
    module = ImagePreprocessing(
        (12, 12), in_channels=1, channels=1, aspect=aspect, normalisation="fixed", mean=(0.0,), std=(1.0,),
        local_contrast=5,
    )  # fmt: skip
    x = torch.from_numpy(picture(20, 40, 1))
    resized, inside = module.resize(x)
    grey, mask, result = resized[0, 0].double().numpy(), inside[0, 0].bool().numpy(), module(x)[0, 0].numpy()
    for i in range(12):
        for j in range(12):
            rows, columns = slice(max(0, i - 2), i + 3), slice(max(0, j - 2), j + 3)
            window = grey[rows, columns][mask[rows, columns]]
            expected = (grey[i, j] - window.mean()) / max(window.std(), 0.01) if mask[i, j] else 0.0
            assert result[i, j] == pytest.approx(expected, abs=2e-3)


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or 3 channels"):
        ImagePreprocessing((8, 8), in_channels=4, channels=1)
    with pytest.raises(ValueError, match="odd window"):
        ImagePreprocessing((8, 8), in_channels=1, channels=1, local_contrast=4)
    with pytest.raises(ValueError, match="means and deviations"):
        ImagePreprocessing((8, 8), in_channels=1, channels=1, mean=(0.5, 0.5), std=(1.0,))


@pytest.mark.parametrize(("aspect", "window", "tolerance"), [("stretch", None, 1e-4), ("pad", 5, 1e-3)])
def test_the_exported_graph_prepares_pictures_of_any_size_alike(
    aspect: Aspect, window: int | None, tolerance: float
) -> None:
    import onnxruntime

    module = ImagePreprocessing((16, 16), in_channels=3, channels=1, aspect=aspect, local_contrast=window).eval()
    free = torch.export.Dim.DYNAMIC
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own deprecations
        program = torch.onnx.export(
            module,
            (torch.from_numpy(np.repeat(picture(50, 60, 3), 2, axis=0)),),
            dynamo=True,
            dynamic_shapes={"image": {0: free, 1: free, 2: free}},
            verbose=False,
        )
    assert program is not None
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    for height, width in [(50, 60), (7, 200), (300, 3), (1, 1)]:
        x = picture(height, width, 3)
        (answer,) = session.run(None, {session.get_inputs()[0].name: x})
        np.testing.assert_allclose(answer, module(torch.from_numpy(x)).numpy(), atol=tolerance)
