"""`solver.json`: which solver a package is, and how it is set. It holds no program: the pack that made it does."""

from __future__ import annotations

from typing import Any

import msgspec

from salus.modelpackage.encoding import decode_record, encode_checked
from salus.modelpackage.layout import SOLVER


class SolverFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `solver.json` says.

    Attributes:
        pack: The pack whose solver it is.
        task: Its task.
        settings: What the solver's factory is given.
        example_iterations: Moves with which the package's own example was planned, so that it is planned alike on
            every machine.
    """

    pack: str
    task: str
    settings: dict[str, Any]
    example_iterations: int

    @property
    def package_name(self) -> str:
        """`<pack>.<task>`."""
        return f"{self.pack}.{self.task}"


def encode_solver(solver: SolverFile) -> bytes:
    """The file's bytes: equal for equal solvers. Raises InvalidInput where a setting is none that JSON can hold."""
    return encode_checked(solver, SolverFile, SOLVER)


def decode_solver(content: bytes) -> SolverFile:
    """What the file says. Raises PackageRejected where it says something else."""
    return decode_record(content, SolverFile, SOLVER)
