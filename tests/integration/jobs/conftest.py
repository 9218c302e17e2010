"""A gateway with two services: the smallest solver, and the smallest classifier."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from salus.explanation.choosing import make_explainer
from salus.gateway.server import serve_in_background
from salus.gateway.settings import GatewaySettings
from salus.modelpackage.reading import read_calibration, read_reference
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package
from salus.records.settings import JobSettings
from salus.security.api_keys import KeyStore
from salus.serving.catalogue import DeployedService
from salus.serving.deployment import deploy
from salus.serving.onnx_backend import OnnxBackend

from .planning_gateway import KIT, deploy_planner, make_gateway, write_solver_package

TABLE = "specimen.larger"


def ask_plan(*, time_limit_s: float = 1.0, previous: str = "", seed: int = 1) -> dict[str, Any]:
    """The body of a question for a plan of the example."""
    sample = {"instance": KIT.example(), "previous": previous, "time_limit_s": time_limit_s, "seed": seed}
    return {"samples": [sample]}


def ask_rows(count: int) -> dict[str, Any]:
    """The body of a question with so many rows, every other one of each answer."""
    return {"samples": [{"a": float(row % 2), "b": float((row + 1) % 2)} for row in range(count)]}


@dataclass
class Planner:
    """What tests work with: a home, and gateways in it, one after the other."""

    home: Path
    alice: str
    bob: str
    stack: ExitStack
    slow: bool = False
    opened: int = 0
    jobs: JobSettings = field(default_factory=lambda: JobSettings(lease_s=2.0, waiting_per_caller=3))

    def services(self) -> list[DeployedService]:
        self.opened += 1
        made = self.home / f"made-{self.opened}"
        planner = write_solver_package(made / "planner", pause_s=0.05 if self.slow else 0.0)
        table = write_package(make_specimen_draft(), made / "table", signer=None)
        explainer = make_explainer(table.manifest.explainer, read_reference(table), table.manifest.task)
        specimen = deploy(
            table,
            backend=OnnxBackend(threads=1),
            backend_title="onnxruntime test",
            explainer=explainer,
            calibration=read_calibration(table),
            stage="candidate",
        )
        return [deploy_planner(planner), specimen]

    def open(self, *, slow: bool = False) -> TestClient:
        """A gateway in this process; its client shows Alice's key."""
        self.slow = slow
        app = make_gateway(self.home, GatewaySettings(port=0), self.services(), self.jobs)
        client = TestClient(app, headers={"authorization": f"Bearer {self.alice}"})
        return self.stack.enter_context(client)

    def listen(self, *, slow: bool = False) -> AbstractContextManager[str]:
        """A gateway that listens; yields its address."""
        self.slow = slow
        settings = GatewaySettings(port=0)
        return serve_in_background(make_gateway(self.home, settings, self.services(), self.jobs), settings)


@pytest.fixture
def planner(tmp_path: Path) -> Iterator[Planner]:
    keys = KeyStore(tmp_path / "keys.json")
    alice, bob = keys.issue("alice", roles={"caller"}), keys.issue("bob", roles={"caller"})
    with ExitStack() as stack:
        yield Planner(tmp_path, alice, bob, stack)
