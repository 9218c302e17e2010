from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from salus.contracts.errors import DataUnavailable, InvalidInput, NotFound
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.data.catalogue import find_entry
from salus.data.sets import ihdp, rotterdam, twins, warfarin


def request(tmp_path: Path, *data_dirs: Path) -> DataRequest:
    return DataRequest(data_dirs=data_dirs, cache_dir=tmp_path, offline=True, progress=Silence())


@pytest.mark.data("rotterdam_gbsg")
def test_rotterdam_gives_the_node_positive_patients_with_outcomes_in_months(data_dir: Path, tmp_path: Path) -> None:
    data = rotterdam.read(request(tmp_path, data_dir.parent), 1)

    parts = data.parts()
    assert {name: len(part) for name, part in parts.items()} == {"train": 926, "validation": 310, "test": 310}
    labels = np.concatenate([part.labels for part in parts.values()])
    assert labels.sum() == 339
    assert min(part.inputs["nodes"].min() for part in parts.values()) == 1
    for part in parts.values():
        assert part.targets["outcome"].mean() == pytest.approx(42, abs=6)
        early = (part.targets["event"] == 1) & (part.targets["time"] < 12)
        assert part.targets["outcome"][early].max() < 13
    assert data.digest == rotterdam.read(request(tmp_path, data_dir.parent), 1).digest
    assert data.digest != rotterdam.read(request(tmp_path, data_dir.parent), 2).digest


@pytest.mark.data("rotterdam_gbsg")
def test_a_death_after_the_last_look_for_recurrence_counts_as_censored_there(data_dir: Path, tmp_path: Path) -> None:
    parts = rotterdam.read(request(tmp_path, data_dir.parent), 1).parts().values()
    months = {
        name: (t, e)
        for part in parts
        for name, t, e in zip(part.sample_ids, part.targets["time"], part.targets["event"], strict=True)
    }

    with (data_dir / "rotterdam.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["nodes"]) > 0]

    for row in rows:
        time, event = months[f"rotterdam-{row['pid']}"]
        if row["recur"] == "1":
            expected = (float(row["rtime"]), 1)
        elif row["death"] == "1" and float(row["rtime"]) < float(row["dtime"]):
            expected = (float(row["rtime"]), 0)
        else:
            expected = (float(row["dtime"]), int(row["death"]))
        assert (time * rotterdam.DAYS_PER_MONTH, event) == (pytest.approx(expected[0]), expected[1])


def test_the_gbsg_trial_has_the_same_inputs_in_the_same_units() -> None:
    trial = rotterdam.read_gbsg()

    assert len(trial) == 686
    assert trial.labels.sum() == 246
    assert trial.targets["event"].sum() == 299
    assert set(np.unique(trial.inputs["size"])) == {0.0, 1.0, 2.0}
    assert set(np.unique(trial.inputs["grade"])) == {1.0, 2.0, 3.0}
    assert trial.inputs["nodes"].min() == 1


def test_the_trial_as_r_writes_it_is_the_same_as_lifelines_has_it(tmp_path: Path) -> None:
    from lifelines.datasets import load_gbsg2

    table, path = load_gbsg2(), tmp_path / "gbsg.csv"
    followed = ["hormon", "rfstime", "status"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["rownames", "pid", "age", "meno", "size", "grade", "nodes", "pgr", "er", *followed])
        for number, row in enumerate(table.to_dict("records")):
            grade = {"I": 1, "II": 2, "III": 3}[row["tgrade"]]
            numbers = [row["tsize"], grade, row["pnodes"], row["progrec"], row["estrec"], int(row["horTh"] == "yes")]
            before = [number, number, row["age"], int(row["menostat"] == "Post")]
            writer.writerow([*before, *numbers, row["time"], row["cens"]])

    told, expected = rotterdam.read_study_table(path), rotterdam.read_gbsg()

    assert rotterdam.is_study_table(path)
    for name, column in expected.inputs.items():
        assert np.array_equal(told.inputs[name], column), name
    assert np.array_equal(told.labels, expected.labels)
    assert np.allclose(told.targets["outcome"], expected.targets["outcome"])


def test_a_study_table_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gbsg.csv"
    path.write_text("pid,nodes,pgr,er,hormon,rfstime\n1,2,3,4,0,many\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match="R package survival"):
        rotterdam.read_study_table(path)


@pytest.mark.data("ihdp")
def test_ihdp_is_divided_as_the_field_divides_it_and_true_effects_are_targets_alone(
    data_dir: Path, tmp_path: Path
) -> None:
    from sklearn.model_selection import train_test_split

    data = ihdp.read(request(tmp_path, data_dir.parent), 0, replication=7)

    rest, test = train_test_split(np.arange(747), test_size=0.1, random_state=1)
    train, validation = train_test_split(rest, test_size=0.3, random_state=1)
    for part, rows in (("train", train), ("validation", validation), ("test", test)):
        assert data.parts()[part].sample_ids.tolist() == [f"infant-{row + 1:03d}" for row in rows]
    assert set(data.train.inputs) == {f"x{column}" for column in range(1, 26)}
    assert set(np.unique(data.train.inputs["x14"])) == {0.0, 1.0}
    assert sum(int(part.labels.sum()) for part in data.parts().values()) == 139
    assert np.concatenate([p.targets["effect"] for p in data.parts().values()]).mean() == pytest.approx(4, abs=1)
    with pytest.raises(NotFound):
        ihdp.read(request(tmp_path, data_dir.parent), 0, replication=101)


@pytest.mark.data("twins")
def test_each_pair_of_twins_shows_one_outcome_and_knows_both(data_dir: Path, tmp_path: Path) -> None:
    data = twins.read(request(tmp_path, data_dir.parent), 3)

    parts = list(data.parts().values())
    assert sum(len(part) for part in parts) == 11400
    assert sum(part.targets["effect"].sum() for part in parts) / 11400 == pytest.approx(0.161 - 0.177, abs=0.001)
    assert 0.4 < np.concatenate([part.labels for part in parts]).mean() < 0.6
    died = np.concatenate([part.targets["outcome"] for part in parts])
    assert set(np.unique(died)) == {0.0, 1.0}


@pytest.mark.data("warfarin_iwpc")
def test_the_warfarin_rows_with_a_dose_are_read_with_genotypes_filled_by_the_published_rules(
    data_dir: Path, tmp_path: Path
) -> None:
    data = warfarin.read(request(tmp_path, data_dir.parent), 0)

    parts = list(data.parts().values())
    dose = np.concatenate([part.targets["value"] for part in parts])
    missing = np.concatenate([np.isnan(part.inputs["vkorc1"]) for part in parts])
    assert len(dose) == 4381
    assert np.abs(dose - 35.0).mean() == pytest.approx(13.19, abs=0.01)
    assert missing.mean() < 0.06  # 26 % before filling
    assert not np.isnan(np.concatenate([part.inputs["amiodarone"] for part in parts])).any()
    level = np.concatenate([part.labels for part in parts])
    assert (level == 1).mean() == pytest.approx(0.613, abs=0.001)


def iwpc_row(**values: str) -> dict[str, str]:
    row = {
        "PharmGKB Subject ID": "P1",
        "Therapeutic Dose of Warfarin": "28",
        "Gender": "male",
        "Race": "White",
        "Age": "60 - 69",
        "CYP2C9 consensus": "*1/*3",
        "VKORC1 -1639 consensus": "NA",
        "VKORC1 2255 consensus": "NA",
        "VKORC1 1173 consensus": "NA",
        "VKORC1 1542 consensus": "NA",
    }
    others = ("Height (cm)", "Weight (kg)", "Target INR", "Amiodarone (Cordarone)", "Aspirin", "Simvastatin (Zocor)")
    more = ("Current Smoker", "Diabetes", "Congestive Heart Failure and/or Cardiomyopathy", "Valve Replacement")
    drugs = ("Carbamazepine (Tegretol)", "Phenytoin (Dilantin)", "Rifampin or Rifampicin")
    return {**row, **dict.fromkeys((*others, *more, *drugs), "NA"), **values}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"VKORC1 -1639 consensus": "A/A", "VKORC1 1173 consensus": "C/C"}, 2.0),
        ({"VKORC1 2255 consensus": "C/T"}, 1.0),
        ({"VKORC1 2255 consensus": "C/T", "Race": "Unknown"}, np.nan),
        ({"VKORC1 1173 consensus": "C/C", "Race": "Black or African American"}, 0.0),
        ({"VKORC1 1542 consensus": "C/C", "Race": "Asian"}, 2.0),
        ({"VKORC1 1542 consensus": "C/C", "Race": "Black or African American"}, np.nan),
        ({}, np.nan),
    ],
)
def test_a_missing_vkorc1_genotype_is_filled_from_its_neighbours(
    values: dict[str, str], expected: float, tmp_path: Path
) -> None:
    path = tmp_path / "doses.csv.gz"
    row = iwpc_row(**values)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerow(row)
        writer.writerow({**row, "PharmGKB Subject ID": "P2", "Therapeutic Dose of Warfarin": "NA"})

    told = warfarin.read_iwpc_table(path)

    assert warfarin.is_iwpc_table(path)
    assert told.sample_ids.tolist() == ["P1"]
    assert np.array_equal(told.inputs["vkorc1"], np.array([expected], np.float32), equal_nan=True)
    assert told.inputs["age_decade"].tolist() == [6.0]
    assert told.inputs["cyp2c9"].tolist() == [2.0]
    assert told.labels.tolist() == [1]


def test_a_table_without_the_columns_is_refused_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("PharmGKB Subject ID,Therapeutic Dose of Warfarin\nP1,30\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match="VKORC1 -1639 consensus"):
        warfarin.read_iwpc_table(path)


@pytest.mark.parametrize("name", ["rotterdam_gbsg", "ihdp", "twins", "warfarin_iwpc"])
def test_a_set_that_is_nowhere_is_said_with_how_to_get_it(name: str, tmp_path: Path) -> None:
    reader = {"rotterdam_gbsg": rotterdam, "ihdp": ihdp, "twins": twins, "warfarin_iwpc": warfarin}[name]

    with pytest.raises(DataUnavailable, match="data folder"):
        reader.read(request(tmp_path), 0)
    assert find_entry(name).source.citation
