"""Estimators of the pack: a compact residual network, the listing's network, and ResNet-18 for pretrained weights.

Four hundred pictures from figures of papers are few. The default is small, trained briefly, and answers as the mean of
three networks that each look at six views of a picture. On validation data that was worth more than a larger network,
longer training or stronger augmentation (the estimator `augmented`); docs/packs/index.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salus.contracts.predictors import Estimator, FitOptions
from salus_packs.chest_ct.task import CLASSES, IMAGE

SIZE_PX = 96


def residual(options: FitOptions) -> Estimator:
    """A compact residual network with a pooled head, whose activation maps are exact."""
    from salus.networks.residual import ResidualNetwork

    backbone = {"widths": [16, 32, 64, 96], "blocks": [1, 1, 1, 1], "stem_kernel": 6, "stem_stride": 2, "dropout": 0.3}
    return _estimator(
        ResidualNetwork, options, input_size=SIZE_PX, learning_rate=2e-3, epochs=12, members=3, backbone=backbone
    )


def augmented(options: FitOptions) -> Estimator:
    """The same network, trained long with framing, sharpness, grey levels and compression traces varied."""
    from salus.networks.residual import ResidualNetwork
    from salus.training import augmentation

    backbone = {"widths": [16, 32, 64, 96], "blocks": [1, 1, 1, 1], "stem_kernel": 6, "stem_stride": 2, "dropout": 0.3}
    varied = (
        augmentation.Flip(horizontal=0.5, vertical=0.5),
        augmentation.Affine(rotate_deg=7, translate=0.06, scale=(0.95, 1.28), padding="reflection"),
        augmentation.Sharpness(strength=(-0.5, 0.6), sigma_px=1.2, probability=0.7),
        augmentation.Intensity(brightness=0.06, contrast=0.2, gamma=0.25),
        augmentation.BlockCompression(coarseness=(1.0, 10.0), probability=0.4),
        augmentation.GaussianNoise(std=0.02, probability=1.0),
    )
    return _estimator(
        ResidualNetwork,
        options,
        input_size=SIZE_PX,
        learning_rate=2e-3,
        epochs=40,
        augmentations=varied,
        backbone=backbone,
    )


def resnet18(options: FitOptions) -> Estimator:
    """ResNet-18 at 224 px with three channels, to begin from pretrained weights: `--set pretrained=FILE`."""
    from salus.networks.residual import ResidualNetwork

    return _estimator(
        ResidualNetwork.resnet18,
        options,
        input_size=224,
        channels=3,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        learning_rate=3e-4,
        epochs=30,
        backbone={"dropout": 0.3},
    )


def listing(options: FitOptions) -> Estimator:
    """The listing's 128 × 128 × 3 network, trained as the listing has it: Adam, ten epochs, no augmentation."""
    from salus.networks.listings import ListingCnn128
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe
    from salus.training.schedules import Constant

    recipe = ImageRecipe(
        input_size=128,
        channels=3,
        normalisation="fixed",
        mean=(0.0,),
        std=(1.0,),
        epochs=10,
        batch_size=32,
        optimiser="adam",
        learning_rate=1e-3,
        schedule=Constant(),
        selection="last",
        backbone={"dropout": 0.0},
    )
    return ImageEstimator(recipe, ListingCnn128, image=IMAGE, classes=len(CLASSES), options=options)


def make_student(seed: int) -> object:
    """The network that distillation trains: half the default's width, no views."""
    import torch

    from salus.networks.image_classifier import ImageClassifier
    from salus.networks.preprocessing import ImagePreprocessing
    from salus.networks.residual import ResidualNetwork

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone = ResidualNetwork(
            len(CLASSES), widths=(8, 16, 32, 48), blocks=(1, 1, 1, 1), stem_kernel=6, stem_stride=2, dropout=0.2
        )
        preprocessing = ImagePreprocessing((SIZE_PX, SIZE_PX), in_channels=1, channels=1, normalisation="fixed")
        return ImageClassifier(preprocessing, backbone)


def search_space(estimator: str) -> Mapping[str, Any]:
    """What a search may vary."""
    from salus.training.search import Real

    if estimator == "listing":
        return {"learning_rate": Real(3e-4, 3e-3, log=True), "dropout": Real(0.0, 0.6)}
    return {
        "learning_rate": Real(3e-4, 5e-3, log=True),
        "weight_decay": Real(1e-3, 1e-1, log=True),
        "dropout": Real(0.0, 0.5),
    }


def _estimator(network: Any, options: FitOptions, **recipe: Any) -> Estimator:
    from salus.training.augmentation import Flip
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe

    chosen = ImageRecipe(
        **{
            "normalisation": "fixed",
            "batch_size": 32,
            "weight_decay": 0.05,
            "label_smoothing": 0.2,
            "augmentations": (Flip(horizontal=0.5),),
            "ema_decay": 0.98,
            "selection": "last",
            "channels_last": True,
            "zooms": (1.0, 0.85, 0.7),
            "mirror": True,
            **recipe,
        }
    )
    return ImageEstimator(chosen, network, image=IMAGE, classes=len(CLASSES), options=options)
