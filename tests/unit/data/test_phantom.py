from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.data.phantom import generate_phantom
from salus.data.sets import phantom as phantom_set


def test_the_same_seed_gives_the_same_pictures_and_a_longer_run_begins_the_same() -> None:
    short, long = generate_phantom(6, seed=5), generate_phantom(10, seed=5)

    assert np.array_equal(short.images, long.images[:6])
    assert np.array_equal(short.masks, long.masks[:6])
    assert not np.array_equal(generate_phantom(6, seed=6).images, short.images)


def test_an_opacity_is_where_its_mask_says_and_nowhere_else() -> None:
    phantom = generate_phantom(100, size=96, seed=1)

    assert phantom.masks.any(axis=(1, 2)).tolist() == (phantom.labels == 1).tolist()
    positives = phantom.labels == 1
    inside = [
        float(image[mask].mean())
        for image, mask in zip(phantom.images[positives, :, :, 0], phantom.masks[positives], strict=True)
    ]
    ring = [
        float(image[_ring(mask)].mean())
        for image, mask in zip(phantom.images[positives, :, :, 0], phantom.masks[positives], strict=True)
    ]
    assert np.mean(np.array(inside) > np.array(ring)) > 0.8  # a rib, the heart or the chest wall may be brighter


def _ring(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    wide = mask.copy()
    for _ in range(5):
        padded = np.pad(wide, 1)
        wide = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:] | wide
    return wide & ~mask


def test_brightness_alone_does_not_tell_the_label() -> None:
    phantom = generate_phantom(400, seed=2)
    means = phantom.images.mean(axis=(1, 2, 3))
    clear, ill = means[phantom.labels == 0], means[phantom.labels == 1]

    assert abs(np.mean(clear[:, np.newaxis] < ill[np.newaxis, :]) - 0.5) < 0.12


def test_a_size_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        generate_phantom(1, size=16, seed=0)


def test_the_data_set_has_three_parts_of_new_people(tmp_path: Path) -> None:
    request = DataRequest(data_dirs=(), cache_dir=tmp_path, offline=True, progress=Silence())

    dataset = phantom_set.read(request, 4)

    assert {name: len(part) for name, part in dataset.parts().items()} == phantom_set.COUNTS
    assert dataset.source.synthetic
    assert len({str(s) for part in dataset.parts().values() for s in part.subjects}) == 900
    assert dataset.digest == phantom_set.read(request, 4).digest
