"""Infant Health and Development Program (IHDP), NPCI setting A: 747 infants, real covariates, generated outcomes.

Who was given early education and care is real (with some of the treated left out, so that the groups differ); both
outcomes are generated from the covariates (Hill, J Comput Graph Stat 20:217-240, 2011; Shalit, Johansson, Sontag,
ICML 2017), so that each infant's true effect is known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import NotFound
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.copies import locate, verify
from salus.data.digest import dataset_digest

COVARIATES = 25
REPLICATIONS = 100
"""Generated outcomes at hand; replications 101 to 1000 are kept aside by the copy's maker."""
_FILE = "ihdp_npci_1-100.npz"


def read(request: DataRequest, seed: int, *, replication: int = 1) -> Dataset:
    """One replication, divided 63 : 27 : 10 as in the field's protocol, whatever the seed.

    Args:
        request: Where to look.
        seed: Not followed: every paper's division is the same.
        replication: From 1 to 100.

    Returns:
        Inputs `x1` to `x25`; labels 1 where the infant was treated; targets `outcome` and `effect`, the true expected
        effect mu1 - mu0, which is for judging alone.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
        NotFound: No such replication.
    """
    del seed
    if not 1 <= replication <= REPLICATIONS:
        raise NotFound(f"a replication from 1 to {REPLICATIONS}", found="another", remedy="Choose one of these.")
    located = locate(find_entry("ihdp"), request.data_dirs)
    verify(located)
    with np.load(located.folder / _FILE, allow_pickle=False) as arrays:
        x, given = arrays["x"].copy(), arrays["t"].astype(np.int64)
        outcome, control, treated = (arrays[key][replication - 1] for key in ("yf", "mu0", "mu1"))
    x[:, 13] -= 1.0  # written as 1 and 2 in the source
    names = np.array([f"infant-{row + 1:03d}" for row in range(len(x))])
    whole = Split(
        inputs={f"x{column + 1}": x[:, column].astype(np.float32) for column in range(COVARIATES)},
        labels=given,
        sample_ids=names,
        subjects=names,
        targets={"outcome": outcome.astype(np.float64), "effect": (treated - control).astype(np.float64)},
    )
    parts = {part: whole.take(chosen) for part, chosen in divide(len(x)).items()}
    return Dataset(
        source=find_entry("ihdp").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )


def divide(count: int) -> dict[str, NDArray[np.intp]]:
    """The field's division, as CEVAE's published code makes it: a tenth tests, three tenths of the rest validate.

    Both draws are scikit-learn's `train_test_split` with `random_state=1`, written out: a permutation, of which the
    first ceil(share x count) are taken.
    """

    def split(indices: NDArray[np.intp], share: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        order = np.random.RandomState(1).permutation(len(indices))
        taken = int(np.ceil(share * len(indices)))
        return indices[order[taken:]], indices[order[:taken]]

    rest, test = split(np.arange(count), 0.1)
    train, validation = split(rest, 0.3)
    return {"train": train, "validation": validation, "test": test}
