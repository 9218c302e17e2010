from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from salus.contracts.errors import ChecksumMismatch, DataUnavailable, InvalidInput
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.data.catalogue import find_entry
from salus.data.copies import CatalogueEntry, DataFile, Layout
from salus.data.sets import covid_ct, pneumoniamnist, wisconsin


def request(tmp_path: Path, *data_dirs: Path, offline: bool = True) -> DataRequest:
    return DataRequest(data_dirs=data_dirs, cache_dir=tmp_path / "cache", offline=offline, progress=Silence())


def test_the_wisconsin_set_counts_malignant_as_one_and_is_divided_by_the_seed(tmp_path: Path) -> None:
    from sklearn.datasets import load_breast_cancer

    first, second = wisconsin.read(request(tmp_path), 0), wisconsin.read(request(tmp_path), 1)

    labels = np.concatenate([part.labels for part in first.parts().values()])
    assert (labels == 1).sum() == 212
    assert {name: len(part) for name, part in first.parts().items()} == {"train": 339, "validation": 115, "test": 115}
    assert first.digest == wisconsin.read(request(tmp_path), 0).digest != second.digest
    row = int(str(first.train.sample_ids[0]).removeprefix("row-")) - 1
    source = load_breast_cancer()
    for spec, column in zip(wisconsin.INPUTS, range(30), strict=True):
        assert first.train.inputs[spec.name][0] == np.float32(source.data[row, column])


def test_the_wisconsin_inputs_are_named_as_their_columns() -> None:
    from sklearn.datasets import load_breast_cancer

    ours = [spec.name.replace("_", " ") for spec in wisconsin.INPUTS]

    assert ours == [str(name) for name in load_breast_cancer().feature_names]
    assert all(spec.valid_range is not None and spec.title.zh for spec in wisconsin.INPUTS)


@pytest.mark.data("pneumoniamnist")
def test_the_local_copy_of_pneumoniamnist_is_read(data_dir: Path, tmp_path: Path) -> None:
    dataset = pneumoniamnist.read(request(tmp_path, data_dir.parent), 0)

    assert {name: len(part) for name, part in dataset.parts().items()} == {"train": 4708, "validation": 524}
    assert dataset.train.inputs["image"].shape == (4708, 28, 28, 1)
    assert np.bincount(dataset.train.labels).tolist() == [1214, 3494]


def test_pneumoniamnist_that_is_nowhere_is_said_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="salus data fetch pneumoniamnist"):
        pneumoniamnist.read(request(tmp_path), 0)


def test_another_file_under_the_publishers_name_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "pneumoniamnist.npz", train_images=np.zeros((1, 28, 28)), train_labels=np.zeros(1))

    with pytest.raises(ChecksumMismatch):
        pneumoniamnist.read(request(tmp_path, tmp_path), 0)


def test_the_publishers_own_file_has_a_test_part_and_may_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pneumoniamnist" / "pneumoniamnist.npz"
    path.parent.mkdir()
    arrays = {
        f"{part}_{what}": np.zeros((2, 28, 28) if what == "images" else (2, 1), np.uint8)
        for part in ("train", "val", "test")
        for what in ("images", "labels")
    }
    np.savez(path, allow_pickle=False, **arrays)
    file = DataFile(path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), url="https://example.org/x")
    known = find_entry("pneumoniamnist")
    layout = Layout("medmnist", ("pneumoniamnist",), (file,))
    entry = CatalogueEntry(known.source, known.reader, (layout,), known.notes, known.remedy)
    monkeypatch.setattr(pneumoniamnist, "find_entry", lambda name: entry)

    found = pneumoniamnist.read(request(tmp_path, tmp_path), 0)
    cached = DataRequest(data_dirs=(), cache_dir=tmp_path, offline=False, progress=Silence())
    fetched = pneumoniamnist.read(cached, 0)

    assert list(found.parts()) == ["train", "validation", "test"]
    assert fetched.digest == found.digest


@pytest.mark.parametrize(
    ("name", "subject", "source"),
    [
        ("2020.03.04.20031047-p13-84%2.png", "article 2020.03.04.20031047", "article"),
        ("2020.03.12.20034686-p17-91-3.png", "article 2020.03.12.20034686", "article"),
        ("kjr-21-e24-p5-29.png", "article kjr-21-e24", "article"),
        ("35%1.jpg", "name 35", "numbered"),
        ("1029.png", "name 1029", "numbered"),
    ],
)
def test_subjects_of_covid_ct_follow_from_the_names(name: str, subject: str, source: str) -> None:
    assert covid_ct.subject_of(name) == subject
    assert covid_ct.source_of(name) == source


@pytest.mark.data("covid-ct")
def test_the_local_copy_of_covid_ct_is_read_with_what_is_known_of_the_originals(data_dir: Path, tmp_path: Path) -> None:
    dataset = covid_ct.read(request(tmp_path, data_dir.parent), 0)

    assert {name: np.bincount(part.labels).tolist() for name, part in dataset.parts().items()} == {
        "train": [234, 191],
        "validation": [58, 60],
    }
    images = dataset.train.inputs["image"]
    assert max(max(picture.shape) for picture in images) == 256
    assert all(picture.shape[2] == 1 for picture in images)
    assert set(dataset.train.attributes) == {"orig_width", "orig_height", "orig_mode", "orig_ext", "source"}


def upstream(folder: Path) -> Path:
    """A tiny copy in the form of the publisher's repository."""
    for label, suffix in (("COVID", ".png"), ("NonCOVID", ".jpg")):
        pictures = folder / "COVID-CT" / "Images-processed" / f"CT_{label}"
        lists = folder / "COVID-CT" / "Data-split" / label
        pictures.mkdir(parents=True)
        lists.mkdir(parents=True)
        for index, part in enumerate(("train", "val", "test")):
            image = Image.new("RGBA" if label == "COVID" else "L", (600, 300), 10 * index)
            buffer = BytesIO()
            image.save(buffer, format="PNG" if suffix == ".png" else "JPEG")
            (pictures / f"{index}{suffix}").write_bytes(buffer.getvalue())
            (lists / f"{part}CT_{label}.txt").write_text(f"{index}{suffix}\n\n")
    return folder / "COVID-CT"


def test_the_publishers_own_repository_is_read_and_reduced(tmp_path: Path) -> None:
    upstream(tmp_path)

    dataset = covid_ct.read(request(tmp_path, tmp_path), 0, channels=3)

    assert {name: len(part) for name, part in dataset.parts().items()} == {"train": 2, "validation": 2, "test": 2}
    assert dataset.train.inputs["image"].shape == (2, 128, 256, 3)
    assert dataset.train.attributes["orig_mode"].tolist() == ["L", "RGBA"]
    assert dataset.train.attributes["orig_width"].tolist() == [600.0, 600.0]
    assert dataset.train.labels.tolist() == [0, 1]


def test_an_incomplete_copy_of_the_publishers_repository_is_refused(tmp_path: Path) -> None:
    folder = upstream(tmp_path)
    (folder / "Images-processed" / "CT_COVID" / "0.png").unlink()
    with pytest.raises(InvalidInput, match="one missing of the part train"):
        covid_ct.read(request(tmp_path, tmp_path), 0)
    (folder / "Data-split" / "NonCOVID" / "trainCT_NonCOVID.txt").unlink()
    with pytest.raises(InvalidInput, match=r"trainCT_NonCOVID\.txt"):
        covid_ct.read(request(tmp_path, tmp_path), 0)
