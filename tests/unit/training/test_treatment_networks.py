from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from salus.training.treatment_networks import NetworkSamples, NetworkSettings, fit_networks

QUICK = NetworkSettings(representation=(16,), head=(8,), steps=250, batch_size=64, learning_rate=1e-2)


def samples(count: int, seed: int, members: int = 2) -> tuple[NetworkSamples, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 2))
    given = (rng.random(count) < 0.5).astype(np.int64)
    effect = np.where(x[:, 0] > 0, 2.0, -2.0)
    outcome = x[:, 1] + given * effect
    scales = np.array([1.0, 10.0, 3.0])[:members, None]
    return NetworkSamples(x.astype(np.float32), given, outcome * scales, np.ones((members, count))), effect


def effects(model: torch.nn.Module, x: NDArray[np.float32]) -> NDArray[np.float64]:
    with torch.inference_mode():
        told = model(torch.from_numpy(x), torch.zeros(1)).numpy()
    return np.asarray(told[:, :, 1] - told[:, :, 0], dtype=np.float64).T


@pytest.mark.parametrize("balance", ["none", "wasserstein", "mmd"])
def test_every_member_learns_its_own_outcome_in_its_own_unit(balance: str) -> None:
    train, effect = samples(600, 0)
    held, _ = samples(200, 1)
    settings = msgspec.convert({**msgspec.to_builtins(QUICK), "balance": balance, "alpha": 0.1}, NetworkSettings)

    model, losses = fit_networks(train, held, options=2, settings=settings, seed=0)

    found = effects(model, train.x)
    assert np.corrcoef(found[0], effect)[0, 1] > 0.9
    assert found[1].std() == pytest.approx(10 * found[0].std(), rel=0.3)
    assert losses.shape == (2,)
    assert (losses < 0.3).all()


def test_members_do_not_touch_each_other() -> None:
    train, _ = samples(300, 2)
    held, _ = samples(100, 3)
    changed = NetworkSamples(
        train.x, train.given, np.stack([train.outcome[0], -(train.outcome[1] ** 2)]), train.weights
    )

    first, _ = fit_networks(train, held, options=2, settings=QUICK, seed=0)
    second, _ = fit_networks(changed, held, options=2, settings=QUICK, seed=0)

    assert np.allclose(effects(first, train.x)[0], effects(second, train.x)[0], atol=1e-4)
    assert not np.allclose(effects(first, train.x)[1], effects(second, train.x)[1], atol=0.1)


def test_the_same_seed_gives_the_same_networks_and_torch_is_left_as_it_was() -> None:
    train, _ = samples(200, 4)
    before = torch.get_rng_state()

    first, second = (fit_networks(train, train, options=2, settings=QUICK, seed=5)[0] for _ in range(2))

    assert np.array_equal(effects(first, train.x), effects(second, train.x))
    assert torch.equal(before, torch.get_rng_state())
