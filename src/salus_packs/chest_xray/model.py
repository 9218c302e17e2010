"""Estimators of the pack: a compact residual network, the listings' two networks, and ResNet-18.

The default recipe is made for pictures of another hospital: sharpness, shading, contrast and framing betray the label
in this set (global statistics alone reach an AUROC of 0.94), so training varies all of them, and the finished network
looks at four views. It was chosen on validation data, on synthetic shifts of them, and on training pictures of unusual
style that were held out; docs/packs/index.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salus.contracts.predictors import Estimator, FitOptions
from salus_packs.chest_xray.task import CLASSES, IMAGE

SIZE_PX = 28


def residual(options: FitOptions) -> Estimator:
    """A compact residual network with a pooled head, whose activation maps are exact; about 170,000 weights."""
    from salus.networks.residual import ResidualNetwork

    backbone = {"widths": [16, 32, 64], "blocks": [1, 2, 2], "dropout": 0.1}
    return _estimator(ResidualNetwork, options, epochs=18, learning_rate=4e-3, backbone=backbone)


def resnet18(options: FitOptions) -> Estimator:
    """ResNet-18 with a stem for small pictures; for a GPU, or for patience."""
    from salus.networks.residual import ResidualNetwork

    backbone = {"small": True, "dropout": 0.1}
    return _estimator(ResidualNetwork.resnet18, options, epochs=18, learning_rate=2e-3, backbone=backbone)


def listing(options: FitOptions) -> Estimator:
    """The listing's network with one convolution, trained as the listing has it: Adam, no augmentation."""
    from salus.networks.listings import ListingCnn28

    return _plain_estimator(ListingCnn28, options)


def listing_deep(options: FitOptions) -> Estimator:
    """The listing's network with three convolutions, trained as the listing has it."""
    from salus.networks.listings import ListingCnn28Deep

    return _plain_estimator(ListingCnn28Deep, options)


def make_student(seed: int) -> object:
    """The network that distillation trains: a third of the default's width, no views."""
    import torch

    from salus.networks.image_classifier import ImageClassifier
    from salus.networks.preprocessing import ImagePreprocessing
    from salus.networks.residual import ResidualNetwork

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        preprocessing = ImagePreprocessing((SIZE_PX, SIZE_PX), in_channels=1, channels=1, normalisation="fixed")
        return ImageClassifier(preprocessing, ResidualNetwork(len(CLASSES), widths=(8, 16, 32), blocks=(1, 1, 1)))


def search_space(estimator: str) -> Mapping[str, Any]:
    """What a search may vary."""
    from salus.training.search import Choice, Real

    if estimator.startswith("listing"):
        return {"learning_rate": Real(3e-4, 3e-3, log=True), "dropout": Real(0.0, 0.5)}
    return {
        "learning_rate": Real(1e-3, 1e-2, log=True),
        "weight_decay": Real(1e-4, 1e-1, log=True),
        "label_smoothing": Real(0.0, 0.2),
        "batch_size": Choice((64, 128)),
    }


def _estimator(network: Any, options: FitOptions, **recipe: Any) -> Estimator:
    from salus.training import augmentation
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe

    varied = (
        augmentation.Flip(horizontal=0.5),
        augmentation.Affine(rotate_deg=5.5, translate=0.04, scale=(0.86, 1.16), shear_deg=2.5, probability=0.9),
        augmentation.Sharpness(strength=(-0.7, 1.05), probability=0.5),
        augmentation.Shading(std=0.07, probability=0.65),
        augmentation.Intensity(brightness=0.1, contrast=0.28, gamma=0.42, probability=0.65),
        augmentation.GaussianNoise(std=0.028, probability=0.65),
    )
    chosen = ImageRecipe(
        input_size=SIZE_PX,
        normalisation="fixed",
        batch_size=128,
        weight_decay=0.01,
        label_smoothing=0.1,
        class_weighting="balanced",
        augmentations=varied,
        ema_decay=0.97,
        selection="last",
        channels_last=True,
        zooms=(1.0, 0.86),
        mirror=True,
        **recipe,
    )
    return ImageEstimator(chosen, network, image=IMAGE, classes=len(CLASSES), options=options)


def _plain_estimator(network: Any, options: FitOptions) -> Estimator:
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe
    from salus.training.schedules import Constant

    recipe = ImageRecipe(
        input_size=SIZE_PX,
        normalisation="fixed",
        mean=(0.0,),
        std=(1.0,),
        epochs=10,
        batch_size=64,
        optimiser="adam",
        learning_rate=1e-3,
        schedule=Constant(),
        selection="last",
        backbone={"dropout": 0.0},
    )
    return ImageEstimator(recipe, network, image=IMAGE, classes=len(CLASSES), options=options)
