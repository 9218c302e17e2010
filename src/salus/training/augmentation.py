"""Random changes to training pictures, declared as data and drawn for each picture.

Pictures are FP32 (samples, channels, height, width) from 0 to 1. All chance comes from the generator that is passed,
which lives on the CPU, so that a seed means the same on every device. A change is drawn for each picture by itself
and made to about `probability` of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from salus.training.geometric_augmentation import Affine, Erasing, Flip
from salus.training.intensity_augmentation import (
    BlockCompression,
    GaussianBlur,
    GaussianNoise,
    Intensity,
    Shading,
    Sharpness,
)
from salus.training.picture_draws import draw_rectangles

__all__ = [
    "Affine",
    "Augmentation",
    "BlockCompression",
    "Erasing",
    "Flip",
    "GaussianBlur",
    "GaussianNoise",
    "Intensity",
    "Shading",
    "Sharpness",
    "augment",
    "cutmix",
    "mixup",
]

Augmentation = (
    Flip | Affine | Intensity | GaussianBlur | GaussianNoise | Erasing | Sharpness | Shading | BlockCompression
)


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
    inside = draw_rectangles(images, torch.full((images.shape[0],), 1 - kept), generator)
    share = 1 - inside.to(torch.float32).mean(dim=(1, 2, 3))[:, None]
    return torch.where(inside, images[partner], images), share * targets + (1 - share) * targets[partner]


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
