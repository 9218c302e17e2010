"""Jobs from Python, over a socket."""

import pytest

from salus.client.client import AsyncClient, Client
from salus.contracts.errors import Conflict, DeadlineExceeded, InvalidInput, NotFound
from salus.testing.one_machine import order_by_smith

from .conftest import TABLE, Planner, ask_plan, ask_rows
from .planning_gateway import KIT, SERVICE


def test_the_client_hands_in_waits_and_fetches(planner: Planner) -> None:
    with planner.listen() as address, Client(address, key=planner.alice) as client:
        job = client.submit_job(SERVICE, samples=ask_plan()["samples"], idempotency_key="mine")
        assert client.submit_job(SERVICE, samples=ask_plan()["samples"], idempotency_key="mine").id == job.id
        ended = client.wait(job.id, timeout_s=60)
        assert (ended.state, ended.progress.cost) == ("done", order_by_smith(KIT.example()))
        plan = client.result(job.id).samples[0].plan
        assert plan is not None
        assert plan.cost == order_by_smith(KIT.example())
        assert [each.id for each in client.jobs(SERVICE).jobs] == [job.id]
        with Client(address, key=planner.bob) as other, pytest.raises(NotFound):
            other.job(job.id)


def test_the_clients_events_end_with_the_job(planner: Planner) -> None:
    with planner.listen() as address, Client(address, key=planner.alice) as client:
        job = client.submit_job(SERVICE, samples=ask_plan()["samples"])
        told = list(client.events(job.id))
        assert told[-1].state == "done"
        assert not any(each.ended for each in told[:-1])
        with pytest.raises(NotFound):
            list(client.events("none"))


def test_the_client_cancels_and_says_what_failed(planner: Planner) -> None:
    with planner.listen(slow=True) as address, Client(address, key=planner.alice) as client:
        job = client.submit_job(SERVICE, samples=ask_plan(time_limit_s=600)["samples"])
        with pytest.raises(DeadlineExceeded, match="goes on"):
            client.wait(job.id, timeout_s=0.0)
        with pytest.raises(Conflict):
            client.result(job.id)
        client.cancel(job.id)
        assert client.wait(job.id, timeout_s=60).state == "cancelled"
        broken = client.submit_job(SERVICE, samples=[{**ask_plan()["samples"][0], "instance": "{}"}])
        with pytest.raises(InvalidInput, match="errands"):
            client.wait(broken.id, timeout_s=60).raise_failure()


async def test_the_awaited_client_does_the_same(planner: Planner) -> None:
    with planner.listen() as address:
        async with AsyncClient(address, key=planner.alice) as client:
            job = await client.submit_job(TABLE, samples=ask_rows(70)["samples"])
            told = [each async for each in client.events(job.id)]
            assert told[-1].state == "done"
            assert (await client.wait(job.id)).progress.done == 70
            assert len((await client.result(job.id)).samples) == 70
            assert [each.id for each in (await client.jobs()).jobs] == [job.id]
            assert (await client.cancel(job.id)).state == "done"
            assert (await client.job(job.id)).state == "done"
