"""Draws for each picture of a batch, from a generator on the CPU, so that a seed means the same on every device."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor


def draw_chosen(images: Tensor, probability: float, generator: Generator) -> Tensor:
    """Which pictures are changed: Boolean (samples, 1, 1, 1)."""
    return as_column(torch.rand(images.shape[0], generator=generator), images) < probability


def draw_between(count: int, largest: float, generator: Generator) -> Tensor:
    """(count,) evenly from -largest to largest."""
    return largest * (2 * torch.rand(count, generator=generator) - 1)


def as_column(values: Tensor, images: Tensor) -> Tensor:
    """(samples,) as (samples, 1, 1, 1) on the pictures' device."""
    return values.to(images.device)[:, None, None, None]


def draw_rectangles(images: Tensor, area: Tensor, generator: Generator) -> Tensor:
    """Boolean (samples, 1, height, width): one rectangle a picture of about `area`, sides' ratio 1/2 to 2."""
    count, _, height, width = images.shape
    ratio = torch.exp(draw_between(count, math.log(2.0), generator))
    tall = (torch.sqrt(area * ratio) * height).clamp(max=height)
    wide = (torch.sqrt(area / ratio) * width).clamp(max=width)
    top = torch.rand(count, generator=generator) * (height - tall)
    left = torch.rand(count, generator=generator) * (width - wide)
    rows = torch.arange(height)[None, :] + 0.5
    columns = torch.arange(width)[None, :] + 0.5
    in_rows = (rows >= top[:, None]) & (rows < (top + tall)[:, None])
    in_columns = (columns >= left[:, None]) & (columns < (left + wide)[:, None])
    return (in_rows[:, None, :, None] & in_columns[:, None, None, :]).to(images.device)
