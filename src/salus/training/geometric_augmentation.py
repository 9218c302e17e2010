"""Changes to where things lie in a picture; see `training.augmentation`."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
import torch
from torch import Generator, Tensor
from torch.nn import functional

from salus.training.picture_draws import draw_between, draw_chosen, draw_rectangles

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
        images = torch.where(draw_chosen(images, self.horizontal, generator), images.flip(3), images)
        return torch.where(draw_chosen(images, self.vertical, generator), images.flip(2), images)


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
        angle = draw_between(count, self.rotate_deg, generator) * (math.pi / 180)
        shear = torch.tan(draw_between(count, self.shear_deg, generator) * (math.pi / 180))
        low, high = math.log(self.scale[0]), math.log(self.scale[1])
        shrink = torch.exp(-(low + (high - low) * torch.rand(count, generator=generator)))
        cos, sin = torch.cos(angle) * shrink, torch.sin(angle) * shrink
        # From an output pixel to the input pixel that it shows, in pixels about the centre: R S, then the move.
        theta = torch.zeros(count, 2, 3)
        theta[:, 0, 0], theta[:, 0, 1] = cos, cos * shear - sin
        theta[:, 1, 0], theta[:, 1, 1] = sin, sin * shear + cos
        theta[:, 0, 1] *= height / width
        theta[:, 1, 0] *= width / height
        theta[:, 0, 2] = 2 * draw_between(count, self.translate, generator)
        theta[:, 1, 2] = 2 * draw_between(count, self.translate, generator)
        grid = functional.affine_grid(theta, [count, 1, height, width], align_corners=False).to(images.device)
        moved = functional.grid_sample(images, grid, mode="bilinear", padding_mode=self.padding, align_corners=False)
        return torch.where(draw_chosen(images, self.probability, generator), moved, images)


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
        inside = draw_rectangles(images, area, generator)
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        return torch.where(draw_chosen(images, self.probability, generator) & inside, mean, images)
