"""Planning: handed in, watched, stopped, found again, and the plan that comes of it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import FilePayload, Page, Request, expect

from .conftest import OpenPage
from .fake_gateway import KEY

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]

_ADDRESS = "/?service=hospital_scheduling.ward&lang=en"


async def _start(page: Page, *, limit: str) -> None:
    await page.get_by_role("button", name="Use the example instance").click()
    await page.get_by_label("Time limit").fill(limit)
    await page.get_by_role("button", name="Plan", exact=True).click()


async def test_a_job_shows_its_progress_and_ends_in_a_plan(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _start(page, limit="90")
    bar = page.get_by_role("progressbar", name="Progress of the time limit")
    await expect(bar).to_be_visible()
    await expect(page.locator(".job")).to_contain_text("remaining")
    await expect(page).to_have_url(re.compile(r"job=job-"))
    await expect(page.locator(".job h2")).to_have_text("Done")
    cost = await page.locator(".job-facts dd").first.inner_text()
    await expect(page.locator(".verdict")).to_have_text(f"Cost: {cost}")
    await expect(page.locator(".finding")).to_contain_text("Lower bound 3,105, gap at most 2.4\u202f%")
    await expect(page.locator(".finding")).to_contain_text("All hard constraints are kept.")
    first = page.locator(".cost-bars tbody tr").first
    await expect(first).to_contain_text("Days of waiting")
    await expect(page.get_by_role("row", name="One more theatre hour on day 3")).to_contain_text("240")


async def test_a_reload_finds_the_job_again(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _start(page, limit="120")
    await expect(page.locator(".job")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"job=job-"))
    await page.reload()
    await expect(page.locator(".job")).to_be_visible()
    await expect(page.locator(".verdict")).to_be_visible()
    await page.reload()
    await expect(page.locator(".verdict")).to_be_visible()
    recent = page.locator(".recent a[aria-current]")
    await expect(recent).to_have_count(1)


async def test_a_job_that_is_stopped_answers_with_the_best_so_far(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _start(page, limit="6000")
    await expect(page.locator(".job path.line")).to_be_visible()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".job h2")).to_have_text("Stopped")
    await expect(page.locator(".verdict")).to_be_visible()


async def test_without_a_stream_the_job_is_asked_after(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if re.search(r"/jobs/job-\w+$", request.url) else None)
    await page.route("**/events", lambda route: route.abort())
    await _start(page, limit="90")
    await expect(page.locator(".verdict")).to_be_visible()
    assert len(asked) >= 2


async def test_a_job_that_nobody_knows_is_told_in_words(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS.replace("&lang", "&job=gone&lang"))
    await expect(page.get_by_role("alert")).to_contain_text("the id of a job")


async def test_a_file_that_is_no_document_is_refused_before_it_is_sent(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    inputs = page.locator(".plan-form input[type=file]")
    wrong: FilePayload = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"hello"}
    await inputs.first.set_input_files([wrong])
    await expect(page.get_by_role("alert")).to_contain_text("This file is no JSON document.")
    await expect(page.get_by_role("button", name="Plan", exact=True)).to_be_disabled()


async def test_a_repair_says_what_changed_and_why(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    previous: FilePayload = {
        "name": "yesterday.json",
        "mimeType": "application/json",
        "buffer": json.dumps({"patients": [], "nurses": []}).encode(),
    }
    await page.locator(".plan-settings input[type=file]").set_input_files([previous])
    await expect(page.locator(".plan-settings")).to_contain_text("yesterday.json")
    await _start(page, limit="60")
    changes = page.get_by_role("region", name="Changes against the previous plan")
    await expect(changes.locator("tbody tr")).to_have_count(20)
    await expect(changes).to_contain_text("the theatre of its surgeon is closed that day")
    await page.get_by_role("button", name="Show all 24").click()
    await expect(changes.locator("tbody tr")).to_have_count(24)


async def test_the_plan_is_downloaded_as_it_came(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _start(page, limit="60")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Download the plan").click()
    download = await waiting.value
    assert download.suggested_filename == "hospital_scheduling.ward.solution.json"
    assert json.loads((await download.path()).read_text(encoding="utf-8")) == {"patients": [], "nurses": []}


async def test_pictures_of_the_plan_are_read_by_keys_and_as_tables(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS)
    await _start(page, limit="60")
    rooms = page.get_by_role("group", name="Rooms: ")
    await rooms.focus()
    await page.keyboard.press("ArrowRight")
    reading = page.locator(".gantt").first.locator(".reading")
    await expect(reading).to_contain_text("r00, a20 (already there): 0 to 8")
    await page.keyboard.press("End")
    await expect(reading).to_contain_text("r29")
    assert await rooms.evaluate("(area) => area.scrollTop") > 0
    load = page.get_by_role("grid", name="Workload of the nurses")
    await expect(load.locator("tbody tr")).to_have_count(40)
    marked = load.locator("td.marked").first
    await expect(marked).to_have_attribute("aria-label", re.compile(r"n\d\d, Shift \d+: 1\d\d(\.\d)?\u202f% of what"))
    await page.locator(".plot details").first.locator("summary").click()
    await expect(page.get_by_role("region", name="Rooms").locator("tbody tr")).to_have_count(60)


async def test_a_key_is_asked_for_before_a_job_is_handed_in(open_page: OpenPage) -> None:
    page = await open_page(_ADDRESS, key=None)
    await _start(page, limit="60")
    await page.get_by_role("dialog").get_by_label("Key").fill(KEY)
    await page.keyboard.press("Enter")
    await expect(page.locator(".verdict")).to_be_visible()
