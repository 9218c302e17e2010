"""Time to an event: the curve, its risks and what lies beyond; and how it changes from visit to visit."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, Request, expect

from .conftest import OpenPage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]

_THIN = "\u202f"


async def _ask_example(page: Page, *, chinese: bool = False) -> None:
    await page.get_by_role("button", name="使用示例数值" if chinese else "Use the example values").click()
    await page.get_by_role("button", name="请模型回答" if chinese else "Ask the model").click()
    await expect(page.locator(".provenance")).to_be_visible()


async def test_each_horizon_has_its_risk_interval_and_frequency(open_page: OpenPage) -> None:
    page = await open_page("/?service=survival.recurrence&lang=en")
    await _ask_example(page)
    await expect(page.locator(".risk")).to_have_count(3)
    first = page.locator(".risk").first
    await expect(first).to_contain_text("Risk within 12 months")
    await expect(first).to_contain_text(f"11.7{_THIN}%")
    await expect(first).to_contain_text("About 12 of 100 patients like this one")


async def test_a_median_that_was_not_reached_is_said_and_nothing_is_drawn_beyond_the_observed(
    open_page: OpenPage,
) -> None:
    page = await open_page("/?service=survival.recurrence&lang=en")
    await _ask_example(page)
    await expect(page.locator(".verdict")).to_have_text("Median not reached")
    await expect(page.locator(".finding")).to_contain_text("Observed up to 72 months; nothing is extrapolated beyond.")
    line = await page.locator("path.line").bounding_box()
    end = await page.locator(".last-time path").bounding_box()
    assert line is not None
    assert end is not None
    assert abs(line["x"] + line["width"] - end["x"]) < 3
    await page.get_by_text("As a table").click()
    rows = page.get_by_role("region", name="Without the event")
    await expect(rows.get_by_role("row", name="84 not known")).to_be_visible()


async def test_the_curve_is_read_by_arrow_keys_and_said_in_words(open_page: OpenPage) -> None:
    page = await open_page("/?service=survival.recurrence&lang=en")
    await _ask_example(page)
    plot = page.get_by_role("group", name="Curve of the share without the event (recurrence or death)")
    await plot.focus()
    await page.keyboard.press("End")
    await expect(page.locator(".reading").first).to_contain_text(f"72 months: 54.4{_THIN}% without the event")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".reading").first).to_contain_text("69 months")


async def test_visits_are_asked_about_one_after_the_other_and_drawn(open_page: OpenPage) -> None:
    page = await open_page("/?service=survival.cirrhosis&lang=en")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    await _ask_example(page)
    bodies = {request.url.rsplit("/", 1)[1]: json.loads(request.post_data or "") for request in sent}
    assert len(bodies["explanations"]["samples"]) == 1
    times = [sorted({row["time"] for row in sample["visits"]}) for sample in bodies["predictions"]["samples"]]
    assert times == [[0], [0, 0.5], [0, 0.5, 1], [0, 0.5, 1, 2.1]]
    await expect(page.locator("path.line.earlier")).to_have_count(4)
    table = page.get_by_role("region", name="Risk after each visit")
    await expect(table.locator("tbody tr")).to_have_count(5)
    await expect(table.get_by_role("row", name="Visit 4")).to_contain_text("25.2")


async def test_a_visit_can_be_changed_added_and_taken_away(open_page: OpenPage) -> None:
    page = await open_page("/?service=survival.cirrhosis&lang=en")
    await _ask_example(page)
    await expect(page.locator(".verdict")).to_have_text("Median 48 months")
    await page.get_by_role("button", name="Remove visit 5").click()
    await expect(page.locator(".answer > .notice")).to_contain_text("changed after this answer")
    await page.get_by_role("button", name="Add a visit").click()
    await page.get_by_label("Time of visit 5").fill("2.5")
    await page.get_by_label("bilirubin, visit 5").fill("900")
    await page.get_by_role("button", name="Ask the model").click()
    faulty = page.get_by_label("bilirubin, visit 5")
    await expect(faulty).to_be_focused()
    await expect(faulty).to_have_attribute("aria-invalid", "true")
    await faulty.fill("1.0")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".verdict")).not_to_have_text("Median 48 months")


async def test_all_of_it_is_said_in_chinese(open_page: OpenPage) -> None:
    page = await open_page("/?service=survival.cirrhosis&lang=zh")
    await _ask_example(page, chinese=True)
    await expect(page.locator(".verdict")).to_have_text("中位时间 48 个月")
    shown = await page.locator("main").inner_text()
    for word in ("undefined", "NaN", "month", "Risk"):
        assert word not in shown
