"""The elements that every written answer shares: concepts, quantities, the model as a device, narrative, notes."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.services import Prediction, Provenance
from salus.contracts.tasks import Task
from salus.contracts.tensors import Code
from salus.contracts.text import LocalizedText
from salus.standards.fhir.resources import (
    Annotation,
    CodeableConcept,
    Coding,
    Device,
    Extended,
    Extension,
    Identifier,
    Named,
    Narrative,
    Quantity,
    Range,
    Reference,
    Versioned,
)

MODEL = Reference(reference="#model")
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_DIGITS = 6
_NOT_REVIEWED = LocalizedText("Preliminary: no person has reviewed this answer.", "初步结果：尚未经人工审核。")
_DEMONSTRATION = LocalizedText(
    "Demonstration: the model was trained on generated data.", "演示：模型由生成数据训练而成。"
)


def translate(text: LocalizedText) -> Extended:
    """The Chinese words beside the English ones (the standard's extension `translation`)."""
    parts = (Extension(url="lang", value_code="zh"), Extension(url="content", value_string=text.zh))
    return Extended(extension=(Extension(url=_TRANSLATION, extension=parts),))


def make_concept(text: LocalizedText, code: Code | None = None) -> CodeableConcept:
    """A concept with its words in both languages, and its code where it has one."""
    coding = () if code is None else (Coding(system=code.system, code=code.value, display=code.display or None),)
    return CodeableConcept(coding=coding, text=text.en, text_extended=translate(text))


def make_quantity(value: float, unit: str) -> Quantity:
    """A number in a UCUM unit."""
    return Quantity(value=tidy(value), unit=unit, system="http://unitsofmeasure.org", code=unit)


def make_range(low: float, high: float, unit: str) -> Range | None:
    """From low to high in a UCUM unit; None where one of them is unknown."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    return Range(low=make_quantity(low, unit), high=make_quantity(high, unit))


def tidy(value: float) -> float:
    """A number with the six digits that FP32 is good for."""
    return float(f"{float(value):.{_DIGITS}g}")


def make_subject(reference: str | None) -> Reference:
    """The patient; where nobody is named, a reference that says so."""
    if reference is not None:
        return Reference(reference=reference)
    return Reference(extension=(Extension(url=_ABSENT, value_code="unknown"),))


def make_device(provenance: Provenance, task: Task) -> Device:
    """The model that answered, by package, version and digest."""
    versions = (
        ("package version", provenance.version),
        ("form", provenance.variant),
        ("engine", provenance.backend),
        ("digest of the training data (SHA-256)", provenance.dataset_digest),
    )
    return Device(
        id="model",
        identifier=(
            Identifier(type=CodeableConcept(text="digest of the model package (SHA-256)"), value=provenance.digest),
        ),
        status="active",
        device_name=(
            Named(name=provenance.package, type="model-name"),
            Named(name=task.title.en, type="user-friendly-name"),
        ),
        type=CodeableConcept(text="software: a trained model"),
        version=tuple(Versioned(type=CodeableConcept(text=kind), value=value) for kind, value in versions if value),
        note=make_notes([_DEMONSTRATION]) if provenance.demonstration else (),
    )


def make_method(provenance: Provenance) -> CodeableConcept:
    """The model's name and version in one line."""
    return CodeableConcept(text=f"{provenance.package} version {provenance.version} ({provenance.variant})")


def make_narrative(lines: Sequence[LocalizedText]) -> Narrative:
    """The lines as paragraphs, English first, Chinese after."""
    paragraphs = [
        f'<p lang="{language}">{escape(line.in_language(language))}</p>' for language in ("en", "zh") for line in lines
    ]
    return Narrative(status="generated", div=f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(paragraphs)}</div>')


def make_notes(texts: Sequence[LocalizedText]) -> tuple[Annotation, ...]:
    """Each text in English, then in Chinese."""
    return tuple(Annotation(text=text.in_language(language)) for language in ("en", "zh") for text in texts)


def standing_notes(task: Task, provenance: Provenance) -> tuple[LocalizedText, ...]:
    """What is said on every answer: that nobody reviewed it, that it is a demonstration, its limits."""
    return (
        *(() if provenance.reviewed else (_NOT_REVIEWED,)),
        *((_DEMONSTRATION,) if provenance.demonstration else ()),
        task.limits,
    )


def name_answer(prediction: Prediction, index: int) -> str:
    """The answer's id: the same request's same sample has the same."""
    provenance = prediction.provenance
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{provenance.service}/{prediction.request_id}/{index}"))


def take_row(outputs: Mapping[str, Array], name: str, index: int) -> Array:
    """A sample's row of an output that the answer cannot do without.

    Raises:
        InvalidInput: The prediction does not hold it.
    """
    found = outputs.get(name)
    if found is None:
        raise InvalidInput(
            f"a prediction with the output {name!r}", found=f"{len(outputs)} others", remedy="Ask for every output."
        )
    return np.asarray(found[index])


def find_row(outputs: Mapping[str, Array], name: str, index: int) -> Array | None:
    """A sample's row of an output, or None where the prediction does not hold it."""
    found = outputs.get(name)
    return None if found is None else np.asarray(found[index])
