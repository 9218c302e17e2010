"""From a picture as it comes to the tensor that a network sees, inside the graph.

The same module prepares training pictures and travels in the exported graph, so training and serving cannot differ.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Aspect = Literal["stretch", "pad"]
Normalisation = Literal["per_image", "fixed"]

ITU_R_601 = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in luma (Recommendation ITU-R BT.601-7, section 2.5.1)."""

_SMALLEST_DEVIATION = 0.01
"""Of grey levels scaled to 0..1: 2.5 levels of 255. Flatter pictures are not stretched to noise."""


def triangle_weights(length: Tensor, positions: Tensor, *, size: int, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Weights of an antialiased linear resize along one axis.

    Output cell i looks at the input around c_i = (i + 1/2 - size/2) s + length/2 with the triangle filter
    w_ij = max(0, 1 - |j + 1/2 - c_i| / max(s, 1)), each row divided by its sum. The filter widens with the
    down-scaling factor s, as Pillow's `BILINEAR` and torch's `antialias=True` do.

    Args:
        length: Input cells, a number as an FP32 tensor without axes.
        positions: 0, 1, ... length - 1, FP32 (length,).
        size: Output cells.
        scale: Input cells per output cell, an FP32 tensor without axes.

    Returns:
        The weights, FP32 (size, length), and 1 for each output cell whose centre lies in the picture, else 0,
        FP32 (size,). Rows outside the picture are zero.
    """
    cells = torch.arange(size, dtype=torch.float32, device=positions.device)
    centres = (cells + 0.5 - size / 2) * scale + length / 2
    inside = ((centres >= 0) & (centres <= length)).to(torch.float32)
    distance = (positions[None, :] + 0.5 - centres[:, None]).abs() / scale.clamp(min=1.0)
    weights = (1 - distance).clamp(min=0) * inside[:, None]
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-6), inside


class ImagePreprocessing(nn.Module):
    """Resizes, adapts channels and normalises pictures of any size.

    Resizing is two matrix products, W_v X W_h', whose weights are computed in the graph from the picture's height and
    width; it exports to ONNX with both free.

    Args:
        size: Height and width of the result in pixels.
        in_channels: Channels of the pictures: 1 (grey) or 3 (RGB).
        channels: Channels of the result: 1 or 3. Grey is repeated; RGB becomes grey by ITU-R BT.601.
        aspect: `stretch` fills the result; `pad` keeps the picture's proportions, centres it, and leaves the rest at
            the mean (0 after normalisation).
        normalisation: `per_image`: less the picture's mean, divided by its standard deviation (at least 0.01).
            `fixed`: less `mean`, divided by `std`.
        mean: Per channel, of pictures scaled to 0..1; `fixed` only.
        std: Likewise.
        local_contrast: Odd window in pixels of the result for local contrast normalisation before the other one:
            less the window's mean, divided by its standard deviation (Jarrett et al., "What is the best multi-stage
            architecture for object recognition?", ICCV 2009; here with a square window). None leaves it out.

    Raises:
        ValueError: A number of channels other than 1 or 3, an even window, means that do not fit the channels.

    Example:
        >>> module = ImagePreprocessing((32, 32), in_channels=3, channels=1)
        >>> module(torch.zeros(2, 100, 80, 3, dtype=torch.uint8)).shape
        torch.Size([2, 1, 32, 32])
    """

    mean: Tensor
    std: Tensor
    luma: Tensor

    def __init__(
        self,
        size: tuple[int, int],
        *,
        in_channels: int,
        channels: int,
        aspect: Aspect = "stretch",
        normalisation: Normalisation = "per_image",
        mean: tuple[float, ...] = (0.5,),
        std: tuple[float, ...] = (0.25,),
        local_contrast: int | None = None,
    ) -> None:
        super().__init__()
        if in_channels not in {1, 3} or channels not in {1, 3}:
            raise ValueError(f"expected 1 or 3 channels; found {in_channels} in and {channels} out")
        if local_contrast is not None and local_contrast % 2 == 0:
            raise ValueError(f"expected an odd window for local contrast; found {local_contrast}")
        if {len(mean), len(std)} - {1, channels}:
            raise ValueError(f"expected 1 or {channels} means and deviations; found {len(mean)} and {len(std)}")
        self.size = size
        self.in_channels = in_channels
        self.channels = channels
        self.aspect = aspect
        self.normalisation = normalisation
        self.local_contrast = local_contrast
        self.register_buffer("mean", torch.tensor(mean).reshape(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).reshape(1, -1, 1, 1), persistent=False)
        self.register_buffer("luma", torch.tensor(ITU_R_601).reshape(1, 3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Prepare pictures.

        Args:
            image: UINT8 (samples, height, width, `in_channels`), display grey levels or RGB.

        Returns:
            FP32 (samples, `channels`, *`size`).
        """
        resized, inside = self.resize(image)
        return self.normalise(resized, inside)

    def resize(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The first half: to FP32 0..1 of the result's size, and where the picture lies in it.

        Args:
            image: As for `forward`.

        Returns:
            FP32 (samples, `channels`, *`size`) from 0 to 1, and a mask of the same height and width, FP32
            (samples, 1, *`size`): 1 inside the picture, 0 in the margin that `pad` leaves.
        """
        x = image.permute(0, 3, 1, 2).to(torch.float32) / 255
        if self.in_channels > self.channels:
            x = (x * self.luma).sum(dim=1, keepdim=True)
        height, width = x.shape[2], x.shape[3]
        rows = torch.arange(height, dtype=torch.float32, device=x.device)
        columns = torch.arange(width, dtype=torch.float32, device=x.device)
        row_count = torch.scalar_tensor(height, dtype=torch.float32, device=x.device)
        column_count = torch.scalar_tensor(width, dtype=torch.float32, device=x.device)
        row_scale, column_scale = row_count / self.size[0], column_count / self.size[1]
        if self.aspect == "pad":
            row_scale = column_scale = torch.maximum(row_scale, column_scale)
        vertical, inside_rows = triangle_weights(row_count, rows, size=self.size[0], scale=row_scale)
        horizontal, inside_columns = triangle_weights(column_count, columns, size=self.size[1], scale=column_scale)
        x = torch.matmul(torch.matmul(vertical, x), horizontal.T)
        if self.in_channels < self.channels:
            x = x.expand(-1, self.channels, -1, -1)
        inside = inside_rows[:, None] * inside_columns[None, :]
        return x, inside.expand(x.shape[0], 1, -1, -1)

    def normalise(self, x: Tensor, inside: Tensor | None = None) -> Tensor:
        """The second half, after which a network may see the picture.

        Args:
            x: FP32 (samples, `channels`, *`size`) from 0 to 1.
            inside: The mask that `resize` answers; None where the picture fills the result.

        Returns:
            FP32 of the same shape; 0 in the margin.
        """
        mask = None if self.aspect == "stretch" else inside
        if self.local_contrast is not None:
            x = _local_contrast(x, mask, window=self.local_contrast)
        if self.normalisation == "per_image":
            centre = _mean(x, mask)
            deviation = _mean((x - centre) ** 2, mask).sqrt().clamp(min=_SMALLEST_DEVIATION)
            x = (x - centre) / deviation
        else:
            x = (x - self.mean) / self.std
        return x if mask is None else x * mask


def _mean(x: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over channels, height and width, inside the mask: (samples, 1, 1, 1)."""
    if mask is None:
        return x.mean(dim=(1, 2, 3), keepdim=True)
    total = (x * mask).sum(dim=(1, 2, 3), keepdim=True)
    return total / (mask.sum(dim=(1, 2, 3), keepdim=True) * x.shape[1]).clamp(min=1.0)


def _local_contrast(x: Tensor, mask: Tensor | None, *, window: int) -> Tensor:
    def window_mean(values: Tensor) -> Tensor:
        return F.avg_pool2d(values, window, stride=1, padding=window // 2, count_include_pad=False)

    x = x - _mean(x, mask)  # keeps the difference of two squares below exact to more digits
    if mask is None:
        centre = window_mean(x)
        square = window_mean(x * x)
    else:
        share = window_mean(mask).clamp(min=1e-6)
        centre = window_mean(x * mask) / share
        square = window_mean(x * x * mask) / share
    deviation = (square - centre * centre).clamp(min=0).sqrt()
    return (x - centre) / deviation.clamp(min=_SMALLEST_DEVIATION)
