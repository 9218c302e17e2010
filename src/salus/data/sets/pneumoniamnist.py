"""PneumoniaMNIST (MedMNIST v2): children's chest X-rays at 28 x 28, with the publisher's division."""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import DataUnavailable
from salus.contracts.packs import DataRequest
from salus.data.catalogue import Located, find_entry, locate, verify
from salus.data.digest import dataset_digest
from salus.data.fetching import fetch
from salus.data.readers.arrays import LabelledArrays, read_labelled_arrays
from salus.data.readers.stacks import picture_stack


def read(request: DataRequest, seed: int) -> Dataset:
    """PneumoniaMNIST as its publisher divided it.

    Args:
        request: Where copies may lie; fetched where there is none and the network may be used.
        seed: Unused; the publisher divides.

    Returns:
        The data set; input `image` of shape (N, 28, 28, 1); labels 0 normal, 1 pneumonia. Each sample is its own
        subject, as the source names no patients. The test part is there where the copy is the publisher's own.

    Raises:
        DataUnavailable: No copy, and none can be fetched.
        ChecksumMismatch: A copy that is not the one that was promised.
    """
    del seed
    entry = find_entry("pneumoniamnist")
    located = _find_or_fetch(request)
    verify(located)
    arrays = read_labelled_arrays(located.folder / located.layout.files[0].path)
    parts: dict[str, Split] = {
        name: _read_part(name, arrays[name]) for name in ("train", "validation", "test") if name in arrays
    }
    return Dataset(
        source=entry.source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
    )


def _find_or_fetch(request: DataRequest) -> Located:
    entry = find_entry("pneumoniamnist")
    try:
        return locate(entry, (*request.data_dirs, request.cache_dir))
    except DataUnavailable:
        if request.offline:
            raise
    return fetch(entry, request.cache_dir, request.progress, offline=False)


def _read_part(name: str, arrays: LabelledArrays) -> Split:
    names = np.array([f"{name}-{index:05d}" for index in range(len(arrays.labels))])
    return Split(
        inputs={"image": picture_stack(arrays.values, channels=1)},
        labels=arrays.labels.reshape(-1).astype(np.int64),
        sample_ids=names,
        subjects=names,
    )
