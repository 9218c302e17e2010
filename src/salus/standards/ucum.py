"""Units of clinical observations: read and converted exactly, or refused.

A unit is written in UCUM (The Unified Code for Units of Measure, version 2.1, https://ucum.org/ucum), case sensitive.
Arithmetic is in whole fractions and rounded once, at the end. What cannot be converted is refused, never guessed: not
every unit of UCUM is known here (`ucum_units` lists them), and a mass becomes an amount of substance only where the
LOINC code says which substance (`substances`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from salus.contracts.errors import UnsupportedInput
from salus.standards.substances import Substance, find_substance
from salus.standards.ucum_units import (
    ALONE,
    ARBITRARY,
    BASE_UNITS,
    DIMENSIONS,
    METRIC,
    METRIC_ARBITRARY,
    PLAIN,
    PREFIXES,
    SPECIAL,
)

_LONGEST, _LARGEST_EXPONENT = 64, 24
_TOKEN = re.compile(
    r"(?P<annotation>\{[!-z|~ ]*\})|(?P<operator>[./()])"
    r"|(?P<power>10[*^])(?P<power_exponent>[+-]?\d+)?"
    r"|(?P<number>\d+(?![*^\d]))"
    r"|(?P<atom>(?:[A-Za-z%_']|\[[^\[\]{}() ]+\])+)(?P<exponent>[+-]?\d+)?"
)
_AXES = len(DIMENSIONS)


@dataclass(frozen=True)
class Unit:
    """What a UCUM expression says.

    Attributes:
        code: As it was written.
        factor: How many of the base units it is; of a temperature scale, kelvins a degree.
        dimension: Exponents of the base units, in the order of `ucum_units.DIMENSIONS`.
        kinds: Exponents of arbitrary units, which nothing converts, by name.
        zero: Base units at the scale's zero; 0 but for `Cel`, `[degF]` and `[degRe]`.
    """

    code: str
    factor: Fraction
    dimension: tuple[int, ...]
    kinds: tuple[tuple[str, int], ...] = ()
    zero: Fraction = Fraction(0)


@dataclass(frozen=True)
class Conversion:
    """target = slope x source + offset, exactly.

    Example:
        >>> find_conversion("[degF]", "Cel").apply(98.6)
        37.0
    """

    slope: Fraction
    offset: Fraction = Fraction(0)

    def apply(self, value: float) -> float:
        """The value in the target's unit, rounded once; NaN stays NaN and an infinite number infinite.

        A number is taken for the decimal that it is written as (98.6 is 493/5).
        """
        if not math.isfinite(value):
            return value if self.slope > 0 else -value
        return float(Fraction(repr(float(value))) * self.slope + self.offset)


@dataclass(frozen=True)
class _Part:
    """A unit while it is put together."""

    factor: Fraction = Fraction(1)
    dimension: tuple[int, ...] = (0,) * _AXES
    kinds: tuple[tuple[str, int], ...] = ()

    def times(self, other: _Part, exponent: int = 1) -> _Part:
        dimension = tuple(a + exponent * b for a, b in zip(self.dimension, other.dimension, strict=True))
        kinds = dict(self.kinds)
        for name, power in other.kinds:
            kinds[name] = kinds.get(name, 0) + exponent * power
        left = tuple(sorted((name, power) for name, power in kinds.items() if power))
        return _Part(self.factor * other.factor**exponent, dimension, left)


@lru_cache(maxsize=1024)
def parse_unit(code: str) -> Unit:
    """Read a UCUM expression: `mg/dL`, `10*3/uL`, `mm[Hg]`, `{beats}/min`, `kg/m2`, `Cel`, `[iU]/L`.

    An annotation in curly braces means the number 1 (UCUM, section 12).

    Raises:
        UnsupportedInput: It is no UCUM, or holds a unit that is not known here.
    """
    if code in SPECIAL:
        slope, zero = SPECIAL[code]
        return Unit(code, slope, _base("temperature").dimension, zero=zero)
    if code in ALONE:
        return Unit(code, Fraction(1), (0,) * _AXES, ((code, 1),))
    tokens = _tokenise(code)
    part, rest = _parse_term(code, tokens)
    if rest:
        raise _unknown(code)
    return Unit(code, part.factor, part.dimension, part.kinds)


def find_conversion(source: str, target: str, *, measured: str | None = None, wanted: str | None = None) -> Conversion:
    """How a number in the unit `source` becomes one in `target`.

    Args:
        source: UCUM unit.
        target: UCUM unit.
        measured: LOINC code of what was measured, which names the substance; None where no substance is meant.
        wanted: LOINC code of what is wanted; None for the same.

    Raises:
        UnsupportedInput: A unit is unknown, or nothing converts the one into the other.

    Example:
        >>> find_conversion("mmol/L", "mg/dL", measured="2345-7").apply(5.5)
        99.0858
    """
    return _find_conversion(source, target, measured, wanted or measured)


def convert(value: float, source: str, target: str, *, loinc: str | None = None) -> float:
    """`value` in `source` as a number in `target`; `loinc` names the substance. Raises as `find_conversion`.

    Example:
        >>> convert(1.0, "mmol/L", "umol/L"), convert(760.0, "mm[Hg]", "kPa")
        (1000.0, 101.32472)
    """
    return find_conversion(source, target, measured=loinc).apply(value)


@lru_cache(maxsize=4096)
def _find_conversion(source: str, target: str, measured: str | None, wanted: str | None) -> Conversion:
    one, other = parse_unit(source), parse_unit(target)
    named = find_substance(measured), find_substance(wanted)
    source_substance, target_substance = named[0] or named[1], named[1] or named[0]
    if one.kinds == other.kinds:
        if source_substance is not None and target_substance is not None:
            found = _through_amount(one, other, source_substance, target_substance)
            if found is not None:
                return Conversion(found)
        if one.dimension == other.dimension:
            return Conversion(one.factor / other.factor, (one.zero - other.zero) / other.factor)
    raise UnsupportedInput(
        f"a unit that can be converted to {target!r}",
        found=repr(source),
        remedy="Convert the number yourself, or send it in the unit of the signature.",
    )


def _through_amount(one: Unit, other: Unit, source: Substance, target: Substance) -> Fraction | None:
    """The slope where mass, amount or equivalents of a substance are exchanged for one another, or None."""
    from_axis, to_axis = _substance_axis(one), _substance_axis(other)
    if from_axis is None or to_axis is None or from_axis[1] != to_axis[1]:
        return None
    (axis, power), (to, _) = from_axis, to_axis
    rest = tuple(a - (power if DIMENSIONS[i] == axis else 0) for i, a in enumerate(one.dimension))
    if rest != tuple(a - (power if DIMENSIONS[i] == to else 0) for i, a in enumerate(other.dimension)):
        return None
    if source.name != target.name:
        raise UnsupportedInput(
            f"an observation of {target.name}", found=f"one of {source.name}", remedy="Repair the signature's codes."
        )
    a, b = _per_mole(source, axis), _per_mole(target, to)
    if axis == to and a == b:
        return None
    return None if a is None or b is None else one.factor / other.factor * (b / a) ** power


def _substance_axis(unit: Unit) -> tuple[str, int] | None:
    """On which of mass, amount and equivalents a unit counts a substance, and with which exponent."""
    found = [
        (name, unit.dimension[DIMENSIONS.index(name)])
        for name in ("mass", "amount", "equivalents")
        if unit.dimension[DIMENSIONS.index(name)]
    ]
    return found[0] if len(found) == 1 and abs(found[0][1]) == 1 else None


def _per_mole(substance: Substance, axis: str) -> Fraction | None:
    """How many base units of `axis` a mole of the substance is."""
    if axis == "amount":
        return Fraction(1)
    if axis == "mass":
        return None if substance.molar_mass is None else Fraction(substance.molar_mass)
    return None if substance.valence is None else Fraction(substance.valence)


def _tokenise(code: str) -> list[re.Match[str]]:
    if not 0 < len(code) <= _LONGEST:
        raise _unknown(code)
    tokens, at = [], 0
    while at < len(code):
        token = _TOKEN.match(code, at)
        if token is None:
            raise _unknown(code)
        tokens.append(token)
        at = token.end()
    return tokens


def _parse_term(code: str, tokens: list[re.Match[str]]) -> tuple[_Part, list[re.Match[str]]]:
    """A term of UCUM's grammar (section 3): components between `.` and `/`, from left to right."""
    sign, part = 1, _Part()
    if tokens and tokens[0]["operator"] == "/":
        sign, tokens = -1, tokens[1:]
    while True:
        factor, tokens = _parse_component(code, tokens)
        part = part.times(factor, sign)
        if not tokens or tokens[0]["operator"] not in {".", "/"}:
            return part, tokens
        sign, tokens = (1 if tokens[0]["operator"] == "." else -1), tokens[1:]


def _parse_component(code: str, tokens: list[re.Match[str]]) -> tuple[_Part, list[re.Match[str]]]:
    if not tokens:
        raise _unknown(code)
    token, rest = tokens[0], tokens[1:]
    if token["operator"] == "(":
        part, rest = _parse_term(code, rest)
        if not rest or rest[0]["operator"] != ")":
            raise _unknown(code)
        return part, rest[1:]
    if token["operator"]:
        raise _unknown(code)
    if token["annotation"]:
        return _Part(), rest
    if token["number"]:
        part = _Part(Fraction(int(token["number"])))
        if not part.factor:
            raise _unknown(code)
    elif token["power"]:
        part = _Part().times(_Part(Fraction(10)), _exponent(code, token["power_exponent"]))
    else:
        part = _Part().times(_find_atom(code, token["atom"]), _exponent(code, token["exponent"]))
    return part, rest[1:] if rest and rest[0]["annotation"] else rest


def _exponent(code: str, written: str | None) -> int:
    exponent = int(written or 1)
    if abs(exponent) > _LARGEST_EXPONENT:
        raise _unknown(code)
    return exponent


def _find_atom(code: str, symbol: str) -> _Part:
    """A unit by its symbol: the symbol as it stands, else a prefix before a unit that takes one."""
    if symbol in BASE_UNITS:
        return _base(BASE_UNITS[symbol])
    if symbol in METRIC or symbol in PLAIN:
        count, unit = METRIC.get(symbol) or PLAIN[symbol]
        inner = parse_unit(unit)
        return _Part(Fraction(count) * inner.factor, inner.dimension, inner.kinds)
    if symbol in ARBITRARY:
        return _Part(kinds=(("[iU]" if symbol == "[IU]" else symbol, 1),))
    for length in (2, 1):
        prefix, unit = symbol[:length], symbol[length:]
        if prefix in PREFIXES and (unit in BASE_UNITS or unit in METRIC or unit in METRIC_ARBITRARY):
            return _Part(PREFIXES[prefix]).times(_find_atom(code, unit))
    raise _unknown(code)


def _base(dimension: str) -> _Part:
    return _Part(dimension=tuple(int(name == dimension) for name in DIMENSIONS))


def _unknown(code: str) -> UnsupportedInput:
    printable = re.sub(r"[^!-~]", "?", code[:32])
    return UnsupportedInput(
        "a unit in UCUM, case sensitive, of those that this installation knows",
        found=repr(printable),
        remedy="Write it as UCUM does (mmol/L, 10*3/uL, mm[Hg], Cel), or convert the number yourself.",
    )
