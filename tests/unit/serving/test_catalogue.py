import numpy as np
import pytest

from salus.contracts.errors import Conflict, InvalidInput, NotFound, ServiceUnavailable
from salus.contracts.explanations import Explainer
from salus.contracts.packages import ModelPackage
from salus.contracts.services import Caller, InferenceRequest
from salus.modelpackage.reading import read_calibration
from salus.observability.metrics import Metrics
from salus.serving.catalogue import DeployedService, ServiceCatalogue
from salus.serving.deployment import deploy
from salus.serving.metered_service import MeteredService
from salus.serving.onnx_backend import OnnxBackend


def _service(package: ModelPackage, explainer: Explainer, name: str) -> DeployedService:
    return deploy(
        package,
        backend=OnnxBackend(threads=1),
        backend_title="onnxruntime",
        explainer=explainer,
        calibration=read_calibration(package),
        stage="candidate",
        name=name,
    )


async def test_services_are_found_by_name_and_listed_in_order(package: ModelPackage, explainer: Explainer) -> None:
    catalogue = ServiceCatalogue()
    for name in ("b", "a"):
        catalogue.add(_service(package, explainer, name))
    assert [service.describe().name for service in catalogue] == ["a", "b"]
    assert catalogue.get("b").describe().name == "b"
    assert catalogue.get("b", version="1").describe().name == "b"
    assert len(catalogue) == 2
    assert catalogue.ready()
    await catalogue.close()
    assert not catalogue.ready()


async def test_a_name_is_given_once(package: ModelPackage, explainer: Explainer) -> None:
    catalogue = ServiceCatalogue()
    catalogue.add(_service(package, explainer, "a"))
    with pytest.raises(Conflict):
        catalogue.add(_service(package, explainer, "a"))
    await catalogue.close()


async def test_other_names_and_versions_are_not_found(package: ModelPackage, explainer: Explainer) -> None:
    catalogue = ServiceCatalogue()
    catalogue.add(_service(package, explainer, "a"))
    with pytest.raises(NotFound, match=r"deployed service \(a\)"):
        catalogue.get("b")
    with pytest.raises(NotFound, match="version 1"):
        catalogue.get("a", version="2")
    await catalogue.close()


async def test_a_metered_service_counts_and_else_is_the_service(package: ModelPackage, explainer: Explainer) -> None:
    metrics = Metrics()
    inner = _service(package, explainer, "a")
    service = MeteredService(inner, metrics)
    caller = Caller("x")
    request = InferenceRequest({"a": np.array([1, np.nan], np.float32), "b": np.array([0, 0], np.float32)})
    await service.predict(request, caller)
    await service.explain(request, caller)
    with pytest.raises(InvalidInput):
        await service.predict(InferenceRequest({}), caller)
    assert (service.describe(), service.ready()) == (inner.describe(), True)
    assert (service.package, service.calibration) == (inner.package, inner.calibration)
    await service.close()
    with pytest.raises(ServiceUnavailable):
        await service.explain(request, caller)
    text = metrics.write().decode()
    assert 'salus_requests_total{call="predict",service="a"} 1.0' in text
    assert 'salus_samples_total{call="explain",service="a"} 2.0' in text
    assert 'salus_abstentions_total{reason="missing_value",service="a"} 2.0' in text
    assert 'salus_rejected_total{code="invalid_input",service="a"} 1.0' in text
    assert 'salus_rejected_total{code="service_unavailable",service="a"} 1.0' in text
    assert 'salus_queue_samples{service="a"} 0.0' in text
