"""What callers meet: a named, versioned promise kept by one package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from salus.contracts.batches import Batch
from salus.contracts.explanations import Attribution
from salus.contracts.packages import Manifest, ModelPackage
from salus.contracts.predictors import Predictor
from salus.contracts.text import LocalizedText

AbstentionReason = Literal[
    "missing_value",
    "out_of_range",
    "too_little_known",
    "ambiguous",
    "unsure",
    "poor_overlap",
    "contraindicated",
]
OPTIONAL_OUTPUTS = frozenset({"evidence", "course"})
"""Outputs that are computed only when they are asked for by name."""


class InferenceBackend(Protocol):
    """An engine that runs packages."""

    name: str

    def load(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> Predictor:
        """Load one variant (None: the default one) of a verified package.

        The predictor answers every output of the signature but those of `OPTIONAL_OUTPUTS`.
        """
        ...

    def load_full(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> Predictor:
        """The same, answering every output."""
        ...


class ReplicaPool(Protocol):
    """One or more replicas of a predictor behind one door. A pool may wrap another."""

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        """Answer a rectangular batch; `full` asks for the optional outputs too.

        Raises:
            Overloaded: The queue is full.
            ServiceUnavailable: The pool is closed.
        """
        ...

    async def close(self) -> None:
        """Finish what is in flight and free the replicas. Closing twice is allowed."""
        ...


@dataclass(frozen=True)
class Caller:
    """Who asks: a name for the audit and the roles that the gateway vouches for."""

    name: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class InferenceRequest:
    """A question to a service.

    Attributes:
        inputs: By name; axis 0 counts the samples.
        request_id: The caller's id; None lets the service make one.
        outputs: Names of the outputs wanted; empty for all but the optional ones.
    """

    inputs: Batch
    request_id: str | None = None
    outputs: tuple[str, ...] = ()


class Abstention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a sample is not answered."""

    reason: AbstentionReason
    message: LocalizedText


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which model gave an answer, from which data, and how.

    Attributes:
        service: The service's name.
        package: The package's name.
        version: Its version.
        digest: Its digest.
        variant: The variant that ran.
        backend: The engine, with its version.
        dataset_digest: Digest of the training data.
        demonstration: True where the model was trained on generated data.
        reviewed: False until a person has signed the answer.
        answered_at: ISO 8601 with zone.
    """

    service: str
    package: str
    version: str
    digest: str
    variant: str
    backend: str
    dataset_digest: str
    demonstration: bool
    reviewed: bool
    answered_at: str


@dataclass(frozen=True)
class Prediction:
    """An answer.

    Attributes:
        request_id: The caller's id, or the service's.
        outputs: By name; axis 0 counts the request's samples. The rows of abstained samples hold NaN in floating
            outputs, False in Boolean and -1 in whole-number ones: an abstained sample has no answer to read. But for
            `propensity` where the reason is `poor_overlap`: it is what the abstention rests on.
        abstentions: One entry per sample: None, or why there is no answer.
        provenance: Which model answered.
        contraindications: For a choice, the names of the rules that fired, per sample; else empty.
    """

    request_id: str
    outputs: Batch
    abstentions: tuple[Abstention | None, ...]
    provenance: Provenance
    contraindications: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Explanation:
    """An answer with its reasons.

    Attributes:
        prediction: The answer.
        method: How it was explained.
        attributions: One per sample; None for abstained ones whose input could not be read.
    """

    prediction: Prediction
    method: str
    attributions: tuple[Attribution | None, ...]


@dataclass(frozen=True)
class ServiceDescription:
    """What a service says of itself.

    Attributes:
        name: Its name.
        manifest: Of the package that keeps its promise.
        digest: Of that package.
        variant: The variant that runs.
        backend: The engine, with its version.
        stage: The package's stage in the registry: `candidate`, `approved`.
        signer: Fingerprint of the key that signed the package; None where unsigned ones are trusted.
        notices: Plain statements that belong on every page of it (a demonstration, a known trap of its data).
    """

    name: str
    manifest: Manifest
    digest: str
    variant: str
    backend: str
    stage: str
    signer: str | None
    notices: tuple[LocalizedText, ...] = field(default=())


class ModelService(Protocol):
    """The promise. Every protocol of the gateway is translated into these four calls."""

    def describe(self) -> ServiceDescription:
        """What it is."""
        ...

    def ready(self) -> bool:
        """Whether it answers now."""
        ...

    async def predict(self, request: InferenceRequest, caller: Caller) -> Prediction:
        """Answer.

        Raises:
            InvalidInput: The request does not fit the signature.
            Overloaded: Try again later.
            ServiceUnavailable: Loading or draining.
        """
        ...

    async def explain(self, request: InferenceRequest, caller: Caller) -> Explanation:
        """Answer, with reasons. Raises as `predict`."""
        ...
