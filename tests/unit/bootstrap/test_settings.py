import ast
import dataclasses
import inspect
from pathlib import Path

import pytest

from salus.bootstrap.settings import SECTIONS, list_values, load_settings
from salus.contracts.errors import InvalidInput


def test_without_a_word_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings({}, directory=tmp_path)
    assert settings.home == tmp_path / ".salus"
    assert set(settings.origins.values()) == {"default"}
    assert settings.packages.require_signature


def test_the_environment_wins_over_the_nearer_file_and_that_over_the_home(tmp_path: Path) -> None:
    (tmp_path / ".salus").mkdir()
    (tmp_path / ".salus" / "salus.toml").write_text("[serving]\nmax_batch = 2\nmax_queue = 20\nthreads = 1\n")
    (tmp_path / "salus.toml").write_text("[serving]\nmax_batch = 3\nmax_queue = 30\n")
    settings = load_settings({"SALUS_SERVING__MAX_BATCH": "4"}, directory=tmp_path)
    assert (settings.serving.max_batch, settings.serving.max_queue, settings.serving.threads) == (4, 30, 1)
    assert settings.origins["serving.max_batch"] == "SALUS_SERVING__MAX_BATCH"
    assert settings.origins["serving.max_queue"] == "salus.toml"


def test_every_kind_of_value_can_be_written_in_the_environment(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "SALUS_HOME": str(tmp_path / "there"),
            "SALUS_DATA__DIRS": '["/a", "/b"]',
            "SALUS_DATA__OFFLINE": "true",
            "SALUS_PACKAGES__TRUSTED_KEYS": '{"ed25519:1": "QQ=="}',
            "SALUS_GATEWAY__REQUEST_TIMEOUT_S": "2.5",
            "UNRELATED": "x",
        },
        directory=tmp_path,
    )
    assert settings.home == tmp_path / "there"
    assert settings.data.dirs == ("/a", "/b")
    assert settings.data.offline
    assert settings.packages.trusted_keys == {"ed25519:1": "QQ=="}
    assert settings.gateway.request_timeout_s == 2.5


def test_the_data_folders_of_the_environment_are_searched_in_order(tmp_path: Path) -> None:
    assert load_settings({"SALUS_DATA_DIR": "/a:/b"}, directory=tmp_path).data.dirs == ("/a", "/b")
    assert load_settings({"SALUS_DATA_DIR": ""}, directory=tmp_path).data.dirs == ()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SALUS_SERVNG__MAX_BATCH": "1"}, "SALUS_SERVNG__MAX_BATCH"),
        ({"SALUS_SERVING__MAX_BATHC": "1"}, "max_bathc"),
        ({"SALUS_SERVING__MAX_BATCH": "many"}, "max_batch"),
        ({"SALUS_DATA__DIRS": "[unfinished"}, "array"),
        ({"SALUS_GATEWAY__PORT": "70000"}, "70000"),
    ],
)
def test_a_setting_that_does_not_exist_or_fit_is_refused(environ: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=said.replace("[", r"\[")):
        load_settings(environ, directory=tmp_path)


@pytest.mark.parametrize(
    "content", ["[serving", "[srving]\nmax_batch = 1\n", "serving = 3\n", "[serving]\nmax_bath=1\n"]
)
def test_a_file_that_does_not_read_or_fit_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "salus.toml").write_text(content)
    with pytest.raises(InvalidInput, match=r"salus\.toml"):
        load_settings({}, directory=tmp_path)


def test_all_values_are_listed_with_their_origins(tmp_path: Path) -> None:
    settings = load_settings({}, directory=tmp_path)
    assert {each.name for each in list_values(settings)} == set(settings.origins)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_has_a_docstring(section: str) -> None:
    kind = SECTIONS[section]
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    explained = {
        ast.unparse(line.target)
        for line, after in zip(body.body, body.body[1:], strict=False)
        if isinstance(line, ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }
    assert explained == {each.name for each in dataclasses.fields(kind)}
