"""Open a package: verify all of it first, then read its parts.

Every part is compared with the manifest's digest once more when it is read, so a file that changes on disk after the
package was opened is refused instead of used.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from salus.contracts.datasets import QualityReport
from salus.contracts.errors import NotFound, PackageRejected
from salus.contracts.packages import ModelPackage, Reference
from salus.contracts.reports import Calibration, EvaluationReport
from salus.contracts.text import Language
from salus.modelpackage.encoding import Evaluation, decode_record
from salus.modelpackage.layout import (
    ANSWER,
    CALIBRATION,
    CARDS,
    EVALUATION,
    MANIFEST,
    QUALITY,
    REFERENCE,
    REQUEST,
    picture_file,
)
from salus.modelpackage.verification import check_files, check_signature, read_bounded, read_manifest
from salus.security.trust import TrustPolicy


def open_package(directory: Path, *, trust: TrustPolicy) -> ModelPackage:
    """Verify the package in `directory`, all of it, before anything in it is used.

    In this order: size and form of the manifest; the signature over its bytes; the list of files (names, number,
    sizes); the tree on disk (nothing missing, nothing beside, no links); size, SHA-256 and kind of each file.

    Raises:
        NotFound: There is no such folder.
        PackageRejected: The package is unsigned (where the policy asks), altered, truncated, too large or hostile.
    """
    if not directory.is_dir():
        raise NotFound(
            f"a package in the folder {directory.name}", found="no folder", remedy="See: salus packages list."
        )
    content = read_bounded(directory / MANIFEST, trust.max_manifest_bytes)
    signer = check_signature(directory, content, trust)
    manifest = read_manifest(content)
    check_files(directory, manifest.files, trust)
    return ModelPackage(
        directory=directory, manifest=manifest, digest=hashlib.sha256(content).hexdigest(), signer=signer
    )


def read_model(package: ModelPackage, variant: str | None = None) -> bytes:
    """The file of `variant` (None: the default one), an ONNX graph or a solver's settings, as it was verified.

    Raises:
        NotFound: No variant has that name.
        PackageRejected: The file was altered since the package was opened.
    """
    chosen = package.manifest.variant(variant or package.manifest.default_variant)
    if chosen is None:
        known = ", ".join(each.name for each in package.manifest.variants)
        raise NotFound(f"one of the variants {known}", found=f"{variant!r}", remedy="Choose one of them.")
    return _read(package, chosen.file)


def read_calibration(package: ModelPackage) -> Calibration | None:
    """How a classifier's logits become probabilities; None for a package of another kind.

    Raises PackageRejected where the file was altered or is of another form.
    """
    if package.manifest.task.kind != "classification":
        return None
    return decode_record(_read(package, CALIBRATION), Calibration, CALIBRATION)


def read_reports(package: ModelPackage) -> tuple[EvaluationReport, ...]:
    """How good the model is, a report for each part of the data. Raises as `read_calibration`."""
    return decode_record(_read(package, EVALUATION), Evaluation, EVALUATION).reports


def read_quality(package: ModelPackage) -> QualityReport:
    """What the checks of the training data found. Raises as `read_calibration`."""
    return decode_record(_read(package, QUALITY), QualityReport, QUALITY)


def read_reference(package: ModelPackage) -> Reference:
    """The training distribution. Raises as `read_calibration`."""
    return decode_record(_read(package, REFERENCE), Reference, REFERENCE)


def read_card(package: ModelPackage, language: Language) -> str:
    """The card, as Markdown. Raises as `read_calibration`."""
    return _read(package, CARDS[language]).decode("utf-8", errors="replace")


def read_example(package: ModelPackage) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request and the answer that the default variant gave: bodies of the Open Inference Protocol, version 2.

    Raises as `read_calibration`.
    """
    request = decode_record(_read(package, REQUEST), dict[str, Any], REQUEST)
    return request, decode_record(_read(package, ANSWER), dict[str, Any], ANSWER)


def list_pictures(package: ModelPackage) -> tuple[str, ...]:
    """The names of the pictures, such as `roc`, sorted."""
    paths = (entry.path for entry in package.manifest.files)
    return tuple(path[len("pictures/") : -len(".png")] for path in paths if path.startswith("pictures/"))


def read_picture(package: ModelPackage, name: str) -> bytes:
    """The picture `name`, as PNG.

    Raises:
        NotFound: There is none of that name.
        PackageRejected: The file was altered since the package was opened.
    """
    if name not in list_pictures(package):
        known = ", ".join(list_pictures(package)) or "none"
        raise NotFound(f"one of the pictures {known}", found="another name", remedy="Choose one of them.")
    return _read(package, picture_file(name))


def _read(package: ModelPackage, path: str) -> bytes:
    entry = next(entry for entry in package.manifest.files if entry.path == path)
    content = read_bounded(package.directory / path, entry.size)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise PackageRejected(
            f"the bytes of {path} that were verified", found="altered bytes", remedy="Open the package again."
        )
    return content
