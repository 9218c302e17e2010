from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salus.contracts.errors import Conflict, InvalidInput, MissingDependency
from salus.contracts.predictors import FitOptions, Json
from salus.training.augmentation import Affine, GaussianNoise
from salus.training.determinism import choose_device, isolated
from salus.training.loop import CHECKPOINT_FILE, FitResult, TensorData, fit_module
from salus.training.recipes import Mode, TrainingRecipe
from salus.training.regularisation import cross_entropy, soft_targets
from salus.training.schedules import Constant, ReduceOnPlateau

PICTURES = TrainingRecipe(
    epochs=4,
    batch_size=7,
    threads=1,
    augmentations=(Affine(rotate_deg=10), GaussianNoise()),
    mixup=0.2,
    cutmix=0.5,
    ema_decay=0.9,
    gradient_clip=1.0,
    label_smoothing=0.1,
    class_weighting="balanced",
    l1=1e-5,
    l2=1e-4,
    channels_last=True,
)


def picture_data(seed: int, count: int = 29) -> TensorData:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    x = torch.rand(count, 1, 8, 8, generator=generator) + labels[:, None, None, None] * 0.5
    return TensorData(x / 1.5, labels)


def network() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(144, 2)
    )


def fit(recipe: TrainingRecipe = PICTURES, *, seed: int = 0, checkpoints: Path | None = None) -> FitResult:
    return fit_module(
        network(),
        picture_data(1),
        picture_data(2, 16),
        recipe,
        classes=2,
        rng=np.random.default_rng(seed),
        options=FitOptions(device="cpu"),
        checkpoint_dir=checkpoints,
    )


def same(one: FitResult, other: FitResult) -> bool:
    pairs = zip(one.module.state_dict().values(), other.module.state_dict().values(), strict=True)
    return one.history == other.history and all(torch.equal(a, b) for a, b in pairs)


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not() -> None:
    first = fit()
    torch.rand(17)  # what others draw from torch's own generator does not matter
    assert same(first, fit())
    assert not same(first, fit(seed=1))


def test_torchs_global_settings_are_left_as_they_were() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    fit_module(
        module,
        picture_data(1),
        picture_data(2),
        PICTURES,
        classes=2,
        rng=np.random.default_rng(0),
        options=FitOptions(device="cpu"),
    )
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_settings_are_put_back_also_after_an_error() -> None:
    seen = []

    def fail() -> None:
        with isolated(1, device=torch.device("cpu"), threads=1):
            seen.append(torch.are_deterministic_algorithms_enabled())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [True]
    assert not torch.are_deterministic_algorithms_enabled()


class _Stop(Exception):
    pass


class _StopAfter:
    """A tracker that ends the training by an error after some epochs."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch

    def parameters(self, values: Mapping[str, Json]) -> None:
        pass

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        if step == self._epoch:
            raise _Stop


@pytest.mark.parametrize("optimiser", ["nesterov", "adamw"])
def test_a_resumed_training_ends_with_the_same_bits(tmp_path: Path, optimiser: str) -> None:
    recipe = msgspec.structs.replace(
        PICTURES, optimiser=optimiser, schedule=ReduceOnPlateau(patience=1), early_stopping=3, learning_rate=0.01
    )
    for epoch in (1, 3):
        with pytest.raises(_Stop):
            fit_module(
                network(),
                picture_data(1),
                picture_data(2, 16),
                recipe,
                classes=2,
                rng=np.random.default_rng(0),
                options=FitOptions(device="cpu", tracker=_StopAfter(epoch)),
                checkpoint_dir=tmp_path,
            )
    assert same(fit(recipe, checkpoints=tmp_path), fit(recipe))


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    first = fit(checkpoints=tmp_path)
    written = (tmp_path / CHECKPOINT_FILE).stat().st_mtime_ns
    assert same(fit(checkpoints=tmp_path), first)
    assert (tmp_path / CHECKPOINT_FILE).stat().st_mtime_ns == written


@pytest.mark.parametrize("change", ["recipe", "seed"])
def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path, change: str) -> None:
    fit(checkpoints=tmp_path)
    recipe = msgspec.structs.replace(PICTURES, learning_rate=0.5) if change == "recipe" else PICTURES
    with pytest.raises(Conflict, match="of another training"):
        fit(recipe, seed=int(change == "seed"), checkpoints=tmp_path)


@pytest.mark.parametrize(("mode", "steps"), [("sgd", 29), ("mini_batch", 4), ("full_batch", 1)])
def test_an_epoch_takes_as_many_steps_as_its_mode_says(mode: Mode, steps: int) -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(64, 2)
            self.sizes: list[int] = []

        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                self.sizes.append(x.shape[0])
            logits: Tensor = self.linear(x.flatten(1))
            return logits

    module = Counting()
    recipe = TrainingRecipe(epochs=1, mode=mode, batch_size=7, threads=1)
    options = FitOptions(device="cpu")
    rng = np.random.default_rng(0)
    fit_module(module, picture_data(1), picture_data(2), recipe, classes=2, rng=rng, options=options)
    # 29 = 4 x 7 + 1: the single sample that is left over is not a batch.
    assert module.sizes == {"sgd": [1] * 29, "mini_batch": [7] * 4, "full_batch": [29]}[mode]
    assert len(module.sizes) == steps


def test_full_batch_descent_is_that_of_plain_numpy() -> None:
    module = nn.Linear(3, 2)
    weight, bias = (p.detach().double().numpy().copy() for p in module.parameters())
    generator = torch.Generator().manual_seed(0)
    x, labels = torch.randn(20, 3, generator=generator), torch.arange(20) % 2
    recipe = TrainingRecipe(
        epochs=15, mode="full_batch", optimiser="sgd", learning_rate=0.5, schedule=Constant(), l2=0.1,
        selection="last", threads=1,
    )  # fmt: skip
    data = TensorData(x, labels)
    rng = np.random.default_rng(0)
    result = fit_module(module, data, data, recipe, classes=2, rng=rng, options=FitOptions(device="cpu"))
    plain, target = x.double().numpy(), np.eye(2)[labels.numpy()]
    for _ in range(15):
        z = plain @ weight.T + bias
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        slope = (p - target) / 20
        weight, bias = weight - 0.5 * (slope.T @ plain + 0.1 * weight), bias - 0.5 * slope.sum(axis=0)
    np.testing.assert_allclose(module.weight.detach().numpy(), weight, atol=1e-5)
    np.testing.assert_allclose(module.bias.detach().numpy(), bias, atol=1e-5)
    loss = cross_entropy(torch.from_numpy(plain @ weight.T + bias), soft_targets(labels, 2, smoothing=0), torch.ones(2))
    assert result.history[-1].validation_loss == pytest.approx(float(loss), abs=1e-5)


@pytest.mark.parametrize("selection", ["validation_loss", "auroc", "last"])
def test_the_kept_weights_are_those_of_the_chosen_epoch(selection: str) -> None:
    recipe = msgspec.structs.replace(PICTURES, selection=selection, epochs=6, learning_rate=0.05)
    result = fit(recipe)
    figures = result.history
    expected = {
        "validation_loss": min(figures, key=lambda f: f.validation_loss).epoch,
        "auroc": max(figures, key=lambda f: f.validation_auroc).epoch,
        "last": 6,
    }[selection]
    assert result.kept_epoch == expected
    held = picture_data(2, 16)
    with torch.inference_mode():
        logits = result.module(held.inputs)
    loss = cross_entropy(logits, soft_targets(held.labels, 2, smoothing=0), torch.ones(2))
    # 29 labels, 15 of class 0: weighted a little; 16 validation labels are even.
    assert float(loss) == pytest.approx(figures[expected - 1].validation_loss, rel=0.05)


def test_early_stopping_ends_before_the_last_epoch() -> None:
    recipe = msgspec.structs.replace(PICTURES, epochs=40, early_stopping=2, learning_rate=0.3)
    result = fit(recipe)
    assert len(result.history) < 40
    assert len(result.history) == result.kept_epoch + 2


def test_only_the_picture_channels_are_augmented() -> None:
    seen: list[Tensor] = []

    class Watching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(128, 2)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            if self.training:
                seen.append(x)
            return self.linear(x.flatten(1)), x

    part = picture_data(1)
    masked = TensorData(torch.cat([part.inputs, torch.ones_like(part.inputs)], dim=1), part.labels, picture_channels=1)
    recipe = TrainingRecipe(epochs=1, augmentations=(GaussianNoise(probability=1.0),), threads=1)
    rng = np.random.default_rng(0)
    fit_module(Watching(), masked, masked, recipe, classes=2, rng=rng, options=FitOptions(device="cpu"))
    assert bool((seen[0][:, 1] == 1).all())
    assert not torch.equal(seen[0][:, 0].sort(dim=0).values, part.inputs[:, 0].sort(dim=0).values)


def test_bfloat16_learns_too() -> None:
    result = fit(msgspec.structs.replace(PICTURES, precision="bfloat16", epochs=8, mixup=0.0, cutmix=0.0))
    assert result.history[-1].validation_auroc > 0.9
    assert all(tensor.dtype in {torch.float32, torch.int64} for tensor in result.module.state_dict().values())


def test_a_loss_that_is_not_finite_ends_the_training() -> None:
    part = picture_data(1)
    broken = TensorData(torch.full_like(part.inputs, math.nan), part.labels)
    rng = np.random.default_rng(0)
    with pytest.raises(FloatingPointError, match="finite loss"):
        fit_module(network(), broken, part, PICTURES, classes=2, rng=rng, options=FitOptions(device="cpu"))


def test_parts_that_cannot_be_learned_from_are_refused() -> None:
    part = picture_data(1)
    empty = TensorData(part.inputs[:0], part.labels[:0])
    strange = TensorData(part.inputs, part.labels + 1)
    for train, validation, message in ((empty, part, "training part"), (part, strange, "labels from 0 to 1")):
        with pytest.raises(InvalidInput, match=message):
            fit_module(
                network(), train, validation, PICTURES, classes=2, rng=np.random.default_rng(0), options=FitOptions()
            )


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said() -> None:
    assert choose_device("auto").type == "cpu"
    with pytest.raises(MissingDependency, match="CUDA"):
        choose_device("cuda")
