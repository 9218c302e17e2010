"""Recipes of survival models: everything that decides the result beside data and seed."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from salus.networks.survival_heads import Activation
from salus.training.recipes import NotNegative, Positive, Share

_AboveZero = Annotated[float, msgspec.Meta(gt=0)]
_SomeShare = Annotated[float, msgspec.Meta(gt=0, le=1)]
FamilyName = Literal["cox", "discrete_time", "boosting", "forest"]


class CoxRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cox's proportional hazards on standardised inputs.

    Attributes:
        ridge: Penalty on the squared coefficients, for each event.
        logarithms: Whether very skewed inputs become ln(1 + x).
        refits: Refits on weighted subjects, whose spread is the band; at least 2.
        recalibrate: Whether the curves are recalibrated on the validation part.
    """

    ridge: NotNegative = 1e-4
    logarithms: bool = False
    refits: Annotated[int, msgspec.Meta(ge=2)] = 20
    recalibrate: bool = False


class DeepSurvRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """DeepSurv (Katzman et al. 2018): a network's log-risk, trained on the whole partial likelihood at once by Adam.

    Attributes:
        hidden: Widths of the hidden layers.
        activation: `selu` or `relu`.
        dropout: Share of each hidden layer left out in training.
        learning_rate: At the first epoch.
        decay: The learning rate of epoch e is `learning_rate / (1 + e decay)`.
        momentum: Adam's beta1.
        l2: Factor of the sum of squared weights beside the sum over events of the negative log partial likelihood.
        epochs: Steps, each over all subjects.
        refits: Networks trained beside it on weighted subjects, whose spread is the band; at least 2.
        recalibrate: Whether the curves are recalibrated on the validation part.
    """

    hidden: tuple[Positive, ...] = (20, 20, 20)
    activation: Activation = "selu"
    dropout: Share = 0.078
    learning_rate: _AboveZero = 5e-4
    decay: NotNegative = 7.5e-4
    momentum: Share = 0.83
    l2: NotNegative = 1.6
    epochs: Positive = 500
    refits: Annotated[int, msgspec.Meta(ge=2)] = 4
    recalibrate: bool = True


class DiscreteTimeRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Logistic hazard (Gensheimer and Narasimhan 2019): networks on weighted subjects, averaged.

    Attributes:
        hidden: Widths of the hidden layers.
        activation: `selu` or `relu`.
        dropout: Share of each hidden layer left out in training.
        own_share: How much of each interval's logit is its own, beside what all intervals share.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        batch_size: Subjects a step.
        epochs: Most passes.
        early_stopping: Passes without a lower validation loss of any network before it stops.
        members: Networks.
    """

    hidden: tuple[Positive, ...] = (32, 32)
    activation: Activation = "relu"
    dropout: Share = 0.3
    own_share: _AboveZero = 0.3
    learning_rate: _AboveZero = 3e-3
    weight_decay: NotNegative = 0.05
    batch_size: Positive = 128
    epochs: Positive = 60
    early_stopping: Positive = 10
    members: Annotated[int, msgspec.Meta(ge=2)] = 8


class BoostingRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Boosted trees (LightGBM) on the Cox partial likelihood, fitted on weighted subjects and averaged.

    Attributes:
        rounds: Most trees of a member.
        learning_rate: What each tree's answer is multiplied by.
        leaves: Most leaves of a tree.
        samples_per_leaf: Fewest subjects of a leaf.
        row_share: Share of the subjects that each tree sees.
        column_share: Share of the inputs that each tree sees.
        l2: Penalty on the leaves' squared answers.
        early_stopping: Rounds without a lower validation loss before it stops.
        members: Boosted models.
    """

    rounds: Positive = 300
    learning_rate: _AboveZero = 0.05
    leaves: Annotated[int, msgspec.Meta(ge=2)] = 6
    samples_per_leaf: Positive = 15
    row_share: _SomeShare = 0.7
    column_share: _SomeShare = 0.7
    l2: NotNegative = 5.0
    early_stopping: Positive = 25
    members: Annotated[int, msgspec.Meta(ge=2)] = 6


class ForestRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Forests of relative-risk trees, fitted on weighted subjects and averaged.

    Attributes:
        trees: Of each member.
        samples_per_leaf: Fewest subjects of a leaf.
        column_share: Share of the inputs that a split may choose from.
        shrinkage: Subjects of average hazard that each leaf counts beside its own.
        members: Forests.
    """

    trees: Positive = 30
    samples_per_leaf: Positive = 10
    column_share: _SomeShare = 0.5
    shrinkage: NotNegative = 2.0
    members: Annotated[int, msgspec.Meta(ge=2)] = 6


class RecurrentRecipe(DiscreteTimeRecipe, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gated recurrent units over visits, trained on logistic hazards; `hidden` and `activation` have no meaning.

    Attributes:
        state: Width of the state.
        visits: Most visits that are looked at, the latest ones.
    """

    state: Positive = 24
    visits: Positive = 16
    dropout: Share = 0.3
    learning_rate: _AboveZero = 5e-3
    members: Annotated[int, msgspec.Meta(ge=2)] = 6


class EnsembleRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several families, weighted on the validation part.

    Attributes:
        families: Which.
        cox: Of `cox`.
        discrete_time: Of `discrete_time`.
        boosting: Of `boosting`.
        forest: Of `forest`.
        evenness: Penalty on the squared distance of the weights from equal ones.
    """

    families: tuple[FamilyName, ...] = ("cox", "discrete_time", "boosting", "forest")
    cox: CoxRecipe = CoxRecipe(logarithms=True, refits=10, ridge=1e-2)
    discrete_time: DiscreteTimeRecipe = DiscreteTimeRecipe()
    boosting: BoostingRecipe = BoostingRecipe()
    forest: ForestRecipe = ForestRecipe()
    evenness: NotNegative = 0.02


SurvivalRecipe = (
    CoxRecipe | DeepSurvRecipe | DiscreteTimeRecipe | BoostingRecipe | ForestRecipe | RecurrentRecipe | EnsembleRecipe
)
