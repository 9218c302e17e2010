"""A running server, a browser, and pages that must not break the rules of the house."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from salus.console.application import BUILT_FILES

from .fake_gateway import KEY, create_fake_gateway, serving

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TIMEOUT_MS = 20_000

Theme = Literal["light", "dark"]
OpenPage = Callable[..., Awaitable[Page]]
Shoot = Callable[[Page, str], Awaitable[Path]]


@pytest.fixture(scope="session")
def built_page() -> None:
    """The built page; without it there is nothing to look at."""
    if not (BUILT_FILES / "index.html").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("in CI the page must be built: run make web")
        pytest.skip("the page is not built (make web)")


@pytest.fixture(scope="session")
def server(built_page: None) -> Iterator[str]:
    """The address of a Salus with services of each kind that were never trained."""
    with serving(create_fake_gateway()) as address:
        yield address


@pytest.fixture(scope="session")
def empty_server(built_page: None) -> Iterator[str]:
    """The address of a Salus in which nothing is deployed."""
    with serving(create_fake_gateway(empty=True)) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, server: str) -> AsyncIterator[OpenPage]:
    """Opens an address (below the server's where it begins with `/`), with the key unless told otherwise.

    At the end no page may have thrown, broken the content security policy or asked another host.
    """
    faults: list[str] = []
    contexts = []

    async def open_address(address: str, *, width: int = 1280, theme: Theme = "light", key: str | None = KEY) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", locale="en-US"
        )
        contexts.append(context)
        context.set_default_timeout(_TIMEOUT_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(f"thrown: {error}"))
        page.on("console", lambda entry: faults.append(entry.text) if "Content Security" in entry.text else None)
        page.on("request", lambda sent: faults.append(sent.url) if _is_foreign(sent.url) else None)
        target = server + address if address.startswith("/") else address
        await page.goto(target if key is None else f"{target}#key={key}")
        return page

    yield open_address
    for context in contexts:
        await context.close()
    assert faults == []


def _is_foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    """Takes a picture of a whole page; kept in the folder that SALUS_SHOTS_DIR names, where it names one."""
    folder = Path(os.environ.get("SALUS_SHOTS_DIR", str(tmp_path)))
    folder.mkdir(parents=True, exist_ok=True)

    async def shoot_page(page: Page, name: str) -> Path:
        path = folder / f"{name}.png"
        await page.evaluate("window.scrollTo(0, 0)")
        await page.screenshot(path=path, full_page=True)
        return path

    return shoot_page
