"""The loop that trains any torch classifier, epoch by epoch, and can be killed at any moment."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from salus.contracts.errors import Conflict, InvalidInput
from salus.contracts.predictors import FitOptions
from salus.training.augmentation import augment, cutmix, mixup
from salus.training.checkpoints import read_checkpoint, write_checkpoint
from salus.training.determinism import choose_device, generator_states, isolated, restore_generators
from salus.training.early_stopping import EarlyStopping
from salus.training.ema import MovingAverage
from salus.training.measures import classification_auroc
from salus.training.optimisers import decayed_parameters, make_optimiser
from salus.training.recipes import TrainingRecipe, describe_recipe
from salus.training.regularisation import balanced_class_weights, cross_entropy, penalty, soft_targets
from salus.training.schedules import PlateauState, schedule_factor

CHECKPOINT_FILE = "checkpoint.safetensors"
_EVALUATION_BATCH = 256


@dataclass(frozen=True)
class TensorData:
    """A part of a data set as one tensor.

    Attributes:
        inputs: What the module takes, (samples, ...).
        labels: INT64 (samples,).
        picture_channels: How many of axis 1's channels are picture; only they are augmented. None: all.
    """

    inputs: Tensor
    labels: Tensor
    picture_channels: int | None = None

    def __len__(self) -> int:
        return int(self.labels.shape[0])


@dataclass(frozen=True)
class EpochFigures:
    """What an epoch came to.

    Attributes:
        epoch: From 1.
        loss: Mean training loss, with penalties, as trained (weighted, smoothed, mixed).
        validation_loss: Mean cross-entropy on the validation part, weighted as in training, not smoothed.
        validation_auroc: On the validation part; NaN where it has one class.
        learning_rate: At the epoch's last step.
    """

    epoch: int
    loss: float
    validation_loss: float
    validation_auroc: float
    learning_rate: float


@dataclass(frozen=True)
class FitResult:
    """A finished training.

    Attributes:
        module: The kept weights, in evaluation mode, on the CPU.
        history: One entry per epoch.
        kept_epoch: The epoch whose weights were kept, from 1.
    """

    module: nn.Module
    history: tuple[EpochFigures, ...]
    kept_epoch: int


def fit_module(
    module: nn.Module,
    train: TensorData,
    validation: TensorData,
    recipe: TrainingRecipe,
    *,
    classes: int,
    rng: np.random.Generator,
    options: FitOptions,
    checkpoint_dir: Path | None = None,
    member: int | None = None,
) -> FitResult:
    """Train a module by a recipe. It is trained in place; its starting weights are the caller's.

    Args:
        module: Its forward takes a batch of inputs and returns logits (samples, classes), or a tuple of them and more.
        train: Learned from.
        validation: Chosen by; never learned from.
        recipe: How.
        classes: Number of classes.
        rng: All chance. One number is drawn from it, whether the training begins anew or is resumed.
        options: The device and who is told. Its epochs and hyperparameters are the caller's to put in the recipe.
        checkpoint_dir: Where to keep the state after each epoch, and to resume from; None keeps none.
        member: Counts the trainings of an ensemble from 0: the caller has then begun the stage that covers them all
            and recorded the recipe, and steps are counted on from member to member. None: a training by itself.

    Returns:
        The module with its best weights, and the history.

    Raises:
        InvalidInput: A part is empty, or its labels are not classes.
        Conflict: The checkpoint is of another recipe, seed or data set.
        FloatingPointError: The loss became infinite or NaN.
    """
    for name, part in (("training", train), ("validation", validation)):
        _check_part(name, part, classes)
    seed = int(rng.integers(2**63 - 1))
    device = choose_device(options.device)
    if member is None:
        options.progress.begin("train", recipe.epochs)
        options.tracker.parameters({"seed": seed, **describe_recipe(recipe)})
    with isolated(seed, device=device, threads=recipe.threads):
        run = _Run(module, train, validation, recipe, classes=classes, seed=seed, device=device)
        path = None if checkpoint_dir is None else checkpoint_dir / CHECKPOINT_FILE
        if path is not None and path.exists():
            run.restore(read_checkpoint(path))
            options.progress.advance(len(run.history))
        while not run.finished:
            figures = run.epoch()
            if path is not None:
                write_checkpoint(path, run.state())
            measures = {
                "loss": figures.loss,
                "validation_loss": figures.validation_loss,
                "validation_auroc": figures.validation_auroc,
            }
            step = figures.epoch + (member or 0) * recipe.epochs
            options.tracker.measures(step, {**measures, "learning_rate": figures.learning_rate})
            options.progress.advance(1, **measures)
        result = run.result()
    if member is None:
        options.progress.end()
    return result


class _Run:
    """One training under way: everything that moves, and that a checkpoint keeps."""

    def __init__(
        self,
        module: nn.Module,
        train: TensorData,
        validation: TensorData,
        recipe: TrainingRecipe,
        *,
        classes: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self._recipe = recipe
        self._classes = classes
        self._seed = seed
        self._device = device
        self._fingerprint = _fingerprint(recipe, train, validation, module, seed)
        self._train = TensorData(train.inputs.to(device), train.labels.to(device), train.picture_channels)
        self._validation = TensorData(validation.inputs.to(device), validation.labels.to(device))
        self._module = module.to(device)
        if recipe.channels_last:
            self._module = self._module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack the keyword alone
        self._weights = torch.ones(classes, device=device)
        if recipe.class_weighting == "balanced":
            self._weights = balanced_class_weights(train.labels, classes).to(device)
        self._optimiser = make_optimiser(self._module, recipe)
        self._decayed = decayed_parameters(self._module)
        self._average = None if recipe.ema_decay is None else MovingAverage(self._module, decay=recipe.ema_decay)
        self._plateau = PlateauState(recipe.schedule)
        self._stopping = EarlyStopping(recipe.selection, patience=recipe.early_stopping)
        self._generator = torch.Generator().manual_seed(seed)
        self._step = 0
        self._best: dict[str, Tensor] = {}
        self._best_epoch = 0
        self.history: list[EpochFigures] = []

    @property
    def finished(self) -> bool:
        return len(self.history) >= self._recipe.epochs or self._stopping.exhausted

    def epoch(self) -> EpochFigures:
        """One pass over the training part, and a look at the validation part."""
        self._module.train()
        total, count, rate = 0.0, 0, 0.0
        for indices in self._batches():
            rate = self._set_rate()
            loss = self._learn(indices)
            total += loss * indices.shape[0]
            count += indices.shape[0]
        loss, auroc = self._validate()
        figures = EpochFigures(len(self.history) + 1, total / count, loss, auroc, rate)
        self.history.append(figures)
        self._plateau.observe(self._stopping.badness(loss=loss, auroc=auroc))
        if self._stopping.observe(loss=loss, auroc=auroc) or not self._best:
            self._best = {name: tensor.detach().cpu().clone() for name, tensor in self._judged.state_dict().items()}
            self._best_epoch = figures.epoch
        return figures

    def result(self) -> FitResult:
        module = self._module.to("cpu")
        module.load_state_dict(self._best)
        return FitResult(module.eval(), tuple(self.history), self._best_epoch)

    def state(self) -> dict[str, Any]:
        average = self._average
        return {
            "fingerprint": self._fingerprint,
            "module": self._module.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "average": None if average is None else average.module.state_dict(),
            "average_updates": 0 if average is None else average.updates,
            "plateau": self._plateau.state(),
            "stopping": self._stopping.state(),
            "generators": generator_states(self._generator, self._device),
            "step": self._step,
            "best": self._best,
            "best_epoch": self._best_epoch,
            "history": [
                [f.epoch, f.loss, f.validation_loss, f.validation_auroc, f.learning_rate] for f in self.history
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        if state["fingerprint"] != self._fingerprint:
            raise Conflict(
                "a checkpoint of this recipe, network, seed and data",
                found="one of another training",
                remedy="Choose another folder for checkpoints, or remove the file to begin anew.",
            )
        self._module.load_state_dict(state["module"])
        self._optimiser.load_state_dict(state["optimiser"])
        if self._average is not None:
            self._average.module.load_state_dict(state["average"])
            self._average.updates = state["average_updates"]
        self._plateau.restore(state["plateau"])
        self._stopping.restore(state["stopping"])
        restore_generators(state["generators"], self._generator, self._device)
        self._step = state["step"]
        self._best = state["best"]
        self._best_epoch = state["best_epoch"]
        self.history = [EpochFigures(*figures) for figures in state["history"]]

    @property
    def _judged(self) -> nn.Module:
        return self._module if self._average is None else self._average.module

    @property
    def _batch_size(self) -> int:
        sizes = {"sgd": 1, "mini_batch": self._recipe.batch_size, "full_batch": len(self._train)}
        return min(sizes[self._recipe.mode], len(self._train))

    @property
    def _steps_per_epoch(self) -> int:
        whole, rest = divmod(len(self._train), self._batch_size)
        return whole + (rest > 1)

    def _batches(self) -> Iterator[Tensor]:
        order = torch.randperm(len(self._train), generator=self._generator).to(self._device)
        return iter(torch.split(order, self._batch_size)[: self._steps_per_epoch])

    def _set_rate(self) -> float:
        steps = self._steps_per_epoch * self._recipe.epochs
        factor = schedule_factor(self._recipe.schedule, step=self._step, steps=steps, epoch=len(self.history))
        rate = self._recipe.learning_rate * factor * self._plateau.factor
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        return rate

    def _learn(self, indices: Tensor) -> float:
        inputs, targets = self._prepare(indices)
        half = self._recipe.precision == "bfloat16"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=half):
            logits = _logits(self._module(inputs))
        loss = cross_entropy(logits.float(), targets, self._weights)
        loss = loss + penalty(self._decayed, l1=self._recipe.l1, l2=self._recipe.l2)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs
        if self._recipe.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self._module.parameters(), self._recipe.gradient_clip)
        self._optimiser.step()
        self._step += 1
        if self._average is not None:
            self._average.update()
        value = float(loss.detach())
        if not math.isfinite(value):
            raise FloatingPointError(
                f"expected a finite loss; found {value} at step {self._step}. Lower the learning rate."
            )
        return value

    def _prepare(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        recipe = self._recipe
        inputs = self._train.inputs[indices]
        targets = soft_targets(self._train.labels[indices], self._classes, smoothing=recipe.label_smoothing)
        if recipe.augmentations or recipe.mixup or recipe.cutmix:
            channels = self._train.picture_channels
            pictures, rest = (inputs, None) if channels is None else (inputs[:, :channels], inputs[:, channels:])
            pictures = augment(pictures, recipe.augmentations, self._generator)
            pictures, targets = self._mix(pictures, targets)
            inputs = pictures if rest is None else torch.cat([pictures, rest], dim=1)
        if recipe.channels_last and inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs, targets

    def _mix(self, pictures: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        recipe = self._recipe
        by_area = bool(recipe.cutmix)
        if recipe.cutmix and recipe.mixup:
            by_area = float(torch.rand((), generator=self._generator)) < 0.5
        if by_area:
            return cutmix(pictures, targets, alpha=recipe.cutmix, generator=self._generator)
        if recipe.mixup:
            return mixup(pictures, targets, alpha=recipe.mixup, generator=self._generator)
        return pictures, targets

    def _validate(self) -> tuple[float, float]:
        module = self._judged.eval()
        with torch.inference_mode():
            parts = [_logits(module(inputs)) for inputs in torch.split(self._validation.inputs, _EVALUATION_BATCH)]
            logits = torch.cat(parts)
            targets = soft_targets(self._validation.labels, self._classes, smoothing=0.0)
            loss = float(cross_entropy(logits, targets, self._weights))
        auroc = classification_auroc(logits.double().cpu().numpy(), self._validation.labels.cpu().numpy())
        return loss, auroc


def _logits(answer: Tensor | tuple[Tensor, ...]) -> Tensor:
    return answer if isinstance(answer, Tensor) else answer[0]


def _check_part(name: str, part: TensorData, classes: int) -> None:
    count = len(part)
    if count == 0 or part.inputs.shape[0] != count:
        raise InvalidInput(
            f"a {name} part with as many inputs as labels, at least one",
            found=f"{part.inputs.shape[0]} inputs and {count} labels",
            remedy="Give the part samples.",
        )
    low, high = int(part.labels.min()), int(part.labels.max())
    if low < 0 or high >= classes:
        raise InvalidInput(
            f"labels from 0 to {classes - 1} in the {name} part",
            found=f"labels from {low} to {high}",
            remedy="Give the task's class indices.",
        )


def _fingerprint(
    recipe: TrainingRecipe, train: TensorData, validation: TensorData, module: nn.Module, seed: int
) -> str:
    """SHA-256 over everything that decides a training, so that a checkpoint of another one is told apart."""
    digest = hashlib.sha256(json.dumps([seed, describe_recipe(recipe)], sort_keys=True).encode())
    for part in (train, validation):
        for tensor in (part.inputs, part.labels):
            digest.update(str(tuple(tensor.shape)).encode())
            digest.update(_bytes(tensor))
    for name, tensor in module.state_dict().items():
        digest.update(name.encode())
        digest.update(_bytes(tensor))
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().contiguous().numpy().tobytes()
