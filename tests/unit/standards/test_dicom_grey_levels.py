from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salus.standards.dicom.grey_levels import (
    LookUpTable,
    Window,
    apply_window,
    display_levels,
    look_up,
    rescale,
    stretch,
)


def plain_window(value: float, window: Window) -> float:
    """PS3.3 C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2 as the standard writes them, for one value."""
    centre, width = window.centre, window.width
    if window.function == "SIGMOID":
        return 1 / (1 + math.exp(-4 * (value - centre) / width))
    if window.function == "LINEAR_EXACT":
        if value <= centre - width / 2:
            return 0.0
        return 1.0 if value > centre + width / 2 else (value - centre) / width + 0.5
    if value <= centre - 0.5 - (width - 1) / 2:
        return 0.0
    if value > centre - 0.5 + (width - 1) / 2:
        return 1.0
    return (value - (centre - 0.5)) / (width - 1) + 0.5


@given(
    st.floats(-3000, 3000),
    st.floats(-1000, 1000),
    st.floats(1, 4000),
    st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
)
def test_a_window_is_the_standards_formula(value: float, centre: float, width: float, function: str) -> None:
    window = Window(centre=centre, width=width, function=function)  # type: ignore[arg-type]  # Hypothesis draws a str
    if abs(value - centre) / width > 100:
        value = centre

    result = apply_window(np.array([[value]]), window)[0, 0]

    assert result == pytest.approx(plain_window(value, window), abs=1e-6)


def test_the_example_of_the_standard_holds() -> None:
    """PS3.3 C.11.2.1.2.1 note: c=2048, w=4096 is the identity of 12 bits; c=0, w=1 is a threshold at 0."""
    values = np.arange(4096.0)
    identity = apply_window(values, Window(2048, 4096)) * 4095

    assert np.allclose(identity, values, atol=1e-9)
    assert apply_window(np.array([-1.0, -0.5, 0.0, 1.0]), Window(0, 1)).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(("width", "function"), [(0.5, "LINEAR"), (0.0, "LINEAR_EXACT"), (math.nan, "SIGMOID")])
def test_a_width_that_the_standard_forbids_is_refused(width: float, function: str) -> None:
    with pytest.raises(ValueError, match="expected a finite width"):
        Window(centre=0, width=width, function=function)  # type: ignore[arg-type]  # from a parameter list


def test_a_table_maps_below_to_its_first_and_above_to_its_last_entry() -> None:
    table = LookUpTable(first=10, entries=np.array([5, 7, 9], np.uint16), bits=8)

    assert look_up(np.array([-4, 10, 11, 12, 99]), table).tolist() == [5, 5, 7, 9, 9]


def test_rescale_gives_hounsfield_units() -> None:
    assert rescale(np.array([0, 1024], np.uint16), 1.0, -1024.0).tolist() == [-1024.0, 0.0]


def test_a_flat_picture_stretches_to_black() -> None:
    assert stretch(np.full((2, 2), 7.0), 7.0, 7.0).tolist() == [[0, 0], [0, 0]]


def test_inverted_pictures_show_their_smallest_value_white_and_padding_black() -> None:
    shares = np.array([[0.0, 1.0, 0.0]])
    padding = np.array([[False, False, True]])

    assert display_levels(shares, inverted=True, background=padding)[0, :, 0].tolist() == [255, 0, 0]
    assert display_levels(shares, inverted=False, background=None)[0, :, 0].tolist() == [0, 255, 0]
