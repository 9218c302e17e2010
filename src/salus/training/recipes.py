"""Everything that decides a training's result beside data and seed, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, cast

import msgspec

from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Json
from salus.networks.preprocessing import Aspect, Normalisation
from salus.training.augmentation import Augmentation
from salus.training.schedules import OneCycle, Schedule

Mode = Literal["sgd", "mini_batch", "full_batch"]
OptimiserName = Literal["sgd", "momentum", "nesterov", "adam", "adamw"]
Selection = Literal["validation_loss", "auroc", "last"]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]


class TrainingRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a module is trained.

    Attributes:
        epochs: Passes over the training part.
        mode: `sgd` takes one sample a step, `mini_batch` takes `batch_size`, `full_batch` all of them.
        batch_size: Samples a step; a last batch that is smaller is used too, but for one of a single sample.
        optimiser: `sgd`, `momentum`, `nesterov`, `adam` or `adamw`.
        learning_rate: At the schedule's factor 1.
        momentum: Of `momentum` and `nesterov`, and beta1 of `adam` and `adamw`.
        beta2: Of `adam` and `adamw`.
        schedule: How the learning rate moves.
        weight_decay: As the optimiser has it: decoupled in `adamw`, an L2 gradient elsewhere. Biases and norms are
            left out.
        l1: Factor of sum |w| in the loss, over the same weights.
        l2: Factor of sum w^2 / 2 in the loss, over the same weights.
        label_smoothing: Share of the target that is spread over all classes.
        class_weighting: `balanced` weighs each class by samples / (classes x its samples).
        gradient_clip: Largest norm of the whole gradient; None leaves it.
        augmentations: Applied in order to each training batch.
        mixup: Alpha of mixup; 0 leaves it out.
        cutmix: Alpha of cutmix; 0 leaves it out. With both, each batch takes one of them by even chance.
        ema_decay: Decay of the moving average of the weights that is validated and kept; None has none.
        early_stopping: Epochs without a better selection measure before training stops; None never stops.
        selection: Which epoch's weights are kept: that of the lowest validation loss, of the highest validation
            AUROC, or the last.
        channels_last: Keep pictures with channels innermost, which is faster on most hardware.
        precision: `bfloat16` computes convolutions and products with 8 significant bits (weights, sums and the loss
            stay FP32): about twice as fast where the hardware knows it, slower where it does not.
        threads: Most CPU threads, but no more than torch has; fixed, since the last bits of a sum depend on their
            number. None takes what torch has.
    """

    epochs: Positive = 20
    mode: Mode = "mini_batch"
    batch_size: Positive = 64
    optimiser: OptimiserName = "adamw"
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 1e-3
    momentum: Share = 0.9
    beta2: Share = 0.999
    schedule: Schedule = OneCycle()
    weight_decay: NotNegative = 0.0
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    label_smoothing: Share = 0.0
    class_weighting: Literal["none", "balanced"] = "none"
    gradient_clip: Annotated[float, msgspec.Meta(gt=0)] | None = None
    augmentations: tuple[Augmentation, ...] = ()
    mixup: NotNegative = 0.0
    cutmix: NotNegative = 0.0
    ema_decay: Share | None = None
    early_stopping: Positive | None = None
    selection: Selection = "validation_loss"
    channels_last: bool = False
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: Positive | None = 2


class ImageRecipe(TrainingRecipe, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an image classifier is made: the training, and the module around the backbone.

    Attributes:
        input_size: Height and width in pixels that the backbone sees.
        channels: Channels that it sees: 1 or 3.
        aspect: `stretch` or `pad`.
        normalisation: `per_image` or `fixed`.
        mean: For `fixed`, of pictures scaled to 0..1.
        std: Likewise.
        local_contrast: Window in pixels of local contrast normalisation; None leaves it out.
        members: Networks that are trained from seeds of their own and averaged.
        backbone: Keyword arguments of the backbone's factory.
        zooms: Views that the finished network looks at and averages (see `networks.view_averaging`): central cut-outs
            by their share of the side; 1 is the whole picture.
        mirror: Whether each view is also seen mirrored left for right.
        upside_down: Whether each view is also seen mirrored top for bottom.
        pretrained: A safetensors file of backbone weights to begin from; None begins from chance.
    """

    input_size: Positive = 28
    channels: Literal[1, 3] = 1
    aspect: Aspect = "stretch"
    normalisation: Normalisation = "per_image"
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.25,)
    local_contrast: Positive | None = None
    members: Positive = 1
    backbone: dict[str, Any] = {}
    zooms: tuple[Annotated[float, msgspec.Meta(gt=0, le=1)], ...] = (1.0,)
    mirror: bool = False
    upside_down: bool = False
    pretrained: str | None = None


RecipeT = TypeVar("RecipeT", bound=msgspec.Struct)


def override_recipe(recipe: RecipeT, values: Mapping[str, Json]) -> RecipeT:
    """The recipe with some of its values replaced.

    Args:
        recipe: Stays as it is.
        values: By name, as JSON has them. Names of a recipe's `backbone` may be given directly.

    Raises:
        InvalidInput: A name is unknown or a value does not fit.
    """
    own = describe_recipe(recipe)
    inner = own.get("backbone")
    nested = dict(inner) if isinstance(inner, dict) else {}
    for name, value in values.items():
        if name in own:
            own[name] = value
        elif name in nested:
            nested[name] = value
        else:
            raise InvalidInput(
                "hyperparameters among " + ", ".join(sorted([*own, *nested])),
                found=repr(name),
                remedy="Leave it out or correct its name.",
            )
    if nested and "backbone" not in values:
        own["backbone"] = cast("Json", nested)
    try:
        return msgspec.convert(own, type(recipe))
    except msgspec.ValidationError as error:
        raise InvalidInput(
            "hyperparameters of the recipe's types and ranges",
            found=str(error),
            remedy="Correct the value.",
        ) from error


def describe_recipe(recipe: msgspec.Struct) -> dict[str, Json]:
    """The recipe as JSON has it: lists, no tuples."""
    return cast("dict[str, Json]", msgspec.json.decode(msgspec.json.encode(recipe)))
