from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from salus.records.job_leases import JobLeases
from salus.records.job_store import JobStore
from salus.records.settings import JobSettings


class SetClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records' / 'jobs.db'}"


@pytest.fixture
def store(url: str, clock: SetClock) -> Iterator[JobStore]:
    opened = JobStore(url, JobSettings(lease_s=10, attempts=3, waiting_per_caller=4, keep_days=7), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def worker(store: JobStore) -> Callable[[str], JobLeases]:
    return lambda name: JobLeases(store, name)
