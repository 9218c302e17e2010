import msgspec
import pytest

from salus.bootstrap.terminal import wants_colour
from salus.cli import output
from salus.cli.progress import TerminalProgress, choose_progress
from salus.contracts.progress import Silence


def test_a_table_fits_in_a_hundred_columns_and_says_what_it_cut(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table(["NAME", "WHAT"], [["a" * 90, "b" * 90], ["c", "病" * 60]], next_step="Go on.")
    lines = capsys.readouterr().out.splitlines()
    widths = [sum(2 if "\u4e00" <= character <= "\u9fff" else 1 for character in line) for line in lines]
    assert max(widths) <= output.WIDTH
    assert lines[1].count("…") == 2
    assert lines[-1] == "Go on."


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table(["NAME"], [])
    assert capsys.readouterr().out == "NAME\n(none)\n"


def test_values_are_shown_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_facts({"absent": None, "yes": True, "no": False, "share": 0.123456, "多": 3}, next_step="Next.")
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["absent  —", "yes     yes", "no      no", "share   0.1235", "多      3", "", "Next."]


def test_json_is_written_whole_and_alone(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_json({"missing": float("nan"), "names": ("a", "病")})
    assert msgspec.json.decode(capsys.readouterr().out) == {"missing": None, "names": ["a", "病"]}


def test_colours_need_a_terminal_and_no_objection(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not wants_colour()
    assert output.strong("x") == "x"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert output.strong("x") == "\x1b[1mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.strong("x") == "x"


def test_progress_is_silent_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_progress(quiet=True), Silence)
    assert isinstance(choose_progress(quiet=False), Silence)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert isinstance(choose_progress(quiet=False), TerminalProgress)
    assert isinstance(choose_progress(quiet=True), Silence)


def test_bars_show_label_and_newest_measures(capsys: pytest.CaptureFixture[str]) -> None:
    bars = TerminalProgress()
    bars.advance()
    bars.begin("train", 2)
    bars.advance(1, loss=0.25)
    bars.begin("optimise", None)
    bars.advance()
    bars.end()
    bars.end()
    shown = capsys.readouterr().err
    assert "train" in shown
    assert "loss 0.25" in shown
