"""Random changes to training pictures, declared as data and drawn for each picture.

Pictures are FP32 (samples, channels, height, width) from 0 to 1. All chance comes from the generator that is passed,
which lives on the CPU, so that a seed means the same on every device. A change is drawn for each picture by itself
and made to about `probability` of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
import torch
from torch import Generator, Tensor
from torch.nn import functional

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]


class Flip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="flip", tag_field="name"):
    """Mirror pictures.

    Attributes:
        horizontal: Probability of left for right. Beware: a chest then has its heart on the other side.
        vertical: Probability of top for bottom.
    """

    horizontal: Probability = 0.5
    vertical: Probability = 0.0

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Mirrored pictures of the same shape."""
        images = torch.where(_chosen(images, self.horizontal, generator), images.flip(3), images)
        return torch.where(_chosen(images, self.vertical, generator), images.flip(2), images)


class Affine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="affine", tag_field="name"):
    """Rotate, scale, shear and move, about the centre.

    Attributes:
        rotate_deg: Largest angle in degrees, either way.
        translate: Largest move as a share of height and width, either way.
        scale: Smallest and largest magnification; even on a logarithmic scale.
        shear_deg: Largest horizontal shear in degrees, either way.
        padding: What stands where the picture does not reach: its `border`, its `reflection`, or `zeros`.
        probability: Share of pictures that are changed.
    """

    rotate_deg: NotNegative = 0.0
    translate: NotNegative = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shear_deg: NotNegative = 0.0
    padding: Literal["zeros", "border", "reflection"] = "border"
    probability: Probability = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError(f"expected a scale from low to high, above 0; found {self.scale}")

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Moved pictures of the same shape, by linear interpolation."""
        count, _, height, width = images.shape
        angle = _between(count, self.rotate_deg, generator) * (math.pi / 180)
        shear = torch.tan(_between(count, self.shear_deg, generator) * (math.pi / 180))
        low, high = math.log(self.scale[0]), math.log(self.scale[1])
        shrink = torch.exp(-(low + (high - low) * torch.rand(count, generator=generator)))
        cos, sin = torch.cos(angle) * shrink, torch.sin(angle) * shrink
        # From an output pixel to the input pixel that it shows, in pixels about the centre: R S, then the move.
        theta = torch.zeros(count, 2, 3)
        theta[:, 0, 0], theta[:, 0, 1] = cos, cos * shear - sin
        theta[:, 1, 0], theta[:, 1, 1] = sin, sin * shear + cos
        theta[:, 0, 1] *= height / width
        theta[:, 1, 0] *= width / height
        theta[:, 0, 2] = 2 * _between(count, self.translate, generator)
        theta[:, 1, 2] = 2 * _between(count, self.translate, generator)
        grid = functional.affine_grid(theta, [count, 1, height, width], align_corners=False).to(images.device)
        moved = functional.grid_sample(images, grid, mode="bilinear", padding_mode=self.padding, align_corners=False)
        return torch.where(_chosen(images, self.probability, generator), moved, images)


class Intensity(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="intensity", tag_field="name"
):
    """x <- clip(c (x^g - m) + m + b, 0, 1), m being the picture's mean.

    Attributes:
        brightness: Largest |b|.
        contrast: Largest |log c|.
        gamma: Largest |log g|.
        probability: Share of pictures that are changed.
    """

    brightness: NotNegative = 0.0
    contrast: NotNegative = 0.0
    gamma: NotNegative = 0.0
    probability: Probability = 1.0

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Pictures of the same shape."""
        count = images.shape[0]
        gamma = _column(torch.exp(_between(count, self.gamma, generator)), images)
        contrast = _column(torch.exp(_between(count, self.contrast, generator)), images)
        brightness = _column(_between(count, self.brightness, generator), images)
        curved = images.clamp(0, 1) ** gamma if self.gamma else images
        mean = curved.mean(dim=(1, 2, 3), keepdim=True)
        changed = (contrast * (curved - mean) + mean + brightness).clamp(0, 1)
        return torch.where(_chosen(images, self.probability, generator), changed, images)


class GaussianBlur(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="blur", tag_field="name"):
    """Convolve with a Gaussian, cut off at three standard deviations; the border is repeated.

    Attributes:
        sigma_px: Smallest and largest standard deviation in pixels.
        probability: Share of pictures that are changed.
    """

    sigma_px: tuple[float, float] = (0.3, 1.0)
    probability: Probability = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.sigma_px[0] <= self.sigma_px[1]:
            raise ValueError(f"expected a sigma from low to high, above 0; found {self.sigma_px}")

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Blurred pictures of the same shape."""
        count, channels, height, width = images.shape
        low, high = self.sigma_px
        sigma = low + (high - low) * torch.rand(count, generator=generator)
        radius = max(1, math.ceil(3 * high))
        offsets = torch.arange(-radius, radius + 1, dtype=torch.float32)
        kernel = torch.exp(-((offsets[None] / sigma[:, None]) ** 2) / 2)
        kernel = (kernel / kernel.sum(dim=1, keepdim=True)).to(images.device).repeat_interleave(channels, dim=0)
        x = images.reshape(1, count * channels, height, width)
        x = functional.pad(x, (radius, radius, radius, radius), mode="replicate")
        x = functional.conv2d(x, kernel[:, None, :, None], groups=count * channels)
        x = functional.conv2d(x, kernel[:, None, None, :], groups=count * channels)
        blurred = x.reshape(images.shape)
        return torch.where(_chosen(images, self.probability, generator), blurred, images)


class GaussianNoise(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="noise", tag_field="name"
):
    """Add normal noise whose standard deviation is drawn evenly from 0 to `std`; the result is clipped to 0..1.

    Attributes:
        std: Largest standard deviation, of grey levels scaled to 0..1.
        probability: Share of pictures that are changed.
    """

    std: NotNegative = 0.05
    probability: Probability = 0.5

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Noisy pictures of the same shape."""
        std = _column(self.std * torch.rand(images.shape[0], generator=generator), images)
        noise = torch.randn(images.shape, generator=generator).to(images.device)
        return torch.where(_chosen(images, self.probability, generator), (images + std * noise).clamp(0, 1), images)


class Erasing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="erasing", tag_field="name"):
    """Fill one rectangle with the picture's mean (Zhong et al., "Random erasing", AAAI 2020).

    Attributes:
        area: Smallest and largest area as a share of the picture.
        probability: Share of pictures that are changed.
    """

    area: tuple[Probability, Probability] = (0.02, 0.2)
    probability: Probability = 0.5

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Pictures of the same shape."""
        count = images.shape[0]
        low, high = self.area
        area = low + (high - low) * torch.rand(count, generator=generator)
        inside = _rectangles(images, area, generator)
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        return torch.where(_chosen(images, self.probability, generator) & inside, mean, images)


Augmentation = Flip | Affine | Intensity | GaussianBlur | GaussianNoise | Erasing


def augment(images: Tensor, augmentations: Sequence[Augmentation], generator: Generator) -> Tensor:
    """Each change in its turn."""
    for augmentation in augmentations:
        images = augmentation.apply(images, generator)
    return images


def mixup(images: Tensor, targets: Tensor, *, alpha: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Mix pairs: s x + (1 - s) x', and the same of the targets, x' being another picture of the batch.

    The share s ~ Beta(alpha, alpha) is one for the whole batch (Zhang et al., "mixup", ICLR 2018).

    Args:
        images: (samples, ...).
        targets: (samples, classes), rows adding up to 1.
        alpha: Above 0.
        generator: All chance.
    """
    share = _beta(alpha, generator)
    partner = torch.randperm(images.shape[0], generator=generator).to(images.device)
    return torch.lerp(images[partner], images, share), torch.lerp(targets[partner], targets, share)


def cutmix(images: Tensor, targets: Tensor, *, alpha: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Fill a rectangle of each picture from another one, and mix the targets by area.

    The share that is kept is ~ Beta(alpha, alpha) (Yun et al., "CutMix", ICCV 2019). Arguments as for `mixup`.
    """
    kept = _beta(alpha, generator)
    partner = torch.randperm(images.shape[0], generator=generator).to(images.device)
    inside = _rectangles(images, torch.full((images.shape[0],), 1 - kept), generator)
    share = 1 - inside.to(torch.float32).mean(dim=(1, 2, 3))[:, None]
    return torch.where(inside, images[partner], images), share * targets + (1 - share) * targets[partner]


def _chosen(images: Tensor, probability: float, generator: Generator) -> Tensor:
    """Which pictures are changed: Boolean (samples, 1, 1, 1)."""
    return _column(torch.rand(images.shape[0], generator=generator), images) < probability


def _between(count: int, largest: float, generator: Generator) -> Tensor:
    """(count,) evenly from -largest to largest."""
    return largest * (2 * torch.rand(count, generator=generator) - 1)


def _column(values: Tensor, images: Tensor) -> Tensor:
    return values.to(images.device)[:, None, None, None]


def _rectangles(images: Tensor, area: Tensor, generator: Generator) -> Tensor:
    """Boolean (samples, 1, height, width): one rectangle a picture of about `area`, sides' ratio 1/2 to 2."""
    count, _, height, width = images.shape
    ratio = torch.exp(_between(count, math.log(2.0), generator))
    tall = (torch.sqrt(area * ratio) * height).clamp(max=height)
    wide = (torch.sqrt(area / ratio) * width).clamp(max=width)
    top = torch.rand(count, generator=generator) * (height - tall)
    left = torch.rand(count, generator=generator) * (width - wide)
    rows = torch.arange(height)[None, :] + 0.5
    columns = torch.arange(width)[None, :] + 0.5
    in_rows = (rows >= top[:, None]) & (rows < (top + tall)[:, None])
    in_columns = (columns >= left[:, None]) & (columns < (left + wide)[:, None])
    return (in_rows[:, None, :, None] & in_columns[:, None, None, :]).to(images.device)


def _beta(alpha: float, generator: Generator) -> float:
    """One draw of Beta(alpha, alpha): U^(1/a) / (U^(1/a) + V^(1/a)), given that the sum is at most 1 (Johnk 1964).

    Powers are held as logarithms, since U^(1/a) is below the smallest number for a small alpha.
    """
    while True:
        u, v = torch.rand(2, generator=generator, dtype=torch.float64).tolist()
        x, y = math.log(max(u, 1e-300)) / alpha, math.log(max(v, 1e-300)) / alpha
        if math.exp(x) + math.exp(y) > 1:
            continue
        top = max(x, y)
        return math.exp(x - top) / (math.exp(x - top) + math.exp(y - top))
