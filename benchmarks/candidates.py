"""What `variants` measures: the packs' packages or, where there is none yet, their networks; and named networks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import onnx
import torch
from torch import nn

from salus.bootstrap.house import House
from salus.bootstrap.packages import find_package
from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import DataUnavailable, NotFound
from salus.contracts.packages import Variant
from salus.contracts.packs import SolverKit, TaskKit
from salus.contracts.predictors import Exportable, FitOptions, GraphSource
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.phantom import generate_phantom
from salus.networks.image_classifier import ImageClassifier
from salus.networks.listings import ListingCnn28Deep, ListingCnn128
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.residual import ResidualNetwork
from salus.optimisation.canonical import to_bytes
from salus.optimisation.export import export_core
from salus.optimisation.quantisation import quantise
from salus.optimisation.variants import first_samples
from salus.plugins.discovery import find_packs
from salus.workflows.workshop import package_name

ENOUGH = 64
"""Pictures that integer ranges of an untrained network are taken from; times do not depend on them."""


@dataclass(frozen=True)
class Candidate:
    """One model in two forms.

    Attributes:
        title: In words.
        models: The files' contents by variant, `float32` and `int8`.
        sample: What it is asked.
        loss: What the package says of the INT8 form; None for a network that was not trained.
    """

    title: str
    models: dict[str, bytes]
    sample: Batch
    loss: Variant | None = None


def list_candidates(house: House) -> Iterator[Candidate]:
    """Every pack that takes pictures and whose data are at hand, then the named networks."""
    for pack in find_packs().values():
        for kit in pack.kits:
            if isinstance(kit, SolverKit) or kit.task.signature.inputs[0].content != "image":
                continue
            name = package_name(pack, kit)
            try:
                dataset = kit.mended(kit.read_dataset(replace(house.data_request(), offline=True), 0))
            except DataUnavailable as error:
                print(f"  {name} is left out: {error}")
                continue
            found = None
            with suppress(NotFound):
                found = _of_package(house, name, dataset.validation)
            yield found or _of_recipe(kit, name, dataset.train)
    networks: tuple[tuple[str, int, int, nn.Module], ...] = (
        ("ResNet-18 (3 x 3 stem), 28 px", 28, 1, ResidualNetwork.resnet18(2, in_channels=1, small=True)),
        ("ResNet-18 (3 x 3 stem), 64 px", 64, 1, ResidualNetwork.resnet18(2, in_channels=1, small=True)),
        ("ListingCnn28Deep, 28 px", 28, 1, ListingCnn28Deep()),
        ("ListingCnn128, 128 px", 128, 3, ListingCnn128()),
    )
    for title, size, channels, backbone in networks:
        yield _of_network(title, size, channels, backbone)


def _of_package(house: House, name: str, validation: Split) -> Candidate | None:
    _, package = find_package(house, name)
    variants = {each.name: each for each in package.manifest.variants}
    if "int8" not in variants:
        return None
    return Candidate(
        title=f"`{name}` version {package.manifest.version}",
        models={form: package.model_path(form).read_bytes() for form in ("float32", "int8")},
        sample=first_samples(validation.inputs),
        loss=variants["int8"],
    )


def _of_recipe(kit: TaskKit, name: str, train: Split) -> Candidate:
    """The default recipe's network after one pass over a few pictures: as fast as a trained one."""
    few = train.take(np.unique(np.linspace(0, len(train) - 1, ENOUGH).round().astype(np.int64)))
    estimator = next(iter(kit.estimators.values()))(FitOptions(epochs=1, device="cpu"))
    predictor = estimator.fit(few, few, rng=np.random.default_rng(0))
    if not isinstance(predictor, Exportable):
        raise TypeError(f"expected a predictor of {name} that can be exported; found {type(predictor).__name__}")
    models = _make_forms(predictor.graph_source(), kit.task.signature.inputs, few.inputs)
    return Candidate(f"network of `{name}`, not trained", models, first_samples(few.inputs))


def _of_network(title: str, size: int, channels: int, backbone: nn.Module) -> Candidate:
    torch.manual_seed(0)
    image = TensorSpec(
        name="image",
        datatype="UINT8",
        shape=(-1, -1, -1, channels),
        title=LocalizedText("picture", "图像"),
        content="image",
    )
    preprocessing = ImagePreprocessing((size, size), in_channels=channels, channels=channels)
    pictures = generate_phantom(ENOUGH, size=max(size, 32), seed=0).images[:, :size, :size]
    inputs: Batch = {"image": np.repeat(pictures, channels, axis=3)}
    source = GraphSource(
        framework="torch", model=ImageClassifier(preprocessing, backbone).eval(), outputs=("logits", "evidence")
    )
    return Candidate(title, _make_forms(source, (image,), inputs), first_samples(inputs))


def _make_forms(source: GraphSource, inputs: tuple[TensorSpec, ...], training: Batch) -> dict[str, bytes]:
    core: onnx.ModelProto = export_core(source, inputs, sample=first_samples(training))
    return {"float32": to_bytes(core), "int8": to_bytes(quantise(core, training))}
