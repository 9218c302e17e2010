"""Two services of the smallest kind, their packages built with `onnx.helper`, and a gateway that listens."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from starlette.applications import Starlette

from salus.bootstrap.house import House as Furnished
from salus.bootstrap.running import deploy_package
from salus.bootstrap.settings import load_settings
from salus.contracts.classification import classification_outputs
from salus.contracts.packages import ModelPackage
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.explanation.choosing import make_explainer
from salus.gateway.app import create_app
from salus.gateway.server import serve_in_background
from salus.gateway.settings import GatewaySettings
from salus.modelpackage.reading import read_calibration, read_reference
from salus.modelpackage.specimen import make_specimen_draft, make_specimen_graph
from salus.modelpackage.writing import PackageDraft, write_package
from salus.observability.metrics import Metrics
from salus.plugins.discovery import find_learned_kit
from salus.registry.store import ModelRegistry
from salus.security.api_keys import KeyStore
from salus.serving.catalogue import ServiceCatalogue
from salus.serving.deployment import deploy
from salus.serving.metered_service import MeteredService
from salus.serving.onnx_backend import OnnxBackend
from salus.workflows.build_model import BuildOutcome, BuildRequest, build_model
from salus.workflows.release_model import approve_package

TABLE, PICTURES = "specimen.larger", "specimen.bright"


def _sharp_graph() -> bytes:
    """The specimen with `logits = (0, 10 (a - b))`."""
    model = onnx.ModelProto.FromString(make_specimen_graph())
    model.graph.node[0].output[0] = "raw"
    model.graph.initializer.append(numpy_helper.from_array(np.array(10, np.float32), "sharpness"))
    model.graph.node.insert(1, helper.make_node("Mul", ["raw", "sharpness"], ["difference"]))
    return bytes(model.SerializeToString())


def _bright_graph() -> bytes:
    """Is a grey picture bright? `logits = (0, 20 (mean / 255 - 0.5))`; evidence: each pixel's part of it."""
    model = onnx.ModelProto.FromString(_sharp_graph())
    graph = model.graph
    constants = {"level": np.float32(255), "middle": np.float32(0.5), "axes": np.array([1, 2, 3])}
    graph.initializer.extend(numpy_helper.from_array(np.array(value), name) for name, value in constants.items())
    node = helper.make_node
    front = [
        node("Cast", ["image"], ["grey"], to=TensorProto.FLOAT),
        node("Div", ["grey", "level"], ["scaled"]),
        node("Sub", ["scaled", "middle"], ["bright"]),
        node("Transpose", ["bright"], ["map"], perm=[0, 3, 1, 2]),
        node("Neg", ["map"], ["dark_map"]),
        node("Concat", ["dark_map", "map"], ["evidence"], axis=1),
        node("ReduceMean", ["bright"], ["a"], axes=[1, 2, 3], keepdims=0),
        node("Sub", ["a", "a"], ["b"]),
        node("Add", ["a", "a"], ["twice"]),
    ]
    nodes = [*front, *graph.node]
    nodes[len(front)].input[0] = "twice"
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", "h", "w", 1]))
    graph.output.append(helper.make_tensor_value_info("evidence", TensorProto.FLOAT, ["n", 2, "h", "w"]))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _sharp_draft() -> PackageDraft:
    draft = make_specimen_draft()
    whole = msgspec.structs.replace(draft.reference, background={"a": (0.5, 0.25), "b": (0.25, 0.75)})
    return replace(draft, variants=(replace(draft.variants[0], model=_sharp_graph()),), reference=whole)


def _bright_draft() -> PackageDraft:
    draft = make_specimen_draft()
    image = TensorSpec(
        name="image",
        datatype="UINT8",
        shape=(-1, -1, -1, 1),
        title=LocalizedText("picture", "图像"),
        content="image",
    )
    outputs = classification_outputs(draft.task.classes, evidence=True)
    pixels = np.tile(np.arange(0, 256, 16, dtype=np.uint8), (8, 1))
    tensor = {"name": "image", "datatype": "UINT8", "shape": [1, 8, 16, 1], "data": pixels.reshape(-1).tolist()}
    return replace(
        draft,
        name=PICTURES,
        task=msgspec.structs.replace(draft.task, name="bright", signature=Signature((image,), outputs)),
        explainer="evidence_map",
        variants=(replace(draft.variants[0], model=_bright_graph()),),
        request={"inputs": [tensor]},
    )


@dataclass(frozen=True)
class House:
    """A furnished gateway."""

    services: ServiceCatalogue
    keys: KeyStore
    key: str
    registry: ModelRegistry
    metrics: Metrics

    def app(self, settings: GatewaySettings | None = None) -> Starlette:
        return create_app(
            services=self.services,
            keys=self.keys,
            registry=self.registry,
            settings=settings or GatewaySettings(port=0),
            metrics=self.metrics,
            version="0.1.0",
        )


@pytest.fixture
def packages(tmp_path: Path) -> tuple[ModelPackage, ModelPackage]:
    return (
        write_package(_sharp_draft(), tmp_path / "sharp", signer=None),
        write_package(_bright_draft(), tmp_path / "bright", signer=None),
    )


@pytest.fixture
def house(tmp_path: Path, packages: tuple[ModelPackage, ModelPackage]) -> Iterator[House]:
    services, metrics = ServiceCatalogue(), Metrics()
    registry = ModelRegistry(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path / "packages")
    keys = KeyStore(tmp_path / "keys.json")
    for package in packages:
        registry.add(package, who="test", build_record={})
        deployed = deploy(
            package,
            backend=OnnxBackend(threads=1),
            backend_title="onnxruntime test",
            explainer=make_explainer(package.manifest.explainer, read_reference(package), package.manifest.task),
            calibration=read_calibration(package),
            stage="candidate",
        )
        services.add(MeteredService(deployed, metrics))
    yield House(services, keys, keys.issue("tests", roles={"caller", "engineer"}), registry, metrics)
    registry.close()


@pytest.fixture
def listening(house: House) -> Callable[..., AbstractContextManager[str]]:
    """Starts the gateway in a thread; yields its address."""

    def _listen(settings: GatewaySettings | None = None) -> AbstractContextManager[str]:
        chosen = settings or GatewaySettings(port=0)
        return serve_in_background(house.app(chosen), chosen)

    return _listen


@dataclass(frozen=True)
class Spine:
    """A home in which the breast cancer pack was built, approved and deployed; `build` and `furnish` do it again."""

    house: Furnished
    outcome: BuildOutcome
    build: Callable[[Furnished], BuildOutcome]
    furnish: Callable[[Path], Furnished]


def _build(house: Furnished) -> BuildOutcome:
    """The same build in some house; the code's version is held fixed, since a checkout may change meanwhile."""
    pack, kit = find_learned_kit("breast_cancer")
    return build_model(BuildRequest(pack=pack, kit=kit), replace(house.workshop(), code="0.1.0+tests"))


def _furnish(home: Path) -> Furnished:
    """A house with this home folder and nothing from the environment."""
    return Furnished(load_settings({"SALUS_HOME": str(home), "SALUS_GATEWAY__PORT": "0"}, directory=home.parent))


@pytest.fixture(scope="session")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spine]:
    house = _furnish(tmp_path_factory.mktemp("spine") / "home")
    outcome = _build(house)
    approve_package(outcome.record, house.workshop(), why="tests")
    deploy_package(outcome.record.name, service=None, allow_candidate=False, house=house)
    yield Spine(house, outcome, _build, _furnish)
    house.registry.close()
