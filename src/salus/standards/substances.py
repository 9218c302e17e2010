"""Molar masses and valences, by the LOINC code of what is measured: what exchanges mg/dL for mmol/L.

Only a substance with one composition has a molar mass. Left out on purpose: haemoglobin (told for the monomer or the
tetramer), proteins and hormones (isoforms), fatty acids (mixtures).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Substance:
    """What a LOINC code counts.

    Attributes:
        name: The substance whose moles are counted.
        molar_mass: Grams that are reported for a mole, as a decimal; None where none is stated. Urea is reported by
            some as itself and by others as the nitrogen in it.
        valence: Equivalents of a mole; None where equivalents are not used.
        source: Where the figure is written.
    """

    name: str
    molar_mass: str | None
    valence: int | None
    source: str


_IUPAC = "IUPAC/CIAAW abridged standard atomic weights 2021 (Pure Appl Chem 94:573-600, 2022)"


def _pubchem(number: int) -> str:
    return f"PubChem compound {number}"


_GLUCOSE = Substance("glucose", "180.156", None, _pubchem(5793))
_CREATININE = Substance("creatinine", "113.12", None, _pubchem(588))
_BILIRUBIN = Substance("bilirubin", "584.7", None, _pubchem(5280352))
_UREA = Substance("urea", "60.056", None, _pubchem(1176))
_UREA_NITROGEN = Substance("urea", "28.014", None, f"two atoms of nitrogen a molecule of urea; {_IUPAC}")
_URATE = Substance("urate", "168.11", None, f"{_pubchem(1175)} (as uric acid)")
_CHOLESTEROL = Substance("cholesterol", "386.7", None, _pubchem(5997))
_TRIGLYCERIDE = Substance("triglyceride", "885.4", None, f"{_pubchem(5497163)} (as triolein, by convention)")
_LACTATE = Substance("lactate", "90.08", 1, f"{_pubchem(612)} (as lactic acid)")
_CALCIUM = Substance("calcium", "40.078", 2, _IUPAC)
_MAGNESIUM = Substance("magnesium", "24.305", 2, _IUPAC)
_PHOSPHORUS = Substance("phosphate", "30.974", None, f"reported as phosphorus; {_IUPAC}")
_IRON = Substance("iron", "55.845", None, _IUPAC)
_SODIUM = Substance("sodium", "22.990", 1, _IUPAC)
_POTASSIUM = Substance("potassium", "39.098", 1, _IUPAC)
_CHLORIDE = Substance("chloride", "35.45", 1, _IUPAC)
_BICARBONATE = Substance("bicarbonate", None, 1, "HCO3-, one charge; reported in mmol/L or meq/L alone")

_CODES: tuple[tuple[Substance, tuple[str, ...]], ...] = (
    (_GLUCOSE, ("2345-7", "2339-0", "2340-8", "2341-6", "41653-7", "1558-6", "14749-6", "15074-8", "14771-0")),
    (_CREATININE, ("2160-0", "38483-4", "14682-9", "59826-8")),
    (_BILIRUBIN, ("1975-2", "42719-5", "14631-6", "59828-4", "1968-7", "14629-0")),
    (_UREA_NITROGEN, ("3094-0", "6299-2", "14937-7", "59570-2")),
    (_UREA, ("3091-6", "22664-7")),
    (_URATE, ("3084-1", "14933-6")),
    (_CHOLESTEROL, ("2093-3", "14647-2", "2085-9", "14646-4", "13457-7", "2089-1", "22748-8")),
    (_TRIGLYCERIDE, ("2571-8", "14927-8")),
    (_LACTATE, ("2524-7", "32693-4", "14118-4", "2518-9", "59032-3")),
    (_CALCIUM, ("17861-6", "2000-8", "1994-3", "1995-0")),
    (_MAGNESIUM, ("19123-9", "2601-3")),
    (_PHOSPHORUS, ("2777-1", "14879-1")),
    (_IRON, ("2498-4", "14798-3")),
    (_SODIUM, ("2951-2", "2947-0")),
    (_POTASSIUM, ("2823-3", "6298-4")),
    (_CHLORIDE, ("2075-0", "2069-3")),
    (_BICARBONATE, ("1963-8", "1959-6", "1960-4", "2028-9")),
)
_BY_CODE = {code: substance for substance, codes in _CODES for code in codes}


def find_substance(loinc: str | None) -> Substance | None:
    """The substance that a LOINC code counts, or None where this table does not say.

    Example:
        >>> found = find_substance("2345-7")
        >>> found.name if found else None
        'glucose'
    """
    return None if loinc is None else _BY_CODE.get(loinc)
