"""Primary biliary cirrhosis followed over years: the Mayo Clinic trial's visits (Murtaugh et al., Hepatology 20, 1994).

One sample is one patient at one visit: every observation up to then, in years since enrolment, and the years from that
visit to death. Transplantation and the end of follow-up censor. The copy holds the patients whose number is not
divisible by five; they are divided by patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.copies import locate, verify
from salus.data.digest import dataset_digest
from salus.data.readers.tables import Columns, read_columns
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Share of the patients by part."""

WORDS: Mapping[str, Mapping[str, float]] = {
    "ascites": {"No": 0, "Yes": 1},
    "hepatomegaly": {"No": 0, "Yes": 1},
    "spiders": {"No": 0, "Yes": 1},
    "edema": {"No edema": 0, "edema no diuretics": 1, "edema despite diuretics": 2},
}
"""How words of the file become numbers."""

_COLUMNS: Mapping[str, str] = {
    "serBilir": "bilirubin",
    "serChol": "cholesterol",
    "albumin": "albumin",
    "alkaline": "alkaline_phosphatase",
    "SGOT": "aspartate_aminotransferase",
    "platelets": "platelets",
    "prothrombin": "prothrombin_time",
    "histologic": "histologic_stage",
    "ascites": "ascites",
    "hepatomegaly": "hepatomegaly",
    "spiders": "spiders",
    "edema": "oedema",
}
VARIABLES: tuple[str, ...] = tuple(_COLUMNS.values())
"""Names of the observed variables, in the order of their index in `events`."""


def read(request: DataRequest, seed: int) -> Dataset:
    """All visits, divided by patient and by whether death was observed.

    Raises:
        DataUnavailable: No copy is at hand.
        ChecksumMismatch: The file is not the one that was promised.
    """
    entry = find_entry("pbc2")
    located = locate(entry, request.data_dirs)
    verify(located)
    whole = split_of(read_columns(located.folder / "pbc2_train.csv"))
    indices = split_by_subject(whole.subjects, whole.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: whole.take(chosen) for part, chosen in indices.items()}
    return Dataset(
        source=entry.source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )


def split_of(columns: Columns) -> Split:
    """Samples from a table of visits in the file's own columns.

    Args:
        columns: `id`, `years` (of follow-up), `status2` (1 where death was observed), `year` (of the visit), `drug`,
            `age`, `sex`, and a column for each variable.

    Returns:
        A sample a visit: `events` (ragged, (observations, 3)), `age` at enrolment, `female`, `penicillamine`; groups
        `visit_year`.

    Raises:
        InvalidInput: A column is missing or holds an unknown word. Names the column, never the value.
    """
    needed = ("id", "years", "status2", "year", "drug", "age", "sex", *_COLUMNS)
    absent = [name for name in needed if name not in columns]
    if absent:
        raise InvalidInput(
            f"the columns {', '.join(needed)}", found=f"none called {', '.join(absent)}", remedy="Add them."
        )
    observed = np.stack([_numbers(columns[name], name) for name in _COLUMNS], axis=1)
    year, years = _numbers(columns["year"], "year"), _numbers(columns["years"], "years")
    patients = np.array([f"patient-{int(number):03d}" for number in _numbers(columns["id"], "id")])
    kept = np.flatnonzero(years > year)
    visit = [int(np.sum((patients[:row] == patients[row]) & (year[:row] <= year[row]))) + 1 for row in kept]
    events = np.empty(kept.size, dtype=object)
    for place, row in enumerate(kept):
        events[place] = _events(year, observed, np.flatnonzero((patients == patients[row]) & (year <= year[row])))
    return Split(
        inputs={
            "events": events,
            "age": _numbers(columns["age"], "age")[kept].astype(np.float32),
            "female": _flags(columns["sex"], "female")[kept],
            "penicillamine": _flags(columns["drug"], "D-penicil")[kept],
        },
        labels=_numbers(columns["status2"], "status2")[kept].astype(np.int64),
        sample_ids=np.array([f"{patients[row]}-visit-{n:02d}" for row, n in zip(kept, visit, strict=True)]),
        subjects=patients[kept],
        groups={"visit_year": np.array([_span(float(value)) for value in year[kept]])},
        targets={"time": (years - year)[kept]},
    )


def _events(year: NDArray[np.float64], observed: NDArray[np.float64], visits: NDArray[np.intp]) -> NDArray[np.float32]:
    rows = [
        (year[visit], index, observed[visit, index])
        for visit in visits
        for index in range(observed.shape[1])
        if np.isfinite(observed[visit, index])
    ]
    return np.array(rows, dtype=np.float32).reshape(-1, 3)


def _numbers(column: Sequence[str | None], name: str) -> NDArray[np.float64]:
    words = WORDS.get(name, {})
    try:
        return np.array([np.nan if text is None else words[text] if text in words else float(text) for text in column])
    except ValueError:
        raise InvalidInput(
            f"numbers or known words in the column {name!r}", found="something else", remedy="Correct the column."
        ) from None


def _flags(column: Sequence[str | None], word: str) -> NDArray[np.float32]:
    return np.array([np.nan if text is None else text == word for text in column], dtype=np.float32)


def _span(year: float) -> str:
    return "0" if year == 0 else "0-1" if year <= 1 else "1-3" if year <= 3 else "3-6" if year <= 6 else "6+"
