"""How unlike the options' representations are: the penalties of CFR (Shalit, Johansson, Sontag, ICML 2017)."""

from __future__ import annotations

import torch
from torch import Tensor


def squared_mean_difference(first: Tensor, second: Tensor) -> Tensor:
    """Linear maximum mean discrepancy: |mean(first) - mean(second)|^2.

    Args:
        first: (members, samples, width).
        second: (members, other samples, width).

    Returns:
        (members,).
    """
    difference: Tensor = first.mean(dim=1) - second.mean(dim=1)
    return (difference**2).sum(dim=1)


def sinkhorn_distance(first: Tensor, second: Tensor, *, sharpness: float = 10.0, steps: int = 10) -> Tensor:
    """Wasserstein-1 distance between two samples by entropic transport (Cuturi, NeurIPS 2013).

    The kernel is exp(-sharpness c_ij / mean(c)), c the Euclidean distances; the plan is held fixed for the gradient,
    as in the paper's algorithm 3.

    Args:
        first: (members, samples, width).
        second: (members, other samples, width).
        sharpness: The larger, the nearer to the exact distance.
        steps: Of Sinkhorn's scaling.

    Returns:
        (members,).
    """
    squared = (
        (first**2).sum(dim=2).unsqueeze(2)
        + (second**2).sum(dim=2).unsqueeze(1)
        - 2.0 * torch.matmul(first, second.transpose(1, 2))
    )
    cost = torch.sqrt(squared.clamp(min=1e-8))
    with torch.no_grad():
        kernel = torch.exp(-sharpness * cost / cost.mean(dim=(1, 2), keepdim=True)) + 1e-12
        rows, columns = cost.shape[1], cost.shape[2]
        left = cost.new_full((cost.shape[0], rows, 1), 1.0 / rows)
        for _ in range(steps):
            right = (1.0 / columns) / torch.matmul(kernel.transpose(1, 2), left)
            left = (1.0 / rows) / torch.matmul(kernel, right)
        plan = left * kernel * right.transpose(1, 2)
    return (plan * cost).sum(dim=(1, 2))
