"""The console serves the built page safely, and says how to build it where it is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from salus.console.application import create_console
from salus.console.headers import cache_control


def _mounted(directory: Path) -> Starlette:
    return Starlette(routes=[Mount("/", app=create_console(directory))])


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Salus</title>", encoding="utf-8")
    (tmp_path / "assets" / "index-AbCd_123.js").write_text("export {};\n" * 500, encoding="utf-8")
    (tmp_path / "assets" / "theme.js").write_text("// theme", encoding="utf-8")
    return tmp_path


@pytest.fixture
def page(built: Path) -> Iterator[TestClient]:
    with TestClient(_mounted(built)) as client:
        yield client


def test_the_root_is_the_page_and_is_asked_for_each_time(page: TestClient) -> None:
    answer = page.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>Salus</title>" in answer.text


def test_the_policy_allows_no_inline_script_and_no_foreign_host(page: TestClient) -> None:
    policy = page.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy)
    assert page.get("/").headers["x-content-type-options"] == "nosniff"


def test_a_file_with_a_hash_in_its_name_is_kept_and_one_without_is_not(page: TestClient) -> None:
    assert "immutable" in page.get("/assets/index-AbCd_123.js").headers["cache-control"]
    assert page.get("/assets/theme.js").headers["cache-control"] == "no-cache"
    assert cache_control("index.html") == "no-cache"


def test_a_large_file_travels_compressed(page: TestClient) -> None:
    answer = page.get("/assets/index-AbCd_123.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text.startswith("export {};")


def test_what_has_not_changed_is_not_sent_again(page: TestClient) -> None:
    first = page.get("/")
    again = page.get("/", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", ["/no-such-page", "/assets/../../secret", "/assets/%2e%2e/%2e%2e/secret"])
def test_what_is_not_there_is_not_found(page: TestClient, built: Path, path: str) -> None:
    (built.parent / "secret").write_text("secret", encoding="utf-8")
    assert page.get(path).status_code == 404


def test_a_missing_build_says_in_both_languages_how_to_build_it(tmp_path: Path) -> None:
    with TestClient(_mounted(tmp_path / "static")) as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "make web" in answer.text
        assert "页面尚未构建" in answer.text
        assert "content-security-policy" in answer.headers
        assert client.get("/assets/index.js").status_code == 404


def test_a_build_that_appears_later_is_served_without_a_restart(tmp_path: Path) -> None:
    with TestClient(_mounted(tmp_path)) as client:
        assert client.get("/").status_code == 503
        (tmp_path / "index.html").write_text("<title>built</title>", encoding="utf-8")
        assert client.get("/").status_code == 200
