"""The suites of `salus.testing`, run on everything of that kind that this repository brings."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.explanation.evidence_map import EvidenceMapExplainer
from salus.explanation.occlusion import OcclusionExplainer
from salus.explanation.shapley import ShapleyExplainer
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package
from salus.plugins.discovery import GROUP
from salus.serving.batching_pool import BatchingPool
from salus.serving.in_process_pool import InProcessPool
from salus.serving.onnx_backend import OnnxBackend
from salus.testing.backends import check_backend
from salus.testing.explainers import check_explainer
from salus.testing.packs import check_listing, check_pack
from salus.testing.pools import check_pool
from salus.testing.predictors import check_predictor

_ENTRIES = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)


class _Table:
    def predict(self, batch: Batch) -> dict[str, Array]:
        a, b = batch["a"].astype(np.float32), batch["b"].astype(np.float32)
        finding = a * b + np.sin(a)
        return {"logits": np.stack([-finding, finding], axis=1)}


class _Picture:
    def predict(self, batch: Batch) -> dict[str, Array]:
        grey = batch["image"].astype(np.float32)[..., 0] / 255 - 0.5
        finding = grey[:, :5].mean(axis=(1, 2)) - grey[:, 5:].mean(axis=(1, 2))
        return {
            "logits": np.stack([-finding, finding], axis=1),
            "evidence": np.stack([-grey, grey], axis=1),
        }


def test_shapley_is_a_conformant_explainer() -> None:
    rng = np.random.default_rng(0)
    batch = {name: rng.normal(size=4).astype(np.float32) for name in ("a", "b")}
    check_predictor(_Table(), batch)
    background = {name: rng.normal(size=20) for name in ("a", "b")}
    check_explainer(ShapleyExplainer(background), _Table(), batch, targets=np.array([0, 1, 1, 0]))


@pytest.mark.parametrize("explainer", [EvidenceMapExplainer(), OcclusionExplainer(grid=3)])
def test_explainers_of_pictures_are_conformant(explainer: EvidenceMapExplainer | OcclusionExplainer) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 10, 8, 1), dtype=np.uint8)
    check_predictor(_Picture(), {"image": pictures})
    check_explainer(explainer, _Picture(), {"image": pictures}, targets=np.array([1, 0, 1]))


def test_onnx_runtime_is_a_conformant_backend(tmp_path: Path) -> None:
    package = write_package(make_specimen_draft(), tmp_path / "package", signer=None)
    check_backend(OnnxBackend(threads=1), package)


async def test_a_pool_in_this_process_is_conformant() -> None:
    await check_pool(lambda predictor: InProcessPool(predictor, workers=2, max_waiting=6), most_submissions=30)


async def test_a_batching_pool_is_conformant() -> None:
    await check_pool(
        lambda predictor: BatchingPool(InProcessPool(predictor), max_batch=4, max_queue=20), most_submissions=60
    )


@pytest.mark.parametrize("entry", _ENTRIES, ids=lambda entry: entry.name)
def test_each_pack_is_conformant(entry: EntryPoint) -> None:
    check_pack(entry.load())


@pytest.mark.parametrize("entry", _ENTRIES, ids=lambda entry: entry.name)
def test_listing_a_pack_imports_no_model_code(entry: EntryPoint) -> None:
    check_listing(entry.value)


@pytest.mark.slow
@pytest.mark.parametrize("entry", [entry for entry in _ENTRIES if entry.name == "breast_cancer"])
def test_the_breast_cancer_pack_fits_a_few_samples(entry: EntryPoint, tmp_path: Path) -> None:
    pack = entry.load()
    request = DataRequest(data_dirs=(), cache_dir=tmp_path, offline=True, progress=Silence())
    kit = pack.kits[0]
    check_pack(pack, datasets={kit.task.name: kit.read_dataset(request, 0)})
