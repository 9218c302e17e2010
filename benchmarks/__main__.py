"""Runs the measurements that are named, or all of them, one after the other."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks import icu_risk, results, startup, treatment, variants

MEASUREMENTS: dict[str, Callable[[], None]] = {
    "results": results.main,
    "variants": variants.main,
    "startup": startup.main,
    "icu_risk": icu_risk.main,
    "treatment": treatment.main,
}
LONG = frozenset({"icu_risk", "treatment"})
"""Trainings of many minutes: run where they are named, not where nothing is. So are `python -m benchmarks.survival` and
`python -m benchmarks.scheduling`, which take arguments of their own.
"""


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    words = "which; all but the long ones where none is named"
    parser.add_argument("name", nargs="*", choices=[[], *MEASUREMENTS], help=words)
    for name in parser.parse_args().name or (name for name in MEASUREMENTS if name not in LONG):
        print(f"{name} …", flush=True)
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main()
