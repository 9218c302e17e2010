"""The pages, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its tag, the line of the page where its text begins, and its text."""

    language: str
    line: int
    text: str


def list_pages() -> list[Path]:
    """README and the rest of the root in both languages, and every page of docs/."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def title_of(page: Path) -> str:
    """The page's path below the root, for the names of tests."""
    return page.relative_to(ROOT).as_posix()


def list_blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        indent = len(found["indent"])
        lines = [line[indent:] if not line[:indent].strip() else line for line in found["text"].splitlines()]
        yield Block(found["language"], text.count("\n", 0, found.start("text")) + 1, "\n".join(lines) + "\n")


def list_links(page: Path) -> list[str]:
    """Targets of a page's links and pictures, blocks left out."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [found["target"] for found in _LINK.finditer(re.sub(r"`[^`\n]*`", "", text))]


def list_anchors(page: Path) -> set[str]:
    """What `#…` may point to in a page: its headings in lower case, with hyphens for blanks."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = (re.sub(r"[^\w\- ]", "", found["title"].lower()).strip() for found in _HEADING.finditer(text))
    return {title.replace(" ", "-") for title in titles}
