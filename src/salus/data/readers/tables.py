"""CSV and Parquet tables into columns of text and columns of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput, MissingDependency
from salus.contracts.tensors import TensorSpec

MISSING_MARKERS = frozenset({"", "?", "na", "n/a", "nan", "none", "null", "missing", "-"})
"""What stands for a missing value, whatever its case."""

Columns = Mapping[str, Sequence[str | None]]
_WITH_UNIT = re.compile(r"^(?P<name>.*?)\s*\[(?P<unit>[^\]]*)\]\s*$")


def read_columns(path: Path) -> dict[str, list[str | None]]:
    """A table's columns as text, by header; what is missing is None.

    CSV is read with a header line, in UTF-8, separated by comma, semicolon or tab, whichever the header has most of.

    Raises:
        InvalidInput: Neither CSV nor Parquet, damaged, empty, or a header twice.
        MissingDependency: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import csv, parquet
    except ImportError as error:
        raise MissingDependency(
            "pyarrow, to read tables", found="no such library", remedy="Install it with: pip install 'salus[train]'"
        ) from error
    try:
        if path.suffix.casefold() in {".parquet", ".pq"}:
            table: Any = parquet.read_table(path)
        else:
            header = _first_line(path)
            separator = max(",;\t", key=header.count)
            names = [name.strip().strip('"') for name in header.split(separator)]
            table = csv.read_csv(
                path,
                parse_options=csv.ParseOptions(delimiter=separator),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "a CSV table with a header line, or a Parquet table",
            found=f"{path.name}, which does not read ({type(error).__name__})",
            remedy="Check that every line has as many fields as the header.",
        ) from error
    names = [str(name).strip().lstrip("\ufeff") for name in table.column_names]
    if len(set(names)) != len(names):
        raise InvalidInput("headers that differ", found="one twice", remedy="Rename a column.")
    return {
        name: [_present(value) for value in column.to_pylist()]
        for name, column in zip(names, table.columns, strict=True)
    }


def find_column(columns: Columns, name: str) -> tuple[str, str | None] | None:
    """The header that means `name`, and the unit that it states.

    Case and punctuation do not matter; a unit may stand in brackets behind the name: `mean radius [mm]`.

    Returns:
        The header as it is written and its unit (None where it states none); None where there is no such column.
    """
    for header in columns:
        match = _WITH_UNIT.match(header)
        plain, unit = (match["name"], match["unit"].strip()) if match else (header, None)
        if _key(plain) == _key(name) or _key(header) == _key(name):
            return header, unit
    return None


def scalar_column(columns: Columns, spec: TensorSpec) -> NDArray[np.float32]:
    """One input's values; NaN where the value is missing.

    A `category` may be written as its index or in words of either language.

    Args:
        columns: As `read_columns` gives them.
        spec: A `scalar` or `category` of the signature.

    Returns:
        (rows,) FP32.

    Raises:
        InvalidInput: No such column, another unit, or a value that is no number. Names the column, never the value.
    """
    found = find_column(columns, spec.name)
    if found is None:
        raise InvalidInput(
            f"a column {spec.name!r}", found=f"{len(columns)} other columns", remedy="Add it, or rename a column."
        )
    header, unit = found
    if unit is not None and unit != (spec.unit or ""):
        raise InvalidInput(
            f"the column {spec.name!r} in the unit {spec.unit!r}",
            found=f"the unit {unit!r}",
            remedy="Convert the column; units are not converted here.",
        )
    words = {_key(text): i for i, title in enumerate(spec.categories) for text in (title.en, title.zh)}
    values = np.full(len(columns[header]), np.nan, dtype=np.float32)
    for row, text in enumerate(columns[header]):
        if text is None:
            continue
        word = words.get(_key(text))
        try:
            values[row] = float(text) if word is None else word
        except ValueError:
            raise InvalidInput(
                f"numbers in the column {header!r}",
                found=f"something else in row {row + 1}",
                remedy="Write numbers with a point; leave missing values empty.",
            ) from None
    return values


def _present(value: object) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    return None if text.casefold() in MISSING_MARKERS else text


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as stream:
        return stream.readline().rstrip("\r\n")


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
