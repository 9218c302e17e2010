"""Changes to the grey levels of a picture; see `training.augmentation`."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
import torch
from torch import Generator, Tensor
from torch.nn import functional

from salus.training.picture_draws import as_column, draw_between, draw_chosen

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]


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
        gamma = as_column(torch.exp(draw_between(count, self.gamma, generator)), images)
        contrast = as_column(torch.exp(draw_between(count, self.contrast, generator)), images)
        brightness = as_column(draw_between(count, self.brightness, generator), images)
        curved = images.clamp(0, 1) ** gamma if self.gamma else images
        mean = curved.mean(dim=(1, 2, 3), keepdim=True)
        changed = (contrast * (curved - mean) + mean + brightness).clamp(0, 1)
        return torch.where(draw_chosen(images, self.probability, generator), changed, images)


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
        return torch.where(draw_chosen(images, self.probability, generator), blurred, images)


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
        std = as_column(self.std * torch.rand(images.shape[0], generator=generator), images)
        noise = torch.randn(images.shape, generator=generator).to(images.device)
        return torch.where(draw_chosen(images, self.probability, generator), (images + std * noise).clamp(0, 1), images)


class Sharpness(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="sharpness", tag_field="name"
):
    """x <- clip(x + k (x - b), 0, 1), b being x blurred: softer for k below 0, sharper above (unsharp masking).

    Scanners and resizing differ in sharpness, which a network otherwise takes for a trait of the disease.

    Attributes:
        strength: Smallest and largest k; drawn evenly.
        sigma_px: Standard deviation of the blur in pixels.
        probability: Share of pictures that are changed.
    """

    strength: tuple[float, float] = (-0.7, 1.0)
    sigma_px: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    probability: Probability = 0.5

    def __post_init__(self) -> None:
        if not -1 <= self.strength[0] <= self.strength[1]:
            raise ValueError(f"expected strengths from low to high, at least -1; found {self.strength}")

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Pictures of the same shape."""
        count, channels, height, width = images.shape
        low, high = self.strength
        strength = as_column(low + (high - low) * torch.rand(count, generator=generator), images)
        radius = max(1, math.ceil(2 * self.sigma_px))
        offsets = torch.arange(-radius, radius + 1, dtype=torch.float32)
        kernel = torch.exp(-((offsets / self.sigma_px) ** 2) / 2)
        kernel = (kernel / kernel.sum()).to(images.device)
        x = images.reshape(count * channels, 1, height, width)
        x = functional.pad(x, (radius, radius, radius, radius), mode="replicate")
        x = functional.conv2d(functional.conv2d(x, kernel[None, None, :, None]), kernel[None, None, None, :])
        changed = (images + strength * (images - x.reshape(images.shape))).clamp(0, 1)
        return torch.where(draw_chosen(images, self.probability, generator), changed, images)


class Shading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="shading", tag_field="name"):
    """Multiply by a smooth field 1 + f, f being normal on a 3 x 3 grid and stretched over the picture.

    Beams, detectors and gain correction shade pictures; vignetting is one such field.

    Attributes:
        std: Standard deviation of f at the grid's points.
        probability: Share of pictures that are changed.
    """

    std: NotNegative = 0.1
    probability: Probability = 0.5

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Pictures of the same shape."""
        grid = self.std * torch.randn(images.shape[0], 1, 3, 3, generator=generator)
        size = (images.shape[2], images.shape[3])
        field = functional.interpolate(grid, size=size, mode="bilinear", align_corners=True).to(images.device)
        changed = (images * (1 + field)).clamp(0, 1)
        return torch.where(draw_chosen(images, self.probability, generator), changed, images)


class BlockCompression(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="block_compression", tag_field="name"
):
    """Round the cosine coefficients of blocks of 8 x 8 pixels, as JPEG does (ITU-T T.81), without its entropy coder.

    The step of coefficient (u, v) is coarseness x (1 + u + v) / 128, of grey levels scaled to 0..1. Pictures from the
    web carry such traces, which may betray their source. Rows and columns beyond a whole block are left as they are.

    Attributes:
        coarseness: Smallest and largest; drawn evenly on a logarithmic scale.
        probability: Share of pictures that are changed.
    """

    coarseness: tuple[float, float] = (1.0, 10.0)
    probability: Probability = 0.4

    def __post_init__(self) -> None:
        if not 0 < self.coarseness[0] <= self.coarseness[1]:
            raise ValueError(f"expected a coarseness from low to high, above 0; found {self.coarseness}")

    def apply(self, images: Tensor, generator: Generator) -> Tensor:
        """Pictures of the same shape."""
        count, channels, height, width = images.shape
        low, high = (math.log(value) for value in self.coarseness)
        coarse = torch.exp(low + (high - low) * torch.rand(count, generator=generator)).to(images.device)
        rows, columns = height // 8, width // 8
        index = torch.arange(8, dtype=torch.float32, device=images.device)
        basis = torch.cos((2 * index[None] + 1) * index[:, None] * (math.pi / 16)) / 2
        basis[0] *= math.sqrt(0.5)
        step = (1 + index[None] + index[:, None]) / 128
        whole = images[:, :, : rows * 8, : columns * 8].reshape(count, channels, rows, 8, columns, 8)
        coefficients = basis @ whole.transpose(3, 4) @ basis.T
        steps = coarse[:, None, None, None, None, None] * step
        rounded = basis.T @ (torch.round(coefficients / steps) * steps) @ basis
        changed = images.clone()
        changed[:, :, : rows * 8, : columns * 8] = rounded.transpose(3, 4).reshape(
            count, channels, rows * 8, columns * 8
        )
        return torch.where(draw_chosen(images, self.probability, generator), changed.clamp(0, 1), images)
