"""The FHIR R4 resources that are written, as values: their elements, types, cardinalities and required codes.

Only elements that this house writes are here. `write_resource` checks each resource against these types and against
the standard's invariants that touch them before it is let out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from salus.contracts.errors import SalusError

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
Text = Annotated[str, Meta(pattern=r"\S")]
Uri = Annotated[str, Meta(pattern=r"^\S+$")]
Token = Annotated[str, Meta(pattern=r"^[^\s]+(\s[^\s]+)*$")]
Instant = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")]
Decimal = float
Percentage = Annotated[float, Meta(ge=0.0, le=100.0)]
ResultStatus = Literal["preliminary", "final"]


class _Element(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """Members that are absent are not written: FHIR knows no null and no empty list."""


class Extension(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/extensibility.html#Extension."""

    url: Uri
    extension: tuple[Extension, ...] = ()
    value_code: Token | None = None
    value_string: Text | None = None


class Extended(_Element, frozen=True, kw_only=True):
    """The extensions of a primitive element, written under its name with an underscore."""

    extension: tuple[Extension, ...]


class Narrative(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/narrative.html."""

    status: Literal["generated"]
    div: Text


class Coding(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#Coding."""

    system: Uri | None = None
    code: Token
    display: Text | None = None


class CodeableConcept(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#CodeableConcept."""

    coding: tuple[Coding, ...] = ()
    text: Text
    text_extended: Extended | None = msgspec.field(default=None, name="_text")


class Quantity(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#Quantity, with its unit in UCUM."""

    value: Decimal
    unit: Text
    system: Literal["http://unitsofmeasure.org"]
    code: Token


class Range(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#Range."""

    low: Quantity
    high: Quantity


class Period(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#Period."""

    start: Instant
    end: Instant


class Identifier(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#Identifier."""

    type: CodeableConcept | None = None
    value: Text


class Reference(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/references.html#Reference."""

    extension: tuple[Extension, ...] = ()
    reference: Text | None = None
    display: Text | None = None


class Annotation(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/datatypes.html#Annotation."""

    text: Text


class RelatedArtifact(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/metadatatypes.html#RelatedArtifact."""

    type: Literal["documentation", "justification", "citation"]
    display: Text | None = None
    citation: Text | None = None


class Expression(_Element, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/metadatatypes.html#Expression."""

    description: Text
    description_extended: Extended | None = msgspec.field(default=None, name="_description")
    language: Literal["text/fhirpath"]
    expression: Text


class Condition(_Element, frozen=True, kw_only=True):
    """RequestGroup.action.condition."""

    kind: Literal["applicability"]
    expression: Expression


class Action(_Element, frozen=True, kw_only=True):
    """RequestGroup.action."""

    prefix: Text | None = None
    title: Text
    title_extended: Extended | None = msgspec.field(default=None, name="_title")
    description: Text
    description_extended: Extended | None = msgspec.field(default=None, name="_description")
    code: tuple[CodeableConcept, ...] = ()
    documentation: tuple[RelatedArtifact, ...] = ()
    condition: tuple[Condition, ...] = ()
    grouping_behavior: Literal["logical-group"] | None = None
    selection_behavior: Literal["at-most-one"] | None = None
    resource: Reference | None = None
    action: tuple[Action, ...] = ()


class Named(_Element, frozen=True, kw_only=True):
    """Device.deviceName."""

    name: Text
    type: Literal["model-name", "user-friendly-name"]


class Versioned(_Element, frozen=True, kw_only=True):
    """Device.version."""

    type: CodeableConcept
    value: Text


class _Resource(_Element, frozen=True, kw_only=True, tag_field="resourceType"):
    """What has a type and may have an id."""

    id: Id | None = None


class Device(_Resource, frozen=True, kw_only=True, tag="Device"):
    """https://hl7.org/fhir/R4/device.html: the model that answered."""

    identifier: tuple[Identifier, ...]
    status: Literal["active"]
    device_name: tuple[Named, ...]
    type: CodeableConcept
    version: tuple[Versioned, ...]
    note: tuple[Annotation, ...] = ()


class RequestGroup(_Resource, frozen=True, kw_only=True, tag="RequestGroup"):
    """https://hl7.org/fhir/R4/requestgroup.html: the options."""

    status: Literal["draft"]
    intent: Literal["proposal"]
    code: CodeableConcept
    subject: Reference | None = None
    authored_on: Instant
    author: Reference
    note: tuple[Annotation, ...] = ()
    action: tuple[Action, ...]


class Parameter(_Element, frozen=True, kw_only=True):
    """Parameters.parameter, with one value."""

    name: Text
    value_quantity: Quantity | None = None
    value_range: Range | None = None
    value_decimal: Decimal | None = None


class Parameters(_Resource, frozen=True, kw_only=True, tag="Parameters"):
    """https://hl7.org/fhir/R4/parameters.html: numbers that a guidance answers."""

    parameter: tuple[Parameter, ...]


class Issue(_Element, frozen=True, kw_only=True):
    """OperationOutcome.issue."""

    severity: Literal["fatal", "error", "warning", "information"]
    code: Token
    details: CodeableConcept
    diagnostics: Text | None = None


class OperationOutcome(_Resource, frozen=True, kw_only=True, tag="OperationOutcome"):
    """https://hl7.org/fhir/R4/operationoutcome.html."""

    issue: tuple[Issue, ...]


Contained = Device | RequestGroup | Parameters | OperationOutcome


class RiskPrediction(_Element, frozen=True, kw_only=True):
    """RiskAssessment.prediction; the probability is a percentage, as the standard asks."""

    outcome: CodeableConcept
    probability_decimal: Percentage
    when_period: Period | None = None
    when_range: Range | None = None
    rationale: Text | None = None


class RiskAssessment(_Resource, frozen=True, kw_only=True, tag="RiskAssessment"):
    """https://hl7.org/fhir/R4/riskassessment.html."""

    text: Narrative
    contained: tuple[Contained, ...]
    status: ResultStatus
    method: CodeableConcept
    code: CodeableConcept
    subject: Reference
    occurrence_date_time: Instant
    performer: Reference
    basis: tuple[Reference, ...] = ()
    prediction: tuple[RiskPrediction, ...] = ()
    note: tuple[Annotation, ...] = ()


class GuidanceResponse(_Resource, frozen=True, kw_only=True, tag="GuidanceResponse"):
    """https://hl7.org/fhir/R4/guidanceresponse.html."""

    text: Narrative
    contained: tuple[Contained, ...]
    request_identifier: Identifier
    module_codeable_concept: CodeableConcept
    status: Literal["success", "data-required"]
    subject: Reference | None = None
    occurrence_date_time: Instant
    performer: Reference
    note: tuple[Annotation, ...] = ()
    evaluation_message: tuple[Reference, ...] = ()
    output_parameters: Reference | None = None
    result: Reference | None = None


class Entry(_Element, frozen=True, kw_only=True):
    """Bundle.entry."""

    full_url: Uri
    resource: RiskAssessment | GuidanceResponse


class Bundle(_Resource, frozen=True, kw_only=True, tag="Bundle"):
    """https://hl7.org/fhir/R4/bundle.html: answers to several samples."""

    type: Literal["collection"]
    timestamp: Instant
    entry: tuple[Entry, ...]


Written = RiskAssessment | GuidanceResponse | Bundle | OperationOutcome


def write_resource(resource: Written) -> dict[str, Any]:
    """The resource as JSON values, checked: conformant or not sent.

    Checked are the types of all elements, their cardinalities and required codes, that no list or text is empty, that
    numbers are finite, that each contained resource is referred to and each reference into it leads somewhere (dom-3,
    ref-1), and that an action has either a resource or actions (rqg-1).

    Raises:
        SalusError: It is not conformant, which is a fault of this house.
    """
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(resource))
    try:
        msgspec.convert(document, type(resource))
    except msgspec.ValidationError as error:
        raise _not_conformant(str(error)) from None
    for place, value in _walk(document, "$"):
        if value is None or value in ("", [], {}):
            raise _not_conformant(f"an empty or infinite element at {place}")
    for inner in [entry["resource"] for entry in document.get("entry", [])] or [document]:
        _check_references(inner)
    return document


def _check_references(resource: dict[str, Any]) -> None:
    contained = {inner["id"] for inner in resource.get("contained", []) if "id" in inner}
    if len(contained) != len(resource.get("contained", [])):
        raise _not_conformant("contained resources without ids of their own")
    references = {
        value["reference"][1:]
        for _, value in _walk(resource, "$")
        if isinstance(value, dict) and str(value.get("reference", "")).startswith("#")
    }
    if references != contained:
        raise _not_conformant("contained resources and references to them that do not match")
    for place, value in _walk(resource, "$"):
        is_action = isinstance(value, dict) and place.rpartition(".")[2].startswith("action[")
        if is_action and ("resource" in value) == ("action" in value):
            raise _not_conformant(f"an action with both or neither of resource and action at {place}")


def _walk(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every element with its place."""
    yield place, value
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from _walk(element, f"{place}[{index}]")
    elif isinstance(value, dict):
        for name, element in value.items():
            yield from _walk(element, f"{place}.{name}")


def _not_conformant(found: str) -> SalusError:
    return SalusError("a resource that conforms to FHIR R4", found=found, remedy="Report this as a fault of Salus.")
