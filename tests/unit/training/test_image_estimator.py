from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Exportable, FitOptions, Predictor
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.ensemble import AveragingEnsemble
from salus.networks.image_classifier import ImageClassifier
from salus.networks.listings import ListingCnn28
from salus.networks.predictor import TorchPredictor
from salus.networks.residual import ResidualNetwork
from salus.networks.view_averaging import ViewAveraging
from salus.training.augmentation import Affine
from salus.training.image_estimator import ImageEstimator
from salus.training.recipes import ImageRecipe, override_recipe

IMAGE = TensorSpec(
    name="image",
    datatype="UINT8",
    shape=(-1, -1, -1, 1),
    title=LocalizedText("picture", "图像"),
    content="image",
)
SMALL = ImageRecipe(
    epochs=6,
    batch_size=16,
    learning_rate=0.02,
    input_size=12,
    threads=1,
    augmentations=(Affine(translate=0.05),),
    backbone={"widths": [6, 8], "blocks": [1, 1], "dropout": 0.1},
)


def split(count: int, seed: int, *, ragged: bool = True) -> Split:
    """Noise of many sizes; class 1 has a bright spot at a quarter or three quarters of the width, in turns."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    pictures: list[NDArray[np.uint8]] = []
    for index, label in enumerate(labels):
        height, width = rng.integers(14, 30, 2) if ragged else (20, 24)
        picture = rng.integers(0, 100, (height, width, 1))
        column = width * (1 + index // 2 % 2 * 2) // 4
        picture[height // 2 - 3 : height // 2 + 3, column - 3 : column + 3] += 150 * label
        pictures.append(picture.astype(np.uint8))
    column_of = np.empty(count, dtype=object)
    column_of[:] = pictures
    ids = np.array([f"{seed}-{i}" for i in range(count)])
    return Split({"image": column_of if ragged else np.stack(pictures)}, labels.astype(np.int64), ids, ids)


def fit(recipe: ImageRecipe = SMALL, *, seed: int = 0, options: FitOptions | None = None) -> TorchPredictor:
    options = options or FitOptions(device="cpu")
    estimator = ImageEstimator(recipe, ResidualNetwork, image=IMAGE, classes=2, options=options)
    return estimator.fit(split(64, 1), split(24, 2), rng=np.random.default_rng(seed))


def model_of(predictor: TorchPredictor) -> ImageClassifier:
    model = predictor.graph_source().model
    assert isinstance(model, ImageClassifier)
    return model


@pytest.mark.parametrize("aspect", ["stretch", "pad"])
def test_it_learns_from_ragged_pictures_and_points_at_what_it_saw(aspect: str) -> None:
    # A fixed normalisation: one by each picture would betray the spot by the contrast of the noise around it.
    recipe = override_recipe(SMALL, {"aspect": aspect, "epochs": 12, "normalisation": "fixed", "input_size": 16})
    predictor = fit(recipe)
    assert isinstance(predictor, Predictor)
    assert isinstance(predictor, Exportable)
    held = split(40, 3, ragged=False)
    answer = predictor.predict(held.inputs)
    assert answer["logits"].shape == (40, 2)
    assert float((answer["logits"].argmax(axis=1) == held.labels).mean()) >= 0.9
    evidence = answer["evidence"][held.labels == 1, 1]
    columns = evidence.reshape(evidence.shape[0], -1).argmax(axis=1) % evidence.shape[2]
    on_the_right = np.arange(columns.shape[0]) % 2 == 1
    assert float(((columns >= evidence.shape[2] // 2) == on_the_right).mean()) >= 0.9


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not() -> None:
    first, again, other = (model_of(fit(seed=seed)).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_members_are_different_and_averaged() -> None:
    model = model_of(fit(override_recipe(SMALL, {"members": 2, "epochs": 2})))
    assert isinstance(model.backbone, AveragingEnsemble)
    weights = [member.get_parameter("fc.weight") for member in model.backbone.members]
    assert not torch.equal(weights[0], weights[1])


def test_views_are_averaged_inside_what_is_exported_without_another_training() -> None:
    recipe = override_recipe(SMALL, {"epochs": 2})
    plain, viewed = fit(recipe), fit(override_recipe(recipe, {"zooms": [1.0, 0.75], "mirror": True}))
    once, views = model_of(plain), model_of(viewed)
    assert isinstance(views.backbone, ViewAveraging)
    assert (views.backbone.zooms, views.backbone.flips) == ((1.0, 0.75), [[], [3]])
    inner = views.backbone.backbone.state_dict()
    assert all(torch.equal(value, inner[name]) for name, value in once.backbone.state_dict().items())
    pictures = split(6, 5, ragged=False).inputs["image"]
    answer, mirrored = viewed.predict({"image": pictures}), viewed.predict({"image": pictures[:, :, ::-1].copy()})
    assert np.allclose(answer["logits"], mirrored["logits"], atol=1e-4)
    assert np.allclose(answer["evidence"], mirrored["evidence"][..., ::-1], atol=1e-4)
    assert not np.allclose(answer["logits"], plain.predict({"image": pictures})["logits"], atol=1e-3)


def test_zooms_beyond_the_picture_are_refused() -> None:
    for zooms in ([0.0], [1.5]):
        with pytest.raises(InvalidInput, match="types and ranges"):
            override_recipe(SMALL, {"zooms": zooms})


class _Watching:
    def __init__(self) -> None:
        self.total: int | None = None
        self.done = 0
        self.ended = False

    def begin(self, label: str, total: int | None) -> None:
        self.total = total

    def advance(self, steps: int = 1, **measures: float) -> None:
        self.done += steps

    def end(self) -> None:
        self.ended = True


def test_progress_covers_every_epoch_of_every_member_also_when_resumed(tmp_path: Path) -> None:
    recipe = override_recipe(SMALL, {"members": 2, "epochs": 2})
    states = []
    for _ in range(2):
        watching = _Watching()
        options = FitOptions(device="cpu", checkpoint_dir=tmp_path, progress=watching)
        states.append(model_of(fit(recipe, options=options)).state_dict())
        assert (watching.total, watching.done, watching.ended) == (4, 4, True)
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["member-0", "member-1"]


def test_the_recipe_says_all_in_json_and_follows_the_options() -> None:
    options = FitOptions(epochs=3, hyperparameters={"dropout": 0.4, "optimiser": "nesterov"})
    estimator = ImageEstimator(SMALL, ResidualNetwork, image=IMAGE, classes=2, options=options)
    recipe = json.loads(json.dumps(estimator.recipe))
    assert recipe["epochs"] == 3
    assert recipe["optimiser"] == "nesterov"
    assert recipe["backbone"]["dropout"] == 0.4
    assert recipe["network"] == "ResidualNetwork"


def test_pretrained_weights_are_named_by_their_digest_and_used(tmp_path: Path) -> None:
    source = ResidualNetwork(2, widths=(6, 8), blocks=(1, 1))
    save_file(source.state_dict(), tmp_path / "weights.safetensors")
    options = FitOptions(
        device="cpu",
        epochs=1,
        hyperparameters={"pretrained": str(tmp_path / "weights.safetensors"), "learning_rate": 1e-9},
    )
    estimator = ImageEstimator(SMALL, ResidualNetwork, image=IMAGE, classes=2, options=options)
    assert str(estimator.recipe["pretrained"]).startswith("sha256:")
    assert str(tmp_path) not in json.dumps(estimator.recipe)
    backbone = model_of(estimator.fit(split(64, 1), split(24, 2), rng=np.random.default_rng(0))).backbone
    torch.testing.assert_close(backbone.get_parameter("conv1.weight"), source.conv1.weight, atol=1e-6, rtol=0)


def test_a_listing_is_trained_by_the_same_estimator() -> None:
    recipe = override_recipe(SMALL, {"input_size": 28, "epochs": 1, "backbone": {}, "normalisation": "fixed"})
    estimator = ImageEstimator(recipe, ListingCnn28, image=IMAGE, classes=2, options=FitOptions(device="cpu"))
    predictor = estimator.fit(split(16, 1), split(8, 2), rng=np.random.default_rng(0))
    assert predictor.predict(split(3, 4, ragged=False).inputs)["evidence"].shape == (3, 2, 13, 13)


def test_what_cannot_be_trained_is_refused() -> None:
    scalar = TensorSpec(name="age", datatype="FP32", shape=(-1,), title=LocalizedText("age", "年龄"), content="scalar")
    with pytest.raises(InvalidInput, match="content image"):
        ImageEstimator(SMALL, ResidualNetwork, image=scalar, classes=2, options=FitOptions())
    with pytest.raises(InvalidInput, match="hyperparameters among"):
        fit(options=FitOptions(hyperparameters={"depth": 3}))
    with pytest.raises(InvalidInput, match="ResidualNetwork takes"):
        fit(override_recipe(SMALL, {"backbone": {"depth": 3}}))
    part = split(8, 1, ragged=False)
    estimator = ImageEstimator(SMALL, ResidualNetwork, image=IMAGE, classes=2, options=FitOptions(device="cpu"))
    for inputs, message in (
        ({"picture": part.inputs["image"]}, "an input called image"),
        ({"image": np.repeat(part.inputs["image"], 3, axis=3)}, "height, width, 1"),
    ):
        wrong = Split(inputs, part.labels, part.sample_ids, part.subjects)
        with pytest.raises(InvalidInput, match=message):
            estimator.fit(wrong, part, rng=np.random.default_rng(0))
