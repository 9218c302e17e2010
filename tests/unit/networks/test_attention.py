from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.attention import (
    ListingAttention,
    ListingAttentionModel,
    MultiHeadAttention,
    causal_mask,
    padding_mask,
    scaled_dot_product_attention,
)

Plain = NDArray[np.float64]


def softmax(x: Plain) -> Plain:
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())


def attend(q: Plain, k: Plain, v: Plain, allowed: NDArray[np.bool_]) -> Plain:
    """Query by query."""
    out = np.zeros((q.shape[0], v.shape[1]))
    for i in range(q.shape[0]):
        keys = np.flatnonzero(allowed[i])
        if keys.size:
            a = softmax(np.array([q[i] @ k[j] / np.sqrt(q.shape[1]) for j in keys]))
            out[i] = sum(weight * v[j] for weight, j in zip(a, keys, strict=True))
    return out


def test_scaled_dot_product_attention_answers_as_its_plain_twin() -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(4, 3), torch.randn(6, 3), torch.randn(6, 2)
    mask = torch.rand(4, 6) > 0.4
    mask[2] = False
    answer, weights = scaled_dot_product_attention(q, k, v, mask)
    plain_q, plain_k, plain_v = (t.double().numpy() for t in (q, k, v))
    expected = attend(plain_q, plain_k, plain_v, mask.numpy())
    np.testing.assert_allclose(answer.numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(weights.sum(dim=1).numpy(), [1, 1, 0, 1], atol=1e-6)


def test_scaled_dot_product_attention_answers_as_torch() -> None:
    q, k, v = torch.randn(2, 4, 3), torch.randn(2, 6, 3), torch.randn(2, 6, 3)
    answer, _ = scaled_dot_product_attention(q, k, v)
    torch.testing.assert_close(answer, nn.functional.scaled_dot_product_attention(q, k, v), atol=1e-5, rtol=1e-5)


def test_multi_head_attention_answers_as_its_plain_twin() -> None:
    torch.manual_seed(0)
    module = MultiHeadAttention(8, 2, dropout=0.5).eval()
    query, memory = torch.randn(1, 3, 8), torch.randn(1, 5, 8)
    mask = torch.rand(3, 5) > 0.3
    answer, _ = module(query, memory, mask)

    def project(layer: nn.Linear, x: Tensor) -> Plain:
        weight, bias = layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()
        return np.asarray(x[0].double().numpy() @ weight.T + bias)

    q, k, v = project(module.query, query), project(module.key, memory), project(module.value, memory)
    heads = [attend(q[:, s], k[:, s], v[:, s], mask.numpy()) for s in (slice(0, 4), slice(4, 8))]
    joined = torch.from_numpy(np.concatenate(heads, axis=1))[None]
    np.testing.assert_allclose(answer[0].detach().numpy(), project(module.output, joined), atol=1e-5)


def test_dropout_falls_on_the_weights_in_training_only() -> None:
    module = MultiHeadAttention(4, 2, dropout=0.5)
    x = torch.randn(1, 6, 4)
    assert not torch.equal(module.train()(x, x)[0], module(x, x)[0])
    assert torch.equal(module.eval()(x, x)[0], module(x, x)[0])


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="3 heads divide"):
        MultiHeadAttention(8, 3)


def test_masks_say_who_may_look_where() -> None:
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert padding_mask(torch.tensor([1, 3]), 3)[:, 0, 0].tolist() == [[True, False, False], [True, True, True]]


class Attention(nn.Module):
    """The listing's class as printed."""

    def __init__(self, hidden_size: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.dropout = nn.Dropout(dropout)
        self.linear1 = nn.Linear(hidden_size, hidden_size)
        self.linear2 = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        attn = self.linear1(x)
        attn = self.dropout(torch.softmax(attn, dim=1))
        output: Tensor = self.linear2(self.dropout(attn * x))
        return output


class Model(nn.Module):
    """The listing's other class as printed."""

    def __init__(self, hidden_size: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Linear(10, hidden_size)
        self.attention = Attention(hidden_size, dropout)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding(x)
        x = self.attention(x)
        output: Tensor = self.fc(x)
        return output


def test_the_listings_attention_answers_as_its_plain_twin() -> None:
    module = ListingAttention(4).eval()
    x = torch.randn(2, 5, 4)
    state = {name: tensor.double().numpy() for name, tensor in module.state_dict().items()}
    for sample in range(2):
        plain = x[sample].double().numpy()
        scores = plain @ state["linear1.weight"].T + state["linear1.bias"]
        weights = np.stack([softmax(scores[:, channel]) for channel in range(4)], axis=1)
        expected = (weights * plain) @ state["linear2.weight"].T + state["linear2.bias"]
        np.testing.assert_allclose(module(x)[sample].detach().numpy(), expected, atol=1e-6)


def test_the_listings_attention_is_the_printed_one_also_in_training() -> None:
    ours, printed = ListingAttention(4, 0.3), Attention(4, 0.3)
    printed.load_state_dict(ours.state_dict())
    x = torch.randn(2, 5, 4)
    torch.manual_seed(3)
    expected = printed(x)
    torch.manual_seed(3)
    torch.testing.assert_close(ours(x), expected, rtol=0, atol=0)


def test_the_printed_model_runs_only_with_one_hidden_unit_and_ours_then_agrees() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        Model(512, 0.2)(torch.randn(2, 5, 10))
    ours, printed = ListingAttentionModel(1, 0.2).eval(), Model(1, 0.2).eval()
    printed.load_state_dict(ours.state_dict())
    x = torch.randn(2, 5, 10)
    torch.testing.assert_close(ours(x), printed(x), rtol=0, atol=0)


def test_our_model_runs_as_the_listing_constructs_it() -> None:
    assert ListingAttentionModel(hidden_size=512, dropout=0.2)(torch.randn(2, 5, 10)).shape == (2, 5, 1)
