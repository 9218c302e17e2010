"""The value of an observation, as a number in the unit that a model asks for."""

from __future__ import annotations

from collections.abc import Sequence

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.text import LocalizedText
from salus.standards.fhir.ignored import IgnoredReason
from salus.standards.fhir.received import CodeableConcept, Measured, Quantity
from salus.standards.ucum import find_conversion, parse_unit

UCUM_SYSTEM = "http://unitsofmeasure.org"
_GENDER_SYSTEM = "http://hl7.org/fhir/administrative-gender"
SEXES: dict[str, frozenset[str]] = {
    "female": frozenset({"female", "woman", "f", "女", "女性"}),
    "male": frozenset({"male", "man", "m", "男", "男性"}),
}
"""Words for the two sexes that a category's title may use."""
_LOINC_SEX = {"LA2-8": "male", "LA3-6": "female"}
_YES_NO = ({"no", "否", "无"}, {"yes", "是", "有"})


def read_number(
    measured: Measured,
    *,
    unit: str | None,
    measured_code: str | None,
    wanted_code: str | None,
    flag: bool,
    place: str,
) -> float | IgnoredReason:
    """The number of an observation or component, in `unit`; or why it is passed over.

    Args:
        measured: The observation or component.
        unit: UCUM unit that is wanted; None, `1` and an annotation such as `{score}` are a bare number.
        measured_code: LOINC code by which it was recognised, for the substance.
        wanted_code: LOINC code of the input.
        flag: Whether the input is 0 or 1, so that a Boolean is a number.
        place: Of it in the document, for errors.

    Raises:
        InvalidInput: The quantity has no coded unit, or a whole number stands where a unit is needed.
        UnsupportedInput: The unit cannot be converted.
    """
    if measured.data_absent_reason is not None:
        return "absent"
    quantity = measured.value_quantity
    if quantity is not None:
        return _read_quantity(quantity, unit or "1", measured_code, wanted_code, place)
    if measured.value_integer is not None:
        if not _is_bare(unit):
            raise InvalidInput(
                f"a Quantity with a unit that becomes {unit!r}",
                found=f"a whole number without unit at {place}",
                remedy="Send valueQuantity with system, code and value.",
            )
        return float(measured.value_integer)
    if measured.value_boolean is not None and flag and _is_bare(unit):
        return float(measured.value_boolean)
    return "value_type" if _has_value(measured) else "absent"


def read_category(measured: Measured, categories: Sequence[LocalizedText]) -> int | IgnoredReason:
    """The index of the category that an observation answers: by its coded answer's words, exactly, but for case.

    A Boolean answers categories called no and yes. A whole number answers none: nobody said the order.
    """
    if measured.data_absent_reason is not None:
        return "absent"
    if measured.value_codeable_concept is not None:
        index = find_category(_words(measured.value_codeable_concept), categories)
        return "category" if index is None else index
    if measured.value_string is not None and isinstance(measured.value_string, str):
        index = find_category({measured.value_string}, categories)
        return "category" if index is None else index
    if measured.value_boolean is not None:
        index = find_category(_YES_NO[measured.value_boolean], categories)
        return "category" if index is None else index
    return "value_type" if _has_value(measured) else "absent"


def find_category(words: set[str] | frozenset[str], categories: Sequence[LocalizedText]) -> int | None:
    """The one category whose English or Chinese title is among `words`, whatever the case; None for none or several."""
    wanted = {word.strip().casefold() for word in words}
    found = [
        index
        for index, title in enumerate(categories)
        if title.en.strip().casefold() in wanted or title.zh.strip().casefold() in wanted
    ]
    return found[0] if len(found) == 1 else None


def _words(concept: CodeableConcept) -> set[str]:
    words = {text for text in (concept.text, *(coding.display for coding in concept.coding)) if text}
    for coding in concept.coding:
        sex = coding.code if coding.system == _GENDER_SYSTEM else _LOINC_SEX.get(coding.code or "")
        words |= SEXES.get(sex or "", frozenset())
    return words


def _read_quantity(
    quantity: Quantity, unit: str, measured_code: str | None, wanted_code: str | None, place: str
) -> float | IgnoredReason:
    if quantity.value is None:
        return "absent"
    if quantity.comparator is not None:
        return "comparator"
    if quantity.system != UCUM_SYSTEM or quantity.code is None:
        raise InvalidInput(
            f"a unit coded in UCUM (system {UCUM_SYSTEM})",
            found=f"none at {place}",
            remedy="Write system and code; 1 is the unit of a bare number.",
        )
    try:
        conversion = find_conversion(quantity.code, unit, measured=measured_code, wanted=wanted_code)
    except UnsupportedInput as error:
        raise UnsupportedInput(error.expected, found=f"{error.found} at {place}", remedy=error.remedy) from None
    return conversion.apply(quantity.value)


def _is_bare(unit: str | None) -> bool:
    """Whether a number needs no unit to be one in `unit`."""
    if unit is None:
        return True
    one, found = parse_unit("1"), parse_unit(unit)
    return (found.factor, found.dimension, found.kinds, found.zero) == (one.factor, one.dimension, one.kinds, one.zero)


def _has_value(measured: Measured) -> bool:
    values = (
        *(measured.value_quantity, measured.value_integer, measured.value_boolean, measured.value_codeable_concept),
        *(measured.value_string, measured.value_range, measured.value_ratio, measured.value_sampled_data),
        *(measured.value_time, measured.value_date_time, measured.value_period),
    )
    return any(value is not None for value in values)
