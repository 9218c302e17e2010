from pathlib import Path

import pytest

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.workflows.named_files import find_files, naming


def test_a_file_is_known_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    assert find_files(tmp_path / "a.csv") == {"a.csv": tmp_path / "a.csv"}


def test_files_of_a_folder_are_known_by_their_path_below_it_and_hidden_ones_not_at_all(tmp_path: Path) -> None:
    for name in ("b/a.png", "a.png", ".hidden", ".git/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert list(find_files(tmp_path)) == ["a.png", "b/a.png"]


def test_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absent"):
        find_files(tmp_path / "absent")


def test_an_error_about_content_gets_the_files_name_and_keeps_its_type() -> None:
    with pytest.raises(UnsupportedInput, match=r"found b, in x\.png\. c"), naming("x.png"):
        raise UnsupportedInput("a", found="b", remedy="c")
    with pytest.raises(ValueError, match=r"^other$"), naming("x.png"):
        raise ValueError("other")
