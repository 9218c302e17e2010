from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from salus.networks.seq2seq import AdditiveAttention, Seq2Seq

BEGIN, END = 0, 1


def model(seed: int = 0) -> Seq2Seq:
    torch.manual_seed(seed)
    return Seq2Seq(7, 7, width=8, hidden=16, begin=BEGIN, end=END)


def test_additive_attention_answers_as_its_plain_twin() -> None:
    torch.manual_seed(0)
    module = AdditiveAttention(4)
    s, h = torch.randn(1, 4), torch.randn(1, 5, 4)
    context, weights = module(s, h, torch.tensor([[True, True, True, False, False]]))
    w, u, v = (layer.weight.detach().double().numpy() for layer in (module.of_state, module.of_memory, module.score))
    memory = h[0].double().numpy()
    e = np.array([v[0] @ np.tanh(w @ s[0].double().numpy() + u @ memory[j]) for j in range(3)])
    a = np.exp(e) / np.exp(e).sum()
    np.testing.assert_allclose(weights[0].detach().numpy(), [*a, 0, 0], atol=1e-6)
    np.testing.assert_allclose(context[0].detach().numpy(), a @ memory[:3], atol=1e-6)


def test_greedy_decoding_is_teacher_forcing_of_its_own_tokens() -> None:
    subject = model().eval()
    source, lengths = torch.randint(7, (3, 6)), torch.tensor([6, 4, 2])
    tokens, looks = subject.greedy_decode(source, longest=5, source_lengths=lengths)
    logits = subject(source, tokens, lengths)
    for sample in range(3):
        for step, token in enumerate(tokens[sample].tolist()):
            assert int(logits[sample, step].argmax()) == token
            if token == END:
                break
    torch.testing.assert_close(looks.sum(dim=2), torch.ones(looks.shape[:2]))
    assert float(looks[2, :, 2:].max()) == 0


@pytest.mark.parametrize("padding", [2, 5])
def test_padding_of_the_source_changes_nothing(padding: int) -> None:
    subject = model().eval()
    source, target = torch.randint(7, (1, 4)), torch.randint(7, (1, 3))
    padded = torch.cat([source, torch.full((1, padding), 3)], dim=1)
    torch.testing.assert_close(subject(padded, target, torch.tensor([4])), subject(source, target))


def test_it_learns_to_reverse_and_stops_at_the_end() -> None:
    subject = model()
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(subject.parameters(), lr=0.02)
    for _ in range(150):
        source = torch.randint(2, 7, (64, 3), generator=generator)
        target = torch.cat([source.flip(1), torch.full((64, 1), END)], dim=1)
        loss = nn.functional.cross_entropy(subject(source, target).flatten(0, 1), target.flatten())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs
        optimiser.step()
    source = torch.randint(2, 7, (50, 3), generator=generator)
    tokens, _ = subject.eval().greedy_decode(source, longest=10)
    assert tokens.shape == (50, 4)
    assert float((tokens[:, :3] == source.flip(1)).all(dim=1).float().mean()) > 0.9
