"""The parts of FHIR R4 resources that are read, and how a document is taken apart.

Elements that are not named here are not looked at, except those that change the meaning of what is
(`modifierExtension`, `implicitRules`: https://hl7.org/fhir/R4/extensibility.html#modifierExtension).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from salus.contracts.errors import InvalidInput, UnsupportedInput

_BUNDLES = frozenset({"collection", "searchset", "document", "message", "batch", "transaction"})


class _Part(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Unknown members are passed over."""


class Coding(_Part, frozen=True, kw_only=True):
    """A code of a terminology."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(_Part, frozen=True, kw_only=True):
    """Codes for one concept, and its words."""

    coding: tuple[Coding, ...] = ()
    text: str | None = None


class Quantity(_Part, frozen=True, kw_only=True):
    """A number with its unit; `system` and `code` are those of UCUM where the unit is coded."""

    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Period(_Part, frozen=True, kw_only=True):
    """From `start` to `end`, as FHIR writes times."""

    start: str | None = None
    end: str | None = None


class Identifier(_Part, frozen=True, kw_only=True):
    """A business identifier."""

    system: str | None = None
    value: str | None = None


class Reference(_Part, frozen=True, kw_only=True):
    """A pointer to another resource."""

    reference: str | None = None
    type: str | None = None
    identifier: Identifier | None = None


class Measured(_Part, frozen=True, kw_only=True):
    """What an Observation and each of its components share: a code and a value, or why there is none."""

    code: CodeableConcept = msgspec.field(default_factory=CodeableConcept)
    value_quantity: Quantity | None = None
    value_integer: int | None = None
    value_boolean: bool | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: Any = None
    value_range: Any = None
    value_ratio: Any = None
    value_sampled_data: Any = None
    value_time: Any = None
    value_date_time: Any = None
    value_period: Any = None
    data_absent_reason: CodeableConcept | None = None
    modifier_extension: tuple[Any, ...] = ()


class Observation(Measured, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/observation.html."""

    id: str | None = None
    status: str | None = None
    subject: Reference | None = None
    focus: tuple[Reference, ...] = ()
    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Period | None = None
    effective_timing: Any = None
    component: tuple[Measured, ...] = ()
    implicit_rules: str | None = None


class Patient(_Part, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/patient.html."""

    id: str | None = None
    identifier: tuple[Identifier, ...] = ()
    gender: str | None = None
    birth_date: str | None = None
    modifier_extension: tuple[Any, ...] = ()
    implicit_rules: str | None = None


class Encounter(_Part, frozen=True, kw_only=True):
    """https://hl7.org/fhir/R4/encounter.html."""

    id: str | None = None
    status: str | None = None
    subject: Reference | None = None
    period: Period | None = None
    modifier_extension: tuple[Any, ...] = ()
    implicit_rules: str | None = None


class _Kind(_Part, frozen=True, kw_only=True):
    resource_type: str
    id: str | None = None


class _Entry(_Part, frozen=True, kw_only=True):
    full_url: str | None = None
    resource: msgspec.Raw = msgspec.Raw(b"")


class _Bundle(_Part, frozen=True, kw_only=True):
    type: str | None = None
    entry: tuple[_Entry, ...] = ()
    implicit_rules: str | None = None


Resource = TypeVar("Resource", Observation, Patient, Encounter)


@dataclass(frozen=True)
class Located(Generic[Resource]):
    """A resource with its place in the document, for error messages, and the entry's `fullUrl`."""

    resource: Resource
    place: str
    full_url: str | None


@dataclass(frozen=True)
class Received:
    """What a document holds.

    Attributes:
        observations: In the document's order.
        patients: Likewise.
        encounters: Likewise.
        others: Number of resources of other types.
    """

    observations: tuple[Located[Observation], ...]
    patients: tuple[Located[Patient], ...]
    encounters: tuple[Located[Encounter], ...]
    others: int


def read_document(content: bytes) -> Received:
    """Take a FHIR JSON document apart: a Bundle, a JSON list of resources, or one resource.

    Raises:
        InvalidInput: It is no JSON, an element has another type than FHIR R4 says, or a resource comes twice.
        UnsupportedInput: The bundle is a history or of another type that is not read.
    """
    observations: list[Located[Observation]] = []
    patients: list[Located[Patient]] = []
    encounters: list[Located[Encounter]] = []
    seen: set[tuple[str, str | None, str]] = set()
    others = 0
    for place, full_url, raw in _list_entries(content):
        found = _decode(raw, _Kind, place)
        key = (found.resource_type, full_url, found.id or "")
        if found.id is not None and key in seen:
            raise InvalidInput(
                "each resource once", found=f"one twice, at {place}", remedy="Send the current version of each alone."
            )
        seen.add(key)
        if found.resource_type == "Observation":
            observations.append(Located(_decode(raw, Observation, place), place, full_url))
        elif found.resource_type == "Patient":
            patients.append(Located(_decode(raw, Patient, place), place, full_url))
        elif found.resource_type == "Encounter":
            encounters.append(Located(_decode(raw, Encounter, place), place, full_url))
        else:
            others += 1
    return Received(tuple(observations), tuple(patients), tuple(encounters), others)


def _list_entries(content: bytes) -> list[tuple[str, str | None, msgspec.Raw]]:
    if content.lstrip()[:1] == b"[":
        resources = _decode(content, tuple[msgspec.Raw, ...], "$")
        return [(f"$[{index}]", None, raw) for index, raw in enumerate(resources)]
    if _decode(content, _Kind, "$").resource_type != "Bundle":
        return [("$", None, msgspec.Raw(content))]
    bundle = _decode(content, _Bundle, "$")
    if bundle.type not in _BUNDLES or bundle.implicit_rules is not None:
        raise UnsupportedInput(
            f"a Bundle of type {', '.join(sorted(_BUNDLES))}, without implicitRules",
            found="another type" if bundle.implicit_rules is None else "implicitRules",
            remedy="Send the current resources as a collection.",
        )
    return [
        (f"$.entry[{index}].resource", entry.full_url, entry.resource)
        for index, entry in enumerate(bundle.entry)
        if bytes(entry.resource)
    ]


_Decoded = TypeVar("_Decoded")


def _decode(content: bytes | msgspec.Raw, kind: type[_Decoded], place: str) -> _Decoded:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        # msgspec names types and the path (`Expected `str`, got `int` - at `$.status``), never a value
        raise InvalidInput(
            "elements as FHIR R4 writes them", found=f"{error} of {place}", remedy="Repair the resource."
        ) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise InvalidInput(
            "a FHIR document in JSON", found="something else", remedy="Send application/fhir+json."
        ) from None
