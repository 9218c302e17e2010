"""What keeps a fit from the training part's accidents: penalties, soft targets, class weights, and the loss."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional


def penalty(parameters: Iterable[Tensor], *, l1: float, l2: float) -> Tensor | float:
    """l1 sum |w| + l2 sum w^2 / 2 (lasso: Tibshirani 1996; ridge: Hoerl and Kennard 1970). 0.0 if both are 0."""
    total: Tensor | float = 0.0
    if l1 or l2:
        for weight in parameters:
            if l1:
                total = total + l1 * weight.abs().sum()
            if l2:
                total = total + l2 / 2 * weight.square().sum()
    return total


def balanced_class_weights(labels: Tensor, classes: int) -> Tensor:
    """Weights samples / (classes x samples of the class): INT64 (samples,) to FP32 (classes,); 0 if absent."""
    counts = torch.bincount(labels, minlength=classes).to(torch.float32)
    weights = labels.shape[0] / (classes * counts.clamp(min=1))
    return weights * (counts > 0)


def soft_targets(labels: Tensor, classes: int, *, smoothing: float) -> Tensor:
    """One-hot targets with `smoothing` of their weight spread over all classes (Szegedy et al., CVPR 2016).

    INT64 (samples,) to FP32 (samples, classes), rows adding up to 1.
    """
    return functional.one_hot(labels, classes).to(torch.float32) * (1 - smoothing) + smoothing / classes


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """- sum_nk w_k t_nk log softmax(z_n)_k / sum_nk w_k t_nk.

    Args:
        logits: z, (samples, classes).
        targets: t, (samples, classes).
        weights: w, (classes,).
    """
    weighted = targets * weights
    return -(weighted * functional.log_softmax(logits, dim=1)).sum() / weighted.sum()
