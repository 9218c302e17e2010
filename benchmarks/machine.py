"""The machine that a figure was measured on, without its name."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from salus.serving.threads import count_usable_cores

PAGES = Path(__file__).parents[1] / "docs" / "performance"
"""Where the measurements write."""

_CPU_FACTS = Path("/proc/cpuinfo")
_VNNI = frozenset({"avx512_vnni", "avx_vnni"})


def describe_machine(libraries: Sequence[str], *, command: str) -> str:
    """A Markdown paragraph: date, command, processor, cores, versions, load.

    Args:
        libraries: Distributions whose versions matter.
        command: What reproduces the figures.
    """
    facts = _cpu_facts()
    vnni = ", ".join(sorted(_VNNI & set(facts.get("flags", "").split()))) or "none"
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {importlib.metadata.version(name)}" for name in libraries]
    words = [
        f"Measured on {dt.datetime.now(tz=dt.UTC).date().isoformat()} by `{command}`",
        f"processor: {facts.get('model name') or platform.machine()}, VNNI: {vnni}",
        f"{count_usable_cores()} cores; {', '.join(versions)}",
        f"load of the last minute when it began: {os.getloadavg()[0]:.1f}",
    ]
    return "; ".join(words) + "."


def has_vnni() -> bool:
    """Whether the processor multiplies 8-bit integers by VNNI instructions."""
    return not _VNNI.isdisjoint(_cpu_facts().get("flags", "").split())


def _cpu_facts() -> dict[str, str]:
    if not _CPU_FACTS.exists():
        return {}
    lines = (line.partition(":") for line in _CPU_FACTS.read_text(encoding="utf-8").split("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}
