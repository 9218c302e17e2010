"""The path for pictures, on the generated phantom, whose lesions are known."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset as DicomDataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from salus.bootstrap.running import deploy_package, furnish_gateway
from salus.cli.app import main
from salus.contracts.batches import take_samples
from salus.contracts.datasets import Dataset
from salus.contracts.packs import DataRequest, TaskKit
from salus.contracts.predictors import Exportable, FitOptions, Predictor
from salus.contracts.progress import Silence
from salus.contracts.services import Caller, InferenceRequest
from salus.data.phantom import generate_phantom
from salus.data.sets.phantom import COUNTS
from salus.evaluation.predicting import predict_split
from salus.explanation.evidence_map import EvidenceMapExplainer
from salus.explanation.pointing import pointing_game
from salus.optimisation.export import export_core
from salus.optimisation.graph_predictor import GraphPredictor
from salus.plugins.discovery import find_learned_kit
from salus.standards.images import read_picture, write_png
from salus.workflows.build_model import BuildOutcome, BuildRequest, build_model

NAME = "chest_phantom.lesion"
CALLER = Caller("tests", frozenset({"caller"}))


@pytest.fixture(scope="module")
def kit() -> TaskKit:
    return find_learned_kit("chest_phantom")[1]


@pytest.fixture(scope="module")
def phantoms(kit: TaskKit) -> Dataset:
    return kit.read_dataset(DataRequest((), Path(), offline=True, progress=Silence()), 0)


@pytest.fixture(scope="module")
def built(spine: Any, kit: TaskKit, phantoms: Dataset) -> BuildOutcome:
    """One epoch over a part of the data: enough to be carried through, not to be right. Deployed as a candidate."""
    few = replace(
        phantoms,
        train=phantoms.train.take(np.arange(96)),
        validation=phantoms.validation.take(np.arange(40)),
        test=None,
    )
    small = replace(kit, read_dataset=lambda request, seed: few)
    request = BuildRequest(
        pack=find_learned_kit("chest_phantom")[0], kit=small, options=FitOptions(epochs=1, device="cpu"), forms=()
    )
    outcome = build_model(request, replace(spine.house.workshop(), code="0.1.0+tests"))
    deploy_package(NAME, service=None, allow_candidate=True, house=spine.house)
    return outcome


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, phantoms: Dataset) -> Path:
    """The same phantom as PNG and as DICOM, one below the other, and a file that is neither."""
    root = tmp_path_factory.mktemp("pictures")
    pixels = np.asarray(phantoms.validation.inputs["image"][1], np.uint8)
    (root / "ward").mkdir()
    (root / "a.png").write_bytes(write_png(pixels))
    (root / "notes.txt").write_text("no picture")
    dicom = DicomDataset()
    dicom.file_meta = FileMetaDataset()
    dicom.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dicom.file_meta.MediaStorageSOPClassUID = dicom.SOPClassUID = SecondaryCaptureImageStorage
    dicom.file_meta.MediaStorageSOPInstanceUID = dicom.SOPInstanceUID = UID("2.25.1")
    dicom.Rows, dicom.Columns = pixels.shape[:2]
    dicom.SamplesPerPixel, dicom.PhotometricInterpretation = 1, "MONOCHROME2"
    dicom.BitsAllocated = dicom.BitsStored = 8
    dicom.HighBit, dicom.PixelRepresentation = 7, 0
    dicom.PixelData = pixels.tobytes()
    dicom.save_as(root / "ward" / "a.dcm", enforce_file_format=True)
    return root


def test_a_short_build_is_carried_through_with_a_test_less_report(built: BuildOutcome) -> None:
    assert [report.part for report in built.reports] == ["validation"]
    assert built.package.manifest.task.demonstration
    assert [variant.name for variant in built.package.manifest.variants] == ["float32"]


def test_what_is_served_equals_what_is_asked_directly_in_batches_of_any_size(
    spine: Any, built: BuildOutcome, phantoms: Dataset
) -> None:
    gateway = furnish_gateway(spine.house)
    service = gateway.services.get(NAME)
    inputs = take_samples({"image": np.asarray(phantoms.validation.inputs["image"])}, np.arange(12))
    direct = spine.house.backend.load(built.package).predict(inputs)
    answered = np.asarray(direct["prediction_set"]).sum(axis=1) == 1

    async def ask() -> np.ndarray:
        parts = [take_samples(inputs, list(part)) for part in ((0,), (1, 2, 3), (4, 5, 6, 7, 8, 9, 10, 11))]
        answers = await asyncio.gather(*(service.predict(InferenceRequest(part), CALLER) for part in parts))
        await gateway.services.close()
        return np.concatenate([np.asarray(answer.outputs["probabilities"]) for answer in answers])

    served = asyncio.run(ask())
    assert np.array_equal(np.isfinite(served).all(axis=1), answered)
    np.testing.assert_allclose(served[answered], np.asarray(direct["probabilities"])[answered], rtol=0, atol=1e-6)


@pytest.fixture
def run(spine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SALUS_HOME", str(spine.house.settings.home))

    def salus(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["salus", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
        return (code, *capsys.readouterr())

    return salus


def test_png_and_dicom_of_one_picture_get_one_answer(run: Any, built: BuildOutcome, folder: Path) -> None:
    code, shown, _ = run("predict", NAME, folder, "--json")
    answers = json.loads(shown)
    assert code == 0
    assert [answer["source"] for answer in answers] == ["a.png", "ward/a.dcm"]
    assert answers[1]["samples"][0]["warnings"]  # such images often show names
    plain = [{**sample, "warnings": []} for answer in answers for sample in answer["samples"]]
    assert plain[0] == plain[1]
    assert answers[0]["provenance"]["demonstration"]


def test_heatmaps_are_written_beside_the_pictures(run: Any, built: BuildOutcome, folder: Path, tmp_path: Path) -> None:
    code, shown, _ = run("explain", NAME, folder, "--out", "why")
    assert code == 0
    assert str(Path("why") / "ward" / "a.dcm.explained.png") in shown
    overlay = read_picture((tmp_path / "why" / "a.png.explained.png").read_bytes()).pixels
    assert overlay.shape == (256, 512, 3)
    code, shown, _ = run("explain", NAME, folder / "a.png", "--out", "why", "--json")
    assert json.loads(shown)[0]["overlay"] == str(Path("why") / "a.png.explained.png")


def test_what_is_no_picture_is_refused_by_name(run: Any, built: BuildOutcome, folder: Path, tmp_path: Path) -> None:
    wrong = {
        "cut.png": ((folder / "a.png").read_bytes()[:200], "in cut.png"),
        "rows.csv": (b"a,b\n1,2\n", "PNG, JPEG or DICOM file for lesion"),
        "text.png": (b"not a picture", "PNG, JPEG or DICOM"),
    }
    for name, (content, said) in wrong.items():
        (tmp_path / name).write_bytes(content)
        code, shown, told = run("predict", NAME, name)
        assert (code, shown) == (2, "")
        assert said in told


@pytest.fixture(scope="module")
def trained(kit: TaskKit, phantoms: Dataset) -> Predictor:
    """The default recipe, all of it."""
    estimator = next(iter(kit.estimators.values()))(FitOptions(device="cpu"))
    return estimator.fit(phantoms.train, phantoms.validation, rng=np.random.default_rng(0))


@pytest.mark.slow
def test_heatmaps_of_the_default_model_point_at_the_lesion(trained: Predictor, phantoms: Dataset) -> None:
    """Pointing game: the strongest evidence lies in the lesion in nine of ten positives, with no tolerance."""
    positive = np.flatnonzero(phantoms.validation.labels == 1)
    start = COUNTS["train"]
    truth = generate_phantom(start + COUNTS["validation"], seed=0)
    assert np.array_equal(truth.images[start:], phantoms.validation.inputs["image"])
    asked = take_samples({"image": np.asarray(phantoms.validation.inputs["image"])}, positive)
    found = EvidenceMapExplainer().explain(trained, asked, targets=np.ones(len(positive), np.int64))
    heatmaps = [each.heatmap for each in found if each.heatmap is not None]
    assert pointing_game(heatmaps, list(truth.masks[start:][positive])) >= 0.9


@pytest.mark.slow
def test_float_onnx_equals_torch_on_every_validation_sample(
    trained: Predictor, kit: TaskKit, phantoms: Dataset
) -> None:
    assert isinstance(trained, Exportable)
    sample = take_samples({"image": np.asarray(phantoms.validation.inputs["image"])}, [0])
    core = export_core(trained.graph_source(), kit.task.signature.inputs, sample=sample)
    exported = GraphPredictor(core.SerializeToString())
    for name in ("logits", "evidence"):
        ours = predict_split(trained, phantoms.validation, outputs=(name,))[name].astype(np.float64)
        theirs = predict_split(exported, phantoms.validation, outputs=(name,))[name].astype(np.float64)
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-4)
