"""Every block of the documentation is run, or is tagged as one that cannot be run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .conftest import Installation
from .pages import ROOT, Block, list_blocks, list_pages, title_of

RUN = frozenset({"python", "sh"})
SHOWN = frozenset({"text", "json", "toml"})
_MAKE = re.compile(r"^make +([a-z_]+)")
_TARGET = re.compile(r"^([a-z_]+):", re.MULTILINE)

PAGES = [page for page in list_pages() if any(block.language in RUN for block in list_blocks(page))]


@pytest.mark.parametrize("page", list_pages(), ids=title_of)
def test_every_block_says_whether_it_is_run_or_shown(page: Path) -> None:
    for block in list_blocks(page):
        assert block.language in RUN | SHOWN, f"{page.name}:{block.line}: tag it python, sh, text, json or toml"
        if block.language == "json":
            json.loads(block.text)
        if block.language == "toml":
            tomllib.loads(block.text)
    fences = [line for line in page.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("```")]
    assert len(fences) == 2 * len(list(list_blocks(page))), f"{page.name}: a fence that is not closed"


@pytest.mark.parametrize("page", PAGES, ids=title_of)
def test_the_blocks_of_a_page_run(page: Path, installation: Installation, tmp_path: Path) -> None:
    blocks = list(list_blocks(page))
    installation.prepare(tmp_path)
    for block in blocks:
        if block.language == "sh":
            _run_shell(page, block, installation, tmp_path)
    _run_python(page, [block for block in blocks if block.language == "python"], installation, tmp_path)


def _run_shell(page: Path, block: Block, installation: Installation, folder: Path) -> None:
    """Each command in its turn; the first that fails ends it. `make …` must only name a target."""
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    lines = []
    for line in block.text.splitlines():
        made = _MAKE.match(line)
        if made:
            assert made[1] in targets, f"{page.name}: the Makefile has no target {made[1]}"
        else:
            lines.append(line)
    script = "\n".join(lines)
    if script.strip():
        _expect_success(["bash", "-euo", "pipefail", "-c", installation.adapt(script)], page, installation, folder)


def _run_python(page: Path, blocks: list[Block], installation: Installation, folder: Path) -> None:
    """All of a page's blocks in one namespace, with the page's own lines in a traceback."""
    if not blocks:
        return
    text = ""
    for block in blocks:
        text += "\n" * (block.line - 1 - text.count("\n")) + block.text
    script = folder / f"{page.stem}.py"
    script.write_text(installation.adapt(text), encoding="utf-8")
    _expect_success([sys.executable, str(script)], page, installation, folder)


def _expect_success(command: list[str], page: Path, installation: Installation, folder: Path) -> None:
    # `pip install` of a page goes into the page's own folder, with what is installed here and nothing downloaded
    own = {"PIP_TARGET": str(folder / "site"), "PYTHONPATH": str(folder / "site")}
    environment = {**installation.environment, **own, "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, f"{page.name}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
