"""Warfarin: stable weekly doses of the International Warfarin Pharmacogenetics Consortium (IWPC).

Patients with a dose, of whatever INR, as published (N Engl J Med 360:753-764, 2009). Genotypes are the consortium's
consensus calls; a missing VKORC1 -1639 G>A (rs9923231) is filled from its neighbours in linkage disequilibrium by the
rules of the paper's supplement (section S4), and stays missing where none applies. Medicines that nobody asked for
count as not taken, as in the paper.

The rows at hand are those whose md5 of the subject's name is not divisible by five; the copy's maker keeps the rest
aside.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.copies import locate, verify
from salus.data.digest import dataset_digest
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Share of the samples by part."""
CYP2C9 = ("*1/*1", "*1/*2", "*1/*3", "*2/*2", "*2/*3", "*3/*3", "other")
"""Genotypes of CYP2C9, in the order of the category."""
VKORC1 = ("G/G", "A/G", "A/A")
"""Genotypes of VKORC1 -1639 G>A, in the order of the category."""
RACES = ("White", "Asian", "Black or African American", "Unknown")
"""As the source writes them; `Unknown` is missing or mixed."""

Row = Mapping[str, str]
LEVELS_MG_PER_WEEK = (21.0, float(np.nextafter(49.0, 50.0)))
"""Where the usual levels begin: low is below 21, high above 49."""
_DOSE = "Therapeutic Dose of Warfarin"
_NEIGHBOURS = (
    # consensus column, its genotype for G/G, A/G, A/A; whether the rule leaves out Black and mixed or missing race
    ("VKORC1 2255 consensus", ("C/C", "C/T", "T/T"), True),
    ("VKORC1 1173 consensus", ("C/C", "C/T", "T/T"), False),
    ("VKORC1 1542 consensus", ("G/G", "C/G", "C/C"), True),
)
_NUMBERS = {"height": "Height (cm)", "weight": "Weight (kg)", "target_inr": "Target INR"}
_YES_OR_NO = {
    "amiodarone": "Amiodarone (Cordarone)",
    "aspirin": "Aspirin",
    "simvastatin": "Simvastatin (Zocor)",
    "smoker": "Current Smoker",
    "diabetes": "Diabetes",
    "heart_failure": "Congestive Heart Failure and/or Cardiomyopathy",
    "valve_replacement": "Valve Replacement",
}
_INDUCERS = ("Carbamazepine (Tegretol)", "Phenytoin (Dilantin)", "Rifampin or Rifampicin")
_TAKEN_OR_NOT = frozenset({"amiodarone", "aspirin", "simvastatin"})


def read(request: DataRequest, seed: int) -> Dataset:
    """The patients with a dose, divided 60 : 20 : 20 by the seed.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    located = locate(find_entry("warfarin_iwpc"), request.data_dirs)
    verify(located)
    whole = read_iwpc_table(located.folder / "warfarin_train.csv.gz")
    indices = split_by_subject(whole.subjects, whole.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: whole.take(chosen) for part, chosen in indices.items()}
    return Dataset(
        source=find_entry("warfarin_iwpc").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )


def is_iwpc_table(path: Path) -> bool:
    """Whether a CSV, possibly packed by gzip, has the consortium's columns."""
    if not path.is_file() or not path.name.casefold().endswith((".csv", ".csv.gz")):
        return False
    with _open(path) as stream:
        header = stream.readline()
    return "PharmGKB Subject ID" in header and _DOSE in header


def read_iwpc_table(path: Path) -> Split:
    """The consortium's table, such as `warfarin_train.csv.gz` or the whole published one as CSV.

    Returns:
        The rows with a dose, in order. Labels: 0 below 21 mg/week, 1 up to 49, 2 above (the usual levels); the target
        `value` in mg/week; the group `race`.

    Raises:
        InvalidInput: Columns are missing.
    """
    with _open(path) as stream:
        reader = csv.DictReader(stream)
        rows = [row for row in reader if _number(row.get(_DOSE, "")) > 0]
    asked = {_DOSE, "Age", "Gender", "Race", "CYP2C9 consensus", "VKORC1 -1639 consensus", *_INDUCERS}
    asked |= {*_NUMBERS.values(), *_YES_OR_NO.values(), *(name for name, _, _ in _NEIGHBOURS)}
    missing = asked - set(rows[0] if rows else ())
    if missing:
        raise InvalidInput(
            f"the consortium's columns, {len(asked)} of which are read",
            found=f"none called {', '.join(sorted(missing))}, or no row with a dose",
            remedy="Give the table as the consortium published it, as CSV.",
        )
    dose = np.array([_number(row[_DOSE]) for row in rows])
    names = np.array([row["PharmGKB Subject ID"] for row in rows])
    columns: dict[str, Callable[[Row], float]] = {
        "age_decade": lambda row: _number(row["Age"][:1]) if row["Age"][:1].isdigit() else np.nan,
        "male": lambda row: {"male": 1.0, "female": 0.0}.get(row["Gender"], np.nan),
        "race": lambda row: float(RACES.index(row["Race"])) if row["Race"] in RACES else 3.0,
        **{name: _column_reader(header) for name, header in _NUMBERS.items()},
        "vkorc1": _vkorc1,
        "cyp2c9": _cyp2c9,
        "enzyme_inducer": lambda row: float(any(_number(row[name]) == 1.0 for name in _INDUCERS)),
        **{name: _column_reader(header, taken=name in _TAKEN_OR_NOT) for name, header in _YES_OR_NO.items()},
    }
    return Split(
        inputs={name: _values(rows, find) for name, find in columns.items()},
        labels=np.digitize(dose, LEVELS_MG_PER_WEEK).astype(np.int64),
        sample_ids=names,
        subjects=names,
        groups={"race": np.array([row["Race"] if row["Race"] in RACES else "Unknown" for row in rows])},
        targets={"value": dose},
    )


def _values(rows: Iterable[Row], find: Callable[[Row], float]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array([find(row) for row in rows], dtype=np.float32)


def _column_reader(header: str, *, taken: bool = False) -> Callable[[Row], float]:
    """Reads a number; what is not known of a medicine counts as not taken."""

    def find(row: Row) -> float:
        value = _number(row[header])
        return 0.0 if taken and np.isnan(value) else value

    return find


def _vkorc1(row: Row) -> float:
    call = row["VKORC1 -1639 consensus"]
    if call in VKORC1:
        return float(VKORC1.index(call))
    mixed = row["Race"] not in {"White", "Asian"}
    for column, genotypes, leaves_out in _NEIGHBOURS:
        if row[column] in genotypes and not (leaves_out and mixed):
            return float(genotypes.index(row[column]))
    return np.nan


def _cyp2c9(row: Row) -> float:
    call = row["CYP2C9 consensus"]
    if call in {"", "NA"}:
        return np.nan
    return float(CYP2C9.index(call)) if call in CYP2C9 else float(len(CYP2C9) - 1)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _open(path: Path):  # type: ignore[no-untyped-def]  # a text stream of either kind
    if path.name.casefold().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
