"""The digest of a data set: the same samples in the same order give the same 64 characters, wherever they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.datasets import Split


def dataset_digest(parts: Mapping[str, Split]) -> str:
    """SHA-256 (hex) over the parts in order: inputs, labels, names, subjects, groups and targets of every sample.

    Memory layout, byte order and the kind of column (ragged or rectangular) do not matter; order, content, labels and
    the division do. `attributes` are left out: a model never sees them.

    Args:
        parts: Parts by name, in order.

    Example:
        >>> zeros = np.zeros(1, np.int64)
        >>> part = Split({"x": zeros}, zeros, np.array(["a"]), np.array(["p"]))
        >>> dataset_digest({"train": part}) == dataset_digest({"train": part})
        True
    """
    digest = hashlib.sha256()
    for name, part in parts.items():
        _feed(digest, "part", name, str(len(part)))
        columns: dict[str, Array] = {f"input {key}": part.inputs[key] for key in sorted(part.inputs)}
        columns |= {"labels": part.labels, "sample_ids": part.sample_ids, "subjects": part.subjects}
        columns |= {f"group {key}": part.groups[key] for key in sorted(part.groups)}
        columns |= {f"target {key}": part.targets[key] for key in sorted(part.targets)}
        for key, column in columns.items():
            _feed(digest, "column", key)
            for value in column:
                _feed_value(digest, value)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, *texts: str) -> None:
    for text in texts:
        data = text.encode("utf-8")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)


def _feed_value(digest: hashlib._Hash, value: object) -> None:
    """One sample's value: text as text; numbers with type and shape, in C order, little end first."""
    if isinstance(value, str):
        _feed(digest, "text", value)
        return
    array = np.asarray(value)
    canonical = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    _feed(digest, "array", canonical.dtype.str, ",".join(map(str, array.shape)))
    digest.update(canonical.tobytes())
