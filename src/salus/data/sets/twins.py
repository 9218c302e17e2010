"""Twins: 11,400 pairs of twins born in the USA, of whom either both outcomes are known; the choice is simulated.

For each pair the lighter twin stands for the first option and the heavier for the second; the outcome is death within
a year. Which of the two is shown is drawn as GANITE's published code draws it (Yoon, Jordon, van der Schaar, ICLR
2018): by a random logistic propensity with weights from U(-0.01, 0.01) and noise of N(0, 0.01).
"""

from __future__ import annotations

import csv
import gzip

import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.copies import locate, verify
from salus.data.digest import dataset_digest

# fmt: off
COVARIATES = (
    "dtotord", "anemia", "cardiac", "lung", "diabetes", "herpes", "hydra", "hemo", "chyper", "phyper", "eclamp",
    "incervix", "pre4000", "preterm", "renal", "rh", "uterine", "othermr", "cigar", "drink", "wtgain", "pldel",
    "gestat", "dmage", "dmeduc", "dmar", "resstatb", "mpcb", "nprevist", "adequacy",
)
# fmt: on
"""The thirty covariates, in the order of the source's columns."""
_DAYS = 9999.0
"""What the source writes for a child that lived for a year."""


def read(request: DataRequest, seed: int) -> Dataset:
    """The pairs, assigned and divided 56 : 24 : 20 by the seed.

    Returns:
        Inputs by the source's names; labels 1 where the heavier twin is shown; targets `outcome` (1 where the shown
        twin died within a year) and `effect` (outcome of the heavier less that of the lighter), for judging alone.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    located = locate(find_entry("twins"), request.data_dirs)
    verify(located)
    with gzip.open(located.folder / "Twin_data.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        next(lines)
        table = np.array([[float(value) for value in line] for line in lines])
    x, died = table[:, : len(COVARIATES)], (table[:, len(COVARIATES) :] < _DAYS).astype(np.float64)
    rng = np.random.default_rng(seed)
    logit = x @ rng.uniform(-0.01, 0.01, size=x.shape[1]) + rng.normal(0.0, 0.01, size=len(x))
    chance = 1.0 / (1.0 + np.exp(-logit))
    chance = np.clip(chance / (2.0 * chance.mean()), 0.0, 1.0)
    given = (rng.random(len(x)) < chance).astype(np.int64)
    names = np.array([f"pair-{row + 1:05d}" for row in range(len(x))])
    whole = Split(
        inputs={name: x[:, column].astype(np.float32) for column, name in enumerate(COVARIATES)},
        labels=given,
        sample_ids=names,
        subjects=names,
        targets={"outcome": died[np.arange(len(x)), given], "effect": died[:, 1] - died[:, 0]},
    )
    order = rng.permutation(len(x))
    ends = [int(0.56 * len(x)), int(0.8 * len(x))]
    parts = {
        part: whole.take(np.sort(chosen))
        for part, chosen in zip(("train", "validation", "test"), np.split(order, ends), strict=True)
    }
    return Dataset(
        source=find_entry("twins").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )
