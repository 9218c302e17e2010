from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from salus.contracts.classification import ClassLabel
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.readers import arrays as arrays_module
from salus.data.readers.arrays import choose_part, read_labelled_arrays, read_npz
from salus.data.readers.images import (
    find_manifest,
    list_by_class_folder,
    list_by_manifest,
    read_pictures,
)
from salus.data.readers.labels import are_names, class_indices
from salus.data.readers.stacks import picture_stack, stack_pictures
from salus.data.readers.tables import read_columns, scalar_column
from salus.standards.images import write_png

CLASSES = (
    ClassLabel(name="non_covid", title=LocalizedText("no COVID-19", "非新冠")),
    ClassLabel(name="covid", title=LocalizedText("COVID-19", "新冠")),
)
PIXELS = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
Bytes = NDArray[np.uint8]


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (("train_images", "train_labels"), "train"),
        (("x_test", "y_test"), "test"),
        (("images", "labels"), ""),
        (("X", "y"), ""),
        (("data", "target"), ""),
        (("val_images", "val_labels"), "validation"),
        (("hospital_b_x", "hospital_b_y"), "hospital_b"),
    ],
)
def test_arrays_are_known_under_many_names(names: tuple[str, str], part: str, tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, allow_pickle=False, **{names[0]: PIXELS, names[1]: np.array([0, 1, 1]), "other": np.zeros(9)})

    found = read_labelled_arrays(path)

    assert list(found) == [part]
    assert found[part].labels.tolist() == [0, 1, 1]


def test_a_folder_of_arrays_is_read_like_an_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "test_images.npy", PIXELS)
    np.save(tmp_path / "test_labels.npy", np.array([[0], [1], [1]]))

    assert list(read_labelled_arrays(tmp_path)) == ["test"]


def test_pickled_arrays_are_never_read(tmp_path: Path) -> None:
    hostile = np.empty(1, dtype=object)
    hostile[0] = {"a": 1}
    np.savez(tmp_path / "set.npz", images=hostile, labels=np.array([0]))
    np.save(tmp_path / "images.npy", hostile)

    with pytest.raises(InvalidInput, match="without pickled objects"):
        read_npz(tmp_path / "set.npz")
    with pytest.raises(InvalidInput, match="without pickled objects"):
        read_labelled_arrays(tmp_path)


def test_what_is_no_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.npz").write_bytes(b"not a zip")
    np.savez(tmp_path / "good.npz", images=PIXELS, labels=np.zeros(3))
    np.savez(tmp_path / "unpaired.npz", images=PIXELS, labels=np.zeros(2))
    np.savez(tmp_path / "twice.npz", images=PIXELS, x=PIXELS, labels=np.zeros(3))
    np.savez(tmp_path / "half.npz", images=PIXELS)

    for name in ("bad", "unpaired", "twice", "half"):
        with pytest.raises(InvalidInput):
            read_labelled_arrays(tmp_path / f"{name}.npz")
    monkeypatch.setattr(arrays_module, "MAX_BYTES", 10)
    with pytest.raises(InvalidInput, match="at most 10 bytes"):
        read_npz(tmp_path / "good.npz")


def test_a_part_is_chosen_by_name_or_by_what_is_usual() -> None:
    parts = {"train": 1, "validation": 2, "test": 3}

    assert choose_part(parts, "val") == ("validation", 2)
    assert choose_part(parts, None) == ("test", 3)
    assert choose_part({"train": 1, "validation": 2}, None) == ("validation", 2)
    assert choose_part({"": 9}, None) == ("", 9)
    with pytest.raises(InvalidInput, match="'other'"):
        choose_part(parts, "other")
    with pytest.raises(InvalidInput, match="test or validation"):
        choose_part({"a": 1, "b": 2}, None)


@pytest.mark.parametrize(
    "values",
    [
        PIXELS,
        PIXELS[..., np.newaxis],
        PIXELS[:, np.newaxis],
        PIXELS.astype(np.int64),
        PIXELS.astype(np.float64),
    ],
)
def test_pictures_of_any_common_form_become_one(values: NDArray[np.generic]) -> None:
    assert np.array_equal(picture_stack(values, channels=1)[..., 0], PIXELS)


def test_shares_are_scaled_and_masks_are_black_and_white() -> None:
    assert picture_stack(PIXELS / np.float32(59), channels=1).max() == 255
    assert set(np.unique(picture_stack(PIXELS > 30, channels=1))) == {0, 255}


def test_channels_are_given_as_asked_for_stacks_too() -> None:
    coloured = np.zeros((2, 4, 5, 3), np.uint8)
    coloured[..., 1] = 200

    assert picture_stack(coloured, channels=1).shape == (2, 4, 5, 1)
    assert picture_stack(np.moveaxis(coloured, -1, 1), channels=3).shape == (2, 4, 5, 3)
    assert picture_stack(PIXELS, channels=3).shape == (3, 4, 5, 3)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((2, 4, 5, 7), np.uint8),
        np.zeros(5, np.uint8),
        np.full((1, 2, 2), 4095, np.uint16),
        np.full((1, 2, 2), -1.0),
        np.full((1, 2, 2), np.nan),
        np.full((1, 2, 2), 17.5),
        np.array([["text"]]),
    ],
)
def test_values_that_are_no_grey_levels_are_refused_and_not_guessed(values: NDArray[np.generic]) -> None:
    with pytest.raises(InvalidInput):
        picture_stack(values, channels=1)


def test_pictures_of_several_sizes_stay_ragged() -> None:
    same = stack_pictures([np.zeros((2, 3, 1), np.uint8)] * 2)
    ragged = stack_pictures([np.zeros((2, 3, 1), np.uint8), np.zeros((3, 3, 1), np.uint8)])

    assert same.shape == (2, 2, 3, 1)
    assert (ragged.dtype, ragged.shape) == (np.dtype(object), (2,))


@pytest.mark.parametrize(
    "labels",
    [
        np.array([0, 1, 1]),
        np.array([[0], [1], [1]], np.uint8),
        np.array([[1, 0], [0, 1], [0, 1]], np.float32),
        np.array([False, True, True]),
        np.array([0.0, 1.0, 1.0]),
        ["NonCOVID", "COVID", "covid"],
        ["0", "1", "1.0"],
        ["非新冠", "新冠", "COVID-19"],
        ["n", "c", "C"],
    ],
)
def test_labels_are_indices_names_or_one_hot(labels: NDArray[np.generic] | list[object]) -> None:
    assert class_indices(labels, CLASSES).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "labels",
    [np.array([0, 2]), np.array([0.5]), ["unknown"], ["-1"], np.zeros((2, 3)), np.array([np.nan]), ["7"]],
)
def test_a_label_that_is_no_class_is_refused(labels: NDArray[np.generic] | list[object]) -> None:
    with pytest.raises(InvalidInput):
        class_indices(labels, CLASSES)


def test_an_index_is_not_a_name() -> None:
    assert are_names(["COVID", "noncovid"], CLASSES)
    assert not are_names(["0", "1"], CLASSES)


def scalar(name: str, unit: str | None = "mm") -> TensorSpec:
    return TensorSpec(
        name=name, datatype="FP32", shape=(-1,), title=LocalizedText(name, name), content="scalar", unit=unit
    )


def table(tmp_path: Path, text: str, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("marker", ["", "NA", "?", "NaN", "null", " n/a "])
def test_missing_markers_become_nan(marker: str, tmp_path: Path) -> None:
    columns = read_columns(table(tmp_path, f"mean_radius,label\n1.5,a\n{marker},b\n"))

    assert np.isnan(scalar_column(columns, scalar("mean_radius"))[1])


@pytest.mark.parametrize("header", ["mean_radius", "Mean Radius", "mean radius [mm]", "﻿MEAN-RADIUS"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headers_may_be_written_in_several_ways(header: str, separator: str, tmp_path: Path) -> None:
    columns = read_columns(table(tmp_path, f"{header}{separator}label\n2{separator}x\n"))

    assert scalar_column(columns, scalar("mean_radius")).tolist() == [2.0]


def test_a_column_in_another_unit_is_refused(tmp_path: Path) -> None:
    columns = read_columns(table(tmp_path, "mean_radius [cm]\n2\n"))

    with pytest.raises(InvalidInput, match="the unit 'cm'"):
        scalar_column(columns, scalar("mean_radius"))


def test_a_column_that_holds_no_numbers_is_refused_by_name_and_never_by_value(tmp_path: Path) -> None:
    columns = read_columns(table(tmp_path, "mean_radius\n1\nMrs Smith\n"))

    with pytest.raises(InvalidInput) as caught:
        scalar_column(columns, scalar("mean_radius"))

    assert "mean_radius" in str(caught.value)
    assert "row 2" in str(caught.value)
    assert "Smith" not in str(caught.value)


def test_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'area'"):
        scalar_column(read_columns(table(tmp_path, "a\n1\n")), scalar("area"))


def test_categories_may_be_written_in_words_or_as_indices(tmp_path: Path) -> None:
    spec = TensorSpec(
        name="sex",
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText("sex", "性别"),
        content="category",
        categories=(LocalizedText("female", "女"), LocalizedText("male", "男")),
    )

    columns = read_columns(table(tmp_path, "sex,x\nFemale,0\n男,0\n1,0\n,0\n"))

    assert scalar_column(columns, spec)[:3].tolist() == [0.0, 1.0, 1.0]


def test_parquet_reads_like_csv(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    parquet.write_table(pa.table({"mean_radius": [1.5, None], "label": ["a", "b"]}), path)

    columns = read_columns(path)

    assert columns["mean_radius"] == ["1.5", None]


@pytest.mark.parametrize("text", ["a,a\n1,2\n", "a,b\n1\n", "", "a,b\n\xff\x00"])
def test_a_table_that_is_broken_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_columns(table(tmp_path, text))


def pictures(folder: Path, names: list[str]) -> None:
    for index, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_png(np.full((4, 4 + index), index, np.uint8)))


def manifest(folder: Path, rows: list[dict[str, str]], name: str = "manifest.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_manifest_names_pictures_labels_and_parts(tmp_path: Path) -> None:
    pictures(tmp_path, ["a.png", "images/b.png"])
    rows = [
        {"file": "a.png", "split": "train", "class": "COVID", "label": "1"},
        {"file": "b.png", "split": "val", "class": "NonCOVID", "label": "0"},
    ]
    listed = list_by_manifest(manifest(tmp_path, rows), CLASSES)

    assert listed.labels.tolist() == [1, 0]
    assert sorted(listed.parts()) == ["train", "validation"]
    assert listed.parts()["validation"].names == ("b.png",)
    assert [p.shape for p in read_pictures(listed.paths, channels=3)] == [(4, 4, 3), (4, 5, 3)]


def test_label_columns_that_disagree_are_refused(tmp_path: Path) -> None:
    pictures(tmp_path, ["a.png"])
    path = manifest(tmp_path, [{"file": "a.png", "class": "COVID", "label": "0"}])

    with pytest.raises(InvalidInput, match="that agree"):
        list_by_manifest(path, CLASSES)


@pytest.mark.parametrize(
    "rows",
    [
        [{"file": "a.png", "colour": "red"}],
        [{"what": "a.png", "label": "0"}],
        [{"file": "missing.png", "label": "0"}],
        [{"file": "../outside.png", "label": "0"}],
        [{"file": "a.png", "label": "0"}, {"file": "a.png", "label": "0"}],
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(rows: list[dict[str, str]], tmp_path: Path) -> None:
    folder = tmp_path / "set"
    pictures(folder, ["a.png", "../outside.png"])

    with pytest.raises(InvalidInput):
        list_by_manifest(manifest(folder, rows), CLASSES)


def test_a_manifest_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_bytes(b"file,label\na.png,1,extra\n")
    with pytest.raises(InvalidInput, match="2 fields"):
        list_by_manifest(tmp_path / "manifest.csv", CLASSES)
    (tmp_path / "manifest.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="UTF-8"):
        list_by_manifest(tmp_path / "manifest.csv", CLASSES)


def test_a_manifest_of_any_name_is_found_where_it_is_the_only_one(tmp_path: Path) -> None:
    assert find_manifest(tmp_path) is None
    path = manifest(tmp_path, [{"file": "a.png", "label": "0"}], name="my list.csv")

    assert find_manifest(tmp_path) == path


def test_subfolders_named_by_classes_are_read(tmp_path: Path) -> None:
    pictures(tmp_path, ["COVID/a.png", "NonCOVID/deep/b.png", "NonCOVID/c.PNG", "notes/d.png"])
    (tmp_path / "COVID" / "readme.txt").write_text("no picture")

    listed = list_by_class_folder(tmp_path, CLASSES)

    assert listed.names == ("COVID/a.png", "NonCOVID/c.PNG", "NonCOVID/deep/b.png")
    assert listed.labels.tolist() == [1, 0, 0]
    with pytest.raises(InvalidInput, match="subfolders named by the classes"):
        list_by_class_folder(tmp_path / "COVID", CLASSES)


def test_a_picture_that_does_not_read_is_refused_by_its_position(tmp_path: Path) -> None:
    pictures(tmp_path, ["a.png"])
    (tmp_path / "b.png").write_bytes(b"broken")

    with pytest.raises(InvalidInput, match="picture 2"):
        read_pictures([tmp_path / "a.png", tmp_path / "b.png"], channels=1)
