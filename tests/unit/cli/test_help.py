import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from typer.main import get_command

from salus import __version__
from salus.cli.app import app
from salus.cli.exit_codes import EXIT_CODES, exit_code
from salus.contracts import errors


def _commands(command: Any, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    children = getattr(command, "commands", {})
    return [words, *(found for name, child in children.items() for found in _commands(child, (*words, name)))]


@pytest.mark.parametrize("words", _commands(get_command(app)), ids=" ".join)
def test_every_command_has_help(salus: Callable[..., Any], words: tuple[str, ...]) -> None:
    answer = salus(*words, "--help")
    assert answer.code == 0
    assert answer.out.startswith("Usage: salus")


@pytest.mark.parametrize("words", _commands(get_command(app)), ids=" ".join)
def test_every_command_that_does_something_shows_an_example(words: tuple[str, ...]) -> None:
    command = get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]
    if not getattr(command, "commands", None):
        assert "Example: " in (command.help or ""), words


def test_help_shows_the_exit_codes_of_the_one_table(salus: Callable[..., Any]) -> None:
    shown = salus("--help").out
    assert all(f"{code:<3} {meaning}" in shown for _, code, meaning in EXIT_CODES)


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['salus', '--help']\n"
        "from salus.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "import json; print(); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {
        "numpy",
        "msgspec",
        "torch",
        "sklearn",
        "onnxruntime",
        "sqlalchemy",
        "starlette",
        "rich",
        "PIL",
    }


def test_the_version_is_shown(salus: Callable[..., Any]) -> None:
    assert salus("--version").out == f"salus {__version__}\n"


def test_every_error_has_one_exit_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SalusError)]
    codes = {kind: exit_code(kind("a", found="b", remedy="c")) for kind in kinds}
    assert codes[errors.GateNotMet] != codes[errors.Conflict]
    assert codes[errors.UnsupportedInput] == codes[errors.InvalidInput] == 2
    assert len({code for _, code, _ in EXIT_CODES}) == len(EXIT_CODES)


def test_an_unknown_command_is_a_wrong_argument(salus: Callable[..., Any]) -> None:
    answer = salus("nonsense")
    assert (answer.code, answer.out) == (2, "")
    assert "nonsense" in answer.err


def test_an_unreadable_file_is_told_in_one_line(salus: Callable[..., Any], home: Any) -> None:
    home.mkdir()
    (home / "keys").write_text("a file where a folder should be")
    answer = salus("data", "deidentify", home / "keys", home / "out")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
