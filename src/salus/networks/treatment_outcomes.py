"""Expected outcomes under each option, by every member of an ensemble: FP32 (samples, members, options)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from salus.networks.treatment_members import MemberPerceptrons


class SingleModelOutcomes(nn.Module):
    """S-learner: one regression over the features and the option (one-hot, without the first), asked for each option.

    Args:
        model: (samples, features + options - 1) to (samples, members).
        options: How many.
    """

    def __init__(self, model: nn.Module, *, options: int) -> None:
        super().__init__()
        self.model = model
        self._options = options

    def forward(self, x: Tensor, propensity: Tensor) -> Tensor:  # noqa: ARG002 - all outcomes are asked alike
        """(samples, features) to (samples, members, options)."""
        outcomes = []
        for option in range(self._options):
            given = torch.zeros_like(x[:, :1]).expand(-1, self._options - 1)
            if option:
                given = given + torch.nn.functional.one_hot(torch.tensor(option - 1), self._options - 1).to(x.dtype)
            outcomes.append(self.model(torch.cat([x, given], dim=1)))
        return torch.stack(outcomes, dim=2)


class ModelPerOptionOutcomes(nn.Module):
    """T-learner: a regression for each option, fitted on those who were given it.

    Args:
        models: One an option, (samples, features) to (samples, members) each.
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)

    def forward(self, x: Tensor, propensity: Tensor) -> Tensor:  # noqa: ARG002 - all outcomes are asked alike
        """(samples, features) to (samples, members, options)."""
        return torch.stack([model(x) for model in self.models], dim=2)


class EffectOutcomes(nn.Module):
    """Outcomes from an expected outcome regardless of option, m(x), and effects t_k(x): X- and DR-learner.

    Those who are given option k by chance e_k(x) have E[Y | x] = m(x), so that

        outcome_k(x) = m(x) + t_k(x) - sum_j e_j(x) t_j(x),    t_0 = 0

    (Robinson's decomposition, Econometrica 56:931-954, 1988; Nie and Wager, Biometrika 108:299-319, 2021).

    Args:
        marginal: m, (samples, features) to (samples, members).
        effects: Of options 1, 2, …; each is one module, or a pair (from the option's own samples, from those of the
            first option) that is weighed by propensity as Künzel et al. (PNAS 116:4156-4165, 2019) propose:
            t = g t_first + (1 - g) t_own with g = e_k / (e_0 + e_k).
    """

    def __init__(self, marginal: nn.Module, effects: Sequence[nn.Module | tuple[nn.Module, nn.Module]]) -> None:
        super().__init__()
        self.marginal = marginal
        self.effects = nn.ModuleList(
            nn.ModuleList(effect if isinstance(effect, tuple) else (effect,)) for effect in effects
        )

    def forward(self, x: Tensor, propensity: Tensor) -> Tensor:
        """(samples, features) and (samples, options) to (samples, members, options)."""
        expected: Tensor = self.marginal(x)
        effects: list[Tensor] = [torch.zeros_like(expected)]
        for option, models in enumerate(self.effects, start=1):
            told: list[Tensor] = [model(x) for model in models.children()]
            if len(told) == 2:
                share = propensity[:, option] / (propensity[:, 0] + propensity[:, option])
                told = [share.unsqueeze(1) * told[1] + (1.0 - share.unsqueeze(1)) * told[0]]
            effects.append(told[0])
        each = torch.stack(effects, dim=2)
        average = (each * propensity.unsqueeze(1)).sum(dim=2, keepdim=True)
        return expected.unsqueeze(2) + each - average


class RepresentationOutcomes(nn.Module):
    """TARNet: a representation shared by the options, and a head for each (Shalit, Johansson, Sontag, ICML 2017).

    CFR is the same network, fitted so that the options' representations are alike.

    Args:
        members: Networks, computed together.
        features: Length of the input.
        options: How many heads.
        representation: Widths of its layers.
        head: Widths of each head's hidden layers.
        generator: Draws the weights.
        spread: Of the first weights, as `MemberPerceptrons` has it.
    """

    centre: Tensor
    spread: Tensor

    def __init__(
        self,
        members: int,
        features: int,
        *,
        options: int,
        representation: Sequence[int],
        head: Sequence[int],
        generator: torch.Generator,
        spread: float = 1.0,
    ) -> None:
        super().__init__()
        self.representation = MemberPerceptrons(
            members,
            [features, *representation],
            generator=generator,
            activate_last=True,
            shared_input=True,
            spread=spread,
        )
        self.heads = nn.ModuleList(
            MemberPerceptrons(members, [representation[-1], *head, 1], generator=generator, spread=spread)
            for _ in range(options)
        )
        self.register_buffer("centre", torch.zeros(members))
        self.register_buffer("spread", torch.ones(members))

    def represent(self, x: Tensor) -> Tensor:
        """(samples, features), or (members, samples, features), to (members, samples, width)."""
        represented: Tensor = self.representation(x)
        return represented

    def standardised(self, represented: Tensor) -> Tensor:
        """(members, samples, width) to (members, samples, options), in spreads from each member's centre."""
        outcomes = [head(represented) for head in self.heads]
        return torch.cat(outcomes, dim=2)

    def forward(self, x: Tensor, propensity: Tensor) -> Tensor:  # noqa: ARG002 - all outcomes are asked alike
        """(samples, features) to (samples, members, options)."""
        outcomes = self.standardised(self.represent(x)).transpose(0, 1)
        return outcomes * self.spread.unsqueeze(1) + self.centre.unsqueeze(1)
