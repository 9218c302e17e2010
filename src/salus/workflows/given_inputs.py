"""Inputs that are said in words beside a file: `time_limit_s=60`, `previous=@plan.json`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec


def read_given_inputs(words: Sequence[str], signature: Signature) -> dict[str, Array]:
    """Each input that the words name, (1,).

    Args:
        words: `NAME=VALUE`; of a document `NAME=@FILE`.
        signature: Whose inputs may be named.

    Raises:
        InvalidInput: Another form, an input that there is none of, or a value that is none.
    """
    given: dict[str, Array] = {}
    for word in words:
        name, equals, value = word.partition("=")
        spec = signature.input(name)
        if not equals or spec is None or spec.content not in {"scalar", "category", "document"}:
            known = [each.name for each in signature.inputs if each.content in {"scalar", "category", "document"}]
            raise InvalidInput(
                f"NAME=VALUE with a name of {', '.join(known)}",
                found=f"{name[:64]!r}",
                remedy="Give --input NAME=VALUE, or --input NAME=@FILE for a document.",
            )
        given[name] = _read_document(value, spec) if spec.content == "document" else _read_number(value, spec)
    return given


def _read_document(value: str, spec: TensorSpec) -> Array:
    if not value.startswith("@"):
        return np.array([value.encode("utf-8")], dtype=object)
    try:
        return np.array([Path(value[1:]).read_bytes()], dtype=object)
    except OSError as error:
        raise InvalidInput(
            f"a file for {spec.name!r} that can be read",
            found=f"one that cannot ({error.strerror})",
            remedy="Look at the path.",
        ) from error


def _read_number(value: str, spec: TensorSpec) -> Array:
    kind = np.dtype(NUMPY_NAMES[spec.datatype])
    try:
        return np.array([float(value) if kind.kind == "f" else int(value)]).astype(kind)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"a number that {spec.datatype} can hold for {spec.name!r}", found="another text", remedy="Write a number."
        ) from error
