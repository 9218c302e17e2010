"""Estimators of the pack: a compact residual network, and the listing's network."""

from __future__ import annotations

from salus.contracts.predictors import Estimator, FitOptions
from salus_packs.chest_phantom.task import CLASSES, IMAGE


def residual(options: FitOptions) -> Estimator:
    """A compact residual network with a pooled head, whose activation maps are exact."""
    from salus.networks.residual import ResidualNetwork
    from salus.training.augmentation import Affine, Flip
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe

    recipe = ImageRecipe(
        input_size=64,
        normalisation="fixed",
        epochs=12,
        batch_size=32,
        learning_rate=4e-3,
        weight_decay=0.01,
        augmentations=(Flip(horizontal=0.5, vertical=0.5), Affine(rotate_deg=5, translate=0.05, scale=(0.9, 1.1))),
        selection="validation_loss",
        channels_last=True,
        mirror=True,
        upside_down=True,
        backbone={"widths": [16, 32, 64], "blocks": [1, 1, 1]},
    )
    return ImageEstimator(recipe, ResidualNetwork, image=IMAGE, classes=len(CLASSES), options=options)


def listing(options: FitOptions) -> Estimator:
    """The 28 × 28 network of the code listing, on reduced pictures."""
    from salus.networks.listings import ListingCnn28
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe

    recipe = ImageRecipe(input_size=28, normalisation="fixed", epochs=15, learning_rate=1e-3)
    return ImageEstimator(recipe, ListingCnn28, image=IMAGE, classes=len(CLASSES), options=options)
