"""What decides how an estimator of observations in time is made, beside data and seed."""

from __future__ import annotations

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Rate = Annotated[float, msgspec.Meta(gt=0)]


class ShorteningRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model learns to judge what is known early.

    Each sample is also learned from as if nothing were known after a time drawn evenly from `earliest` to its last
    observation; otherwise features such as counts would look alien in the first hours.

    Attributes:
        copies: Shortened copies of each sample.
        copy_weight: Weight of a copy; that of the whole sample is 1.
        earliest: Earliest time that is drawn.
        recent: Length of the recent part of the summary.
    """

    copies: Annotated[int, msgspec.Meta(ge=0)] = 3
    copy_weight: Share = 0.3
    earliest: Rate = 3.0
    recent: Rate = 12.0


class LogisticRecipe(ShorteningRecipe, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Logistic regression on the summary's features.

    Attributes:
        inverse_penalty: C of the ridge penalty.
        tail: Share of each tail of a feature's values that is drawn in to the tail's edge.
        iterations: Most iterations of the solver.
    """

    inverse_penalty: Rate = 0.002
    tail: Annotated[float, msgspec.Meta(ge=0, lt=0.5)] = 0.01
    iterations: Positive = 2000


class BoostedEventRecipe(ShorteningRecipe, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gradient-boosted trees (LightGBM) on the summary's features; a fixed number of trees.

    Attributes:
        rounds: Trees.
        learning_rate: What each tree's answer is multiplied by.
        leaves: Most leaves of a tree.
        samples_per_leaf: Fewest samples of a leaf.
        row_share: Share of the rows that each tree sees.
        column_share: Share of the features that each tree sees.
        l2: Penalty on the squares of the leaves' answers.
    """

    rounds: Positive = 600
    learning_rate: Rate = 0.03
    leaves: Annotated[int, msgspec.Meta(ge=2)] = 8
    samples_per_leaf: Positive = 30
    row_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.7
    column_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.1
    l2: Annotated[float, msgspec.Meta(ge=0)] = 10.0


class NetworkRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a network of observations is trained: AdamW, one cycle, a moving average of the weights.

    Attributes:
        epochs: Passes over the training part; a fixed number.
        batch_size: Samples a step.
        learning_rate: The cycle's peak, reached after `warm_up` of the steps.
        warm_up: Share of the steps.
        weight_decay: Of AdamW.
        clip_norm: Largest norm of the gradient.
        average: Largest decay of the moving average, whose weights are kept.
        dropout: In the network.
    """

    epochs: Positive = 9
    batch_size: Positive = 64
    learning_rate: Rate = 3e-3
    warm_up: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.2
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 1e-3
    clip_norm: Rate = 1.0
    average: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.97
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.3


class GruDecayRecipe(NetworkRecipe, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GRU-D.

    Attributes:
        hidden: Width of the state.
        course_share: Share of the loss that is taken over every hour (weights rising from 0.2 to 1), so that the
            course is learned; the rest is that of the last hour.
        left_out: Share of the hourly values that training leaves out.
    """

    hidden: Positive = 64
    course_share: Share = 0.5
    left_out: Share = 0.1


class EventTransformerRecipe(NetworkRecipe, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Transformer over observations.

    Attributes:
        width: Of a token.
        heads: Of each attention.
        layers: How many.
        queries: How many learned queries.
        shortened_share: Share of the samples of a step that are shortened at a random time.
        earliest: Earliest such time.
        left_out: Most observations that a step leaves out, as a share; how many is drawn anew each time.
        most_observations: Of a sample in a training step; more are thinned out at random.
    """

    epochs: Positive = 6
    batch_size: Positive = 32
    learning_rate: Rate = 2e-3
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 1e-2
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.2
    width: Positive = 48
    heads: Positive = 4
    layers: Positive = 2
    queries: Positive = 8
    shortened_share: Share = 0.5
    earliest: Rate = 3.0
    left_out: Share = 0.3
    most_observations: Positive = 128


class MemberWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each member's log-odds count; they are divided by their sum, and a member of weight 0 is not made."""

    logistic: Share = 0.0
    gradient_boosting: Share = 0.5
    gru_decay: Share = 0.5
    event_transformer: Share = 0.0


class EventEnsembleRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Members whose log-odds are averaged.

    Attributes:
        logistic: The member's own recipe.
        gradient_boosting: The member's own recipe.
        gru_decay: The member's own recipe.
        event_transformer: The member's own recipe.
        weights: By member.
    """

    logistic: LogisticRecipe = LogisticRecipe()
    gradient_boosting: BoostedEventRecipe = BoostedEventRecipe()
    gru_decay: GruDecayRecipe = GruDecayRecipe()
    event_transformer: EventTransformerRecipe = EventTransformerRecipe()
    weights: MemberWeights = MemberWeights()


EventRecipe = LogisticRecipe | BoostedEventRecipe | GruDecayRecipe | EventTransformerRecipe | EventEnsembleRecipe
