import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAME = "specimen.larger"
Salus = Callable[..., Any]
Add = Callable[..., Any]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A clear case, one that cannot be told, and one without a value."""
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,0\n0.5,0.5\n,0.1\n")
    return path


def test_rows_are_answered_or_it_is_said_why_not(salus: Salus, add_specimen: Add, rows: Path) -> None:
    add_specimen()
    answer = salus("predict", NAME, rows)
    assert answer.code == 0
    clear, open_, missing = answer.out.splitlines()[1:4]
    assert clear.startswith("rows.csv:1  the first is larger  0.731")
    assert open_.endswith("ambiguous")
    assert missing.endswith("missing_value")
    assert "ambiguous: Both the second is larger and the first is larger remain possible" in answer.out
    assert "missing_value: No value is given for first number." in answer.out
    assert "sensitivity 0.500" in answer.out
    assert "Demonstration" in answer.out


def test_answers_are_written_as_csv_and_json(salus: Salus, add_specimen: Add, rows: Path, tmp_path: Path) -> None:
    add_specimen()
    shown = json.loads(salus("predict", NAME, rows, "--json", "--out", "new/answers.json").out)
    assert json.loads((tmp_path / "new/answers.json").read_text()) == shown
    assert shown[0]["source"] == "rows.csv:1"
    salus("predict", NAME, rows, "--out", "answers.csv")
    with (tmp_path / "answers.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["called"] for row in written] == ["a_larger", "", ""]
    assert [row["abstention"] for row in written] == ["", "ambiguous", "missing_value"]
    assert float(written[0]["p_a_larger"]) == pytest.approx(0.731059, abs=1e-6)
    assert written[2]["p_a_larger"] == ""


def test_a_folder_of_tables_is_answered_with_names_below_it(
    salus: Salus, add_specimen: Add, rows: Path, tmp_path: Path
) -> None:
    add_specimen()
    inner = tmp_path / "folder" / "inner"
    inner.mkdir(parents=True)
    (inner / "x.csv").write_bytes(rows.read_bytes())
    (tmp_path / "folder" / "notes.txt").write_text("not a table")
    (tmp_path / "folder" / ".hidden.csv").write_text("a,b\n1,0\n")
    sources = [each["source"] for each in json.loads(salus("predict", NAME, "folder", "--json").out)]
    assert sources == ["inner/x.csv:1", "inner/x.csv:2", "inner/x.csv:3"]


def test_contributions_are_listed_and_sum_up(salus: Salus, add_specimen: Add, rows: Path) -> None:
    add_specimen()
    shown = salus("explain", NAME, rows).out
    assert "first number" in shown
    assert "ADDED TO THE LOG-ODDS" in shown
    reasons = json.loads(salus("explain", NAME, rows, "--json").out)[0]["samples"][0]["explanation"]
    total = reasons["base"] + sum(part["amount"] for part in reasons["contributions"])
    assert total == pytest.approx(reasons["output"], abs=1e-5)


@pytest.fixture
def stray_files(add_specimen: Add, rows: Path, tmp_path: Path) -> None:
    """A package that takes rows, and files that hold none, or others."""
    add_specimen()
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n cut")
    (tmp_path / "bad.csv").write_text("a,b\nmuch,0\n")
    (tmp_path / "other.csv").write_text("a,c\n1,0\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("predict", NAME, "absent.csv"), 2, "nothing under the name absent.csv"),
        (("predict", NAME, "empty"), 2, "none of that kind"),
        (("predict", NAME, "picture.png"), 2, "a table"),
        (("predict", NAME, "bad.csv"), 2, "in bad.csv"),
        (("predict", NAME, "other.csv"), 2, "a column 'b'"),
        (("predict", NAME, "rows.csv", "--out", "answers.xlsx"), 2, ".csv or .json"),
        (("predict", NAME, "rows.csv", "--form", "int4"), 16, "float32"),
        (("explain", NAME, "rows.csv", "--form", "int4"), 16, "float32"),
        (("evaluate", NAME, "rows.csv", "--form", "int4"), 16, "float32"),
        (("predict", "nobody", "rows.csv"), 16, "nobody"),
        (("evaluate", NAME, "rows.csv"), 16, "specimen/larger"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(
    salus: Salus, stray_files: None, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = salus(*words)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err


def test_many_rows_pass_through_a_small_queue(
    salus: Salus, add_specimen: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_specimen()
    (tmp_path / "many.csv").write_text("a,b\n" + "1,0\n" * 300)
    monkeypatch.setenv("SALUS_SERVING__MAX_QUEUE", "4")
    assert len(json.loads(salus("predict", NAME, "many.csv", "--json").out)) == 300
