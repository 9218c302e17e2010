"""Contrast, names and roles by axe; widths, themes and languages; a picture of each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from .conftest import OpenPage, Shoot, Theme

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


KINDS = (
    "icu_risk.death",
    "survival.recurrence",
    "survival.cirrhosis",
    "treatment.adjuvant",
    "treatment.warfarin",
    "hospital_scheduling.ward",
)


async def _ask(page: Page) -> None:
    """Fills in the example and asks, whatever the service takes."""
    table = page.locator(".form-head button").first
    drop_zone = page.locator(".drop-zone .quiet").last
    await expect(table.or_(drop_zone)).to_be_visible()
    if await table.count():
        await table.click()
        await page.locator(".form-foot .primary").click()
    else:
        await drop_zone.click()
    if await page.locator(".plan-form").count():
        await page.locator(".form-foot .primary").click()
    await expect(page.locator(".provenance")).to_be_visible()


async def _find_violations(page: Page) -> list[str]:
    if not _AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("in CI axe-core must be installed: run npm --prefix web ci")
        pytest.skip("axe-core is not installed (npm --prefix web ci)")
    await page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("(tags) => axe.run(document, {runOnly: tags})", _RULES)
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    [
        "/?lang=en",
        "/?service=chest_phantom.lesion&lang=zh",
        "/?service=breast_cancer.malignancy&lang=en",
        "/?service=chest_xray.pneumonia&view=card&lang=en",
        "/?service=chest_xray.pneumonia&view=call&lang=zh",
        "/?service=survival.recurrence&view=card&lang=zh",
        "/?service=icu_risk.death&view=call&lang=en",
        *(f"/?service={name}&lang={language}" for name, language in zip(KINDS, ("en", "zh") * 3, strict=True)),
    ],
)
async def test_no_accessibility_rule_is_broken(open_page: OpenPage, address: str, theme: Theme) -> None:
    page = await open_page(address, theme=theme)
    if "service=" in address and "view=" not in address:
        await _ask(page)
    else:
        await expect(page.locator(".service-entry, .card, .call").first).to_be_visible()
    assert await _find_violations(page) == []


async def test_a_form_with_faults_and_the_key_dialog_break_no_accessibility_rule(open_page: OpenPage) -> None:
    page = await open_page("/?service=fields.event&lang=en", key=None)
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".field .fault").first).to_be_visible()
    assert await _find_violations(page) == []
    await page.get_by_role("button", name="Enter key").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await _find_violations(page) == []


@pytest.mark.parametrize("width", [1280, 820])
@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
@pytest.mark.parametrize("service", ["chest_phantom.lesion", "breast_cancer.malignancy", *KINDS])
async def test_an_answer_fits_the_width_and_can_be_pictured(  # noqa: PLR0917 - parameters of the test, by name
    open_page: OpenPage, shoot: Shoot, service: str, width: int, theme: Theme, language: str
) -> None:
    page = await open_page(f"/?service={service}&lang={language}", width=width, theme=theme)
    await _ask(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    path = await shoot(page, f"{service}_{width}_{theme}_{language}")
    with Image.open(path) as picture:
        assert picture.width == width


async def test_nothing_moves_where_motion_is_unwanted(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en")
    await expect(page.locator(".service-entry").first).to_be_visible()
    assert await page.evaluate("document.getAnimations().length") == 0
