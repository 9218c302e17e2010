import csv
from pathlib import Path

import numpy as np
import pytest

from salus.cli.measures import write_answers
from salus.contracts.batches import Array
from salus.contracts.datasets import Split
from salus.contracts.reports import EvaluationReport
from salus.workflows.evaluate_package import ForeignEvaluation


def _rows(tmp_path: Path, outputs: dict[str, Array], classes: tuple[str, ...] = ()) -> list[dict[str, str]]:
    names = np.array(["a", "b"])
    split = Split(
        inputs={"age": np.array([50, 60], np.float32)},
        labels=np.array([1, 0]),
        sample_ids=names,
        subjects=names,
        targets={} if classes else {"time": np.array([12.5, 30.0])},
    )
    report = EvaluationReport(part="x", samples=2, measures=(), classes=classes)
    write_answers(ForeignEvaluation(report, split, outputs, 0), tmp_path / "new" / "answers.csv")
    with (tmp_path / "new" / "answers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_classes_are_written_by_name_and_the_unanswered_left_empty(tmp_path: Path) -> None:
    probabilities = np.array([[0.25, 0.75], [np.nan, np.nan]], np.float32)
    first, second = _rows(tmp_path, {"probabilities": probabilities, "decision": np.array([1, -1])}, ("well", "ill"))
    assert first == {"sample": "a", "label": "ill", "decision": "ill", "p_well": "0.250000", "p_ill": "0.750000"}
    assert (second["decision"], second["p_ill"]) == ("", "")


@pytest.mark.parametrize(
    ("name", "array", "columns"),
    [
        ("score", np.array([1.5, np.nan], np.float32), {"score": "1.5"}),
        ("risk", np.array([[0.25, 0.5]] * 2, np.float32), {"risk_0": "0.25", "risk_1": "0.5"}),
        ("value_interval", np.array([[1, 2]] * 2, np.float32), {"value_interval_low": "1", "value_interval_high": "2"}),
        (
            "risk_interval",
            np.array([[[0.25, 0.5]]] * 2),
            {"risk_interval_0_low": "0.25", "risk_interval_0_high": "0.5"},
        ),
    ],
)
def test_other_answers_are_written_number_by_number(
    tmp_path: Path, name: str, array: Array, columns: dict[str, str]
) -> None:
    first, _ = _rows(tmp_path, {name: array})
    assert first == {"sample": "a", "label": "1", "time": "12.5", **columns}
