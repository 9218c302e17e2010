"""The client against a gateway that really listens."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest

from salus.client.client import AsyncClient, Client
from salus.contracts.errors import Forbidden, InvalidInput, NotFound, Unauthenticated

TABLE, PICTURES = "specimen.larger", "specimen.bright"
Listening = Callable[..., AbstractContextManager[str]]


def test_everything_that_a_reader_and_a_caller_need(house: Any, listening: Listening) -> None:
    with listening() as address, Client(address, key=house.key) as client:
        assert [service.name for service in client.services()] == [PICTURES, TABLE]
        detail = client.service(TABLE)
        assert detail.task.classes[1].name == "a_larger"
        assert client.card(TABLE, "zh") != client.card(TABLE)
        answer = client.predict(TABLE, samples=[detail.example_row, {"a": 1.0, "b": 0.0}])
        assert answer.samples[1].decision is not None
        explained = client.explain(PICTURES, image=np.full((4, 6), 255, np.uint8)).samples[0].explanation
        assert explained is not None
        assert explained.heatmap is not None
        assert (explained.heatmap.height, explained.heatmap.width) == (4, 6)


async def test_the_awaited_client_and_the_errors_of_the_gateway(house: Any, listening: Listening) -> None:
    approver = house.keys.issue("approver", roles={"approver"})
    with listening() as address:
        async with AsyncClient(address) as stranger, AsyncClient(address, key=house.key) as client:
            assert len(await stranger.services()) == 2
            with pytest.raises(Unauthenticated):
                await stranger.predict(TABLE, samples=[{"a": 1, "b": 0}])
            with pytest.raises(InvalidInput, match="field `b`"):
                await client.predict(TABLE, samples=[{"a": 1}])
            with pytest.raises(NotFound):
                await client.service("nobody")
            assert (await client.card(TABLE)).startswith("#")
            assert (await client.service(PICTURES)).content == "image"
        async with AsyncClient(address, key=approver) as other:
            with pytest.raises(Forbidden):
                await other.predict(TABLE, samples=[{"a": 1, "b": 0}])
