"""Rotterdam tumour bank and GBSG trial: months without recurrence under tamoxifen or none.

Learnt from the 1,546 node-positive patients of the Rotterdam tumour bank: of the 1,436 node-negative ones nobody was
given hormones, so that nothing can be said of them. The 686 patients of the German Breast Cancer Study Group (GBSG)
trial, which lifelines carries, are the external test (Royston and Altman, BMC Med Res Methodol 13:33, 2013).

The outcome is the time without recurrence or death up to 60 months as a pseudo-observation, made within each part.
Deaths after the last follow-up for recurrence are left out, the codebook's "conservative" definition.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput, MissingDependency
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.copies import locate, verify
from salus.data.digest import dataset_digest
from salus.data.pseudo_observations import restricted_mean_pseudo_observations
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Share of the samples by part."""
HORIZON_MO = 60.0
"""Months up to which time without recurrence counts."""
DAYS_PER_MONTH = 30.4375

_SIZES = {"<=20": 0, "20-50": 1, ">50": 2}


def read(request: DataRequest, seed: int) -> Dataset:
    """The node-positive Rotterdam patients, divided 60 : 20 : 20 by the seed.

    Returns:
        Inputs `age`, `postmenopausal`, `size` (0, 1, 2 for up to 20, 20 to 50, above 50 mm), `grade`, `nodes`, `pgr`,
        `er`; labels 1 where hormones were given; targets `outcome` (months), and `time` (months) and `event` that it
        was made from; the group `chemotherapy`.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    located = locate(find_entry("rotterdam_gbsg"), request.data_dirs)
    verify(located)
    whole = _read_rows(located.folder / "rotterdam.csv")
    indices = split_by_subject(whole.subjects, whole.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: with_outcome(whole.take(chosen)) for part, chosen in indices.items()}
    return Dataset(
        source=find_entry("rotterdam_gbsg").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )


def is_study_table(path: Path) -> bool:
    """Whether a CSV has the columns of `rotterdam` or `gbsg` in the R package survival."""
    if not path.is_file() or path.suffix.casefold() != ".csv":
        return False
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = {name.strip().strip('"') for name in stream.readline().split(",")}
    return {"hormon", "nodes", "pgr", "er"} <= header and bool({"rtime", "rfstime"} & header)


def read_study_table(path: Path) -> Split:
    """The node-positive patients of `rotterdam` or `gbsg` as the R package survival writes them, as one part.

    Raises:
        InvalidInput: A column is missing or holds something else than numbers, or the follow-up is too short.
    """
    return with_outcome(_read_rows(path))


def read_gbsg() -> Split:
    """The GBSG trial as lifelines carries it (`load_gbsg2`), with the same inputs and targets as `read`.

    All patients of the trial had chemotherapy (three or six cycles of CMF).

    Raises:
        MissingDependency: lifelines is not installed.
    """
    try:
        from lifelines.datasets import load_gbsg2
    except ImportError as error:
        raise MissingDependency(
            "lifelines, which holds the data", found="no such library", remedy="pip install 'salus[train]'"
        ) from error
    table = load_gbsg2()
    size = table["tsize"].to_numpy(np.float32)
    names = np.array([f"gbsg-{row + 1:03d}" for row in range(len(table))])
    inputs = {
        "age": table["age"].to_numpy(np.float32),
        "postmenopausal": (table["menostat"] == "Post").to_numpy(np.float32),
        "size": (size > 20).astype(np.float32) + (size > 50),
        "grade": table["tgrade"].map({"I": 1.0, "II": 2.0, "III": 3.0}).to_numpy(np.float32),
        "nodes": table["pnodes"].to_numpy(np.float32),
        "pgr": table["progrec"].to_numpy(np.float32),
        "er": table["estrec"].to_numpy(np.float32),
    }
    return with_outcome(
        Split(
            inputs=inputs,
            labels=(table["horTh"] == "yes").to_numpy(np.int64),
            sample_ids=names,
            subjects=names,
            groups={"chemotherapy": np.full(len(table), "yes")},
            targets={
                "time": table["time"].to_numpy(np.float64) / DAYS_PER_MONTH,
                "event": table["cens"].to_numpy(np.float64),
            },
        )
    )


def with_outcome(split: Split) -> Split:
    """The part with `outcome` made from its `time` and `event`.

    Raises:
        InvalidInput: The follow-up ends before the horizon.
    """
    outcome = restricted_mean_pseudo_observations(
        split.targets["time"], split.targets["event"].astype(np.int64), horizon=HORIZON_MO
    )
    return Split(
        inputs=split.inputs,
        labels=split.labels,
        sample_ids=split.sample_ids,
        subjects=split.subjects,
        groups=split.groups,
        attributes=split.attributes,
        targets={**split.targets, "outcome": outcome},
    )


def _read_rows(path: Path) -> Split:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if float(row["nodes"]) > 0]
        return _to_split(rows)
    except (KeyError, ValueError) as error:
        raise InvalidInput(
            "the columns of `rotterdam` or `gbsg` in the R package survival, numbers in each row",
            found=f"a table of another form ({type(error).__name__})",
            remedy="Give the inputs by the task's own names, with the columns `option` and `outcome`.",
        ) from error


def _to_split(rows: list[dict[str, str]]) -> Split:
    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name]) for row in rows])

    trial = "rfstime" in rows[0] if rows else False
    names = np.array([f"{'gbsg' if trial else 'rotterdam'}-{row['pid']}" for row in rows])
    if trial:
        time, event = column("rfstime"), column("status")
    else:
        recurred, died = column("recur"), column("death")
        late = (recurred == 0) & (died == 1) & (column("rtime") < column("dtime"))
        by_recurrence = (recurred == 1) | late
        time = np.where(by_recurrence, column("rtime"), column("dtime"))
        event = np.where(by_recurrence, recurred, died)
    inputs = {
        "age": column("age"),
        "postmenopausal": column("meno"),
        "size": np.array([_size(row["size"]) for row in rows]),
        "grade": column("grade"),
        "nodes": column("nodes"),
        "pgr": column("pgr"),
        "er": column("er"),
    }
    return Split(
        inputs={name: values.astype(np.float32) for name, values in inputs.items()},
        labels=column("hormon").astype(np.int64),
        sample_ids=names,
        subjects=names,
        groups={"chemotherapy": np.where(np.ones(len(rows)) if trial else column("chemo") == 1, "yes", "no")},
        targets={"time": time / DAYS_PER_MONTH, "event": event},
    )


def _size(text: str) -> float:
    """The category of a size that is written as one, or in millimetres."""
    return float(_SIZES[text]) if text in _SIZES else float(np.digitize(float(text), [20.0 + 1e-9, 50.0 + 1e-9]))
