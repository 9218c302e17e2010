"""A small network learns from a large one's answers instead of the labels alone.

Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", arXiv 1503.02531 (2015). With student logits z,
teacher logits v, labels y and a temperature T, the loss of a sample is

    w T^2 KL(softmax(v / T) || softmax(z / T)) + (1 - w) CE(softmax(z), y)

T^2 keeps the soft part's gradients as large as the hard part's. The same procedure brings a pruned network back to
its own former answers.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that every torch program uses
from torch import Tensor, nn

from salus.contracts.batches import Batch, count_samples, rectangular_parts
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Predictor
from salus.contracts.progress import Progress, Silence
from salus.networks.image_classifier import ImageClassifier
from salus.optimisation.graph_predictor import predict_samples

Augment = Callable[[Tensor, torch.Generator], Tensor]
"""Changes pictures, FP32 (samples, channels, height, width) from 0 to 1, as training does."""


@dataclass(frozen=True)
class DistillationRecipe:
    """How a student learns: AdamW with a cosine from `learning_rate` to 0.

    Attributes:
        epochs: Passes over the training part.
        batch: Samples a step.
        learning_rate: At the first step.
        weight_decay: AdamW's.
        temperature: T, above 0.
        soft_share: w, from 0 (labels alone) to 1 (teacher alone).
    """

    epochs: int = 20
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    temperature: float = 4.0
    soft_share: float = 0.9

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or self.learning_rate <= 0 or self.temperature <= 0:
            raise ValueError("expected epochs of at least 1, batches of at least 2, a rate and a temperature above 0")
        if not 0.0 <= self.soft_share <= 1.0:
            raise ValueError(f"expected a soft share from 0 to 1; found {self.soft_share}")


def distillation_loss(
    student_logits: Tensor, teacher_logits: Tensor, labels: Tensor, *, temperature: float, soft_share: float
) -> Tensor:
    """The loss above, as a mean over the samples.

    Args:
        student_logits: (samples, classes).
        teacher_logits: (samples, classes), uncalibrated.
        labels: (samples,) class indices, INT64.
        temperature: T, above 0.
        soft_share: w, from 0 to 1.
    """
    soft = F.kl_div(
        F.log_softmax(student_logits / temperature, dim=1),
        F.log_softmax(teacher_logits / temperature, dim=1),
        reduction="batchmean",
        log_target=True,
    )
    hard = F.cross_entropy(student_logits, labels)
    return soft_share * temperature**2 * soft + (1 - soft_share) * hard


def distil(
    teacher: Predictor,
    student: nn.Module,
    train: Split,
    *,
    recipe: DistillationRecipe,
    seed: int,
    augment: Augment | None = None,
    progress: Progress | None = None,
) -> nn.Module:
    """A copy of `student`, trained on the teacher's logits and the labels; on the CPU, in evaluation mode.

    The teacher answers each training sample once, as it is. Reproducible bit for bit with one torch thread.

    Args:
        teacher: Answers `logits`.
        student: An `ImageClassifier`, or a module whose forward takes the split's inputs, in their order, as tensors;
            returns logits, or a tuple with logits first. Its weights are where learning starts.
        train: The training part; pictures of different sizes only for an `ImageClassifier`.
        recipe: How.
        seed: Of the order of samples, of augmentation and of dropout.
        augment: Applied to resized pictures; for an `ImageClassifier` only.
        progress: Told about each epoch.

    Raises:
        InvalidInput: `augment` is given for a module that is no `ImageClassifier`, or there are fewer than 2 samples.
        FloatingPointError: The loss became infinite or NaN.
    """
    if augment is not None and not isinstance(student, ImageClassifier):
        raise InvalidInput(
            "an ImageClassifier to augment pictures for",
            found=type(student).__name__,
            remedy="Leave augmentation out for other modules.",
        )
    if len(train) < 2:
        raise InvalidInput("at least 2 training samples", found=str(len(train)), remedy="Give the training part.")
    watcher = progress or Silence()
    learner = copy.deepcopy(student)
    answers = predict_samples(teacher, train.inputs, outputs=("logits",))
    teacher_logits = torch.from_numpy(answers["logits"].astype(np.float32))
    lesson = _Lesson(_prepare(learner, train.inputs), teacher_logits, torch.from_numpy(train.labels.astype(np.int64)))
    watcher.begin("distil", recipe.epochs)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _learn(learner, lesson, recipe, augment=augment, progress=watcher)
    watcher.end()
    return learner.eval()


@dataclass(frozen=True)
class _Lesson:
    """What the student learns from; axis 0 counts the samples. `inputs` end with the mask for an ImageClassifier."""

    inputs: tuple[Tensor, ...]
    teacher_logits: Tensor
    labels: Tensor


def _learn(
    learner: nn.Module, lesson: _Lesson, recipe: DistillationRecipe, *, augment: Augment | None, progress: Progress
) -> None:
    generator = torch.Generator().manual_seed(torch.initial_seed())
    optimiser = torch.optim.AdamW(learner.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    count = len(lesson.labels)
    batches = max(1, count // recipe.batch)
    steps = recipe.epochs * batches
    learner.train()
    for epoch in range(recipe.epochs):
        total = 0.0
        order = torch.randperm(count, generator=generator)
        for index, chosen in enumerate(order.tensor_split(batches)):
            position = (epoch * batches + index) / steps
            for group in optimiser.param_groups:
                group["lr"] = recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * position))
            logits = _answer(learner, tuple(tensor[chosen] for tensor in lesson.inputs), augment, generator)
            loss = distillation_loss(
                logits,
                lesson.teacher_logits[chosen],
                lesson.labels[chosen],
                temperature=recipe.temperature,
                soft_share=recipe.soft_share,
            )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs
            optimiser.step()
            total += float(loss.detach())
        if not math.isfinite(total):
            raise FloatingPointError("expected a finite loss; found another. Lower the learning rate.")
        progress.advance(1, loss=total / batches)


def _prepare(learner: nn.Module, inputs: Batch) -> tuple[Tensor, ...]:
    """Tensors of all samples; pictures are resized here, once."""
    if not isinstance(learner, ImageClassifier):
        return tuple(torch.from_numpy(np.ascontiguousarray(array)) for array in inputs.values())
    (pictures,) = inputs.values()
    resized: list[Tensor] = [torch.empty(0)] * count_samples(inputs)
    masks = list(resized)
    with torch.inference_mode():
        for indices, part in rectangular_parts({"image": pictures}, most=64):
            images, inside = learner.preprocessing.resize(torch.from_numpy(np.ascontiguousarray(part["image"])))
            for position, index in enumerate(indices):
                resized[index], masks[index] = images[position], inside[position]
    return torch.stack(resized).clone(), torch.stack(masks).clone()


def _answer(
    learner: nn.Module, inputs: tuple[Tensor, ...], augment: Augment | None, generator: torch.Generator
) -> Tensor:
    if isinstance(learner, ImageClassifier):
        pictures, inside = inputs
        if augment is not None:
            pictures = augment(pictures, generator)
        answer = learner.backbone(learner.preprocessing.normalise(pictures, inside))
    else:
        answer = learner(*inputs)
    logits: Tensor = answer if isinstance(answer, Tensor) else answer[0]
    return logits
