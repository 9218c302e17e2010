from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salus.contracts.errors import DataUnavailable, InvalidInput
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.data.deduplication import remove_repeats
from salus.data.sets import deepsurv, gbsg2, pbc2


def request(tmp_path: Path, *data_dirs: Path) -> DataRequest:
    return DataRequest(data_dirs=data_dirs, cache_dir=tmp_path / "cache", offline=True, progress=Silence())


def test_the_german_trial_comes_with_lifelines_in_months(tmp_path: Path) -> None:
    dataset = gbsg2.read(request(tmp_path), 0)

    assert sum(len(part) for part in dataset.parts().values()) == 686
    assert sum(int(part.labels.sum()) for part in dataset.parts().values()) == 299
    assert dataset.digest == gbsg2.read(request(tmp_path), 0).digest != gbsg2.read(request(tmp_path), 1).digest
    assert max(float(part.targets["time"].max()) for part in dataset.parts().values()) == pytest.approx(2659 / 30.4375)
    assert set(np.unique(dataset.train.inputs["tumour_grade"])) == {0, 1, 2}


@pytest.mark.data("survival-deepsurv")
@pytest.mark.parametrize(
    ("name", "learned", "tested"),
    [("whas", 1310, 328), ("support", 7098, 1775), ("metabric", 1523, 381), ("gbsg", 1546, 686)],
)
def test_the_publishers_parts_stay_what_they_are(
    name: deepsurv.SetName, learned: int, tested: int, data_dir: Path, tmp_path: Path
) -> None:
    dataset = deepsurv.read(request(tmp_path, data_dir.parent), 0, name)

    assert dataset.test is not None
    assert (len(dataset.train) + len(dataset.validation), len(dataset.test)) == (learned, tested)
    assert not set(dataset.train.subjects) & set(dataset.validation.subjects)


@pytest.mark.data("survival-deepsurv")
def test_columns_are_read_as_what_their_values_are(data_dir: Path, tmp_path: Path) -> None:
    support = deepsurv.read(request(tmp_path, data_dir.parent), 0, "support").train
    gbsg = deepsurv.read(request(tmp_path, data_dir.parent), 0, "gbsg").test
    trial = gbsg2.read(request(tmp_path), 0)

    assert 130 < float(np.median(support.inputs["serum_sodium"].astype(np.float64))) < 145
    assert 5 < float(np.median(support.inputs["white_blood_cells"].astype(np.float64))) < 15
    assert gbsg is not None
    sizes = np.concatenate([part.inputs["tumour_size"] for part in trial.parts().values()])
    expected = np.bincount((sizes > 20).astype(int) + (sizes > 50))
    assert np.bincount(gbsg.inputs["tumour_size"].astype(int)).tolist() == expected.tolist()


@pytest.mark.data("survival-deepsurv")
def test_repeated_rows_of_whas_are_one_subject_and_can_be_left_out(data_dir: Path, tmp_path: Path) -> None:
    dataset = deepsurv.read(request(tmp_path, data_dir.parent), 0, "whas")
    assert dataset.test is not None
    learned = {*dataset.train.subjects, *dataset.validation.subjects}

    assert sum(subject in learned for subject in dataset.test.subjects) == 229
    assert len(learned) == 640
    once = remove_repeats(dataset)
    assert all(len(np.unique(part.subjects)) == len(part) for part in once.parts().values())
    assert once.digest != dataset.digest
    assert remove_repeats(once) is once


@pytest.mark.data("pbc2")
def test_each_visit_of_pbc_is_a_sample_of_what_was_known_then(data_dir: Path, tmp_path: Path) -> None:
    dataset = pbc2.read(request(tmp_path, data_dir.parent), 0)

    patients = [set(part.subjects) for part in dataset.parts().values()]
    assert sum(len(part) for part in patients) == len(set.union(*patients)) == 250
    train = dataset.train
    first, second = (int(np.flatnonzero(train.sample_ids == f"{train.subjects[0]}-visit-{n:02d}")[0]) for n in (1, 2))
    early, late = train.inputs["events"][first], train.inputs["events"][second]
    np.testing.assert_array_equal(early, late[late[:, 0] <= early[:, 0].max()])
    assert train.targets["time"][first] - train.targets["time"][second] == pytest.approx(
        float(late[:, 0].max() - early[:, 0].max()), abs=1e-5
    )
    assert (train.targets["time"] > 0).all()


def test_visits_become_samples_and_unknown_words_are_refused() -> None:
    columns: dict[str, list[str | None]] = {
        "id": ["1", "1", "2"],
        "years": ["3.0", "3.0", "1.0"],
        "status2": ["1", "1", "0"],
        "year": ["0", "1.5", "0"],
        "drug": ["D-penicil", "D-penicil", "placebo"],
        "age": ["50", "50", "61"],
        "sex": ["female", "female", "male"],
        **{name: ["1.0", None, "2.0"] for name in ("serBilir", "serChol", "albumin", "alkaline", "SGOT", "platelets")},
        "prothrombin": ["10", "11", "12"],
        "histologic": ["1", "2", "3"],
        "ascites": ["No", "Yes", None],
        "hepatomegaly": ["No", "Yes", "No"],
        "spiders": ["No", "No", "No"],
        "edema": ["No edema", "edema despite diuretics", "No edema"],
    }

    split = pbc2.split_of(columns)

    assert split.sample_ids.tolist() == ["patient-001-visit-01", "patient-001-visit-02", "patient-002-visit-01"]
    assert split.targets["time"].tolist() == [3.0, 1.5, 1.0]
    assert split.labels.tolist() == [1, 1, 0]
    assert [len(events) for events in split.inputs["events"]] == [12, 18, 11]
    oedema = pbc2.VARIABLES.index("oedema")
    assert [1.5, oedema, 2.0] in split.inputs["events"][1].tolist()
    with pytest.raises(InvalidInput, match="'edema'"):
        pbc2.split_of({**columns, "edema": ["none", "none", "none"]})
    with pytest.raises(InvalidInput, match="none called age"):
        pbc2.split_of({name: column for name, column in columns.items() if name != "age"})


def test_a_set_that_is_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="survival-deepsurv"):
        deepsurv.read(request(tmp_path), 0, "whas")
    with pytest.raises(DataUnavailable, match="pbc2"):
        pbc2.read(request(tmp_path), 0)
