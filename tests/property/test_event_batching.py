"""However long the stays are and whatever is asked beside them: a stay's answer is its own."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salus.contracts.batches import Array
from salus.contracts.packages import ModelPackage
from salus.contracts.services import Caller, InferenceRequest, Prediction
from salus.modelpackage.reading import read_calibration
from salus.modelpackage.writing import write_package
from salus.serving.batching_pool import BatchingPool
from salus.serving.in_process_pool import InProcessPool
from salus.serving.packaged_service import PackagedService
from salus.testing.kinds import KindPredictor, make_kind_draft

_ROW = st.tuples(
    st.floats(0, 48, width=32), st.integers(0, 1), st.floats(0, 400, width=32), st.booleans()
)  # time, variable, value, and whether a row of padding follows
_STAYS = st.lists(st.lists(_ROW, max_size=40), min_size=1, max_size=9)
_OUTPUTS = ("probabilities", "decision", "prediction_set", "course")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModelPackage:
    return write_package(make_kind_draft("events"), tmp_path_factory.mktemp("kinds") / "package", signer=None)


def _column(stays: list[list[tuple[float, int, float, bool]]]) -> Array:
    column = np.empty(len(stays), dtype=object)
    for index, stay in enumerate(stays):
        rows = [row for *known, padded in stay for row in (known, *([[np.nan] * 3] if padded else []))]
        column[index] = np.array(rows, np.float32).reshape(-1, 3)
    return column


def _rectangle(column: Array) -> Array:
    """The same stays side by side, padded to the longest."""
    whole = np.full((len(column), max(len(rows) for rows in column), 3), np.nan, np.float32)
    for index, rows in enumerate(column):
        whole[index, : len(rows)] = rows
    return whole


async def _ask(service: PackagedService, observations: Array) -> Prediction:
    age = np.full(len(observations), 50, np.float32)
    return await service.predict(
        InferenceRequest({"age": age, "observations": observations}, outputs=_OUTPUTS), Caller("x")
    )


async def _compare(service: PackagedService, column: Array) -> None:
    together, rectangular, *alone = await asyncio.gather(
        _ask(service, column),
        _ask(service, _rectangle(column)),
        *(_ask(service, column[index : index + 1]) for index in range(len(column))),
    )
    assert together.abstentions == rectangular.abstentions == tuple(each.abstentions[0] for each in alone)
    for name in _OUTPUTS:
        np.testing.assert_array_equal(together.outputs[name], rectangular.outputs[name])
        np.testing.assert_array_equal(together.outputs[name], np.concatenate([each.outputs[name] for each in alone]))
    await service.close()


@settings(max_examples=60, deadline=None)
@given(stays=_STAYS, max_batch=st.integers(1, 6))
def test_a_stay_is_answered_in_any_company_as_alone(
    package: ModelPackage, stays: list[list[tuple[float, int, float, bool]]], max_batch: int
) -> None:
    async def run() -> None:
        service = PackagedService(
            name="events",
            package=package,
            pool=BatchingPool(InProcessPool(KindPredictor("events")), max_batch=max_batch),
            explainer=None,
            calibration=read_calibration(package),
            backend="arithmetic",
            stage="candidate",
        )
        await _compare(service, _column(stays))

    asyncio.run(run())
