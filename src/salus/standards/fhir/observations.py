"""FHIR R4 observations of one patient, read into the inputs of a model (https://hl7.org/fhir/R4/observation.html).

An observation is recognised by its code, its number converted to the input's unit, its time counted from the start of
the encounter (else from the first observation that the model asks for). Nothing is guessed: a unit that cannot be
converted, a time without its zone, two patients, two last values at one time are refused; whatever else is not used
is counted and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec
from salus.standards.fhir.ignored import Ignored, IgnoredReason, tell_ignored
from salus.standards.fhir.received import Located, Measured, Observation, Patient, Received, read_document
from salus.standards.fhir.subjects import find_patient, is_about_a_patient
from salus.standards.fhir.times import (
    Moment,
    completed_years,
    elapsed,
    first_moment,
    is_before,
    last_moments,
    moment_of,
    read_moment,
)
from salus.standards.fhir.values import SEXES, find_category, read_category, read_number
from salus.standards.fhir.wanted import Matched, WantedCodes
from salus.standards.ucum import convert

_VALID = frozenset({"preliminary", "final", "amended", "corrected"})


@dataclass(frozen=True)
class ObservedInputs:
    """One sample, as a model takes it.

    Attributes:
        inputs: By name, in the signature's order; axis 0 has one sample. What was not observed is NaN.
        ignored: What the document held and the inputs do not.
        subject: The patient's reference as the document writes it, for the answer and never for a log; None where
            the document names nobody.
        basis: References of the observations that were used, for the answer; those without id are left out.
        start: Where times are counted from; None where nothing has a time of day.
        end: The last time that was used; likewise.
    """

    inputs: Mapping[str, Array]
    ignored: tuple[Ignored, ...]
    subject: str | None
    basis: tuple[str, ...]
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class _Found:
    """A value for an input."""

    matched: Matched
    value: float
    moment: Moment | None
    place: str
    reference: str | None


def read_observations(
    content: bytes, signature: Signature, *, start: datetime | None = None, end: datetime | None = None
) -> ObservedInputs:
    """Read a FHIR document (Bundle, list of resources, or one Observation) as one sample.

    Of several values of a scalar the last one counts. An observation over a period counts from its end. Age in years
    is told in completed years at the start, from `Patient.birthDate`, unless it is observed (LOINC 30525-0); sex from
    `Patient.gender`, unless it is observed (LOINC 76689-9), where the input is a category whose titles name it.

    Args:
        content: JSON.
        signature: Its inputs: scalars, categories, events.
        start: Where times are counted from; None takes the encounter's start, else the first observation's time.
        end: Observations after it are passed over, to ask what was known then; None takes all. An events input with
            a `valid_range` passes over what lies outside it, in its own unit, likewise.

    Raises:
        InvalidInput: No FHIR document, no observation or patient in it, several patients, several encounters to count
            from, a time without its zone, a number without its unit, or two different last values of a scalar.
        UnsupportedInput: A unit that cannot be converted; a signature that asks for more than observations.
    """
    document = read_document(content)
    wanted = WantedCodes(signature)
    if not (document.observations or document.patients):
        raise InvalidInput(
            "at least one Observation or Patient", found="none", remedy="Send a Bundle of the patient's observations."
        )
    ignored: Counter[IgnoredReason] = Counter({"other_resource": document.others})
    used = [located for located in document.observations if _is_usable(located.resource, ignored)]
    encounters = [e for e in document.encounters if e.resource.status not in {"entered-in-error", "cancelled"}]
    subjects = [*(o.resource.subject for o in used), *(e.resource.subject for e in encounters)]
    reference, patient = find_patient(subjects, document.patients)
    found = [value for located in used for value in _read_one(located, wanted, ignored)]
    origin = _find_origin(document, found, wanted, start)
    limit = None if end is None else moment_of(end)
    found = [value for value in found if _is_within(value, origin, limit, wanted, ignored)]
    inputs = {spec.name: _fill(spec, found, origin, ignored) for spec in signature.inputs}
    if patient is not None:
        _add_patient(inputs, patient, wanted, origin, ignored)
    instants = [value.moment.instant for value in found if value.moment is not None and value.moment.instant]
    return ObservedInputs(
        inputs={spec.name: _as_array(inputs[spec.name], spec) for spec in signature.inputs},
        ignored=tell_ignored(ignored),
        subject=reference,
        basis=tuple(dict.fromkeys(value.reference for value in found if value.reference is not None)),
        start=None if origin is None else origin.instant,
        end=max(instants, default=None),
    )


def _is_usable(observation: Observation, ignored: Counter[IgnoredReason]) -> bool:
    reason: IgnoredReason | None = None
    if observation.status not in _VALID:
        reason = "status"
    elif observation.modifier_extension or observation.implicit_rules is not None:
        reason = "modified"
    elif observation.focus or not is_about_a_patient(observation.subject):
        reason = "other_subject"
    if reason is not None:
        ignored[reason] += 1
    return reason is None


def _read_one(located: Located[Observation], wanted: WantedCodes, ignored: Counter[IgnoredReason]) -> list[_Found]:
    """The values of an observation and of its components, for the inputs that ask for them."""
    observation = located.resource
    parts: list[tuple[Measured, str]] = [(observation, located.place)]
    for index, component in enumerate(observation.component):
        parts.append((component, f"{located.place}.component[{index}]"))
    matches = [(part, place, matched) for part, place in parts for matched in wanted.match(part.code)]
    if not matches:
        ignored["other_code"] += 1
        return []
    moment = _read_moment(observation, located.place)
    reference = located.full_url or (f"Observation/{observation.id}" if observation.id else None)
    found = []
    for part, place, matched in matches:
        value = _read_value(part, matched, place)
        if part.modifier_extension:
            value = "modified"
        if matched.variable is not None and moment is None and not isinstance(value, str):
            value = "no_time"
        if isinstance(value, str):
            ignored[value] += 1
        else:
            found.append(_Found(matched, value, moment, place, reference))
    return found


def _read_value(part: Measured, matched: Matched, place: str) -> float | IgnoredReason:
    if matched.spec.content == "category":
        return read_category(part, matched.spec.categories)
    return read_number(
        part,
        unit=matched.unit,
        measured_code=matched.measured_code,
        wanted_code=matched.wanted_code,
        flag=matched.flag,
        place=place,
    )


def _read_moment(observation: Observation, place: str) -> Moment | None:
    """When the value was known: an instant, or the end of a period."""
    for text, name in (
        (observation.effective_instant, "effectiveInstant"),
        (observation.effective_date_time, "effectiveDateTime"),
        (observation.effective_period.end if observation.effective_period else None, "effectivePeriod.end"),
    ):
        if text is not None:
            return read_moment(text, f"{place}.{name}")
    return None


def _find_origin(
    document: Received, found: Sequence[_Found], wanted: WantedCodes, start: datetime | None
) -> Moment | None:
    if start is not None:
        return moment_of(start)
    starts = {
        read_moment(located.resource.period.start, f"{located.place}.period.start")
        for located in document.encounters
        if located.resource.status not in {"entered-in-error", "cancelled"}
        and located.resource.period is not None
        and located.resource.period.start is not None
    }
    if len(starts) == 1:
        return next(iter(starts))
    if starts and wanted.events:
        raise InvalidInput(
            "one encounter to count times from",
            found=f"{len(starts)}",
            remedy="Send the observations of one encounter.",
        )
    moments = [value.moment for value in found if value.moment is not None]
    return first_moment(moments) if moments else None


def _is_within(
    value: _Found, origin: Moment | None, limit: Moment | None, wanted: WantedCodes, ignored: Counter[IgnoredReason]
) -> bool:
    """Whether a value lies in the time that is judged; a scalar may lie before it, but not after."""
    reason: IgnoredReason | None = None
    if value.moment is not None and limit is not None and is_before(limit, value.moment):
        reason = "after_end"
    is_event = value.matched.variable is not None
    comparable = value.moment and origin and (is_event or (value.moment.instant and origin.instant))
    window = value.matched.spec if is_event else next(iter(wanted.events), None)
    if reason is None and window is not None and window.valid_range and comparable and value.moment and origin:
        at = elapsed(origin, value.moment, window.unit or "h", value.place)
        low, high = window.valid_range
        reason = "after_end" if at > high else "before_start" if at < low and is_event else None
    if reason is not None:
        ignored[reason] += 1
    return reason is None


def _fill(
    spec: TensorSpec, found: Sequence[_Found], origin: Moment | None, ignored: Counter[IgnoredReason]
) -> list[tuple[float, float, float]] | float | None:
    """Rows of events, or the number of a scalar or category (None where there is none)."""
    own = [value for value in found if value.matched.spec.name == spec.name]
    if spec.content != "events":
        return _take_last(spec, own, ignored)
    return sorted(
        (elapsed(origin, value.moment, spec.unit or "h", value.place), float(value.matched.variable), value.value)
        for value in own
        if origin is not None and value.moment is not None and value.matched.variable is not None
    )


def _take_last(spec: TensorSpec, own: Sequence[_Found], ignored: Counter[IgnoredReason]) -> float | None:
    dated = [value for value in own if value.moment is not None]
    rest = dated or own
    if not rest:
        return None
    latest = last_moments([value.moment for value in dated if value.moment is not None])
    last = [value for value in rest if value.moment in latest] or rest
    if len({value.value for value in last}) > 1:
        raise InvalidInput(
            f"one last value for {spec.name!r}",
            found=f"{len(last)} at one time, or without a time",
            remedy="Send the one that holds, or times that tell which is the last.",
        )
    ignored["superseded"] += len(own) - 1
    return last[0].value


def _add_patient(
    inputs: dict[str, list[tuple[float, float, float]] | float | None],
    patient: Patient,
    wanted: WantedCodes,
    origin: Moment | None,
    ignored: Counter[IgnoredReason],
) -> None:
    """Age and sex from the Patient resource, where no observation gave them."""
    if patient.modifier_extension or patient.implicit_rules is not None:
        ignored["modified"] += 1
        return
    if wanted.age is not None and inputs[wanted.age.name] is None and patient.birth_date is not None:
        age = _tell_age(patient.birth_date, origin, wanted.age)
        if age is None:
            ignored["birth_date"] += 1
        else:
            inputs[wanted.age.name] = age
    if wanted.sex is not None and inputs[wanted.sex.name] is None and patient.gender in SEXES:
        index = find_category(SEXES[patient.gender], wanted.sex.categories)
        if index is None:
            ignored["category"] += 1
        else:
            inputs[wanted.sex.name] = float(index)


def _tell_age(birth_date: str, origin: Moment | None, spec: TensorSpec) -> float | None:
    if origin is None:
        return None
    try:
        birth = date.fromisoformat(birth_date)
    except ValueError:
        return None  # a year or a month alone is no birth date, and the day is not guessed
    if birth > origin.day:
        return None
    if spec.unit == "a":
        return float(completed_years(birth, origin))
    return convert(float((origin.day - birth).days), "d", spec.unit or "1")


def _as_array(value: list[tuple[float, float, float]] | float | None, spec: TensorSpec) -> Array:
    kind = np.dtype(NUMPY_NAMES[spec.datatype])
    if isinstance(value, list):
        return np.array([value or [(np.nan, np.nan, np.nan)]], dtype=np.float64).astype(np.float32)
    if kind.kind == "f":
        with np.errstate(over="ignore"):  # the guard refuses what FP32 cannot hold
            return np.array([np.nan if value is None else value], dtype=np.float64).astype(kind)
    if value is None or value != int(value):
        raise InvalidInput(
            f"a whole number for {spec.name!r}",
            found="none" if value is None else "a fraction",
            remedy="Send the observation that the signature asks for.",
        )
    return np.array([int(value)], dtype=kind)
