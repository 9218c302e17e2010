from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import Dataset, QualityFinding, QualityReport, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.contracts.tasks import Task
from salus.contracts.tensors import Missing, Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.catalogue import find_entry
from salus.data.decontamination import remove_leaks
from salus.data.digest import dataset_digest
from salus.data.phantom import generate_phantom
from salus.data.quality.checking import CHECKS, check_dataset
from salus.data.quality.fingerprints import fingerprint, near_pairs
from salus.data.quality.shortcuts import column_auroc
from salus.data.readers.stacks import stack_pictures
from salus.data.sets import covid_ct, phantom, pneumoniamnist, wisconsin

CLASSES = (
    ClassLabel(name="clear", title=LocalizedText("clear", "正常")),
    ClassLabel(name="opacity", title=LocalizedText("opacity", "阴影")),
)
IMAGE = TensorSpec(
    name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=LocalizedText("image", "图像"), content="image"
)
Bytes = NDArray[np.uint8]


def scalar(name: str, *, missing: Missing = "reject", valid_range: tuple[float, float] | None = None) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(name, name),
        content="scalar",
        unit="1",
        missing=missing,
        valid_range=valid_range,
    )


def task(*inputs: TensorSpec) -> Task:
    text = LocalizedText("for tests", "测试用")
    signature = Signature(inputs or (IMAGE,), classification_outputs(CLASSES, evidence=False))
    return Task(
        name="t",
        title=text,
        signature=signature,
        question=Classification(classes=CLASSES),
        intended_use=text,
        limits=text,
    )


def split(prefix: str, values: Mapping[str, NDArray[np.generic]], labels: Sequence[int], **columns: object) -> Split:
    names = np.array([f"{prefix}{index}" for index in range(len(labels))])
    options = {"subjects": names, **columns}
    return Split(inputs=values, labels=np.array(labels, np.int64), sample_ids=names, **options)  # type: ignore[arg-type]  # the tests name fields


def dataset(train: Split, validation: Split, test: Split | None = None) -> Dataset:
    parts = {"train": train, "validation": validation} | ({"test": test} if test else {})
    return Dataset(
        source=find_entry("phantom").source,
        digest=dataset_digest(parts),
        train=train,
        validation=validation,
        test=test,
    )


def pictures(count: int, seed: int) -> tuple[Bytes, list[int]]:
    made = generate_phantom(count, size=32, seed=seed)
    return made.images, made.labels.tolist()


def clean(seed: int = 0) -> tuple[Split, Split]:
    train, validation = pictures(40, seed), pictures(20, seed + 1)
    return split("t", {"image": train[0]}, train[1]), split("v", {"image": validation[0]}, validation[1])


def found(report: QualityReport, check: str) -> QualityFinding | None:
    return next((item for item in report.findings if item.check == check), None)


def near(picture: Bytes) -> Bytes:
    """The same picture with another gain and a little noise."""
    noise = np.random.default_rng(1).normal(0, 1.0, picture.shape)
    return np.clip(picture * 0.95 + 4 + noise, 0, 255).astype(np.uint8)


def test_a_clean_set_has_no_findings() -> None:
    report = check_dataset(dataset(*clean()), task=task())

    assert [item.check for item in report.findings] == []
    assert report.samples == {"train": 40, "validation": 20}
    assert report.balance["train"] == {"0": 0.5, "1": 0.5}


def test_a_check_that_is_not_known_cannot_be_allowed() -> None:
    with pytest.raises(InvalidInput, match=r"leak\.subject"):
        check_dataset(dataset(*clean()), task=task(), allow=frozenset({"leak.everything"}))


def test_a_set_without_the_tasks_inputs_is_refused() -> None:
    with pytest.raises(InvalidInput, match="age"):
        check_dataset(dataset(*clean()), task=task(IMAGE, scalar("age")))


def test_the_same_subject_on_two_sides_is_refused_unless_allowed_by_name() -> None:
    train, validation = clean()
    shared = train.subjects.copy()
    shared[3] = str(validation.subjects[5])
    leaking = dataset(split("t", dict(train.inputs), train.labels.tolist(), subjects=shared), validation)

    report = check_dataset(leaking, task=task())
    allowed = check_dataset(leaking, task=task(), allow=frozenset({"leak.subject", "class_balance"}))

    finding = found(report, "leak.subject")
    assert finding is not None
    assert (finding.count, set(finding.samples)) == (1, {"t3", "v5"})
    assert [item.check for item in report.refusals()] == ["leak.subject"]
    assert allowed.refusals() == ()
    assert allowed.allowed == ("leak.subject",)


@pytest.mark.parametrize("kind", ["exact", "near"])
def test_a_copy_on_two_sides_is_refused_and_can_be_taken_out_of_training(kind: str) -> None:
    train, validation = clean()
    images = train.inputs["image"].copy()
    source = np.asarray(validation.inputs["image"], np.uint8)[4]
    images[6] = source if kind == "exact" else near(source)
    leaking = dataset(split("t", {"image": images}, train.labels.tolist()), validation)

    report = check_dataset(leaking, task=task())
    mended = remove_leaks(leaking, task())

    finding = found(report, "leak.exact_duplicate" if kind == "exact" else "leak.near_duplicate")
    assert finding is not None
    assert finding.severity == "refusal"
    assert set(finding.samples) == {"t6", "v4"}
    assert len(mended.train) == 39
    assert "t6" not in mended.train.sample_ids
    assert len(mended.validation) == 20
    assert mended.digest != leaking.digest
    assert check_dataset(mended, task=task()).refusals() == ()


def test_a_set_without_leaks_is_given_back_as_it_is() -> None:
    whole = dataset(*clean())

    assert remove_leaks(whole, task()) is whole


def test_duplicates_within_a_part_are_a_warning_with_their_names() -> None:
    train, validation = clean()
    images = np.asarray(train.inputs["image"], np.uint8).copy()
    images[6], images[8] = images[4], near(images[10])
    report = check_dataset(dataset(split("t", {"image": images}, train.labels.tolist()), validation), task=task())

    exact, nearly = found(report, "duplicate.exact"), found(report, "duplicate.near")
    assert exact is not None
    assert nearly is not None
    assert (exact.severity, exact.count, set(exact.samples)) == ("warning", 1, {"t4", "t6"})
    assert (nearly.severity, nearly.count, set(nearly.samples)) == ("warning", 1, {"t8", "t10"})


@pytest.mark.parametrize("kind", ["exact", "near"])
def test_one_picture_under_two_labels_is_named(kind: str) -> None:
    train, validation = clean()
    images = np.asarray(train.inputs["image"], np.uint8).copy()
    images[5] = images[2] if kind == "exact" else near(images[2])
    report = check_dataset(dataset(split("t", {"image": images}, train.labels.tolist()), validation), task=task())

    finding = found(report, "label_contradiction")
    assert finding is not None
    assert (finding.severity, finding.count, set(finding.samples)) == ("warning", 1, {"t2", "t5"})


def test_near_duplicates_are_found_across_sizes() -> None:
    from salus.standards.images import reduce_picture

    large = generate_phantom(3, size=128, seed=9).images
    small = [reduce_picture(picture, longest=64) for picture in large]
    column = stack_pictures([*large, *small])

    assert near_pairs(fingerprint(column)).tolist() == [[0, 3], [1, 4], [2, 5]]


def test_near_pairs_are_those_of_a_plain_search() -> None:
    images, _ = pictures(30, 3)
    images[7] = near(images[20])
    prints = fingerprint(images)
    plain = [
        [i, j]
        for i in range(30)
        for j in range(i + 1, 30)
        if (prints.hashes[i] != prints.hashes[j]).sum() <= 10
        and prints.thumbnails[i] @ prints.thumbnails[j] >= 0.97
        and prints.details[i] @ prints.details[j] >= 0.9
        and prints.exact[i] != prints.exact[j]
    ]

    assert near_pairs(prints).tolist() == plain == [[7, 20]]


def test_flat_pictures_are_not_near_each_other() -> None:
    flat = np.stack([np.full((8, 8, 1), level, np.uint8) for level in range(10)])

    assert len(near_pairs(fingerprint(flat))) == 0


def test_missing_and_unbelievable_numbers_are_counted_by_column() -> None:
    values = {"a": np.array([1, np.nan, 3, 99], np.float32), "b": np.array([1, 2, np.nan, np.inf], np.float32)}
    spec = (scalar("a", valid_range=(0.0, 10.0)), scalar("b", missing="model", valid_range=(0.0, 10.0)))
    good = {name: np.array([0.5, 1.5, 2.5, 3.5], np.float32) for name in ("a", "b")}
    report = check_dataset(dataset(split("t", values, [0, 1, 0, 1]), split("v", good, [0, 1, 0, 1])), task=task(*spec))

    missing = [item for item in report.findings if item.check == "missing_values"]
    outside = [item for item in report.findings if item.check == "out_of_range"]
    assert [(item.severity, item.samples) for item in missing] == [("warning", ("t1",)), ("note", ("t2",))]
    assert [item.samples for item in outside] == [("t3",), ("t3",)]


def test_equal_rows_of_a_continuous_table_leak_and_of_a_coarse_one_are_a_note() -> None:
    rng = np.random.default_rng(0)
    fine = rng.normal(size=40).astype(np.float32)
    fine[30] = fine[2]
    coarse = rng.integers(0, 3, 40).astype(np.float32)
    labels = [0, 1] * 20

    def checked(column: NDArray[np.float32]) -> QualityReport:
        train, validation = split("t", {"a": column[:20]}, labels[:20]), split("v", {"a": column[20:]}, labels[20:])
        return check_dataset(dataset(train, validation), task=task(scalar("a")))

    assert [item.check for item in checked(fine).refusals()] == ["leak.exact_duplicate"]
    assert checked(coarse).refusals() == ()
    assert found(checked(coarse), "leak.exact_duplicate") is not None


@pytest.mark.parametrize(
    ("labels", "severity"), [([1] * 40, "refusal"), ([0] + [1] * 39, "warning"), ([0] * 4 + [1] * 36, "note")]
)
def test_classes_that_are_rare_or_absent_are_told(labels: list[int], severity: str) -> None:
    train, validation = clean()
    uneven = split("t", dict(train.inputs), labels)

    finding = found(check_dataset(dataset(uneven, validation), task=task()), "class_balance")

    assert finding is not None
    assert finding.severity == severity


def test_an_attribute_that_tells_the_label_is_a_shortcut() -> None:
    train, validation = clean()
    telling = {
        part: {
            "orig_width": np.where(labels == 1, 512.0, 300.0) + np.arange(len(labels)) % 7,
            "orig_ext": np.where(labels == 1, ".png", ".jpg"),
            "lucky": np.arange(len(labels)) % 3,
        }
        for part, labels in (("t", train.labels), ("v", validation.labels))
    }
    report = check_dataset(
        dataset(
            split("t", dict(train.inputs), train.labels.tolist(), attributes=telling["t"]),
            split("v", dict(validation.inputs), validation.labels.tolist(), attributes=telling["v"]),
        ),
        task=task(),
    )

    messages = [item.message.en for item in report.findings if item.check == "shortcut"]
    assert any("orig_width alone" in message for message in messages)
    assert any("'.jpg' in 30 samples, all of them clear" in message for message in messages)
    assert not any("lucky" in message for message in messages)


def test_brightness_that_tells_the_label_is_a_shortcut() -> None:
    train, validation = clean()

    def brighter(part: Split) -> Split:
        images = np.asarray(part.inputs["image"], np.uint8) // 2
        images[part.labels == 1] += np.uint8(60)
        return split(str(part.sample_ids[0])[0], {"image": images}, part.labels.tolist())

    report = check_dataset(dataset(brighter(train), brighter(validation)), task=task())

    assert any("mean_grey_level" in item.message.en for item in report.findings if item.check == "shortcut.intensity")


def test_the_test_part_takes_no_part_in_the_search_for_shortcuts() -> None:
    train, validation = clean()
    images, labels = pictures(40, 7)
    bright = images.copy()
    bright[np.array(labels) == 1] //= 2
    whole = dataset(train, validation, split("x", {"image": bright}, labels))

    assert found(check_dataset(whole, task=task()), "shortcut.intensity") is None


def test_what_a_column_tells_is_measured_on_subjects_that_were_not_seen() -> None:
    subjects = np.repeat(np.array([f"p{i}" for i in range(40)]), 10)
    labels = np.repeat(np.random.default_rng(0).integers(0, 2, 40), 10)
    own_number = np.repeat(np.arange(40), 10).astype(str)

    told = column_auroc(own_number, labels, subjects)

    assert told is not None
    assert told[0] < 0.7
    assert column_auroc(np.zeros(400), labels, subjects) is None
    assert column_auroc(own_number, np.zeros(400, np.int64), subjects) is None


def test_every_finding_is_told_in_both_languages_and_names_at_most_fifty() -> None:
    train, validation = clean()
    doubled = np.concatenate([np.asarray(train.inputs["image"])] * 3)
    report = check_dataset(dataset(split("t", {"image": doubled}, train.labels.tolist() * 3), validation), task=task())

    finding = found(report, "duplicate.exact")
    assert finding is not None
    assert (len(finding.samples), finding.count) == (50, 80)
    assert "完全相同" in finding.message.zh
    assert finding.check in CHECKS


def request(data_dir: Path, tmp_path: Path) -> DataRequest:
    return DataRequest(data_dirs=(data_dir.parent,), cache_dir=tmp_path, offline=True, progress=Silence())


@pytest.mark.data("covid-ct")
def test_the_faults_of_covid_ct_are_found(data_dir: Path, tmp_path: Path) -> None:
    whole = covid_ct.read(request(data_dir, tmp_path), 0)

    report = check_dataset(whole, task=task())
    subjects, nearly = found(report, "leak.subject"), found(report, "duplicate.near")
    shortcuts = " ".join(item.message.en for item in report.findings if item.check == "shortcut")

    assert subjects is not None
    assert subjects.severity == "refusal"
    assert {"NonCOVID/33.png", "NonCOVID/33%0.jpg", "COVID/2020.03.13.20035212-p23-152.png"} <= set(subjects.samples)
    assert nearly is not None
    assert {"NonCOVID/115.png", "NonCOVID/117.png"} <= set(nearly.samples)
    assert "orig_ext is '.jpg' in 149 samples, all of them clear" in shortcuts
    assert "orig_mode is 'RGBA' in 127 samples, all of them opacity" in shortcuts
    assert "orig_height alone" in shortcuts
    assert "source alone predicts the label with an AUROC of 1.00" in shortcuts
    assert remove_leaks(whole, task()).train.labels.shape == (421,)


@pytest.mark.data("pneumoniamnist")
def test_pneumoniamnist_has_exact_copies_and_no_false_alarms(data_dir: Path, tmp_path: Path) -> None:
    whole = pneumoniamnist.read(request(data_dir, tmp_path), 0)

    report = check_dataset(whole, task=task())
    leak = found(report, "leak.exact_duplicate")

    assert leak is not None
    assert leak.count == 8
    assert found(report, "leak.near_duplicate") is None
    assert found(report, "duplicate.near") is None
    assert found(report, "label_contradiction") is None


def test_the_generated_and_the_wisconsin_set_stop_no_build(tmp_path: Path) -> None:
    anywhere = DataRequest(data_dirs=(), cache_dir=tmp_path, offline=True, progress=Silence())

    assert check_dataset(phantom.read(anywhere, 1), task=task()).refusals() == ()
    report = check_dataset(wisconsin.read(anywhere, 1), task=task(*wisconsin.INPUTS))
    assert report.findings == ()
