"""Several backbones that answer as one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class AveragingEnsemble(nn.Module):
    """The mean of the members' logits and of their evidence.

    The mean of logits is the normalised geometric mean of the members' probabilities (a product of experts; Hinton,
    Neural Computation 2002). With pooled heads the mean map still adds up to the mean logit. Members may come from
    several seeds (Lakshminarayanan et al., NeurIPS 2017) or from several moments of one training (Huang et al.,
    "Snapshot ensembles", ICLR 2017).

    Args:
        members: Backbones with the same input and the same shapes of answers; at least one.

    Raises:
        ValueError: No members.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        if not members:
            raise ValueError("expected at least one member; found none")
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Answer pictures as each member does: logits (samples, classes) and evidence (samples, classes, h, w)."""
        answers = [member(x) for member in self.members]
        logits = torch.stack([logits for logits, _ in answers]).mean(dim=0)
        evidence = torch.stack([evidence for _, evidence in answers]).mean(dim=0)
        return logits, evidence
