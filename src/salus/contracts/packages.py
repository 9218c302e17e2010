"""The model package: the only thing that passes from those who make models to those who run them.

`docs/reference/model-package.md` specifies the folder; `modelpackage` writes, verifies and opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from salus.contracts.datasets import DatasetSource
from salus.contracts.predictors import Json
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText

FORMAT_VERSION = 2
ExplainerName = Literal["evidence_map", "shapley", "event_shapley", "what_if"]


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the folder: its relative path with forward slashes, its SHA-256 (hex) and its size in bytes."""

    path: str
    sha256: str
    size: int


class Variant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One executable form of the model. Every variant has the task's signature.

    Attributes:
        name: `float32`, `int8`, `pruned` or `student`; `solver` for one that plans.
        file: Its path in the folder.
        precision: Precision of the weights in words: `FP32`, `INT8 (QDQ, U8S8)`.
        size: Bytes.
        max_abs_difference: Largest difference of a probability (or of the kind's own answer, in its unit) from the
            float32 variant on validation data.
        measure: The measure by which the forms are compared: `auroc`, `c_index`, `mae`.
        loss: By how much this variant is worse than float32 in it, on validation data; 0 for float32.
        loss_interval: Its bootstrap interval (low, high).
        within_tolerance: Whether it may be chosen.
    """

    name: str
    file: str
    precision: str
    size: int
    max_abs_difference: float
    measure: str
    loss: float
    loss_interval: tuple[float, float]
    within_tolerance: bool


class Lineage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that made the model; the same lineage gives the same package, byte for byte.

    Attributes:
        dataset: The training data's source.
        dataset_digest: SHA-256 of its content.
        samples: Number of samples by part.
        code: The version of Salus, with the commit where it is known: `0.1.0+g1a2b3c4`.
        pack: The pack's name.
        estimator: The estimator's name.
        seed: The one seed.
        recipe: Everything else that decides the result.
        allowed_findings: Checks of the quality report whose refusals were overridden.
    """

    dataset: DatasetSource
    dataset_digest: str
    samples: dict[str, int]
    code: str
    pack: str
    estimator: str
    seed: int
    recipe: dict[str, Json]
    allowed_findings: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`manifest.json`: what the folder holds and what it is for.

    Attributes:
        format_version: Version of this format.
        name: `<pack>.<task>`.
        version: A whole number as text, counted up by the registry.
        title: In words.
        task: The question that it answers.
        variants: Its executable forms.
        default_variant: Name of the one to run unless told otherwise.
        explainer: How an answer of it is explained.
        lineage: What made it.
        licence: SPDX identifier of the weights' licence, or terms in words.
        files: Every file of the folder but `manifest.json` and `signature.json`, sorted by path.
    """

    format_version: int
    name: str
    version: str
    title: LocalizedText
    task: Task
    variants: tuple[Variant, ...]
    default_variant: str
    explainer: ExplainerName
    lineage: Lineage
    licence: str
    files: tuple[FileEntry, ...]

    def variant(self, name: str) -> Variant | None:
        """The variant called `name`, or None."""
        return next((v for v in self.variants if v.name == name), None)


@dataclass(frozen=True)
class ModelPackage:
    """A package on disk that was verified when it was opened.

    Attributes:
        directory: The folder.
        manifest: What it says of itself.
        digest: SHA-256 (hex) of `manifest.json`, and through it of every file.
        signer: Fingerprint of the key that signed it; None where the trust policy let an unsigned one pass.
    """

    directory: Path
    manifest: Manifest
    digest: str
    signer: str | None

    def model_path(self, variant: str | None = None) -> Path:
        """The graph of `variant` (None: the default one).

        Raises:
            KeyError: No variant has that name.
        """
        chosen = self.manifest.variant(variant or self.manifest.default_variant)
        if chosen is None:
            raise KeyError(variant)
        return self.directory / chosen.file


class Histogram(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a quantity is distributed. `edges` has one entry more than `counts`; `missing` counts NaN."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int = 0


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`reference/reference.json`: the training distribution, for explanations and for drift.

    Attributes:
        background: Tables: up to 100 training rows, by input name; null where missing. Empty for pictures.
        inputs: Distribution of each scalar input; of pictures, of `<name>.mean` and `<name>.std` (grey levels).
        outputs: Distribution of the finding's calibrated probability on validation data, by class name.
    """

    background: dict[str, tuple[float | None, ...]]
    inputs: dict[str, Histogram]
    outputs: dict[str, Histogram]
