"""The Transformer: encoder, decoder, and the two together.

Vaswani et al., "Attention is all you need", NeurIPS 2017. A sublayer answers norm(x + f(x)) as in the paper, or
x + f(norm(x)) with `pre_norm` (Xiong et al., "On layer normalization in the Transformer architecture", ICML 2020),
which trains without warm-up and ends with one more norm. Sequences are (samples, steps, width).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from salus.networks.attention import MultiHeadAttention, causal_mask, padding_mask


def sinusoidal_positions(steps: int, width: int) -> Tensor:
    """PE(t, 2i) = sin(t / 10000^(2i/width)), PE(t, 2i+1) = cos of the same: (steps, width), an even width."""
    if width % 2:
        raise ValueError(f"expected an even width; found {width}")
    angles = torch.arange(steps)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)


class _Sublayer(nn.Module):
    """A way around `f`, with its norm and dropout."""

    def __init__(self, width: int, *, dropout: float, pre_norm: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.pre_norm = pre_norm

    def forward(self, x: Tensor, f: Callable[[Tensor], Tensor]) -> Tensor:
        if self.pre_norm:
            added: Tensor = self.dropout(f(self.norm(x)))
            return x + added
        answer: Tensor = self.norm(x + self.dropout(f(x)))
        return answer


def _feed_forward(width: int, inner: int) -> nn.Sequential:
    """max(0, x W1 + b1) W2 + b2 (equation 2)."""
    return nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network.

    Args:
        width: Of the sequence; a multiple of `heads`.
        heads: Attention heads.
        inner: Width inside the feed-forward network.
        dropout: Share left out in training.
        pre_norm: Where the norm stands.
    """

    def __init__(self, width: int, heads: int, inner: int, *, dropout: float = 0.1, pre_norm: bool = False) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(width, heads, dropout=dropout)
        self.feed_forward = _feed_forward(width, inner)
        self.around_attention = _Sublayer(width, dropout=dropout, pre_norm=pre_norm)
        self.around_feed_forward = _Sublayer(width, dropout=dropout, pre_norm=pre_norm)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(samples, steps, width) to the same; `mask` broadcasts to (samples, heads, steps, steps)."""
        x = self.around_attention(x, lambda y: self.self_attention(y, y, mask)[0])
        answer: Tensor = self.around_feed_forward(x, self.feed_forward)
        return answer


class DecoderLayer(nn.Module):
    """Self-attention, attention to the encoder's memory, then a feed-forward network. Arguments as EncoderLayer."""

    def __init__(self, width: int, heads: int, inner: int, *, dropout: float = 0.1, pre_norm: bool = False) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(width, heads, dropout=dropout)
        self.cross_attention = MultiHeadAttention(width, heads, dropout=dropout)
        self.feed_forward = _feed_forward(width, inner)
        self.around_self = _Sublayer(width, dropout=dropout, pre_norm=pre_norm)
        self.around_cross = _Sublayer(width, dropout=dropout, pre_norm=pre_norm)
        self.around_feed_forward = _Sublayer(width, dropout=dropout, pre_norm=pre_norm)

    def forward(
        self, x: Tensor, memory: Tensor, mask: Tensor | None = None, memory_mask: Tensor | None = None
    ) -> Tensor:
        """(samples, steps, width) and memory (samples, source steps, width) to (samples, steps, width)."""
        x = self.around_self(x, lambda y: self.self_attention(y, y, mask)[0])
        x = self.around_cross(x, lambda y: self.cross_attention(y, memory, memory_mask)[0])
        answer: Tensor = self.around_feed_forward(x, self.feed_forward)
        return answer


class Encoder(nn.Module):
    """A stack of encoder layers.

    Args:
        layers: How many; the other arguments are those of EncoderLayer.
    """

    def __init__(
        self, layers: int, width: int, heads: int, inner: int, *, dropout: float = 0.1, pre_norm: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            EncoderLayer(width, heads, inner, dropout=dropout, pre_norm=pre_norm) for _ in range(layers)
        )
        self.norm: nn.Module = nn.LayerNorm(width) if pre_norm else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(samples, steps, width) to the same."""
        for layer in self.layers:
            x = layer(x, mask)
        answer: Tensor = self.norm(x)
        return answer


class Decoder(nn.Module):
    """A stack of decoder layers. Arguments as Encoder."""

    def __init__(
        self, layers: int, width: int, heads: int, inner: int, *, dropout: float = 0.1, pre_norm: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            DecoderLayer(width, heads, inner, dropout=dropout, pre_norm=pre_norm) for _ in range(layers)
        )
        self.norm: nn.Module = nn.LayerNorm(width) if pre_norm else nn.Identity()

    def forward(
        self, x: Tensor, memory: Tensor, mask: Tensor | None = None, memory_mask: Tensor | None = None
    ) -> Tensor:
        """(samples, steps, width) and memory (samples, source steps, width) to (samples, steps, width)."""
        for layer in self.layers:
            x = layer(x, memory, mask, memory_mask)
        answer: Tensor = self.norm(x)
        return answer


class Transformer(nn.Module):
    """Tokens to tokens: embeddings times sqrt(width) plus positions, encoder, decoder, logits by the tied table.

    Args:
        vocabulary: Number of tokens, the same table for source, target and logits (section 3.4).
        width: Of the sequences, even.
        heads: Attention heads.
        layers: Of the encoder and of the decoder.
        inner: Width inside the feed-forward networks.
        longest: Most steps of a sequence.
        dropout: Share left out in training.
        pre_norm: Where the norms stand.

    Example:
        >>> model = Transformer(20, width=8, heads=2, layers=1, inner=16, longest=32)
        >>> tokens = torch.zeros(2, 5, dtype=torch.int64)
        >>> model(tokens, tokens[:, :3]).shape
        torch.Size([2, 3, 20])
    """

    positions: Tensor

    def __init__(
        self,
        vocabulary: int,
        *,
        width: int = 512,
        heads: int = 8,
        layers: int = 6,
        inner: int = 2048,
        longest: int = 512,
        dropout: float = 0.1,
        pre_norm: bool = False,
    ) -> None:
        super().__init__()
        self.width = width
        self.table = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.table.weight, std=width**-0.5)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(layers, width, heads, inner, dropout=dropout, pre_norm=pre_norm)
        self.decoder = Decoder(layers, width, heads, inner, dropout=dropout, pre_norm=pre_norm)
        self.register_buffer("positions", sinusoidal_positions(longest, width), persistent=False)

    def embed(self, tokens: Tensor) -> Tensor:
        """INT64 (samples, steps) to (samples, steps, width)."""
        answer: Tensor = self.dropout(self.table(tokens) * math.sqrt(self.width) + self.positions[: tokens.shape[1]])
        return answer

    def forward(self, source: Tensor, target: Tensor, source_lengths: Tensor | None = None) -> Tensor:
        """Logits of each target step's next token, given the target up to it.

        Args:
            source: INT64 (samples, source steps).
            target: INT64 (samples, steps).
            source_lengths: INT64 (samples,); None where all are full.

        Returns:
            (samples, steps, vocabulary).
        """
        mask = None if source_lengths is None else padding_mask(source_lengths, source.shape[1])
        memory = self.encoder(self.embed(source), mask)
        look_back = causal_mask(target.shape[1], device=target.device)
        decoded = self.decoder(self.embed(target), memory, look_back, mask)
        return torch.matmul(decoded, self.table.weight.T)
