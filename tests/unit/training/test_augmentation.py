from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from salus.training.augmentation import (
    Affine,
    Augmentation,
    BlockCompression,
    Erasing,
    Flip,
    GaussianBlur,
    GaussianNoise,
    Intensity,
    Shading,
    Sharpness,
    augment,
    cutmix,
    mixup,
)

EVERY: tuple[Augmentation, ...] = (
    Flip(horizontal=0.5, vertical=0.3),
    Affine(rotate_deg=20, translate=0.1, scale=(0.8, 1.2), shear_deg=5),
    Intensity(brightness=0.1, contrast=0.3, gamma=0.3),
    GaussianBlur(),
    GaussianNoise(),
    Erasing(),
    Sharpness(),
    Shading(),
    BlockCompression(),
)


def pictures(count: int = 6, channels: int = 1, height: int = 12, width: int = 16) -> Tensor:
    return torch.rand(count, channels, height, width, generator=Generator().manual_seed(9))


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("augmentation", EVERY)
def test_a_change_keeps_the_shape_follows_its_generator_and_can_be_left_out(
    augmentation: Augmentation, channels: int
) -> None:
    x = pictures(channels=channels)
    before = x.clone()
    changed = augmentation.apply(x, seeded())
    assert changed.shape == x.shape
    assert not torch.equal(changed, x)
    assert torch.equal(x, before)
    assert torch.equal(changed, augmentation.apply(x, seeded()))
    assert not torch.equal(changed, augmentation.apply(x, seeded(1)))
    off = {"horizontal": 0.0, "vertical": 0.0} if isinstance(augmentation, Flip) else {"probability": 0.0}
    assert torch.equal(msgspec.structs.replace(augmentation, **off).apply(x, seeded()), x)


def test_global_randomness_is_not_touched() -> None:
    before = torch.get_rng_state()
    augment(pictures(), EVERY, seeded())
    assert torch.equal(before, torch.get_rng_state())


def test_a_flip_mirrors() -> None:
    x = pictures()
    assert torch.equal(Flip(horizontal=1.0).apply(x, seeded()), x.flip(3))
    assert torch.equal(Flip(horizontal=0.0, vertical=1.0).apply(x, seeded()), x.flip(2))


def test_no_movement_is_the_identity() -> None:
    x = pictures()
    torch.testing.assert_close(Affine().apply(x, seeded()), x, atol=1e-5, rtol=0)


def test_a_magnification_shows_the_middle_larger() -> None:
    x = torch.zeros(1, 1, 16, 16)
    x[..., 4:12, 4:12] = 1
    torch.testing.assert_close(Affine(scale=(2.0, 2.0)).apply(x, seeded()).mean(), torch.tensor(1.0), atol=0.1, rtol=0)


def test_a_rotation_keeps_lengths_on_pictures_that_are_not_square() -> None:
    x = torch.zeros(200, 1, 41, 81)
    x[:, :, 20, 40 + 12] = 1.0
    x[:, :, 20, 40 + 11] = 1.0
    moved = Affine(rotate_deg=80, padding="zeros").apply(x, seeded())
    rows, columns = torch.meshgrid(torch.arange(41.0) - 20, torch.arange(81.0) - 40, indexing="ij")
    mass = moved.sum(dim=(1, 2, 3))
    radius = ((moved[:, 0] * rows).sum(dim=(1, 2)) / mass) ** 2 + ((moved[:, 0] * columns).sum(dim=(1, 2)) / mass) ** 2
    np.testing.assert_allclose(radius.sqrt().numpy(), 11.5, atol=0.4)


def test_intensity_is_its_formula() -> None:
    x = pictures(1)
    # With a largest change of exp(0) the factors are 1; a brightness alone adds the same to every pixel.
    shifted = Intensity(brightness=0.05).apply(0.2 + 0.5 * x, seeded()) - (0.2 + 0.5 * x)
    assert float(shifted.std()) < 1e-6
    assert 0 < abs(float(shifted.mean())) <= 0.05
    contrasted = Intensity(contrast=0.1).apply(0.3 + 0.4 * x, seeded())
    assert float(contrasted.mean()) == pytest.approx(float((0.3 + 0.4 * x).mean()), abs=1e-5)


def test_a_blur_is_that_of_scipy() -> None:
    from scipy.ndimage import gaussian_filter

    x = pictures(2, channels=2)
    blurred = GaussianBlur(sigma_px=(1.0, 1.0), probability=1.0).apply(x, seeded())
    expected = gaussian_filter(x.numpy(), sigma=(0, 0, 1, 1), mode="nearest", truncate=3.0)
    np.testing.assert_allclose(blurred.numpy(), expected, atol=1e-5)


def test_noise_stays_within_its_deviation_and_the_range() -> None:
    x = torch.full((300, 1, 20, 20), 0.5)
    deviation = GaussianNoise(std=0.05, probability=1.0).apply(x, seeded()).std(dim=(1, 2, 3))
    assert float(deviation.max()) < 0.06
    assert float(deviation.mean()) == pytest.approx(0.025, abs=0.004)
    assert float(GaussianNoise(std=5.0, probability=1.0).apply(x, seeded()).max()) == 1.0


def test_sharpness_adds_the_difference_from_the_blurred_picture() -> None:
    from scipy.ndimage import gaussian_filter

    x = (0.3 + 0.4 * pictures(2, channels=3)).double().float()
    blurred = gaussian_filter(x.numpy(), sigma=(0, 0, 1, 1), mode="nearest", truncate=2.0)
    for strength in (-1.0, -0.5, 0.3):
        changed = Sharpness(strength=(strength, strength), probability=1.0).apply(x, seeded()).numpy()
        np.testing.assert_allclose(changed, np.clip(x.numpy() + strength * (x.numpy() - blurred), 0, 1), atol=1e-5)


def test_shading_is_a_smooth_field_between_nine_normal_points() -> None:
    x = torch.full((300, 1, 13, 17), 0.5)
    shaded = Shading(std=0.1, probability=1.0).apply(x, seeded())
    field = shaded[:, 0].numpy() / 0.5 - 1
    points = field[:, [0, 6, 12]][:, :, [0, 8, 16]]
    assert float(points.std()) == pytest.approx(0.1, abs=0.006)
    for index in range(5):  # plain: along columns, then along rows
        rows = [np.interp(range(17), [0, 8, 16], row) for row in points[index]]
        plain = np.array([np.interp(range(13), [0, 6, 12], column) for column in np.transpose(rows)]).T
        np.testing.assert_allclose(field[index], plain, atol=1e-5)


def _compress_plainly(block: NDArray[np.float64], coarseness: float) -> NDArray[np.float64]:
    """Sums of cosines as ITU-T T.81, A.3.3 writes them."""

    def cosine(x: int, u: int) -> float:
        return float(np.cos((2 * x + 1) * u * np.pi / 16) * (np.sqrt(0.5) if u == 0 else 1.0) / 2)

    eight = range(8)
    kept = np.zeros((8, 8))
    for u in eight:
        for v in eight:
            value = sum(block[x, y] * cosine(x, u) * cosine(y, v) for x in eight for y in eight)
            step = coarseness * (1 + u + v) / 128
            kept[u, v] = np.round(value / step) * step
    sums = [sum(kept[u, v] * cosine(x, u) * cosine(y, v) for u in eight for v in eight) for x in eight for y in eight]
    return np.clip(np.reshape(sums, (8, 8)), 0, 1)


def test_block_compression_rounds_the_cosine_coefficients_of_each_whole_block() -> None:
    x = pictures(1, channels=2, height=19, width=16)
    changed = BlockCompression(coarseness=(6.0, 6.0), probability=1.0).apply(x, seeded())
    for channel, row, column in ((0, 0, 0), (0, 8, 8), (1, 8, 0)):
        block = (0, channel, slice(row, row + 8), slice(column, column + 8))
        plain = _compress_plainly(x[block].double().numpy(), 6.0)
        np.testing.assert_allclose(changed[block].numpy(), plain, atol=1e-4)
    assert torch.equal(changed[:, :, 16:], x[:, :, 16:])


def test_block_compression_leaves_a_flat_picture_flat_and_a_tiny_one_alone() -> None:
    flat = torch.full((4, 1, 16, 16), 0.4)
    changed = BlockCompression(probability=1.0).apply(flat, seeded())
    assert float(changed.amax(dim=(1, 2, 3)).sub(changed.amin(dim=(1, 2, 3))).max()) < 1e-6
    assert float((changed - 0.4).abs().max()) <= 10 / 128 / 8 / 2 + 1e-6  # half a step of the mean's coefficient
    tiny = pictures(3, height=7, width=30)
    assert torch.equal(BlockCompression(probability=1.0).apply(tiny, seeded()), tiny)


def test_a_coarser_compression_changes_more() -> None:
    x = pictures(4, height=32, width=32)
    fine, coarse = (
        BlockCompression(coarseness=(step, step), probability=1.0).apply(x, seeded()) for step in (0.5, 8.0)
    )
    assert float((fine - x).abs().mean()) < float((coarse - x).abs().mean())


def test_erasing_fills_one_rectangle_of_its_area_with_the_mean() -> None:
    x = pictures(400, height=40, width=40)
    erased = Erasing(area=(0.1, 0.1), probability=1.0).apply(x, seeded())
    changed = (erased != x)[:, 0]
    assert float(changed.float().mean()) == pytest.approx(0.1, abs=0.01)
    first = changed[0].nonzero()
    height, width = (first.max(dim=0).values - first.min(dim=0).values + 1).tolist()
    assert height * width == int(changed[0].sum())
    torch.testing.assert_close(erased[0, 0][changed[0]], x[0].mean().expand(int(changed[0].sum())))


def test_mixup_mixes_pictures_and_targets_alike() -> None:
    x, t = pictures(8), torch.eye(8)
    mixed, targets = mixup(x, t, alpha=0.4, generator=seeded())
    torch.testing.assert_close(torch.einsum("nk,kchw->nchw", targets, x), mixed, atol=1e-6, rtol=0)
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(8))


def test_cutmix_mixes_targets_by_area() -> None:
    x = torch.arange(8.0)[:, None, None, None].expand(8, 1, 20, 20).contiguous()
    mixed, targets = cutmix(x, torch.eye(8), alpha=1.0, generator=seeded(3))
    torch.testing.assert_close(mixed.mean(dim=(1, 2, 3)), targets @ torch.arange(8.0), atol=1e-4, rtol=0)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 2.0])
def test_the_share_of_mixup_follows_the_beta_law(alpha: float) -> None:
    from scipy.stats import beta, kstest

    generator = seeded(5)
    x, t = torch.zeros(2, 1), torch.eye(2)
    shares: list[float] = []
    while len(shares) < 400:
        _, targets = mixup(x, t, alpha=alpha, generator=generator)
        if float(targets[0, 1]) > 0:  # else the partner is the picture itself
            shares.append(float(targets[0, 0]))
    assert kstest(shares, beta(alpha, alpha).cdf).pvalue > 0.01


def test_ranges_that_are_upside_down_are_refused() -> None:
    with pytest.raises(ValueError, match="from low to high"):
        Affine(scale=(1.2, 0.8))
    with pytest.raises(ValueError, match="from low to high"):
        GaussianBlur(sigma_px=(2.0, 1.0))
    with pytest.raises(ValueError, match="from low to high"):
        Sharpness(strength=(-1.5, 0.0))
    with pytest.raises(ValueError, match="from low to high"):
        BlockCompression(coarseness=(3.0, 1.0))


def test_augmentations_are_data() -> None:
    text = msgspec.json.encode(EVERY)
    assert msgspec.json.decode(text, type=tuple[Augmentation, ...]) == EVERY
