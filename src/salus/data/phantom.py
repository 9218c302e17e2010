"""A generated chest phantom with opacities at known places.

Not a simulation of X-ray physics: ellipses for body, lungs and heart, bands for spine and ribs, smooth texture, noise
and a gain that is drawn anew for each picture, so that brightness alone tells nothing. An opacity is a Gaussian blob
inside a lung; its mask is where it stands out of the noise. For demonstration, and as the ground truth for
heatmaps (pointing game: Zhang et al., IJCV 126, 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE = 64
"""Height and width of the pictures, in pixels, where nothing else is asked."""

VISIBLE = 0.2
"""Share of an opacity's strength from which it is visible: at the weakest, 0.064 above a noise of 0.02."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Phantom:
    """Generated pictures and what is in them.

    Attributes:
        images: (N, H, W, 1) uint8.
        labels: (N,) 1 where there is an opacity, else 0; half of the pictures have one.
        masks: (N, H, W) True where an opacity has at least `VISIBLE` of its strength.
        subjects: (N,) one generated person a picture.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    masks: NDArray[np.bool_]
    subjects: NDArray[np.str_]


def generate_phantom(count: int, *, size: int = SIZE, seed: int) -> Phantom:
    """Generate `count` pictures.

    Args:
        count: How many. A longer run begins with the pictures of a shorter one.
        size: Height and width, in pixels; at least 32.
        seed: The same seed gives the same pictures.

    Raises:
        ValueError: `count` is negative or `size` below 32.

    Example:
        >>> phantom = generate_phantom(4, size=32, seed=1)
        >>> phantom.images.shape, phantom.labels.tolist()
        ((4, 32, 32, 1), [0, 1, 0, 1])
    """
    if count < 0 or size < 32:
        raise ValueError(f"expected a count of at least 0 and a size of at least 32; found {count} and {size}")
    images = np.zeros((count, size, size, 1), dtype=np.uint8)
    masks = np.zeros((count, size, size), dtype=np.bool_)
    labels = np.arange(count, dtype=np.int64) % 2
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        images[index, :, :, 0], masks[index] = _draw(rng, size, lesion=bool(labels[index]))
    subjects = np.array([f"phantom-{seed}-{index:05d}" for index in range(count)])
    return Phantom(images=images, labels=labels, masks=masks, subjects=subjects)


def _draw(rng: np.random.Generator, size: int, *, lesion: bool) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """One picture and its mask. Coordinates run from -1 to 1, x to the right and y down."""
    y, x = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size), indexing="ij")
    tilt = rng.normal(0, 0.07)
    x, y = x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)
    x = (x - rng.normal(0, 0.07)) / rng.uniform(0.82, 1.08)
    y = (y - rng.normal(0, 0.07)) / rng.uniform(0.82, 1.08)
    picture = 0.08 + 0.62 * _ellipse(x, y, (0.0, 0.1), (rng.uniform(0.80, 0.92), 1.15))
    lungs = [
        ((side * rng.normal(0.40, 0.02), rng.normal(-0.02, 0.04)), (rng.uniform(0.24, 0.32), rng.uniform(0.52, 0.70)))
        for side in (-1, 1)
    ]
    air = np.maximum(*(_ellipse(x, y, centre, radii) for centre, radii in lungs))
    picture -= 0.42 * air
    picture += 0.30 * _ellipse(x, y, (rng.normal(0.10, 0.02), 0.28), (rng.uniform(0.22, 0.30), 0.30)) * air
    picture += 0.12 * np.exp(-((x / 0.07) ** 2)) * (y < 1.1)
    ribs = np.sin((y + 0.35 * x**2) * rng.uniform(16, 20) + rng.uniform(0, 2 * np.pi))
    picture += rng.uniform(0.04, 0.10) * np.maximum(ribs, 0.0) * air
    picture += 0.04 * _smooth_noise(rng, size, 6) + 0.03 * _smooth_noise(rng, size, 14)
    mask = np.zeros((size, size), dtype=np.bool_)
    if lesion:
        blob = _opacity(rng, x, y, lungs)
        picture += rng.uniform(0.32, 0.48) * blob
        mask = blob >= VISIBLE
    picture += rng.normal(0, 0.02, picture.shape)
    picture = picture * rng.uniform(0.75, 1.2) + rng.normal(0, 0.05)
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8), mask


def _ellipse(x: Floats, y: Floats, centre: tuple[float, float], radii: tuple[float, float]) -> Floats:
    """1 inside, 0 outside, with a soft edge."""
    distance = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    soft: Floats = np.clip((1.0 - distance) / 0.12 + 0.5, 0.0, 1.0)
    return soft


def _opacity(
    rng: np.random.Generator, x: Floats, y: Floats, lungs: list[tuple[tuple[float, float], tuple[float, float]]]
) -> Floats:
    """A Gaussian blob well inside one lung; 1 at its centre."""
    centre, radii = lungs[int(rng.integers(2))]
    angle, share = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 0.45))
    at_x = centre[0] + np.cos(angle) * share * radii[0]
    at_y = centre[1] + np.sin(angle) * share * radii[1]
    width, height = rng.uniform(0.09, 0.15, size=2)
    blob: Floats = np.exp(-0.5 * (((x - at_x) / width) ** 2 + ((y - at_y) / height) ** 2))
    return blob


def _smooth_noise(rng: np.random.Generator, size: int, knots: int) -> Floats:
    """Noise on a coarse grid, stretched by linear interpolation; standard deviation near 1."""
    coarse = rng.normal(0, 1, (knots, knots))
    at = np.linspace(0, knots - 1, size)
    low = np.minimum(at.astype(np.intp), knots - 2)
    share = at - low
    rows = coarse[low] * (1 - share)[:, np.newaxis] + coarse[low + 1] * share[:, np.newaxis]
    smooth: Floats = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return smooth
