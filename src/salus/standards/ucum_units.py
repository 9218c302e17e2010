"""UCUM's prefixes and those of its units in which clinical observations are written, case sensitive.

Source: The Unified Code for Units of Measure, version 2.1 (https://ucum.org/ucum), tables 1 to 20. Each value is exact.
The amount of substance, equivalents and osmoles are kept as dimensions of their own, where UCUM takes a mole for a
bare number: a mole of glucose is not a mole of sodium, and neither is a count.
"""

from __future__ import annotations

from fractions import Fraction

DIMENSIONS = (
    "length",
    "mass",
    "time",
    "temperature",
    "charge",
    "angle",
    "luminosity",
    "amount",
    "equivalents",
    "osmoles",
)
"""The axes of a dimension vector."""

PREFIXES: dict[str, Fraction] = {
    **{
        symbol: Fraction(10) ** power
        for symbol, power in (
            *(("Y", 24), ("Z", 21), ("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("h", 2), ("da", 1)),
            *(("d", -1), ("c", -2), ("m", -3), ("u", -6), ("n", -9), ("p", -12), ("f", -15), ("a", -18), ("z", -21)),
            ("y", -24),
        )
    },
    **{symbol: Fraction(1024) ** power for symbol, power in (("Ki", 1), ("Mi", 2), ("Gi", 3), ("Ti", 4))},
}

BASE_UNITS: dict[str, str] = {
    "m": "length",
    "g": "mass",
    "s": "time",
    "K": "temperature",
    "C": "charge",
    "rad": "angle",
    "cd": "luminosity",
    "mol": "amount",
    "eq": "equivalents",
    "osm": "osmoles",
}
"""Units that nothing else defines. All take prefixes."""

METRIC: dict[str, tuple[str, str]] = {
    "L": ("1", "dm3"),
    "l": ("1", "dm3"),
    "t": ("1", "Mg"),
    "Hz": ("1", "s-1"),
    "N": ("1", "kg.m/s2"),
    "Pa": ("1", "N/m2"),
    "J": ("1", "N.m"),
    "W": ("1", "J/s"),
    "A": ("1", "C/s"),
    "V": ("1", "J/C"),
    "F": ("1", "C/V"),
    "Ohm": ("1", "V/A"),
    "S": ("1", "Ohm-1"),
    "bar": ("100000", "Pa"),
    "dyn": ("1", "g.cm/s2"),
    "erg": ("1", "dyn.cm"),
    "kat": ("1", "mol/s"),
    "U": ("1", "umol/min"),
    "m[Hg]": ("133.322", "kPa"),
    "m[H2O]": ("9.80665", "kPa"),
    "cal": ("4.184", "J"),
    "sr": ("1", "rad2"),
    "lm": ("1", "cd.sr"),
    "lx": ("1", "lm/m2"),
    "Bq": ("1", "s-1"),
    "Gy": ("1", "J/kg"),
    "Sv": ("1", "J/kg"),
    "st": ("1", "m3"),
}
"""Units that take prefixes: so many of another unit."""

PLAIN: dict[str, tuple[str, str]] = {
    "10*": ("10", "1"),
    "10^": ("10", "1"),
    "%": ("0.01", "1"),
    "[ppth]": ("0.001", "1"),
    "[ppm]": ("0.000001", "1"),
    "[ppb]": ("0.000000001", "1"),
    "min": ("60", "s"),
    "h": ("60", "min"),
    "d": ("24", "h"),
    "wk": ("7", "d"),
    "a_j": ("365.25", "d"),
    "a": ("365.25", "d"),
    "mo_j": ("30.4375", "d"),
    "mo": ("30.4375", "d"),
    "[in_i]": ("2.54", "cm"),
    "[in_us]": ("2.54000508001016", "cm"),
    "[ft_i]": ("30.48", "cm"),
    "[lb_av]": ("453.59237", "g"),
    "[oz_av]": ("28.349523125", "g"),
    "[gr]": ("64.79891", "mg"),
    "[stone_av]": ("14", "[lb_av]"),
    "[foz_us]": ("29.5735295625", "mL"),
    "[in_i'Hg]": ("2.54", "cm[Hg]"),
    "[in_i'H2O]": ("2.54", "cm[H2O]"),
    "[Cal]": ("1", "kcal"),
    "atm": ("101325", "Pa"),
    "[psi]": ("4.4482216152605", "N/[in_i]2"),
}
"""Units that take no prefix."""

ARBITRARY: frozenset[str] = frozenset(
    {
        *("[iU]", "[IU]", "[arb'U]", "[USP'U]", "[GPL'U]", "[MPL'U]", "[APL'U]", "[CFU]", "[PFU]", "[BAU]", "[AU]"),
        *("[EU]", "[Ch]", "[FFU]", "[CCID_50]", "[TCID_50]", "[ELU]", "[EID_50]", "[Amb'a'1'U]", "[D'ag'U]"),
    }
)
"""Arbitrary units (UCUM, section 24): each is commensurable with nothing but itself. Those of METRIC_ARBITRARY take
prefixes; `[IU]` is another way to write `[iU]`."""

METRIC_ARBITRARY: frozenset[str] = frozenset({"[iU]", "[IU]"})

SPECIAL: dict[str, tuple[Fraction, Fraction]] = {
    "Cel": (Fraction(1), Fraction("273.15")),
    "[degF]": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    "[degRe]": (Fraction(5, 4), Fraction("273.15")),
}
"""Temperatures whose zero is elsewhere (UCUM, section 21): kelvins = slope x value + zero. They stand alone."""

ALONE: frozenset[str] = frozenset({"[pH]", "B", "dB", "Np", "[hp'_X]"})
"""Logarithmic and other special units that are not converted: each is its own kind, and stands alone."""
