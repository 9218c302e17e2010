"""Sequence to sequence: a GRU encoder, and a GRU decoder that looks back by additive attention.

P(y | x) = prod_t P(y_t | y_<t, x): Sutskever et al., "Sequence to sequence learning with neural networks", NeurIPS
2014. Attention: e_tj = v . tanh(W s_{t-1} + U h_j), a_t = softmax(e_t), context_t = sum_j a_tj h_j: Bahdanau et al.,
"Neural machine translation by jointly learning to align and translate", ICLR 2015 (here with a one-way encoder).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from salus.networks.recurrent import GruCell, RecurrentSequence


class AdditiveAttention(nn.Module):
    """Where a decoder's state looks in the encoder's memory.

    Args:
        hidden: Width of states and memory.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.of_state = nn.Linear(hidden, hidden, bias=False)
        self.of_memory = nn.Linear(hidden, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, state: Tensor, memory: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Context (samples, hidden) and weights (samples, steps).

        Args:
            state: (samples, hidden).
            memory: (samples, steps, hidden).
            mask: (samples, steps), True where the memory holds something; at least one step per sample.
        """
        scores = self.score(torch.tanh(self.of_state(state)[:, None] + self.of_memory(memory))).squeeze(2)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights = torch.softmax(scores, dim=1)
        return (weights[:, :, None] * memory).sum(dim=1), weights


class Seq2Seq(nn.Module):
    """Tokens to tokens.

    Args:
        source_vocabulary: Number of source tokens.
        target_vocabulary: Number of target tokens.
        width: Of the token vectors.
        hidden: Of the states.
        begin: The target token that begins a sequence.
        end: The one that ends it.

    Example:
        >>> model = Seq2Seq(7, 9, width=4, hidden=6, begin=0, end=1)
        >>> model(torch.zeros(2, 5, dtype=torch.int64), torch.zeros(2, 3, dtype=torch.int64)).shape
        torch.Size([2, 3, 9])
    """

    def __init__(
        self, source_vocabulary: int, target_vocabulary: int, *, width: int, hidden: int, begin: int, end: int
    ) -> None:
        super().__init__()
        self.begin = begin
        self.end = end
        self.source_table = nn.Embedding(source_vocabulary, width)
        self.target_table = nn.Embedding(target_vocabulary, width)
        self.encoder = RecurrentSequence(GruCell(width, hidden))
        self.decoder = GruCell(width + hidden, hidden)
        self.attention = AdditiveAttention(hidden)
        self.output = nn.Linear(2 * hidden, target_vocabulary)

    def forward(self, source: Tensor, target: Tensor, source_lengths: Tensor | None = None) -> Tensor:
        """Teacher forcing: the logits of each target token, given the true ones before it.

        Args:
            source: INT64 (samples, source steps).
            target: INT64 (samples, steps), without the beginning token.
            source_lengths: INT64 (samples,); None where all are full.

        Returns:
            (samples, steps, target_vocabulary): log P(y_t | y_<t, x) after a log-softmax.
        """
        memory, state, mask = self._encode(source, source_lengths)
        token = torch.full_like(target[:, 0], self.begin)
        answers = []
        for step in range(target.shape[1]):
            logits, state, _ = self._step(token, state, memory, mask)
            answers.append(logits)
            token = target[:, step]
        return torch.stack(answers, dim=1)

    @torch.no_grad()
    def greedy_decode(
        self, source: Tensor, *, longest: int, source_lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The most probable token at each step, which is not always the most probable sequence.

        Args:
            source: INT64 (samples, source steps).
            longest: Most steps.
            source_lengths: INT64 (samples,); None where all are full.

        Returns:
            Tokens, INT64 (samples, steps), `end` from each sample's end on, and the attention weights
            (samples, steps, source steps). It stops when every sample has ended.
        """
        memory, state, mask = self._encode(source, source_lengths)
        token = torch.full_like(source[:, 0], self.begin)
        ended = torch.zeros_like(token, dtype=torch.bool)
        tokens, looks = [], []
        for _ in range(longest):
            logits, state, weights = self._step(token, state, memory, mask)
            token = logits.argmax(dim=1).masked_fill(ended, self.end)
            tokens.append(token)
            looks.append(weights)
            ended = ended | (token == self.end)
            if bool(ended.all()):
                break
        return torch.stack(tokens, dim=1), torch.stack(looks, dim=1)

    def _encode(self, source: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
        memory, (state,) = self.encoder(self.source_table(source), lengths=lengths)
        mask = None
        if lengths is not None:
            mask = torch.arange(source.shape[1], device=source.device)[None, :] < lengths[:, None]
        return memory, state, mask

    def _step(self, token: Tensor, state: Tensor, memory: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        context, weights = self.attention(state, memory, mask)
        (state,) = self.decoder(torch.cat([self.target_table(token), context], dim=1), (state,))
        return self.output(torch.cat([state, context], dim=1)), state, weights
