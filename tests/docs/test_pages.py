"""Links lead somewhere, and what the house promises to keep complete is complete."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .pages import ROOT, list_anchors, list_links, list_pages, title_of

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("page", list_pages(), ids=title_of)
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    for link in list_links(page):
        if link.startswith("https://"):
            continue
        assert "://" not in link, f"{link}: links to other places begin with https"
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the project"
        if anchor:
            assert anchor in list_anchors(target), f"{link}: no such heading"


def test_the_reference_is_what_the_program_would_write() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "write_reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_word_of_the_glossary_is_said_in_both_languages() -> None:
    lines = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")][2:]
    assert len(rows) > 20
    for english, chinese, meaning in rows:
        assert re.search("[a-z]", english)
        assert re.search("[\u4e00-\u9fff]", chinese), f"{english} has no Chinese"
        assert meaning
    words = [english.lower() for english, _, _ in rows]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("record", DECISIONS, ids=title_of)
def test_every_decision_is_in_the_index_under_its_own_title(record: Path) -> None:
    index = (record.parent / "index.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| \[{record.name[:4]}\]\({re.escape(record.name)}\) \| (.+) \|$", index, re.MULTILINE)
    assert row is not None, f"{record.name} is not in docs/decisions/index.md"
    heading = record.read_text(encoding="utf-8").splitlines()[0]
    assert row[1].strip() in heading


def test_numbers_of_decisions_are_used_once_and_none_is_left_out() -> None:
    assert [int(record.name[:4]) for record in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    headings = [line for line in lines if line.startswith("## ")]
    assert headings[0] == "## Unreleased"
    assert all(re.fullmatch(r"## (Unreleased|\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d)", heading) for heading in headings)


def test_every_page_is_in_the_navigation_and_the_navigation_in_the_pages() -> None:
    docs = ROOT / "docs"
    navigation = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    listed = set(re.findall(r"'([^']+\.md)'", repr(navigation)))
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    assert listed <= pages
    assert pages - listed == {record.relative_to(docs).as_posix() for record in DECISIONS}


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8").splitlines() for name in ("README.md", "README.zh-CN.md")
    )
    for mark in ("## ", "```", "| `"):
        count = [sum(line.startswith(mark) for line in page) for page in (english, chinese)]
        assert count[0] == count[1], f"lines that begin with {mark}: {count}"
