"""Which codes a signature asks for, and what becomes of an observation that has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from salus.contracts.errors import UnsupportedInput
from salus.contracts.tensors import Code, Signature, TensorSpec, Variable
from salus.standards.fhir.received import CodeableConcept

LOINC_SYSTEM = "http://loinc.org"
_AGE_CODE, _SEX_CODES = "30525-0", ("76689-9", "46098-0")
_AGE_NAMES, _SEX_NAMES = frozenset({"age"}), frozenset({"sex", "gender"})


@dataclass(frozen=True)
class Matched:
    """An input that an observation is for.

    Attributes:
        spec: The input.
        variable: The row of an events input; None for a scalar or category.
        measured_code: The LOINC code by which the observation was recognised; None where it was another terminology.
    """

    spec: TensorSpec
    variable: int | None
    measured_code: str | None

    @property
    def row(self) -> Variable | None:
        """The variable, for events."""
        return None if self.variable is None else self.spec.variables[self.variable]

    @property
    def unit(self) -> str | None:
        """UCUM unit that the value is wanted in."""
        return self.spec.unit if self.row is None else self.row.unit

    @property
    def wanted_code(self) -> str | None:
        """LOINC code of the input, where it has one."""
        code = self.spec.code if self.row is None else self.row.code
        return code.value if code is not None and code.system == LOINC_SYSTEM else None

    @property
    def flag(self) -> bool:
        """Whether the value is 0 or 1."""
        return (self.spec if self.row is None else self.row).valid_range == (0.0, 1.0)


class WantedCodes:
    """The codes of a signature's inputs.

    An age without code is LOINC 30525-0, a sex without code 76689-9 (or 46098-0).

    Args:
        signature: Of scalars, categories and events.

    Attributes:
        age: The input that is the patient's age, or None.
        sex: The input that is the patient's sex, or None.
        events: The events inputs.

    Raises:
        UnsupportedInput: The signature asks for something that observations are not: a picture, a document.
    """

    def __init__(self, signature: Signature) -> None:
        unread = [spec.name for spec in signature.inputs if spec.content not in {"scalar", "category", "events"}]
        if unread:
            raise UnsupportedInput(
                "a signature of scalars, categories and events",
                found=f"{len(unread)} other inputs",
                remedy="Ask this service in JSON.",
            )
        self.age = _find(signature.inputs, (_AGE_CODE,), _AGE_NAMES)
        self.sex = _find(signature.inputs, _SEX_CODES, _SEX_NAMES)
        self.events = tuple(spec for spec in signature.inputs if spec.content == "events")
        self._by_code: dict[tuple[str, str], list[tuple[TensorSpec, int | None]]] = {}
        for spec in signature.inputs:
            self._add(spec, None, () if spec.code is None else (spec.code,))
            for index, variable in enumerate(spec.variables):
                own = () if variable.code is None else (variable.code,)
                self._add(spec, index, (*own, *variable.more_codes))
        for found, codes in ((self.age, (_AGE_CODE,)), (self.sex, _SEX_CODES)):
            if found is not None:
                self._add(found, None, [Code(system=LOINC_SYSTEM, value=code, display=code) for code in codes])

    def match(self, concept: CodeableConcept) -> tuple[Matched, ...]:
        """The inputs that ask for `concept`, each once: by the first of its codings that an input asks for."""
        found: dict[str, Matched] = {}
        for coding in concept.coding:
            for spec, variable in self._by_code.get((coding.system or "", coding.code or ""), ()):
                loinc = coding.code if coding.system == LOINC_SYSTEM else None
                found.setdefault(spec.name, Matched(spec, variable, loinc))
        return tuple(found.values())

    def _add(self, spec: TensorSpec, variable: int | None, codes: Iterable[Code]) -> None:
        for code in codes:
            entries = self._by_code.setdefault((code.system, code.value), [])
            if (spec, variable) not in entries:
                entries.append((spec, variable))


def _find(specs: Iterable[TensorSpec], codes: tuple[str, ...], names: frozenset[str]) -> TensorSpec | None:
    """The scalar or category with one of the LOINC codes, else the one with one of the names."""
    own = [spec for spec in specs if spec.content in {"scalar", "category"}]
    by_code = [s for s in own if s.code is not None and s.code.system == LOINC_SYSTEM and s.code.value in codes]
    by_name = [s for s in own if s.code is None and s.name.casefold() in names]
    return next(iter([*by_code, *by_name]), None)
