import asyncio

import numpy as np
import pytest

from salus.contracts.batches import Batch
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.serving.sample_rows import blank_rows, gather_answers, scatter_rows, stack_rows


def test_rows_go_back_to_the_places_they_came_from() -> None:
    whole = scatter_rows([np.array([[1], [2]]), np.array([[3]])], [np.array([3, 0]), np.array([1])], 4)
    assert whole.tolist() == [[2], [3], [0], [1]]


def test_rows_of_different_shapes_become_a_ragged_array() -> None:
    parts = [np.ones((1, 2, 4, 4)), np.ones((1, 2, 3, 5))]
    ragged = scatter_rows(parts, [np.array([2]), np.array([0])], 3)
    assert [element.shape for element in ragged] == [(2, 3, 5), (2, 0, 0), (2, 4, 4)]
    assert stack_rows(ragged[[2]]).shape == (1, 2, 4, 4)


def test_blank_rows_have_the_outputs_types_and_no_free_axes() -> None:
    spec = TensorSpec(name="e", datatype="FP16", shape=(-1, 2, -1), title=LocalizedText("e", "证据"))
    blank = blank_rows([spec], 3)["e"]
    assert blank.shape == (3, 2, 0)
    assert blank.dtype == np.float16


async def test_the_first_error_cancels_what_was_asked_beside_it() -> None:
    cancelled = asyncio.Event()

    async def slow() -> Batch:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return {}

    async def broken() -> Batch:
        await asyncio.sleep(0)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await gather_answers([slow(), broken()])
    await asyncio.wait_for(cancelled.wait(), 5)
