from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from salus.networks.recurrent import (
    CellName,
    GruCell,
    LstmCell,
    RecurrentClassifier,
    RecurrentSequence,
    SimpleCell,
    make_cell,
)

Plain = NDArray[np.float64]


def sigmoid(x: Plain) -> Plain:
    return np.asarray(1 / (1 + np.exp(-x)))


def twin_step(name: CellName, cell: nn.Module, x: Plain, h: Plain, c: Plain) -> tuple[Plain, Plain]:
    """One step of one sample, gate by gate."""
    w, u, b, d = (
        getattr(cell, key).detach().double().numpy() for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    size = h.shape[0]
    at_x = [w[k : k + size] @ x + b[k : k + size] for k in range(0, w.shape[0], size)]
    at_h = [u[k : k + size] @ h + d[k : k + size] for k in range(0, w.shape[0], size)]
    if name == "simple":
        return np.tanh(at_h[0] + at_x[0]), c
    if name == "lstm":
        i, f, g, o = (p + q for p, q in zip(at_x, at_h, strict=True))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return np.asarray(sigmoid(o) * np.tanh(c)), c
    r, z = sigmoid(at_x[0] + at_h[0]), sigmoid(at_x[1] + at_h[1])
    n = np.tanh(at_x[2] + r * at_h[2])
    return np.asarray((1 - z) * n + z * h), c


@pytest.mark.parametrize("name", ["simple", "lstm", "gru"])
def test_a_sequence_answers_as_its_plain_twin(name: CellName) -> None:
    torch.manual_seed(0)
    module = RecurrentSequence(make_cell(name, 3, 5))
    x = torch.randn(2, 6, 3)
    outputs, state = module(x)
    for sample in range(2):
        h, c = np.zeros(5), np.zeros(5)
        for step in range(6):
            h, c = twin_step(name, module.cell, x[sample, step].double().numpy(), h, c)
            np.testing.assert_allclose(outputs[sample, step].detach().numpy(), h, atol=1e-5)
        np.testing.assert_allclose(state[0][sample].detach().numpy(), h, atol=1e-5)


@pytest.mark.parametrize(
    ("cell", "library"),
    [(SimpleCell(3, 4), nn.RNN), (LstmCell(3, 4), nn.LSTM), (GruCell(3, 4), nn.GRU)],
)
def test_a_sequence_answers_as_torch_with_the_same_weights(
    cell: SimpleCell | LstmCell | GruCell, library: type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]
) -> None:
    other = library(3, 4, batch_first=True)
    other.load_state_dict({f"{name}_l0": tensor for name, tensor in cell.state_dict().items()})
    x = torch.randn(2, 7, 3)
    torch.testing.assert_close(RecurrentSequence(cell)(x)[0], other(x)[0], atol=1e-5, rtol=1e-5)


def test_relu_is_offered_for_the_simple_cell() -> None:
    cell = SimpleCell(2, 3, activation="relu")
    (h,) = cell(torch.randn(4, 2), cell.initial_state(torch.zeros(4, 2)))
    assert bool((h >= 0).all())


@pytest.mark.parametrize("name", ["simple", "lstm", "gru"])
def test_padding_past_a_samples_length_changes_nothing(name: CellName) -> None:
    torch.manual_seed(0)
    module = RecurrentSequence(make_cell(name, 3, 4))
    x = torch.randn(2, 5, 3)
    outputs, state = module(x, lengths=torch.tensor([5, 2]))
    short, short_state = module(x[1:, :2])
    torch.testing.assert_close(outputs[1:, :2], short)
    torch.testing.assert_close(state[0][1:], short_state[0])
    assert bool((outputs[1, 2:] == 0).all())


def test_a_classifier_reads_the_last_state() -> None:
    model = RecurrentClassifier("gru", inputs=3, hidden=4, classes=2, dropout=0.5).eval()
    x = torch.randn(3, 5, 3)
    _, (h,) = model.sequence(x)
    torch.testing.assert_close(model(x), model.output(h))
