"""What the registry answers."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from salus.contracts.predictors import Json
from salus.contracts.text import LocalizedText

Stage = Literal["candidate", "approved", "retired"]
STAGES: tuple[Stage, ...] = get_args(Stage)


class PackageFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a manifest is worth listing without opening the package.

    Attributes:
        title: In words.
        task: The task's name.
        dataset: The training data's name.
        estimator: The estimator's name.
        variants: Names of the variants.
        default_variant: The one to run.
        demonstration: True where the model was trained on generated data.
    """

    title: LocalizedText
    task: str
    dataset: str
    estimator: str
    variants: tuple[str, ...]
    default_variant: str
    demonstration: bool


class PackageRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package that the registry knows.

    Attributes:
        name: `<pack>.<task>`.
        version: A whole number as text.
        digest: SHA-256 (hex) of its manifest.
        stage: `candidate`, `approved` or `retired`.
        signer: Fingerprint of the key that signed it; None where unsigned ones are trusted.
        dataset_digest: SHA-256 (hex) of the training data.
        facts: From its manifest.
        aliases: Names that point to it, sorted.
        build_record: What was measured while it was built and is not in the package: durations, machine, latencies.
        added_at: ISO 8601, UTC.
        added_by: Who added it.
    """

    name: str
    version: str
    digest: str
    stage: Stage
    signer: str | None
    dataset_digest: str
    facts: PackageFacts
    aliases: tuple[str, ...]
    build_record: dict[str, Json]
    added_at: str
    added_by: str


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that was done to a package.

    Attributes:
        at: When: ISO 8601, UTC.
        who: Who did it.
        what: `added`, `approved`, `retired`, `alias stable set`, `alias stable removed`, `deployed as <service>`,
            `undeployed from <service>`.
        why: The reason given; empty where none is asked for.
    """

    at: str
    who: str
    what: str
    why: str


class Deployment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which package keeps a service's promise: the service, the package, when (ISO 8601, UTC) and by whom."""

    service: str
    name: str
    version: str
    at: str
    who: str
