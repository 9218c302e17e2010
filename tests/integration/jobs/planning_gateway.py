"""A gateway with the smallest solver, as a program that can be killed; its arguments: HOME PORT PAUSE_S."""

import sys
from pathlib import Path

from salus.contracts.datasets import DatasetSource, QualityReport
from salus.contracts.packages import Lineage, ModelPackage
from salus.contracts.packs import Pack
from salus.contracts.reports import EvaluationReport
from salus.contracts.text import LocalizedText
from salus.gateway.app import Gateway, create_app
from salus.gateway.server import serve
from salus.gateway.settings import GatewaySettings
from salus.modelpackage.reading import open_package
from salus.modelpackage.writing import write_package
from salus.observability.metrics import Metrics
from salus.records.job_store import JobStore
from salus.records.settings import JobSettings
from salus.registry.store import ModelRegistry
from salus.security.api_keys import KeyStore
from salus.security.trust import TrustPolicy
from salus.serving.catalogue import DeployedService, ServiceCatalogue
from salus.serving.metered_service import MeteredService
from salus.serving.solver_backend import SolverBackend
from salus.serving.solver_deployment import SolverOptions, deploy_solver
from salus.testing.one_machine import OneMachineSolver, make_one_machine_kit
from salus.workflows.build_solver import SolverBuildRequest, draft_solver

SERVICE = "errands.order"
KIT = make_one_machine_kit()
PACK = Pack(name="errands", title=LocalizedText("Errands", "差事"), kits=(KIT,))


def write_solver_package(folder: Path, *, pause_s: float = 0.0) -> ModelPackage:
    """The smallest package that plans; with a pause it plans slowly."""
    request = SolverBuildRequest(pack=PACK, kit=KIT, settings={"pause_s": pause_s} if pause_s else {})
    source = DatasetSource(
        name="one-machine", title=LocalizedText("One machine", "单机"), url="", licence="CC0-1.0", citation=""
    )
    draft = draft_solver(
        request,
        OneMachineSolver(),
        version="1",
        lineage=Lineage(
            dataset=source,
            dataset_digest="0" * 64,
            samples={"instances": 3},
            code="0.1.0+tests",
            pack="errands",
            estimator="solver",
            seed=0,
            recipe={},
        ),
        quality=QualityReport(dataset="one-machine", digest="0" * 64, samples={}, balance={}, findings=()),
        report=EvaluationReport(part="validation", samples=3, measures=()),
    )
    return write_package(draft, folder, signer=None)


def deploy_planner(package: ModelPackage) -> DeployedService:
    """The package, served."""
    options = SolverOptions(processes=1, max_waiting=1, synchronous_s=5.0)
    return deploy_solver(package, backend=SolverBackend({SERVICE: KIT}), stage="candidate", options=options)


def make_gateway(home: Path, settings: GatewaySettings, services: list[DeployedService], jobs: JobSettings) -> Gateway:
    """A gateway whose jobs are kept in `home`."""
    metrics, catalogue = Metrics(), ServiceCatalogue()
    for service in services:
        catalogue.add(MeteredService(service, metrics))
    return create_app(
        services=catalogue,
        keys=KeyStore(home / "keys.json"),
        registry=ModelRegistry(f"sqlite:///{home / 'registry.db'}", home / "packages"),
        settings=settings,
        metrics=metrics,
        version="0.1.0",
        jobs=JobStore(f"sqlite:///{home / 'records' / 'jobs.db'}", jobs),
    )


def main() -> None:
    """Serve until killed."""
    home, port, pause_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    folder = home / "made"
    if not folder.exists():
        write_solver_package(folder, pause_s=pause_s)
    package = open_package(folder, trust=TrustPolicy(require_signature=False))
    settings = GatewaySettings(port=port)
    app = make_gateway(home, settings, [deploy_planner(package)], JobSettings(lease_s=2.0))
    serve(app, settings, announce=_announce)


def _announce(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
