from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from salus.networks.transformer import Decoder, DecoderLayer, Encoder, EncoderLayer, Transformer, sinusoidal_positions

Plain = NDArray[np.float64]


def test_positions_are_sines_and_cosines() -> None:
    table = sinusoidal_positions(7, 6)
    for t in range(7):
        for i in range(3):
            angle = t / 10000 ** (2 * i / 6)
            np.testing.assert_allclose(table[t, 2 * i : 2 * i + 2].numpy(), [np.sin(angle), np.cos(angle)], atol=1e-6)
    with pytest.raises(ValueError, match="even width"):
        sinusoidal_positions(3, 5)


def linear(state: dict[str, Plain], name: str, x: Plain) -> Plain:
    return np.asarray(x @ state[f"{name}.weight"].T + state[f"{name}.bias"])


def layer_norm(state: dict[str, Plain], name: str, x: Plain) -> Plain:
    z = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return np.asarray(z * state[f"{name}.weight"] + state[f"{name}.bias"])


def one_head(state: dict[str, Plain], name: str, x: Plain, memory: Plain) -> Plain:
    q, k, v = linear(state, f"{name}.query", x), linear(state, f"{name}.key", memory), linear(
        state, f"{name}.value", memory
    )  # fmt: skip
    scores = np.exp(q @ k.T / np.sqrt(q.shape[1]))
    return linear(state, f"{name}.output", scores / scores.sum(axis=1, keepdims=True) @ v)


def feed_forward(state: dict[str, Plain], x: Plain) -> Plain:
    return linear(state, "feed_forward.2", np.maximum(linear(state, "feed_forward.0", x), 0))


def state_of(module: nn.Module) -> dict[str, Plain]:
    return {name: tensor.double().numpy() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("pre_norm", [False, True])
def test_an_encoder_layer_answers_as_its_plain_twin(pre_norm: bool) -> None:
    torch.manual_seed(0)
    layer = EncoderLayer(6, 1, 10, pre_norm=pre_norm).eval()
    state, x = state_of(layer), torch.randn(1, 4, 6)
    y = x[0].double().numpy()
    if pre_norm:
        z = layer_norm(state, "around_attention.norm", y)
        y = y + one_head(state, "self_attention", z, z)
        y = y + feed_forward(state, layer_norm(state, "around_feed_forward.norm", y))
    else:
        y = layer_norm(state, "around_attention.norm", y + one_head(state, "self_attention", y, y))
        y = layer_norm(state, "around_feed_forward.norm", y + feed_forward(state, y))
    np.testing.assert_allclose(layer(x)[0].detach().numpy(), y, atol=1e-5)


def test_a_decoder_layer_answers_as_its_plain_twin() -> None:
    torch.manual_seed(0)
    layer = DecoderLayer(6, 1, 10).eval()
    state, x, memory = state_of(layer), torch.randn(1, 4, 6), torch.randn(1, 3, 6)
    y, m = x[0].double().numpy(), memory[0].double().numpy()
    y = layer_norm(state, "around_self.norm", y + one_head(state, "self_attention", y, y))
    y = layer_norm(state, "around_cross.norm", y + one_head(state, "cross_attention", y, m))
    y = layer_norm(state, "around_feed_forward.norm", y + feed_forward(state, y))
    np.testing.assert_allclose(layer(x, memory)[0].detach().numpy(), y, atol=1e-5)


@pytest.mark.parametrize("pre_norm", [False, True])
def test_an_encoder_layer_answers_as_torch_with_the_same_weights(pre_norm: bool) -> None:
    ours = EncoderLayer(8, 2, 16, pre_norm=pre_norm).eval()
    theirs = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=pre_norm).eval()
    attention = ours.self_attention
    parts = (attention.query, attention.key, attention.value)
    theirs.self_attn.in_proj_weight.data = torch.cat([part.weight for part in parts]).detach()
    theirs.self_attn.in_proj_bias.data = torch.cat([part.bias for part in parts]).detach()
    theirs.self_attn.out_proj.load_state_dict(attention.output.state_dict())
    theirs.linear1.load_state_dict(ours.feed_forward[0].state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward[2].state_dict())
    theirs.norm1.load_state_dict(ours.around_attention.norm.state_dict())
    theirs.norm2.load_state_dict(ours.around_feed_forward.norm.state_dict())
    x = torch.randn(2, 5, 8)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("pre_norm", [False, True])
def test_stacks_are_their_layers_one_after_the_other(pre_norm: bool) -> None:
    encoder = Encoder(2, 4, 2, 8, pre_norm=pre_norm).eval()
    decoder = Decoder(2, 4, 2, 8, pre_norm=pre_norm).eval()
    x = torch.randn(1, 3, 4)
    torch.testing.assert_close(encoder(x), encoder.norm(encoder.layers[1](encoder.layers[0](x))))
    torch.testing.assert_close(decoder(x, x), decoder.norm(decoder.layers[1](decoder.layers[0](x, x), x)))


def test_a_transformer_does_not_look_ahead_nor_at_padding() -> None:
    torch.manual_seed(0)
    model = Transformer(11, width=8, heads=2, layers=2, inner=16, longest=20).eval()
    source, target = torch.randint(11, (2, 6)), torch.randint(11, (2, 5))
    lengths = torch.tensor([6, 3])
    answer = model(source, target, lengths)
    assert answer.shape == (2, 5, 11)
    later, padded = target.clone(), source.clone()
    later[:, 3:] = (later[:, 3:] + 1) % 11
    padded[1, 3:] = (padded[1, 3:] + 1) % 11
    torch.testing.assert_close(model(source, later, lengths)[:, :3], answer[:, :3])
    torch.testing.assert_close(model(padded, target, lengths), answer)
