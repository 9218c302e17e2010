from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salus.contracts.classification import ClassLabel
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.labelled import read_labelled_folder, read_labelled_table
from salus.standards.images import write_png

CLASSES = (
    ClassLabel(name="normal", title=LocalizedText("normal", "正常")),
    ClassLabel(name="pneumonia", title=LocalizedText("pneumonia", "肺炎")),
)
PIXELS = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2)
LABELS = np.array([[0], [1], [1], [0]], np.uint8)
INPUTS = tuple(
    TensorSpec(name=name, datatype="FP32", shape=(-1,), title=LocalizedText(name, name), content="scalar", unit="1")
    for name in ("a", "b")
)


def forms(folder: Path) -> dict[str, Path]:
    """The same four labelled pictures in every form that is recognised."""
    made = {name: folder / name for name in ("archive", "arrays", "manifest", "classes", "part")}
    for path in made.values():
        path.mkdir()
    np.savez(made["archive"] / "set.npz", test_images=PIXELS, test_labels=LABELS, train_images=PIXELS[:1])
    np.save(made["arrays"] / "x.npy", PIXELS)
    np.save(made["arrays"] / "y.npy", LABELS)
    lines = ["image,diagnosis,patient_id,sex,orig_width"]
    for index, label in enumerate(LABELS.ravel()):
        name = CLASSES[label].name
        content = write_png(PIXELS[index])
        (made["manifest"] / f"{index}.png").write_bytes(content)
        lines.append(f"{index}.png,{name.upper()},p{index // 2},f,{10 + index}")
        for root in (made["classes"], made["part"] / "test"):
            (root / name).mkdir(parents=True, exist_ok=True)
            (root / name / f"{index}.png").write_bytes(content)
    (made["manifest"] / "labels.csv").write_text("\n".join(lines) + "\n")
    return {**made, "file": made["archive"] / "set.npz", "table": made["manifest"] / "labels.csv"}


@pytest.mark.parametrize("form", ["archive", "arrays", "manifest", "classes", "part", "file", "table"])
def test_the_same_pictures_read_the_same_from_every_form(form: str, tmp_path: Path) -> None:
    split = read_labelled_folder(forms(tmp_path)[form], classes=CLASSES, input_name="x-ray")

    found = {
        (picture.tobytes(), int(label)) for picture, label in zip(split.inputs["x-ray"], split.labels, strict=True)
    }
    assert found == {(PIXELS[i].tobytes(), int(LABELS[i, 0])) for i in range(4)}
    assert split.inputs["x-ray"].shape == (4, 3, 2, 1)
    assert len(set(split.sample_ids)) == 4


def test_subjects_groups_and_facts_about_originals_come_from_the_manifest(tmp_path: Path) -> None:
    split = read_labelled_folder(forms(tmp_path)["manifest"], classes=CLASSES, channels=3)

    assert split.subjects.tolist() == ["p0", "p0", "p1", "p1"]
    assert split.groups["sex"].tolist() == ["f"] * 4
    assert split.attributes["orig_width"].tolist() == [10.0, 11.0, 12.0, 13.0]
    assert split.inputs["image"].shape == (4, 3, 2, 3)


def test_what_is_no_labelled_folder_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=PIXELS, labels=LABELS)
    np.savez(tmp_path / "b.npz", images=PIXELS, labels=LABELS)

    with pytest.raises(InvalidInput, match=r"one \.npz file"):
        read_labelled_folder(tmp_path, classes=CLASSES)
    with pytest.raises(InvalidInput, match="nothing under this name"):
        read_labelled_folder(tmp_path / "absent", classes=CLASSES)


def test_a_table_gives_scalars_labels_people_and_groups(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("A,B,Target,Patient,sex,split\n1,2,normal,p1,f,train\n3,?,PNEUMONIA,p2,m,test\n5,6,1,p2,m,test\n")

    split = read_labelled_table(path, INPUTS, CLASSES)

    assert split.inputs["a"].tolist() == [3.0, 5.0]
    assert np.isnan(split.inputs["b"][0])
    assert split.labels.tolist() == [1, 1]
    assert split.subjects.tolist() == ["p2", "p2"]
    assert split.sample_ids.tolist() == ["row-2", "row-3"]
    assert split.groups["sex"].tolist() == ["m", "m"]
    assert read_labelled_table(tmp_path, INPUTS, CLASSES, part="train").labels.tolist() == [0]


def test_the_column_of_labels_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b,truth,sample_id\n1,2,0,s1\n1,2,1,s2\n")

    assert read_labelled_table(path, INPUTS, CLASSES, label_column="truth").sample_ids.tolist() == ["s1", "s2"]
    with pytest.raises(InvalidInput, match="a column of labels"):
        read_labelled_table(path, INPUTS, CLASSES)


def test_a_folder_with_no_table_or_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="one table"):
        read_labelled_table(tmp_path, INPUTS, CLASSES)
