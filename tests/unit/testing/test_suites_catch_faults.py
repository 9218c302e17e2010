from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput, Overloaded, ServiceUnavailable
from salus.contracts.explanations import Attribution, Contribution
from salus.contracts.predictors import Predictor
from salus.testing.batches import make_batch, require_equal
from salus.testing.explainers import check_explainer
from salus.testing.failures import NotConformant, refusal
from salus.testing.pools import check_pool
from salus.testing.predictors import check_predictor


def _batch() -> Batch:
    return {"x": np.arange(1.0, 5.0), "z": np.zeros(4)}


class _Asked:
    """A predictor out of a function of x."""

    def __init__(self, answer: Callable[[NDArray[np.float64]], Array]) -> None:
        self._answer = answer

    def predict(self, batch: Batch) -> dict[str, Array]:
        return {"y": self._answer(batch["x"].astype(np.float64))}


class _Writes:
    def predict(self, batch: Batch) -> dict[str, Array]:
        batch["x"][:] = 0
        return {"y": np.zeros(len(batch["x"]))}


def test_a_pure_predictor_passes() -> None:
    check_predictor(_Asked(np.sqrt), _batch())


@pytest.mark.parametrize(
    ("predictor", "found"),
    [
        (_Asked(lambda x: x[:1]), "rows of 'y'"),
        (_Asked(lambda x: x - x.mean()), "alone as in a batch"),
        (_Asked(np.cumsum), "order of the samples"),
        (_Asked(lambda x: x + np.random.default_rng().random()), "same bits"),
        (_Asked(lambda x: x[::-1] if len(x) > 1 else x.astype(np.float32)), "alone as in a batch"),
        (_Writes(), "leave its batch"),
    ],
)
def test_an_impure_predictor_is_caught(predictor: Predictor, found: str) -> None:
    with pytest.raises(NotConformant, match=found):
        check_predictor(predictor, _batch())


class _Explains:
    method = "by hand"

    def __init__(self, make: Callable[[float, int], Attribution]) -> None:
        self._make = make

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        x = batch["x"].astype(np.float64)
        return tuple(self._make(float(value), int(target)) for value, target in zip(x, targets, strict=True))


def _table(value: float, target: int, *, base: float = 1.0, name: str = "z") -> Attribution:
    contributions = (Contribution("x", value, -2 * value), Contribution(name, 0.0, 1.0))
    return Attribution(target=target, contributions=contributions, base=base, output=2.0 - 2 * value)


def _map(value: float, target: int, *, scale: float = 1.0, axes: int = 2) -> Attribution:
    return Attribution(target=target, heatmap=np.full((2,) * axes, scale / value, dtype=np.float32))


def test_good_explainers_pass() -> None:
    check_explainer(_Explains(_table), _Asked(np.sqrt), _batch())
    check_explainer(_Explains(_map), _Asked(np.sqrt), _batch(), targets=np.array([0, 1, 0, 1]))


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda v, t: _table(v, 1 - t), "target 1"),
        (lambda v, t: _table(v, t, base=0.5), "sum to the output"),
        (lambda v, t: _table(v, t, name="other"), "contributions of the inputs"),
        (lambda v, t: _table(v, t, name="x"), "each input once"),
        (lambda v, t: Attribution(target=t), "either a heatmap"),
        (lambda v, t: Attribution(target=t, contributions=_table(v, t).contributions), "base and output"),
        (lambda v, t: Attribution(target=t, contributions=_table(v, t).contributions[::-1]), "strongest"),
        (lambda v, t: _map(v, t, scale=3.0), "from 0 to 1"),
        (lambda v, t: _map(v, t, axes=3), "height, width"),
        (lambda v, t: Attribution(target=t, heatmap=np.random.default_rng().random((2, 2), np.float32)), "same"),
    ],
)
def test_a_faulty_explainer_is_caught(make: Callable[[float, int], Attribution], found: str) -> None:
    with pytest.raises(NotConformant, match=found):
        check_explainer(_Explains(make), _Asked(np.sqrt), _batch())


class _Pool:
    """A correct small pool, with one fault at a time."""

    def __init__(self, predictor: Predictor, *, fault: str = "", room: int = 4) -> None:
        self._predictor, self._fault, self._room = predictor, fault, room
        self._busy = 0
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        if self._closed and self._fault != "open for ever":
            raise ServiceUnavailable("an open pool", found="a closed one", remedy="Wait.")
        if self._busy >= self._room and self._fault != "no bound":
            if self._fault == "wrong refusal":
                raise InvalidInput("room", found="none", remedy="Wait.")
            raise Overloaded("room", found="none", remedy="Wait.")
        self._busy += 1
        self._idle.clear()
        try:
            answer = await asyncio.to_thread(self._predictor.predict, batch)
        except InvalidInput:
            if self._fault == "hides failures":
                return {"y": np.zeros(1)}
            raise
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()
        if self._fault == "mixes rows":
            return {"y": answer["y"][::-1]}
        if self._closed and self._fault == "drops on close":
            raise ServiceUnavailable("an open pool", found="a closed one", remedy="Wait.")
        return answer

    async def close(self) -> None:
        self._closed = True
        await self._idle.wait()


async def test_a_good_pool_passes() -> None:
    await check_pool(lambda predictor: _Pool(predictor, room=8), most_submissions=20)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("mixes rows", "own rows"),
        ("hides failures", "reach its caller"),
        ("drops on close", "finish what was taken"),
        ("open for ever", "closed pool"),
        ("no bound", "to be refused"),
        ("wrong refusal", "Overloaded"),
    ],
)
async def test_a_faulty_pool_is_caught(fault: str, found: str) -> None:
    with pytest.raises(NotConformant, match=found):
        await check_pool(lambda predictor: _Pool(predictor, fault=fault, room=8), most_submissions=20)


def test_a_refusal_that_does_not_come_is_a_fault() -> None:
    with pytest.raises(NotConformant, match="no error"), refusal("nonsense", InvalidInput):
        pass
    with pytest.raises(NotConformant, match="KeyError"), refusal("nonsense", InvalidInput):
        raise KeyError
    with refusal("nonsense", InvalidInput):
        raise InvalidInput("sense", found="nonsense", remedy="Think.")


def test_batches_are_compared_by_name_form_and_value() -> None:
    one = {"a": np.array([1, 2])}
    require_equal(one, {"a": np.array([1, 2])}, law="equality")
    for other in ({"b": one["a"]}, {"a": np.array([1, 3])}, {"a": np.array([[1, 2]])}, {"a": np.array([1.0, 2.0])}):
        with pytest.raises(NotConformant, match="equality"):
            require_equal(one, other, law="equality")


def test_made_up_batches_fit_their_signature() -> None:
    from salus.contracts.tensors import Signature, TensorSpec
    from salus.contracts.text import LocalizedText

    title = LocalizedText("input", "输入")
    signature = Signature(
        inputs=(
            TensorSpec(name="age", datatype="FP32", shape=(-1,), title=title, content="scalar", valid_range=(18, 90)),
            TensorSpec(
                name="kind", datatype="INT64", shape=(-1,), title=title, content="category", categories=(title,)
            ),
            TensorSpec(name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=title, content="image"),
            TensorSpec(name="words", datatype="BYTES", shape=(-1, -1), title=title),
            TensorSpec(name="flag", datatype="BOOL", shape=(-1, 2), title=title),
        ),
        outputs=(TensorSpec(name="y", datatype="FP32", shape=(-1,), title=title),),
    )
    batch = make_batch(signature, samples=5)
    assert {name: (str(a.dtype), a.shape) for name, a in batch.items()} == {
        "age": ("float32", (5,)),
        "kind": ("int64", (5,)),
        "image": ("uint8", (5, 40, 56, 1)),
        "words": ("object", (5, 40)),
        "flag": ("bool", (5, 2)),
    }
    ages = batch["age"].astype(np.float64)
    assert 18 <= ages.min() <= ages.max() <= 90
    assert np.array_equal(batch["age"], make_batch(signature, samples=5)["age"])
