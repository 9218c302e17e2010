"""What the terminal shows and the files hold, for each kind of question."""

import asyncio
import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from salus.cli.answer_tables import list_cells, list_columns, list_figures, list_headers
from salus.cli.answers import show_answers, show_explanations, write_answers
from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution, Contribution, HeatStrip
from salus.contracts.predictors import Predictor
from salus.gateway.answer_views import view_prediction
from salus.modelpackage.reading import read_calibration
from salus.modelpackage.writing import write_package
from salus.serving.in_process_pool import InProcessPool
from salus.serving.packaged_service import PackagedService
from salus.testing.kinds import KINDS, Kind, KindPredictor, make_kind_draft
from salus.workflows.answer_files import Answer, AnsweredFiles, answer_file

_FILES: dict[Kind, tuple[str, str]] = {
    "events": ("stays.csv", "id,time,variable,value,age\np1,1,HR,140,50\np1,7,HR,150,50\np2,1,HR,60,50\n"),
    "survival": ("people.csv", "age\n50\n?\n"),
    "treatment": ("people.csv", "age,pregnant\n50,no\n85,no\n0.5,yes\n100,\n"),
    "regression": ("people.csv", "age\n50\n"),
    "planning": ("i01.json", '{"days":7}'),
}
Answered = Callable[..., AnsweredFiles]


class _Halves:
    """Gives each input its half, and the events a strip."""

    method = "halves"

    def explain(self, predictor: Predictor, batch: Batch, *, targets: Array) -> tuple[Attribution, ...]:
        strip = HeatStrip("observations", (0.0, 6.0, 12.0), ("HR",), np.array([[0.25, -0.75]], np.float32))
        parts = tuple(Contribution(name, None, 0.5) for name in batch)
        return tuple(
            Attribution(int(t), contributions=parts, base=0.0, output=0.5 * len(parts),
                        strip=strip if "observations" in batch else None)
            for t in targets
        )  # fmt: skip


@pytest.fixture
def answered(tmp_path: Path) -> Answered:
    def answer(kind: Kind, *, explain: bool = False) -> AnsweredFiles:
        name, content = _FILES[kind]
        (tmp_path / name).write_text(content)
        package = write_package(make_kind_draft(kind), tmp_path / kind, signer=None)
        service = PackagedService(
            name=kind, package=package, pool=InProcessPool(KindPredictor(kind)), explainer=_Halves(),
            calibration=read_calibration(package), backend="arithmetic", stage="candidate",
        )  # fmt: skip

        async def ask() -> tuple[Answer, ...]:
            found = [each async for each in answer_file(service, tmp_path / name, name, explain=explain)]
            await service.close()
            return tuple(found)

        task = package.manifest.task
        return AnsweredFiles(task, service.calibration, None, asyncio.run(ask()), explained=explain)

    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_its_columns(answered: Answered, kind: Kind) -> None:
    found = answered(kind)
    question = found.task.question
    for answer in found.answers:
        (sample,) = view_prediction(answer.prediction, found.task, found.calibration, None).samples
        assert len(list_cells(question, sample)) == len(list_headers(question))
        assert len(list_figures(question, sample)) == len(list_columns(question))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("events", ["stays.csv:p1  alarmed", "too_little_known: Too little is known"]),
        ("survival", ["RISK BY 12 mo", "people.csv:1", "missing_value", "Nothing is told past"]),
        (
            "treatment",
            [
                "the strong drug",
                "the mild drug",
                "Not tried above the age of 80.",
                "poor_overlap",
                "is ruled out: Harms the child. (label",
                "observational",
            ],
        ),
        ("regression", ["VALUE [mg/wk]", "35", "25 to 45"]),
        ("planning", ["i01.json  12", "Late"]),
    ],
)
def test_the_terminal_tells_every_kind(
    answered: Answered, capsys: pytest.CaptureFixture[str], kind: Kind, words: list[str]
) -> None:
    show_answers(answered(kind), json=False)
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize("kind", KINDS)
def test_json_holds_every_sample(answered: Answered, capsys: pytest.CaptureFixture[str], kind: Kind) -> None:
    found = answered(kind)
    show_answers(found, json=True)
    entries = json.loads(capsys.readouterr().out)
    assert [entry["source"] for entry in entries] == [answer.source for answer in found.answers]


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_file_holds_every_figure(answered: Answered, tmp_path: Path, kind: Kind) -> None:
    found = answered(kind)
    write_answers(found, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["sample"] for row in rows] == [answer.source for answer in found.answers]
    known = {
        "events": ("called", "alarmed"), "survival": ("risk_60", ""), "treatment": ("outcome_strong", "32.5"),
        "regression": ("low", "25"), "planning": ("Late", "12"),
    }[kind]  # fmt: skip
    assert rows[0][known[0]] == known[1]


def test_a_solution_is_written_as_the_solver_gave_it(answered: Answered, tmp_path: Path) -> None:
    found = answered("planning")
    write_answers(found, tmp_path / "new" / "solution.json")
    assert (tmp_path / "new" / "solution.json").read_text() == '{"days":7}'
    several = AnsweredFiles(found.task, None, None, (*found.answers, *found.answers), explained=False)
    with pytest.raises(InvalidInput, match="folder"):
        write_answers(several, tmp_path / "solution.json")
    write_answers(several, tmp_path / "solutions")
    assert (tmp_path / "solutions" / "i01.solution.json").read_text() == '{"days":7}'


def test_only_solutions_go_into_a_folder(answered: Answered, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ending"):
        write_answers(answered("regression"), tmp_path / "answers")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("events", ["risk by time  6: ", "heart rate", "6 to 12 h", "-0.75", "ADDED TO THE LOG-ODDS"]),
        ("treatment", ["effect of “the strong drug” against “no drug”", "ADDED"]),
        ("regression", ["weekly dose", "all together 0.500"]),
    ],
)
def test_reasons_are_listed_for_every_kind(
    answered: Answered, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: Kind, words: list[str]
) -> None:
    show_explanations(answered(kind, explain=True), tmp_path / "explanations", json=False)
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []
