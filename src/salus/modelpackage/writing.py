"""Write a package: whole or not at all, never over another, the same draft to the same bytes."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salus.contracts.datasets import QualityReport
from salus.contracts.errors import InvalidInput, PackageRejected
from salus.contracts.packages import (
    FORMAT_VERSION,
    ExplainerName,
    FileEntry,
    Lineage,
    Manifest,
    ModelPackage,
    Reference,
    Variant,
)
from salus.contracts.reports import Calibration, EvaluationReport
from salus.contracts.tasks import Task
from salus.contracts.text import LANGUAGES, LocalizedText
from salus.modelpackage.card import make_card
from salus.modelpackage.encoding import Evaluation, encode_checked, encode_record
from salus.modelpackage.folders import new_folder, write_file
from salus.modelpackage.layout import (
    ANSWER,
    CALIBRATION,
    CARDS,
    EVALUATION,
    MANIFEST,
    QUALITY,
    REFERENCE,
    REQUEST,
    SIGNATURE,
    is_name,
    is_version,
    model_file,
    picture_file,
)
from salus.modelpackage.reading import open_package
from salus.security.signing import Signer
from salus.security.trust import TrustPolicy

_PLAIN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class VariantDraft:
    """One executable form of the model, before it has a file. The fields are those of `Variant`.

    Attributes:
        name: `float32`, `int8`, `pruned` or `student`.
        precision: Precision of the weights in words: `FP32`.
        max_abs_difference: Largest difference of an answer from the float32 variant on validation data.
        measure: The measure by which the forms are compared.
        loss: By how much this variant is worse in it than float32 on validation data.
        loss_interval: Its bootstrap interval (low, high).
        within_tolerance: Whether it may be chosen.
        model: The ONNX graph, with all its weights; of a solver its settings, as JSON.
    """

    name: str
    precision: str
    max_abs_difference: float
    measure: str
    loss: float
    loss_interval: tuple[float, float]
    within_tolerance: bool
    model: bytes = field(repr=False)


@dataclass(frozen=True)
class PackageDraft:
    """Everything that goes into a package.

    Attributes:
        name: `<pack>.<task>`.
        version: A whole number as text.
        title: In words.
        task: The question.
        variants: The executable forms, the plainest (float32) first.
        default_variant: Name of the one to run; it must be within tolerance.
        explainer: How an answer is explained.
        lineage: What made it.
        licence: Of the weights.
        calibration: Of a classifier, fitted on validation data; None for other kinds.
        reports: How good it is, a report for each part.
        quality: What the checks of the data found.
        request: An example request, a body of the Open Inference Protocol, version 2, with flat data; null is NaN.
        answer: What the default variant answers to it, in the same form.
        reference: The training distribution.
        pictures: PNG files by name, such as `roc`.
    """

    name: str
    version: str
    title: LocalizedText
    task: Task
    variants: tuple[VariantDraft, ...]
    default_variant: str
    explainer: ExplainerName
    lineage: Lineage
    licence: str
    calibration: Calibration | None
    reports: tuple[EvaluationReport, ...]
    quality: QualityReport
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    reference: Reference
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for expected, found in _faults(self):
            raise InvalidInput(expected, found=found, remedy="Mend the draft of the package.")


def write_package(draft: PackageDraft, directory: Path, *, signer: Signer | None) -> ModelPackage:
    """Write `draft` to the folder `directory`, which must not exist, and open it again.

    The folder is written beside its place and renamed when it is complete and was verified. The same draft gives the
    same bytes, signature included.

    Args:
        draft: What to write.
        directory: The package's folder.
        signer: Signs the manifest; None writes an unsigned package.

    Raises:
        Conflict: Something stands at `directory`.
        InvalidInput: A record holds a figure that JSON cannot hold, or a file that the format does not allow.
    """
    files = _files(draft)
    manifest = encode_checked(_manifest(draft, files), Manifest, MANIFEST)
    with new_folder(directory) as folder:
        for path, content in files.items():
            write_file(folder / path, content)
        write_file(folder / MANIFEST, manifest)
        if signer is not None:
            write_file(folder / SIGNATURE, encode_record(signer.sign(manifest)))
        try:
            open_package(folder, trust=_own_trust(signer))
        except PackageRejected as error:
            raise InvalidInput(error.expected, found=error.found, remedy="Mend the draft of the package.") from error
    return open_package(directory, trust=_own_trust(signer))


def sign_package(directory: Path, *, signer: Signer, trust: TrustPolicy) -> ModelPackage:
    """Sign the package in `directory`, in place of the signature that it may have. Its digest stays.

    Args:
        directory: The package's folder.
        signer: Signs the manifest.
        trust: Decides whether the package may be opened as it is; to sign an unsigned one, it must let those pass.

    Raises:
        PackageRejected: The package is not one that `trust` lets pass.
    """
    package = open_package(directory, trust=trust)
    manifest = (directory / MANIFEST).read_bytes()
    if hashlib.sha256(manifest).hexdigest() != package.digest:
        raise PackageRejected("the manifest that was verified", found="another one", remedy="Try again.")
    draft = directory.with_name(f".{directory.name}.{secrets.token_hex(8)}.signature")
    write_file(draft, encode_record(signer.sign(manifest)))
    draft.replace(directory / SIGNATURE)
    return open_package(directory, trust=_own_trust(signer))


def _files(draft: PackageDraft) -> dict[str, bytes]:
    """Every file but the manifest and the signature, by path."""
    bare = _manifest(draft, {})
    files = {
        EVALUATION: encode_checked(Evaluation(draft.reports), Evaluation, EVALUATION),
        QUALITY: encode_checked(draft.quality, QualityReport, QUALITY),
        REFERENCE: encode_checked(draft.reference, Reference, REFERENCE),
        REQUEST: encode_record(draft.request),
        ANSWER: encode_record(draft.answer),
    }
    if draft.calibration is not None:
        files[CALIBRATION] = encode_checked(draft.calibration, Calibration, CALIBRATION)
    for language in LANGUAGES:
        card = make_card(
            bare, reports=draft.reports, calibration=draft.calibration, quality=draft.quality, language=language
        )
        files[CARDS[language]] = card.encode("utf-8")
    files.update({model_file(variant.name): variant.model for variant in draft.variants})
    files.update({picture_file(name): content for name, content in draft.pictures.items()})
    return dict(sorted(files.items()))


def _manifest(draft: PackageDraft, files: Mapping[str, bytes]) -> Manifest:
    return Manifest(
        format_version=FORMAT_VERSION,
        name=draft.name,
        version=draft.version,
        title=draft.title,
        task=draft.task,
        variants=tuple(
            Variant(
                name=variant.name,
                file=model_file(variant.name),
                precision=variant.precision,
                size=len(variant.model),
                max_abs_difference=variant.max_abs_difference,
                measure=variant.measure,
                loss=variant.loss,
                loss_interval=variant.loss_interval,
                within_tolerance=variant.within_tolerance,
            )
            for variant in draft.variants
        ),
        default_variant=draft.default_variant,
        explainer=draft.explainer,
        lineage=draft.lineage,
        licence=draft.licence,
        files=tuple(
            FileEntry(path, hashlib.sha256(content).hexdigest(), len(content)) for path, content in files.items()
        ),
    )


def _faults(draft: PackageDraft) -> Iterator[tuple[str, str]]:
    """What is wrong with a draft: expected, found."""
    variants = {variant.name: variant for variant in draft.variants}
    default = variants.get(draft.default_variant)
    if not is_name(draft.name):
        yield "a name such as 'chest_xray.pneumonia'", repr(draft.name)
    if not is_version(draft.version):
        yield "a version that is a whole number from 1 on", repr(draft.version)
    if len(variants) != len(draft.variants) or not all(_PLAIN.fullmatch(name) for name in variants):
        yield "variants with plain names, each once", ", ".join(variant.name for variant in draft.variants)
    if default is None or not default.within_tolerance:
        yield "a default variant that is listed and within tolerance", repr(draft.default_variant)
    if not all(_PLAIN.fullmatch(name) for name in draft.pictures):
        yield "pictures with plain names", ", ".join(sorted(draft.pictures))
    if (draft.calibration is not None) != (draft.task.kind == "classification"):
        yield "a calibration for a classifier and for nothing else", f"a task of the kind {draft.task.kind}"
    if not draft.reports:
        yield "at least one report", "none"
    for body, kind, known in (
        (draft.request, "inputs", {spec.name for spec in draft.task.signature.inputs}),
        (draft.answer, "outputs", {spec.name for spec in draft.task.signature.outputs}),
    ):
        names = [tensor.get("name") for tensor in body.get(kind, ())]
        if not names or not set(names) <= known:
            yield f"an example with {kind} of the signature", f"{names}"


def _own_trust(signer: Signer | None) -> TrustPolicy:
    return TrustPolicy(require_signature=False) if signer is None else TrustPolicy.trusting([signer.public_key])
