"""What makes two pictures the same, or nearly so.

Three steps, each cheaper than the next is sure:

1. *exact*: the same bytes of the same shape (SHA-256);
2. *candidates*: perceptual hashes (pHash; Zauner 2010) of 63 bits, the signs of the low frequencies of the picture's
   cosine transform against their median, that differ in at most `MOST_BITS` places;
3. *confirmed*: candidates whose thumbnails correlate, both as a whole and in their fine structure alone.

Chest X-rays of different children look alike at 28 x 28: as a whole many pairs correlate above 0.95. Their fine
structure (what a blur removes) does not. Only a pair that agrees in both is a near-duplicate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array

SIDE = 32
"""Height and width of the thumbnails, in pixels."""

MOST_BITS = 10
"""Most bits in which the hashes of two candidates differ, of 63."""

LEAST_CORRELATION = 0.97
"""Least correlation of two near-duplicates' thumbnails."""

LEAST_DETAIL_CORRELATION = 0.9
"""Least correlation of two near-duplicates' fine structure."""

_HASH_SIDE = 8
_BLOCK = 512


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints of a column of pictures.

    Attributes:
        exact: (pictures,) SHA-256 (hex) of shape and content.
        hashes: (pictures, 63) the perceptual hash as -1 and +1.
        thumbnails: (pictures, SIDE * SIDE) grey thumbnails, each with mean 0 and norm 1; all zeros where flat.
        details: (pictures, SIDE * SIDE) the same for the thumbnails' fine structure.
    """

    exact: NDArray[np.str_]
    hashes: NDArray[np.float32]
    thumbnails: NDArray[np.float32]
    details: NDArray[np.float32]


def fingerprint(pictures: Iterable[Array]) -> Fingerprints:
    """Fingerprints of pictures of one size, or of several.

    Args:
        pictures: Each (height, width, channels) uint8; at least one.
    """
    whole = [np.asarray(picture, dtype=np.uint8) for picture in pictures]
    small = np.stack([_thumbnail(picture) for picture in whole])
    return Fingerprints(
        exact=np.array([exact_digest(picture) for picture in whole]),
        hashes=_perceptual_hashes(small),
        thumbnails=_normalised(small),
        details=_normalised(small - _blurred(small)),
    )


def exact_digest(value: Array) -> str:
    """SHA-256 (hex) of an array's shape and content."""
    header = f"{value.shape}{value.dtype.str}".encode()
    return hashlib.sha256(header + np.ascontiguousarray(value).tobytes()).hexdigest()


def near_pairs(prints: Fingerprints) -> NDArray[np.intp]:
    """Pairs of pictures that are nearly, but not exactly, the same.

    Returns:
        (pairs, 2) positions, the smaller first, in ascending order.
    """
    found = [pair for first, second in _candidates(prints.hashes) for pair in _confirmed(prints, first, second)]
    return np.array(sorted(found), dtype=np.intp).reshape(-1, 2)


def _candidates(hashes: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pairs of positions whose hashes are near; a block of rows at a time, so that memory stays small."""
    least = hashes.shape[1] - 2 * MOST_BITS
    for start in range(0, len(hashes), _BLOCK):
        agreement = hashes[start : start + _BLOCK] @ hashes[start:].T
        rows, columns = np.nonzero(agreement >= least)
        later = columns > rows
        yield rows[later] + start, columns[later] + start


def _confirmed(prints: Fingerprints, first: NDArray[np.intp], second: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(first), 1 << 15):
        a, b = first[start : start + (1 << 15)], second[start : start + (1 << 15)]
        whole = np.einsum("ij,ij->i", prints.thumbnails[a], prints.thumbnails[b])
        a, b = a[whole >= LEAST_CORRELATION], b[whole >= LEAST_CORRELATION]
        fine = np.einsum("ij,ij->i", prints.details[a], prints.details[b])
        keep = (fine >= LEAST_DETAIL_CORRELATION) & (prints.exact[a] != prints.exact[b])
        yield from zip(a[keep].tolist(), b[keep].tolist(), strict=True)


def _thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(SIDE, SIDE) grey levels: area averages where the picture is larger, linear between pixels where smaller."""
    grey = picture[:, :, 0] if picture.shape[2] == 1 else picture.mean(axis=2, dtype=np.float32)
    grey = grey.astype(np.float32)
    small: NDArray[np.float32] = _resampling(grey.shape[0]) @ grey @ _resampling(grey.shape[1]).T
    return small


@lru_cache(maxsize=1024)
def _resampling(length: int) -> NDArray[np.float32]:
    """(SIDE, length) weights of a triangle filter with antialiasing; each row sums to 1."""
    scale = length / SIDE
    reach = max(scale, 1.0)
    centres = (np.arange(SIDE) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(length)[np.newaxis, :] - centres[:, np.newaxis]) / reach
    weights = np.maximum(1.0 - distance, 0.0)
    normalised: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised


def _cosines(count: int, length: int) -> NDArray[np.float32]:
    """(count, length) the first rows of the orthonormal cosine transform of type II (Ahmed, Natarajan, Rao 1974)."""
    frequency, place = np.arange(count).reshape(-1, 1), np.arange(length).reshape(1, -1)
    scale = np.sqrt(np.where(frequency == 0, 1.0, 2.0) / length)
    basis: NDArray[np.float32] = (scale * np.cos(np.pi * frequency * (2 * place + 1) / (2 * length))).astype(np.float32)
    return basis


def _perceptual_hashes(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 63) signs of the lowest frequencies against their median; the mean grey level is left out."""
    basis = _cosines(_HASH_SIDE, SIDE)
    low = (basis @ small @ basis.T).reshape(len(small), -1)[:, 1:]
    return np.where(low > np.median(low, axis=1, keepdims=True), 1.0, -1.0).astype(np.float32)


def _blurred(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over 5 x 5 pixels, edges repeated."""
    padded = np.pad(small, ((0, 0), (2, 2), (2, 2)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2))
    mean: NDArray[np.float32] = windows.mean(axis=(3, 4), dtype=np.float32)
    return mean


def _normalised(small: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = small.reshape(len(small), -1)
    centred = flat - flat.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.einsum("ij,ij->i", centred, centred))[:, np.newaxis]
    return np.where(norm > 1e-3, centred / np.maximum(norm, 1e-3), 0.0).astype(np.float32)
