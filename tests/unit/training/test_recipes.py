from __future__ import annotations

import json

import pytest

from salus.contracts.errors import InvalidInput
from salus.training.augmentation import Affine, Flip
from salus.training.recipes import ImageRecipe, TrainingRecipe, describe_recipe, override_recipe
from salus.training.schedules import Cosine


def test_a_recipe_is_json() -> None:
    recipe = ImageRecipe(augmentations=(Flip(), Affine(rotate_deg=5)), schedule=Cosine(warmup=0.1))
    assert override_recipe(ImageRecipe(), json.loads(json.dumps(describe_recipe(recipe)))) == recipe


def test_values_are_replaced_and_the_original_stays() -> None:
    recipe = ImageRecipe(backbone={"widths": [8, 16], "dropout": 0.1})
    changed = override_recipe(recipe, {"learning_rate": 1, "schedule": {"name": "step", "every": 3}, "dropout": 0.5})
    assert (changed.learning_rate, changed.backbone) == (1.0, {"widths": [8, 16], "dropout": 0.5})
    assert recipe.backbone["dropout"] == 0.1


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"learning_rate.*found 'learning_rat'"):
        override_recipe(TrainingRecipe(), {"learning_rat": 0.1})


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 0), ("epochs", "ten"), ("optimiser", "lion"), ("label_smoothing", 1.0), ("schedule", {"name": "x"})],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidInput, match="types and ranges"):
        override_recipe(TrainingRecipe(), {name: value})  # type: ignore[dict-item]  # any JSON
