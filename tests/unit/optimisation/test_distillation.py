"""A student learns what its teacher knows, the same each time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.networks.image_classifier import ImageClassifier
from salus.networks.predictor import TorchPredictor
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.residual import ResidualNetwork
from salus.optimisation.distillation import DistillationRecipe, distil, distillation_loss


class Teacher:
    """Knows the rule x0 - x1; the labels of the split do not."""

    def predict(self, batch: Batch) -> Batch:
        x = np.asarray(batch["x"], dtype=np.float32)
        return {"logits": np.stack([x[:, 1], x[:, 0]], axis=1) * 3}


def split(inputs: Batch, labels: NDArray[np.int64]) -> Split:
    names = np.array([f"s{i}" for i in range(len(labels))])
    return Split(inputs=inputs, labels=labels, sample_ids=names, subjects=names)


def table(count: int = 200) -> Split:
    rng = np.random.default_rng(0)
    return split({"x": rng.normal(size=(count, 2)).astype(np.float32)}, rng.integers(0, 2, count))


def softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def test_the_loss_is_the_papers() -> None:
    rng = np.random.default_rng(0)
    z, v = rng.normal(size=(2, 6, 3)) * 4
    y = rng.integers(0, 3, 6)
    soft_teacher, soft_student = softmax(v / 3), softmax(z / 3)
    soft = (soft_teacher * np.log(soft_teacher / soft_student)).sum(axis=1).mean()
    hard = -np.log(softmax(z)[np.arange(6), y]).mean()
    found = distillation_loss(
        torch.from_numpy(z), torch.from_numpy(v), torch.from_numpy(y), temperature=3.0, soft_share=0.8
    )
    assert float(found) == pytest.approx(0.8 * 9 * soft + 0.2 * hard)


def test_a_student_of_the_teacher_alone_learns_the_teachers_rule() -> None:
    torch.manual_seed(0)
    student = nn.Linear(2, 2)
    recipe = DistillationRecipe(epochs=30, learning_rate=0.3, soft_share=1.0)
    before = student.weight.detach().clone()
    learned = distil(Teacher(), student, table(), recipe=recipe, seed=1)
    fresh = table(400).inputs
    found = TorchPredictor(learned, input_names=("x",)).predict(fresh)["logits"]
    expected = Teacher().predict(fresh)["logits"]
    np.testing.assert_allclose(np.diff(found.astype(np.float64)), np.diff(expected.astype(np.float64)), atol=0.2)
    torch.testing.assert_close(student.weight.detach(), before, rtol=0, atol=0)
    assert not learned.training


def test_the_same_seed_teaches_the_same_weights_and_leaves_the_global_chance_alone() -> None:
    torch.manual_seed(0)
    student = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.5), nn.Linear(4, 2))
    recipe = DistillationRecipe(epochs=2)
    state = torch.get_rng_state()
    first, second, other = (distil(Teacher(), student, table(), recipe=recipe, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(next(first.parameters()), next(other.parameters()))


def picture_teacher() -> tuple[TorchPredictor, Split]:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    pictures = np.empty(12, dtype=object)
    for index in range(12):
        pictures[index] = rng.integers(0, 256, (20 + index % 3, 24, 1)).astype(np.uint8)
    return TorchPredictor(classifier(), input_names=("image",), outputs=("logits", "evidence")), split(
        {"image": pictures}, np.arange(12) % 2
    )


def classifier() -> ImageClassifier:
    preprocessing = ImagePreprocessing((16, 16), in_channels=1, channels=1, aspect="pad")
    return ImageClassifier(preprocessing, ResidualNetwork(2, widths=(8,), blocks=(1,)))


def test_pictures_of_different_sizes_are_augmented_after_resizing() -> None:
    teacher, train = picture_teacher()
    seen: list[torch.Size] = []

    def flip(images: Tensor, generator: torch.Generator) -> Tensor:
        assert generator.initial_seed() == 5
        seen.append(images.shape)
        return images.flip(3)

    recipe = DistillationRecipe(epochs=2, batch=6)
    learned = distil(teacher, classifier(), train, recipe=recipe, seed=5, augment=flip)
    assert seen == [torch.Size([6, 1, 16, 16])] * 4
    assert isinstance(learned, ImageClassifier)


def test_augmentation_of_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ImageClassifier"):
        distil(
            Teacher(),
            nn.Linear(2, 2),
            table(),
            recipe=DistillationRecipe(),
            seed=0,
            augment=lambda images, generator: images,
        )


def test_one_sample_is_too_few() -> None:
    with pytest.raises(InvalidInput, match="2 training samples"):
        distil(Teacher(), nn.Linear(2, 2), table(1), recipe=DistillationRecipe(), seed=0)


def test_a_loss_that_is_no_number_stops_the_lesson() -> None:
    with pytest.raises(FloatingPointError):
        distil(Teacher(), nn.Linear(2, 2), table(), recipe=DistillationRecipe(learning_rate=1e30), seed=0)


@pytest.mark.parametrize("values", [{"epochs": 0}, {"batch": 1}, {"temperature": 0.0}, {"soft_share": 1.5}])
def test_a_recipe_outside_its_ranges_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        DistillationRecipe(**values)  # type: ignore[arg-type]  # each field by itself
