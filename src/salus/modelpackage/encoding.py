"""One way to write each record as JSON, so that equal records are equal bytes; and one strict way to read it."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from salus.contracts.errors import InvalidInput, PackageRejected
from salus.contracts.reports import EvaluationReport

T = TypeVar("T")


class Evaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`evaluation.json`: a report for each part of the data."""

    reports: tuple[EvaluationReport, ...]


def encode_record(record: object) -> bytes:
    """UTF-8 JSON with sorted keys, two spaces of indentation and a newline at the end. NaN becomes null."""
    return msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=2) + b"\n"


def encode_checked(record: object, kind: type[Any], name: str) -> bytes:
    """The record's JSON, which reads back as a `kind`.

    Raises:
        InvalidInput: It does not: a figure is NaN or infinite, or a field has a wrong type.
    """
    content = encode_record(record)
    try:
        decode_record(content, kind, name)
    except PackageRejected as error:
        raise InvalidInput(
            f"a record for {name} that JSON can hold", found=error.found, remedy="Give a finite number or null."
        ) from error
    return content


def decode_record(content: bytes, kind: type[T], name: str) -> T:
    """The `kind` that `content` says. Unknown fields are refused.

    Raises:
        PackageRejected: It says none.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, msgspec.ValidationError) else "text that is not JSON"
        raise PackageRejected(
            f"{name} as the format describes it",
            found=ascii(reason)[1:-1][:200],
            remedy="Get an unaltered copy, or one made for this version of Salus.",
        ) from error
