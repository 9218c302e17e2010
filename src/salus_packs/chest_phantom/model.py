"""Estimators of the pack: a compact residual network, and the listing's network."""

from __future__ import annotations

from salus.contracts.predictors import Estimator, FitOptions
from salus_packs.chest_phantom.task import CLASSES, IMAGE


def residual(options: FitOptions) -> Estimator:
    """A compact residual network with a pooled head, whose activation maps are exact."""
    from salus.networks.residual import ResidualNetwork
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe

    recipe = ImageRecipe(
        input_size=64, epochs=8, learning_rate=3e-3, backbone={"widths": [16, 32, 64], "blocks": [1, 1, 1]}
    )
    return ImageEstimator(recipe, ResidualNetwork, image=IMAGE, classes=len(CLASSES), options=options)


def listing(options: FitOptions) -> Estimator:
    """The 28 × 28 network of the code listing, on reduced pictures."""
    from salus.networks.listings import ListingCnn28
    from salus.training.image_estimator import ImageEstimator
    from salus.training.recipes import ImageRecipe

    recipe = ImageRecipe(input_size=28, epochs=15, learning_rate=1e-3)
    return ImageEstimator(recipe, ListingCnn28, image=IMAGE, classes=len(CLASSES), options=options)
