from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from salus.contracts.packages import ModelPackage
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package
from salus.registry.store import ModelRegistry


class Ticking:
    """A clock that goes on by a second each time that it is read."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/home/registry.sqlite"


@pytest.fixture
def registry(url: str, tmp_path: Path) -> Iterator[ModelRegistry]:
    opened = ModelRegistry(url, tmp_path / "home" / "packages", clock=Ticking())
    yield opened
    opened.close()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., ModelPackage]:
    """Writes a package outside the registry."""
    count = iter(range(1000))

    def _make(version: str = "1", *, seed: int = 0, **changes: Any) -> ModelPackage:
        draft = replace(make_specimen_draft(version, seed=seed), **changes)
        return write_package(draft, tmp_path / "made" / str(next(count)), signer=None)

    return _make
