"""Learns to classify pictures of any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from salus.contracts.batches import rectangular_parts
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.tensors import TensorSpec
from salus.networks.ensemble import AveragingEnsemble
from salus.networks.image_classifier import ImageClassifier
from salus.networks.predictor import TorchPredictor
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.pretrained import load_pretrained
from salus.networks.view_averaging import ViewAveraging
from salus.training.determinism import choose_device, isolated, usable_threads
from salus.training.loop import TensorData, fit_module
from salus.training.recipes import ImageRecipe, describe_recipe, override_recipe

BackboneFactory = Callable[..., nn.Module]
"""`factory(classes, in_channels=..., **recipe.backbone)` makes a backbone that answers `(logits, evidence)`."""

_RESIZE_BATCH = 64


class ImageEstimator:
    """Keeps the contracts' promise of an Estimator for one `image` input.

    Training pictures may be ragged. They are resized once, by the preprocessing that is exported with the network,
    and stay in memory as one tensor.

    Args:
        recipe: How; the options' epochs and hyperparameters replace its own.
        backbone: Makes the network, such as `ResidualNetwork` or `ListingCnn28`.
        image: The signature's input, of content `image` with 1 or 3 channels.
        classes: Number of classes.
        options: What the person who starts the fit decided.

    Raises:
        InvalidInput: The input is no image, or a hyperparameter is unknown or does not fit.

    Example:
        >>> from salus.contracts.text import LocalizedText
        >>> from salus.networks.residual import ResidualNetwork
        >>> image = TensorSpec(name="image", datatype="UINT8", shape=(-1, -1, -1, 1), content="image",
        ...                    title=LocalizedText("picture", "图像"))
        >>> recipe = ImageRecipe(input_size=28, backbone={"widths": [8, 16], "blocks": [1, 1]})
        >>> options = FitOptions(epochs=3, hyperparameters={"learning_rate": 0.01, "widths": [4, 8]})
        >>> estimator = ImageEstimator(recipe, ResidualNetwork, image=image, classes=2, options=options)
        >>> estimator.recipe["epochs"], estimator.recipe["backbone"]
        (3, {'widths': [4, 8], 'blocks': [1, 1]})
    """

    def __init__(
        self,
        recipe: ImageRecipe,
        backbone: BackboneFactory,
        *,
        image: TensorSpec,
        classes: int,
        options: FitOptions,
    ) -> None:
        if image.content != "image" or image.shape[3] not in {1, 3}:
            raise InvalidInput(
                "an input of content image with 1 or 3 channels",
                found=f"{image.content} of shape {image.shape}",
                remedy="Declare the task's input as an image.",
            )
        recipe = override_recipe(recipe, options.hyperparameters)
        if options.epochs is not None:
            recipe = override_recipe(recipe, {"epochs": options.epochs})
        self._recipe = recipe
        self._backbone = backbone
        self._image = image
        self._classes = classes
        self._options = options

    @property
    def recipe(self) -> Mapping[str, Json]:
        """The recipe, the network's name, torch's version and the threads that there are.

        A pretrained file is named by its SHA-256, not by its place.
        """
        described = describe_recipe(self._recipe)
        described["threads"] = usable_threads(self._recipe.threads)
        if self._recipe.pretrained is not None:
            _, digest = self._make_backbone()
            described["pretrained"] = f"sha256:{digest}"
        return {**described, "network": self._backbone.__qualname__, "torch": torch.__version__.split("+")[0]}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> TorchPredictor:
        """Train one network, or the members of an ensemble.

        Args:
            train: Its inputs hold the image column, UINT8, rectangular or ragged.
            validation: Likewise; chosen by, never learned from.
            rng: All chance.

        Returns:
            A predictor of `logits` and `evidence`, on the device that trained it.

        Raises:
            InvalidInput: The image column is missing or has other channels, or labels are not classes.
            Conflict: The folder for checkpoints holds those of another training.
        """
        recipe, options = self._recipe, self._options
        device = choose_device(options.device)
        preprocessing = self._make_preprocessing()
        options.progress.begin("train", recipe.epochs * recipe.members)
        options.tracker.parameters(self.recipe)
        with isolated(0, device=device, threads=recipe.threads):
            train_data, validation_data = (self._resize(part, preprocessing) for part in (train, validation))
        members = []
        for member in range(recipe.members):
            with isolated(int(rng.integers(2**63 - 1)), device=device, threads=recipe.threads):
                backbone, _ = self._make_backbone()
            result = fit_module(
                _ResizedClassifier(self._make_preprocessing(), backbone),
                train_data,
                validation_data,
                recipe,
                classes=self._classes,
                rng=rng,
                options=options,
                checkpoint_dir=options.checkpoint_dir and options.checkpoint_dir / f"member-{member}",
                member=member,
            )
            members.append(cast("_ResizedClassifier", result.module).backbone)
        options.progress.end()
        backbone = members[0] if len(members) == 1 else AveragingEnsemble(members)
        if recipe.mirror or recipe.upside_down or recipe.zooms != (1.0,):
            backbone = ViewAveraging(backbone, zooms=recipe.zooms, mirror=recipe.mirror, upside_down=recipe.upside_down)
        backbone = backbone.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # torch's stubs lack the keyword alone
        model = ImageClassifier(preprocessing, backbone)
        return TorchPredictor(
            model, input_names=(self._image.name,), outputs=("logits", "evidence"), device=device.type
        )

    def _make_preprocessing(self) -> ImagePreprocessing:
        recipe = self._recipe
        return ImagePreprocessing(
            (recipe.input_size, recipe.input_size),
            in_channels=self._image.shape[3],
            channels=recipe.channels,
            aspect=recipe.aspect,
            normalisation=recipe.normalisation,
            mean=recipe.mean,
            std=recipe.std,
            local_contrast=recipe.local_contrast,
        )

    def _make_backbone(self) -> tuple[nn.Module, str | None]:
        recipe = self._recipe
        try:
            backbone = self._backbone(self._classes, in_channels=recipe.channels, **recipe.backbone)
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                f"settings that {self._backbone.__qualname__} takes",
                found=str(error),
                remedy="Correct the recipe's backbone.",
            ) from error
        digest = None
        if recipe.pretrained is not None:
            digest = load_pretrained(backbone, Path(recipe.pretrained))
        return backbone, digest

    def _resize(self, part: Split, preprocessing: ImagePreprocessing) -> TensorData:
        """The part's pictures, 0..1; with `pad` the mask of the picture is one more channel."""
        name, channels = self._image.name, self._image.shape[3]
        if name not in part.inputs:
            raise InvalidInput(
                f"an input called {name}", found=", ".join(part.inputs), remedy="Read the data set by its own pack."
            )
        padded = self._recipe.aspect == "pad"
        size = self._recipe.input_size
        result = torch.zeros(len(part), self._recipe.channels + padded, size, size)
        for indices, batch in rectangular_parts({name: part.inputs[name]}, most=_RESIZE_BATCH):
            pictures = batch[name]
            if pictures.ndim != 4 or pictures.shape[3] != channels or pictures.dtype != np.uint8:
                raise InvalidInput(
                    f"pictures of shape (height, width, {channels}), UINT8",
                    found=f"shape {pictures.shape[1:]}, {pictures.dtype}",
                    remedy="Read the data set by its own pack.",
                )
            resized, inside = preprocessing.resize(torch.from_numpy(np.ascontiguousarray(pictures)))
            result[torch.from_numpy(indices)] = torch.cat([resized, inside], dim=1) if padded else resized
        labels = torch.from_numpy(part.labels.astype(np.int64))
        return TensorData(result, labels, picture_channels=self._recipe.channels if padded else None)


class _ResizedClassifier(nn.Module):
    """What is trained: the second half of the preprocessing, and the backbone."""

    def __init__(self, preprocessing: ImagePreprocessing, backbone: nn.Module) -> None:
        super().__init__()
        self.preprocessing = preprocessing
        self.backbone = backbone

    def forward(self, resized: Tensor) -> tuple[Tensor, Tensor]:
        """(samples, channels [+ 1 mask], height, width) to logits and evidence."""
        channels = self.preprocessing.channels
        inside = resized[:, channels:] if resized.shape[1] > channels else None
        x = self.preprocessing.normalise(resized[:, :channels], inside)
        return cast("tuple[Tensor, Tensor]", self.backbone(x))
