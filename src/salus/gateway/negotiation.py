"""Which form an answer is wanted in (RFC 9110, 12.5.1)."""

from __future__ import annotations

from salus.standards.fhir.answers import MEDIA_TYPE

FHIR_JSON = MEDIA_TYPE
"""The content type of FHIR resources as JSON (https://hl7.org/fhir/R4/http.html#mime-type)."""
MARKDOWN = "text/markdown"
"""The content type of a card in plain words (RFC 7763)."""
_JSON = "application/json"


def wants_fhir(accept: str) -> bool:
    """Whether a caller with this `Accept` header is answered in FHIR: it names it, and JSON not before it.

    Example:
        >>> wants_fhir("application/fhir+json; charset=utf-8"), wants_fhir("*/*")
        (True, False)
    """
    return _wants(accept, FHIR_JSON)


def wants_card(accept: str) -> bool:
    """Whether a caller with this `Accept` header wants the answer in plain words: it names it, and JSON not before it.

    Example:
        >>> wants_card("text/markdown"), wants_card("application/json, text/markdown;q=0.5")
        (True, False)
    """
    return _wants(accept, MARKDOWN)


def _wants(accept: str, form: str) -> bool:
    weights: dict[str, float] = {}
    for item in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        weights[kind] = max(weights.get(kind, 0.0), _weight_of(parameters))
    asked = weights.get(form, 0.0)
    return asked > 0 and asked >= weights.get(_JSON, 0.0)


def _weight_of(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
