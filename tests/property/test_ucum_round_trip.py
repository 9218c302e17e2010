"""Converted there and back, a number is what it was; the plain twin multiplies by a table of factors."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salus.contracts.errors import UnsupportedInput
from salus.standards.ucum import convert, find_conversion, parse_unit

_FAMILIES = (
    ("Cel", "[degF]", "K"),
    ("mm[Hg]", "kPa", "cm[H2O]", "bar", "[psi]"),
    ("mg/dL", "g/L", "ug/mL", "kg/m3", "ng/nL"),
    ("mmol/L", "umol/mL", "mol/m3", "nmol/mL"),
    ("s", "min", "h", "d", "wk", "mo", "a"),
    ("10*3/uL", "10*9/L", "/nL", "/mL"),
)
_POWERS = {"p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "d": -1, "": 0, "k": 3}
_numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(_numbers, st.sampled_from(_FAMILIES), st.data())
def test_there_and_back_is_where_it_began(value: float, family: tuple[str, ...], data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(family)), data.draw(st.sampled_from(family))
    back = convert(convert(value, one, other), other, one)
    assert math.isclose(back, value, rel_tol=1e-12, abs_tol=1e-9)


@given(st.sampled_from(_FAMILIES), st.data())
def test_two_steps_are_one_step_exactly(family: tuple[str, ...], data: st.DataObject) -> None:
    a, b, c = (data.draw(st.sampled_from(family)) for _ in range(3))
    first, second, both = find_conversion(a, b), find_conversion(b, c), find_conversion(a, c)
    assert first.slope * second.slope == both.slope
    assert first.offset * second.slope + second.offset == both.offset


@given(_numbers, st.sampled_from(sorted(_POWERS)), st.sampled_from(sorted(_POWERS)), st.sampled_from("gLm"))
def test_prefixes_are_powers_of_ten(value: float, one: str, other: str, unit: str) -> None:
    twin = value * 10.0 ** (_POWERS[one] - _POWERS[other])
    assert convert(value, one + unit, other + unit) == pytest.approx(twin, rel=1e-12)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=80))
def test_any_text_is_a_unit_or_is_refused(text: str) -> None:
    with suppress(UnsupportedInput):
        assert parse_unit(text).factor > 0
