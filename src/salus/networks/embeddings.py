"""Word embeddings learned by skip-gram with negative sampling.

Mikolov et al., "Distributed representations of words and phrases and their compositionality", NeurIPS 2013.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NOISE_POWER = 0.75
"""Negative words are drawn by their count to this power (section 2.2 of the paper)."""


class WordEmbeddings(nn.Module):
    """Two tables, for words as centres (v) and as contexts (u), and the loss that makes neighbours similar.

    For a centre w, a context c and negatives n_1 ... n_k:
    loss = -log sigmoid(u_c . v_w) - sum_i log sigmoid(-u_{n_i} . v_w) (equation 4).

    Args:
        vocabulary: Number of words.
        width: Of a word's vector.

    Example:
        >>> tables = WordEmbeddings(10, 4)
        >>> tables(torch.tensor([1, 2])).shape
        torch.Size([2, 4])
    """

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.centres = nn.Embedding(vocabulary, width)
        self.contexts = nn.Embedding(vocabulary, width)
        nn.init.uniform_(self.centres.weight, -0.5 / width, 0.5 / width)
        nn.init.zeros_(self.contexts.weight)

    def forward(self, words: Tensor) -> Tensor:
        """Vectors (..., width) of words, INT64 (...)."""
        vectors: Tensor = self.centres(words)
        return vectors

    def loss(self, centres: Tensor, contexts: Tensor, negatives: Tensor) -> Tensor:
        """Mean loss of pairs: centres (pairs,), contexts (pairs,), negatives (pairs, k), all INT64."""
        v = self.centres(centres)
        near = (self.contexts(contexts) * v).sum(dim=1)
        far = torch.matmul(self.contexts(negatives), v[:, :, None]).squeeze(2)
        return -(F.logsigmoid(near) + F.logsigmoid(-far).sum(dim=1)).mean()


def skip_gram_pairs(words: Tensor, *, window: int) -> Tensor:
    """Every (centre, context) at most `window` apart in one text: INT64 (words,) to (pairs, 2), by centre."""
    steps = torch.arange(words.shape[0])
    near = (steps[:, None] - steps[None, :]).abs()
    centre, context = torch.nonzero((near > 0) & (near <= window), as_tuple=True)
    return torch.stack([words[centre], words[context]], dim=1)


def draw_negatives(counts: Tensor, shape: tuple[int, int], *, generator: torch.Generator) -> Tensor:
    """Words drawn by counts^0.75: `counts` (vocabulary,) to INT64 of `shape`. All chance is the generator's."""
    weights = counts.to(torch.float64) ** NOISE_POWER
    drawn = torch.multinomial(weights, shape[0] * shape[1], replacement=True, generator=generator)
    return drawn.reshape(shape)


def text_vector(vectors: Tensor) -> Tensor:
    """sum_i v_i / ||v_i||: the words' directions added up, (..., words, width) to (..., width). Zero vectors add 0."""
    return F.normalize(vectors, dim=-1, eps=1e-12).sum(dim=-2)
