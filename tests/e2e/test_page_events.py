"""Risk from events: entering them, the risk's course, and the heat strip."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import FilePayload, Page, Request, expect

from .conftest import OpenPage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]

_ADDRESS = "/?service=icu_risk.death&lang=en"


def _file(name: str, content: str) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content.encode()}


async def _ask_example(page: Page) -> None:
    await page.get_by_role("button", name="Use the example values").click()
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".strip")).to_be_visible()


async def test_the_example_is_listed_by_variable_and_each_can_be_edited(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await page.get_by_role("button", name="Use the example values").click()
    await expect(page.locator(".series-list button")).to_have_count(24)
    await page.get_by_role("button", name="Lactate").click()
    value = page.get_by_label("Value of observation 1, lactate")
    await value.fill("twelve")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(value).to_be_focused()
    await expect(page.locator(".form-foot")).to_contain_text("One field needs attention.")
    await value.fill("12")
    await page.get_by_role("button", name="Remove observation 2").click()
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".verdict")).to_have_text("Death in hospital")


async def test_pasted_lines_are_read_and_those_that_cannot_be_used_are_told(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    await page.get_by_text("Paste lines of CSV").click()
    lines = ["Time,Parameter,Value", *(f"{hour:02d}:30,HR,{80 + hour}" for hour in range(12)), "13:00,Mood,3"]
    await page.locator(".paste textarea").fill("\n".join(lines))
    await page.get_by_role("button", name="Read these lines").click()
    told = page.locator(".told")
    await expect(told).to_contain_text("12 observations were read.")
    await expect(told).to_contain_text("One line was not used: line 14 (unknown variable Mood).")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".provenance")).to_be_visible()
    sample = json.loads(sent[0].post_data or "")["samples"][0]
    assert sample["events"][0] == {"time": 0.5, "variable": "HR", "value": 80}
    assert sample["age"] is None


async def test_a_bundle_is_sent_as_fhir_and_answered(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    bundle = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": []})
    await page.locator(".events input[type=file]").set_input_files([_file("stay.json", bundle)])
    await expect(page.locator(".verdict")).to_be_visible()
    await expect(page.locator(".told")).to_contain_text("stay.json, sent as a FHIR Bundle")
    assert sent[0].headers["content-type"] == "application/fhir+json"
    assert sent[0].post_data == bundle


async def test_too_little_known_is_abstained_from(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await page.get_by_label("Add a variable").select_option("Heart rate")
    await page.get_by_label("Time of observation 1, heart rate").fill("1")
    await page.get_by_label("Value of observation 1, heart rate").fill("99")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".finding")).to_contain_text("1 observations; at least 10 are needed")


async def test_the_course_of_the_risk_has_its_threshold(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _ask_example(page)
    course = page.get_by_role("group", name="Course of the probability of death in hospital")
    await expect(course.locator(".guide text")).to_have_text("threshold 42\u202f%")
    await course.focus()
    await page.keyboard.press("Home")
    await expect(page.locator(".reading").first).to_contain_text("With what was known at 3 h")


async def test_the_strip_is_moved_through_by_keys_and_blank_where_nothing_was_seen(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _ask_example(page)
    grid = page.get_by_role("grid", name="Contribution by variable and time")
    await expect(grid.locator("tbody tr")).to_have_count(14)
    await page.get_by_role("button", name="Show all 24 variables").click()
    await expect(grid.locator("tbody tr")).to_have_count(24)
    assert await grid.locator("td[tabindex='0']").count() == 1
    await grid.locator("td[tabindex='0']").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    cell = grid.locator("tbody tr").nth(1).locator("td").nth(1)
    await expect(cell).to_be_focused()
    words = await cell.get_attribute("aria-label")
    assert words is not None
    assert "1 h to 2 h" in words
    await expect(page.locator(".heat .reading")).to_have_text(words)
    unseen = grid.locator("td.unseen").first
    await expect(unseen).to_have_attribute("aria-label", "Diastolic pressure, 3 h to 4 h: not observed")
    await expect(unseen).to_have_css("background-color", "rgba(0, 0, 0, 0)")
