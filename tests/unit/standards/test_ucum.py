from __future__ import annotations

import math

import pytest

from salus.contracts.errors import UnsupportedInput
from salus.standards.substances import find_substance
from salus.standards.ucum import convert, find_conversion, parse_unit


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1.0, "g/L", "mg/dL", 100.0),
        (7.4, "10*3/uL", "10*9/L", 7.4),
        (7.4, "10^3/uL", "/nL", 7.4),
        (4.5, "10*6/uL", "10*12/L", 4.5),
        (3.0, "10*3.uL-1", "10*3/uL", 3.0),
        (120.0, "mm[Hg]", "kPa", 15.99864),
        (1.0, "bar", "mm[Hg]", 750.0637554191),
        (10.0, "cm[H2O]", "mbar", 9.80665),
        (98.6, "[degF]", "Cel", 37.0),
        (37.0, "Cel", "[degF]", 98.6),
        (0.0, "Cel", "K", 273.15),
        (-40.0, "Cel", "[degF]", -40.0),
        (0.21, "1", "%", 21.0),
        (40.0, "%", "{fraction}", 0.4),
        (80.0, "{beats}/min", "/min", 80.0),
        (1.0, "Hz", "/min", 60.0),
        (150.0, "[lb_av]", "kg", 68.0388555),
        (5.0, "[ft_i]", "cm", 152.4),
        (70.0, "[in_i]", "m", 1.778),
        (0.6, "u[IU]/mL", "m[iU]/L", 0.6),
        (60.0, "U/L", "ukat/L", 1.0),
        (2.0, "g/(24.h)", "g/d", 2.0),
        (90.0, "mL/min/{1.73_m2}", "mL/min", 90.0),
        (24.0, "kg/m2", "g/cm2", 2.4),
        (18.0, "mo", "a", 1.5),
        (2.0, "wk", "d", 14.0),
        (100.0, "kcal", "kJ", 418.4),
        (1.0, "mL", "cm3", 1.0),
        (285.0, "mosm/kg", "osm/kg", 0.285),
        (180.0, "deg", "deg", None),
        (1.0, "pg", "10*-12.g", 1.0),
        (30.0, "ng/mL", "ug/L", 30.0),
        (7.4, "[pH]", "[pH]", 7.4),
    ],
)
def test_known_conversions(value: float, source: str, target: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(UnsupportedInput):
            convert(value, source, target)
    else:
        assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "source", "target", "loinc", "expected"),
    [
        (100.0, "mg/dL", "mmol/L", "2345-7", 5.5507),  # glucose
        (1.0, "mg/dL", "umol/L", "2160-0", 88.40),  # creatinine
        (1.0, "mg/dL", "umol/L", "1975-2", 17.10),  # bilirubin
        (20.0, "mg/dL", "mmol/L", "3094-0", 7.139),  # urea nitrogen
        (6.0, "mg/dL", "mmol/L", "3091-6", 0.999),  # urea
        (10.0, "mg/dL", "mmol/L", "17861-6", 2.495),  # calcium
        (2.0, "mg/dL", "mmol/L", "19123-9", 0.823),  # magnesium
        (200.0, "mg/dL", "mmol/L", "2093-3", 5.172),  # cholesterol
        (150.0, "mg/dL", "mmol/L", "2571-8", 1.694),  # triglycerides
        (18.0, "mg/dL", "mmol/L", "14118-4", 1.998),  # lactate
        (7.0, "mg/dL", "umol/L", "3084-1", 416.4),  # urate
        (3.5, "mg/dL", "mmol/L", "2777-1", 1.130),  # phosphate as phosphorus
        (100.0, "ug/dL", "umol/L", "2498-4", 17.91),  # iron
        (140.0, "meq/L", "mmol/L", "2951-2", 140.0),  # sodium
        (2.0, "meq/L", "mmol/L", "2601-3", 1.0),  # magnesium has two charges
        (2.0, "meq/L", "mg/dL", "2601-3", 2.4305),
        (24.0, "meq/L", "mmol/L", "1963-8", 24.0),  # bicarbonate
    ],
)
def test_a_substance_exchanges_mass_amount_and_equivalents(
    value: float, source: str, target: str, loinc: str, expected: float
) -> None:
    assert convert(value, source, target, loinc=loinc) == pytest.approx(expected, rel=5e-4)
    assert convert(convert(value, source, target, loinc=loinc), target, source, loinc=loinc) == pytest.approx(value)


def test_urea_and_its_nitrogen_are_not_taken_for_one_another() -> None:
    assert find_conversion("mg/dL", "mg/dL", measured="3091-6", wanted="3094-0").apply(60.056) == 28.014
    assert find_conversion("mmol/L", "mg/dL", measured="22664-7", wanted="3094-0").apply(10.0) == pytest.approx(28.014)
    assert find_conversion("mg/dL", "mg/dL", measured="3094-0", wanted="3094-0").apply(20.0) == 20.0


def test_another_code_for_the_same_measurement_keeps_the_substance() -> None:
    assert find_conversion("mmol/L", "mg/dL", measured="99999-9", wanted="2345-7").apply(10.0) == pytest.approx(180.156)
    with pytest.raises(UnsupportedInput, match="glucose"):
        find_conversion("mmol/L", "mg/dL", measured="2160-0", wanted="2345-7")


@pytest.mark.parametrize(
    ("source", "target", "loinc"),
    [
        ("mmol/L", "mg/dL", None),  # of what
        ("mmol/L", "mg/dL", "718-7"),  # haemoglobin: the monomer or the tetramer
        ("meq/L", "mg/dL", "1963-8"),
        ("meq/L", "mmol/L", "2345-7"),
        ("mg/dL", "mm[Hg]", "2345-7"),
        ("mmol/L", "mmol", "2345-7"),
        ("mol/kg", "g/L", "2345-7"),
        ("m[iU]/L", "mg/L", None),
        ("[iU]/L", "[arb'U]/L", None),
        ("U/L", "[iU]/L", None),
        ("mmol", "1", None),
        ("mosm/kg", "mmol/kg", None),
        ("[pH]", "1", None),
        ("Cel", "1", None),
        ("Cel/min", "K/min", None),
    ],
)
def test_what_cannot_be_converted_is_refused(source: str, target: str, loinc: str | None) -> None:
    with pytest.raises(UnsupportedInput):
        convert(1.0, source, target, loinc=loinc)


@pytest.mark.parametrize(
    "code",
    [
        *("", " ", "mg / dL", "mg//dL", "mg/", "/", "(mg", "mg)", "()", "mgdL", "MG/DL", "mEq/L", "bpm", "mmHg", "°C"),
        *("x" * 65, "10*99", "m999", "0", "0.5", "{", "}", "{a", "[iU", "2Cel", "kCel", "k%", "kmin", "ккал", "m\n"),
        *("mCel", "Cel2", "[degF].m", "((((", "[unknown]", "1.", "{a}{b}mg"),
    ],
)
def test_what_is_no_unit_is_refused(code: str) -> None:
    with pytest.raises(UnsupportedInput) as caught:
        parse_unit(code)
    assert len(caught.value.found) < 60
    assert caught.value.found.isascii()


def test_units_are_read_exactly_as_they_are_written() -> None:
    assert parse_unit("m[Hg]").factor == parse_unit("mm[Hg]").factor * 1000
    assert parse_unit("{score}") == parse_unit("{score}")
    assert parse_unit("{score}").dimension == parse_unit("1").dimension
    assert parse_unit("Pa").dimension == parse_unit("N/m2").dimension
    assert parse_unit("cd") != parse_unit("d")
    assert parse_unit("mg{total}/dL{serum}").factor == parse_unit("mg/dL").factor
    assert parse_unit("/min").factor == parse_unit("min-1").factor


def test_a_number_is_taken_for_the_decimal_that_it_is_written_as() -> None:
    assert convert(0.1, "g", "mg") == 100.0
    assert convert(98.7, "[degF]", "Cel") == 37.05555555555556
    assert convert(1.1, "1", "1") == 1.1


def test_unknown_stays_unknown() -> None:
    assert math.isnan(convert(math.nan, "mg/dL", "g/L"))
    assert convert(math.inf, "mg/dL", "g/L") == math.inf


def test_every_molar_mass_has_its_source() -> None:
    for code in ("2345-7", "1963-8", "17861-6", "6299-2"):
        substance = find_substance(code)
        assert substance is not None
        assert substance.source
    assert find_substance(None) is None
    assert find_substance("718-7") is None
