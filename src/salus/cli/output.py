"""What the terminal shows: tables of at most 100 columns, or JSON; the last line says what to do next."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from salus.bootstrap.terminal import wants_colour

WIDTH = 100


def show_table(headers: Sequence[str], rows: Sequence[Sequence[object]], *, next_step: str = "") -> None:
    """Print a table with plain columns; the widest column is shortened where the line would pass 100 columns."""
    texts = [[_cell(value) for value in row] for row in rows]
    widths = [max([_width(h), *(_width(row[i]) for row in texts)]) for i, h in enumerate(headers)]
    spare = WIDTH - 2 * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    write("  ".join(_pad(strong(h), _width(h), w) for h, w in zip(headers, widths, strict=True)).rstrip())
    for row in texts:
        cells = [_cut(cell, w) for cell, w in zip(row, widths, strict=True)]
        write("  ".join(_pad(cell, _width(cell), w) for cell, w in zip(cells, widths, strict=True)).rstrip())
    if not texts:
        write("(none)")
    if next_step:
        write("")
        write(next_step)


def show_facts(facts: Mapping[str, object], *, next_step: str = "") -> None:
    """Print names and values, one a line."""
    width = max((_width(name) for name in facts), default=0)
    for name, value in facts.items():
        write(f"{_pad(name, _width(name), width)}  {_cell(value)}")
    if next_step:
        write("")
        write(next_step)


def show_json(value: Any) -> None:
    """Print `value` as indented JSON."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def write(line: str) -> None:
    """Print one line."""
    sys.stdout.write(line + "\n")


def warn(line: str) -> None:
    """Print one line where errors go."""
    sys.stderr.write(line + "\n")


def strong(text: str) -> str:
    """`text` in bold, on a terminal that wants colours."""
    return f"\x1b[1m{text}\x1b[0m" if wants_colour() else text


def _cell(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int, to: int) -> str:
    return text + " " * (to - width)


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    kept = ""
    for character in text:
        if _width(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"
