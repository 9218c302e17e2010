"""From a package in the registry to a running service: verify, load, self-test, put guard and batching around it."""

from __future__ import annotations

from dataclasses import dataclass, field

from salus.contracts.errors import Conflict
from salus.contracts.packages import ModelPackage
from salus.contracts.text import LocalizedText
from salus.explanation.choosing import make_explainer
from salus.modelpackage.reading import read_calibration, read_quality, read_reference
from salus.modelpackage.selftest import self_test
from salus.observability.metrics import Metrics
from salus.registry.entries import Deployment, PackageRecord
from salus.registry.store import ModelRegistry
from salus.security.trust import TrustPolicy
from salus.serving.catalogue import ServiceCatalogue
from salus.serving.deployment import PoolOptions, deploy
from salus.serving.metered_service import MeteredService
from salus.serving.onnx_backend import OnnxBackend
from salus.serving.packaged_service import PackagedService
from salus.serving.solver_backend import SolverBackend
from salus.serving.solver_deployment import SolverOptions, deploy_solver
from salus.workflows.registered_package import open_registered

_DEMONSTRATION = LocalizedText(
    "Demonstration: trained on generated data. Its answers mean nothing for a patient.",
    "演示：使用生成数据训练，其回答对患者没有意义。",
)
_CANDIDATE = LocalizedText("Candidate: no person has approved this version yet.", "候选版本：尚未经人工批准。")


@dataclass(frozen=True)
class Engine:
    """What packages are run with.

    Attributes:
        backend: Loads them.
        trust: Decides which may be opened.
        options: Batch and queue sizes, device.
        solvers: Loads packages that plan.
        solver_options: How many plans are made at a time, and how long one may take outside of a job.
    """

    backend: OnnxBackend
    trust: TrustPolicy
    options: PoolOptions
    solvers: SolverBackend = field(default_factory=lambda: SolverBackend({}))
    solver_options: SolverOptions = field(default_factory=SolverOptions)


def start_service(
    registry: ModelRegistry,
    record: PackageRecord,
    engine: Engine,
    *,
    name: str | None = None,
    variant: str | None = None,
) -> PackagedService:
    """A service that keeps the promise of one package.

    Args:
        registry: Knows the package's folder.
        record: The package.
        engine: Runs it.
        name: The service's name; None for the package's.
        variant: None for the package's default.

    Raises:
        PackageRejected: The package does not satisfy the trust policy, or fails its own test.
        Conflict: The package is retired, or not the one that the registry recorded.
        MissingDependency: It plans, and the pack whose solver it is is not installed.
    """
    if record.stage == "retired":
        raise Conflict(
            f"a package in use instead of {record.name} version {record.version}",
            found="a retired one",
            remedy="Deploy another version: salus packages list.",
        )
    package = open_registered(registry, record, engine.trust)
    if package.manifest.task.kind == "planning":
        return _start_solver(package, record, engine, name=name)
    self_test(package, engine.backend.load_full(package, variant=variant), variant=variant)
    return deploy(
        package,
        backend=engine.backend,
        backend_title=engine.backend.title,
        explainer=make_explainer(package.manifest.explainer, read_reference(package), package.manifest.task),
        calibration=read_calibration(package),
        stage=record.stage,
        name=name,
        variant=variant,
        notices=_notices(package, record),
        options=engine.options,
    )


def _start_solver(package: ModelPackage, record: PackageRecord, engine: Engine, *, name: str | None) -> PackagedService:
    self_test(package, engine.solvers.load(package))
    return deploy_solver(
        package,
        backend=engine.solvers,
        stage=record.stage,
        name=name,
        notices=_notices(package, record),
        options=engine.solver_options,
    )


def start_services(
    registry: ModelRegistry, engine: Engine, metrics: Metrics
) -> tuple[ServiceCatalogue, list[tuple[Deployment, Exception]]]:
    """Every deployed service; one that does not start does not keep the others from it.

    Args:
        registry: Knows what is deployed.
        engine: Runs the packages.
        metrics: Where each service counts what it answers.

    Returns:
        The catalogue, and the deployments that did not start, each with its error.
    """
    catalogue = ServiceCatalogue()
    failed: list[tuple[Deployment, Exception]] = []
    for deployment in registry.list_deployments():
        try:
            record = registry.get(deployment.name, deployment.version)
            service = start_service(registry, record, engine, name=deployment.service)
            catalogue.add(MeteredService(service, metrics))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one package is reported, not fatal
            failed.append((deployment, error))
    return catalogue, failed


def _notices(package: ModelPackage, record: PackageRecord) -> tuple[LocalizedText, ...]:
    found = [_DEMONSTRATION] if package.manifest.task.demonstration else []
    if record.stage == "candidate":
        found.append(_CANDIDATE)
    quality = read_quality(package)
    found += [finding.message for finding in quality.findings if finding.severity == "refusal"]
    return tuple(found)
