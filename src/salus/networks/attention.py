"""Attention: scaled dot-product, multi-head, and the attention block of the code listing.

Masks are Boolean, True where a query may look at a key, and broadcast to (samples, heads, queries, keys).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """softmax(Q K' / sqrt(d)) V (Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 1).

    A query that may look at nothing attends to nothing: its answer is 0.

    Args:
        query: (..., queries, d).
        key: (..., keys, d).
        value: (..., keys, width).
        mask: (..., queries, keys), True where a query may look; None lets all look at all.

    Returns:
        (..., queries, width), and the weights a_ij (..., queries, keys), whose rows sum to 1 (or are 0).
    """
    scores = torch.matmul(query, key.transpose(-2, -1)) / math.sqrt(query.shape[-1])
    if mask is None:
        weights = torch.softmax(scores, dim=-1)
    else:
        weights = torch.softmax(scores.masked_fill(~mask, torch.finfo(scores.dtype).min), dim=-1)
        weights = weights.masked_fill(~mask, 0.0)
    return torch.matmul(weights, value), weights


def causal_mask(steps: int, *, device: torch.device | None = None) -> Tensor:
    """(steps, steps): a step may look at itself and at what came before it."""
    return torch.ones(steps, steps, dtype=torch.bool, device=device).tril()


def padding_mask(lengths: Tensor, steps: int) -> Tensor:
    """(samples, 1, 1, steps): keys before each sample's length, from `lengths` (samples,)."""
    return (torch.arange(steps, device=lengths.device)[None, :] < lengths[:, None])[:, None, None, :]


class MultiHeadAttention(nn.Module):
    """Concat(head_1 ... head_h) W_O with head_i = attention(Q W_Qi, K W_Ki, V W_Vi) (Vaswani et al. 2017).

    Args:
        width: Of queries, keys, values and answers; a multiple of `heads`.
        heads: Number of heads.
        dropout: Share of attention weights left out in training.

    Raises:
        ValueError: `width` is no multiple of `heads`.
    """

    def __init__(self, width: int, heads: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"expected a width that {heads} heads divide; found {width}")
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.query, self.key, self.value, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, query: Tensor, memory: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Attend.

        Args:
            query: (samples, queries, width).
            memory: (samples, keys, width), keys and values; the same as `query` for self-attention.
            mask: Broadcasts to (samples, heads, queries, keys).

        Returns:
            (samples, queries, width) and the weights (samples, heads, queries, keys).
        """
        q, k, v = (
            self._split(layer(x)) for layer, x in ((self.query, query), (self.key, memory), (self.value, memory))
        )
        if self.training and self.dropout.p > 0:
            _, weights = scaled_dot_product_attention(q, k, v, mask)
            heads = torch.matmul(self.dropout(weights), v)
        else:
            heads, weights = scaled_dot_product_attention(q, k, v, mask)
        answer: Tensor = self.output(heads.transpose(1, 2).flatten(2))
        return answer, weights

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)


class ListingAttention(nn.Module):
    """The listing's `Attention`, line by line.

    a = dropout(softmax_steps(W1 x + b1)), y = W2 dropout(a x) + b2: each step of each channel is weighed by a softmax
    over the steps (dimension 1), and the weighted channels are added up by one linear unit. It differs from
    scaled dot-product attention: steps are not compared with each other.

    Args:
        hidden_size: Width of x.
        dropout: Share left out in training, of the weights and of the products.
    """

    def __init__(self, hidden_size: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.dropout = nn.Dropout(dropout)
        self.linear1 = nn.Linear(hidden_size, hidden_size)
        self.linear2 = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(samples, steps, hidden_size) to (samples, steps, 1)."""
        attn = self.linear1(x)
        attn = self.dropout(torch.softmax(attn, dim=1))
        output: Tensor = self.linear2(self.dropout(attn * x))
        return output


class ListingAttentionModel(nn.Module):
    """The listing's `Model`: embedding (a linear layer from 10), attention, a last linear layer.

    The listing's last layer is `Linear(hidden_size, 1)`, but its attention answers one number per step, so the
    listing as printed cannot run unless hidden_size is 1. The one repair here is a last layer of `Linear(1, 1)`;
    with hidden_size 1 the two are the same.

    Args:
        hidden_size: Width of the embedding.
        dropout: As in the attention.
    """

    def __init__(self, hidden_size: int, dropout: float) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.dropout = dropout
        self.embedding = nn.Linear(10, hidden_size)
        self.attention = ListingAttention(hidden_size, dropout)
        self.fc = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(samples, steps, 10) to (samples, steps, 1)."""
        x = self.embedding(x)
        x = self.attention(x)
        output: Tensor = self.fc(x)
        return output
