"""The explainer that a package names."""

from __future__ import annotations

import numpy as np

from salus.contracts.errors import NotFound
from salus.contracts.explanations import Explainer
from salus.contracts.packages import ExplainerName, Reference
from salus.explanation.evidence_map import EvidenceMapExplainer
from salus.explanation.shapley import ShapleyExplainer


def make_explainer(name: ExplainerName, reference: Reference) -> Explainer:
    """The explainer `name`, with the background of the package's reference where it needs one.

    Raises:
        InvalidInput: `shapley` without a background.
        NotFound: No explainer has that name.
    """
    if name == "evidence_map":
        return EvidenceMapExplainer()
    if name == "shapley":
        missing_as_nan = {
            column: np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            for column, values in reference.background.items()
        }
        return ShapleyExplainer(missing_as_nan)
    raise NotFound(  # a manifest is read from a file, which may say anything
        "the explainer `evidence_map` or `shapley`", found=repr(name), remedy="Update Salus, or repair the package."
    )
