"""One patient a document: whose observations they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.standards.fhir.received import Identifier, Located, Patient, Reference

_TAIL_PARTS = 2


def find_patient(
    subjects: Sequence[Reference | None], patients: Sequence[Located[Patient]]
) -> tuple[str | None, Patient | None]:
    """The one patient that everything in a document is about.

    A relative reference (`Patient/1`) and an absolute one that ends in it name the same patient; two absolute ones
    that differ do not (https://hl7.org/fhir/R4/bundle.html#references).

    Args:
        subjects: Of the observations and encounters that are read; None where one names none.
        patients: The document's.

    Returns:
        The reference as it was written (None where no observation names a patient), and the Patient resource (None
        where the document holds none).

    Raises:
        InvalidInput: Several patients, or a subject here and none there.
        UnsupportedInput: A subject is told in a way that cannot be compared (a contained resource).
    """
    named = [subject for subject in subjects if subject is not None and (subject.reference or subject.identifier)]
    if named and len(named) < len(subjects):
        raise InvalidInput(
            "a subject for every observation, or for none",
            found=f"none for {len(subjects) - len(named)} of {len(subjects)}",
            remedy="Name the patient on each.",
        )
    known = _Known(
        {patient.full_url: _own_key(patient) for patient in patients if patient.full_url is not None},
        {identifier: _own_key(patient) for patient in patients for identifier in patient.resource.identifier},
    )
    keys = {_key(subject, known) for subject in named} | {_own_key(patient) for patient in patients}
    if not _agree(keys):
        raise InvalidInput("one patient", found=f"{len(keys)}", remedy="Send one document for each patient.")
    written = next((subject.reference for subject in named if subject.reference), None)
    if written is None and patients:
        key = _own_key(patients[0])
        written = key or None
    return written, patients[0].resource if patients else None


def is_about_a_patient(subject: Reference | None) -> bool:
    """Whether a subject may be a patient: it is one by type, or its type is not told."""
    if subject is None:
        return True
    if subject.type is not None:
        return subject.type == "Patient"
    reference = subject.reference
    if reference is None or "/" not in reference:
        return True
    parts = _without_version(reference).split("/")
    return parts[-_TAIL_PARTS] == "Patient"


@dataclass(frozen=True)
class _Known:
    """By what else than their key the document's patients are known."""

    by_url: Mapping[str, str]
    by_identifier: Mapping[Identifier, str]


def _key(subject: Reference, known: _Known) -> str:
    if subject.reference is not None:
        if subject.reference.startswith("#"):
            raise UnsupportedInput(
                "a subject by reference or identifier", found="a contained one", remedy="Put the Patient beside it."
            )
        reference = _without_version(subject.reference)
        return known.by_url.get(reference, reference)
    wanted = subject.identifier or Identifier()
    return known.by_identifier.get(wanted, f"{wanted.system or ''}|{wanted.value or ''}")


def _own_key(patient: Located[Patient]) -> str:
    if patient.full_url is not None and (patient.resource.id is None or not patient.full_url.startswith("urn:")):
        return patient.full_url
    return f"Patient/{patient.resource.id}" if patient.resource.id is not None else ""


def _without_version(reference: str) -> str:
    return reference.partition("/_history/")[0]


def _agree(keys: Iterable[str]) -> bool:
    """Whether all name one patient: equal but for the base of an absolute reference, which is one and the same."""
    distinct = set(keys)
    tails = {"/".join(key.split("/")[-_TAIL_PARTS:]) for key in distinct}
    absolute = {key for key in distinct if "://" in key}
    return len(tails) <= 1 and len(absolute) <= 1
