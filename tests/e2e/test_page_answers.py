"""Trying a service: pictures with evidence, tables with contributions, abstentions and errors."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from .conftest import OpenPage
from .fake_answers import draw_chest, write_png

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]

_PICTURE = "/?service=chest_phantom.lesion&lang=en"
_TABLE = "/?service=breast_cancer.malignancy&lang=en"


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def _send(page: Page, *files: FilePayload) -> None:
    await page.locator("input[type=file]").set_input_files(list(files))


async def test_a_picture_is_answered_with_finding_probability_and_cost(open_page: OpenPage) -> None:
    page = await open_page(_PICTURE)
    await page.get_by_role("button", name="Use the example picture").click()
    answer = page.locator(".answer")
    await expect(answer.locator(".verdict")).to_have_text("Lesion")
    await expect(answer).to_contain_text("Preliminary, not reviewed by a person")
    await expect(answer).to_contain_text("About 97 of 100 pictures like this one show: lesion.")
    spoken = "Probability of lesion: 96.8\u202f%, 95 % interval 91.0–99.2\u202f%, threshold 42\u202f%."
    await expect(answer.get_by_role("img", name=spoken)).to_be_visible()
    await expect(answer).to_contain_text("(sensitivity)")
    await expect(answer.locator(".provenance")).to_contain_text("9f2c64d1a0b7")


async def test_the_heat_map_lies_beside_the_plain_picture_and_h_hides_it(open_page: OpenPage) -> None:
    page = await open_page(_PICTURE)
    await page.get_by_role("button", name="Use the example picture").click()
    canvas = page.locator(".film canvas")
    spoken = "Heat map of the evidence for lesion: strongest in the middle right of the picture."
    await expect(canvas).to_have_attribute("aria-label", spoken)
    peak = """(canvas) => {
        const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const weight = (at) => data[at] * data[at + 3];
        let best = 0;
        for (let at = 0; at < data.length; at += 4) if (weight(at) > weight(best)) best = at;
        return [((best / 4) % width) / width, Math.floor(best / 4 / width) / height];
    }"""
    assert np.allclose(await canvas.evaluate(peak), [0.69, 0.62], atol=0.08)
    await expect(page.locator(".views figure").first.get_by_role("img")).to_be_visible()
    await expect(canvas).to_have_css("opacity", "0.6")
    await page.keyboard.press("h")
    await expect(canvas).to_have_css("opacity", "0")
    await expect(page.get_by_role("button", name="Show heat map")).to_be_visible()
    await page.keyboard.press("H")
    slider = page.get_by_role("slider", name="Opacity")
    await slider.focus()
    await page.keyboard.press("End")
    await expect(canvas).to_have_css("opacity", "1")


async def test_several_pictures_are_answered_one_by_one(open_page: OpenPage) -> None:
    page = await open_page(_PICTURE)
    even = write_png(np.full((40, 60), 90, dtype=np.uint8))
    await _send(page, _file("chest.png", write_png(draw_chest(64))), _file("even.png", even))
    await expect(page.locator(".verdict")).to_have_text("Lesion")
    await page.get_by_role("button", name="Picture 2 of 2").click()
    await expect(page.locator(".verdict")).to_have_text("No answer: the model abstains")
    await expect(page.locator(".finding")).to_contain_text("unlike every class")
    await expect(page.get_by_role("img", name="The picture, 60 by 40 pixels.")).to_be_visible()
    await expect(page.locator("canvas")).to_have_count(0)


async def test_a_file_that_is_no_picture_is_refused_with_what_to_do_and_an_id(open_page: OpenPage) -> None:
    page = await open_page(_PICTURE)
    await _send(page, _file("notes.txt", b"hello"))
    problem = page.get_by_role("alert")
    for text in ("a PNG, JPEG or DICOM file", "5 bytes of another kind", "Export the picture as PNG.", "0199f3a2"):
        await expect(problem).to_contain_text(text)
    await expect(problem.get_by_role("button")).to_have_count(0)


async def test_long_work_can_be_cancelled(open_page: OpenPage) -> None:
    page = await open_page(_PICTURE)
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.abort()

    await page.route("**/explanations", hold)
    await page.get_by_role("button", name="Use the example picture").click()
    await expect(page.locator(".working")).to_contain_text("Computing the answer")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("heading", name="The answer appears here")).to_be_visible()
    released.set()


async def test_a_table_is_filled_by_its_example_and_answered_with_contributions(open_page: OpenPage) -> None:
    page = await open_page(_TABLE)
    await page.get_by_role("button", name="Use the example values").click()
    await expect(page.get_by_label("radius, mean")).to_have_value("17.99")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".verdict")).to_have_text("Malignant")
    contributions = page.get_by_role("region", name="What moved the estimate for: malignant")
    await expect(contributions.locator("tbody tr")).to_have_count(11)
    await expect(contributions).to_contain_text("20 others together")
    await contributions.get_by_role("button", name="Show all 30").click()
    await expect(contributions.locator("tbody tr")).to_have_count(30)
    await page.get_by_label("radius, mean").fill("12")
    await expect(page.locator(".answer .notice")).to_contain_text("changed after this answer")


async def test_thirty_fields_are_one_table_with_ranges(open_page: OpenPage) -> None:
    page = await open_page(_TABLE)
    table = page.locator(".field-table")
    await expect(table.locator("tbody tr")).to_have_count(10)
    await expect(table.get_by_role("textbox")).to_have_count(30)
    await expect(table.get_by_role("row", name="Area 0–20,000 px²")).to_be_visible()
    field = page.get_by_label("smoothness (local radius variation), mean")
    await field.fill("0.1")
    await field.press("ArrowUp")
    await expect(field).to_have_value("0.11")


async def test_a_wrong_entry_is_told_beside_its_field_and_nothing_is_sent(open_page: OpenPage) -> None:
    page = await open_page(_TABLE)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    await page.get_by_role("button", name="Use the example values").click()
    field = page.get_by_label("area, worst")
    await field.fill("999999")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description("0–20,000 px² Outside the believable range, 0 to 20,000 px².")
    await expect(page.locator(".form-foot")).to_contain_text("One field needs attention.")
    assert sent == []


async def test_a_missing_value_is_abstained_from_with_the_reason(open_page: OpenPage) -> None:
    page = await open_page(_TABLE)
    await page.get_by_role("button", name="Use the example values").click()
    await page.get_by_label("radius, mean").fill("")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".verdict")).to_have_text("No answer: the model abstains")
    await expect(page.locator(".finding")).to_contain_text("radius, mean is missing")
    await expect(page.locator(".probability")).to_have_count(0)


async def test_categories_and_needed_fields_follow_the_signature(open_page: OpenPage) -> None:
    page = await open_page("/?service=fields.event&lang=en")
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".form-foot")).to_contain_text("3 fields need attention.")
    await page.get_by_label("sex", exact=True).select_option("male")
    await page.get_by_label("age", exact=True).fill("61")
    await page.get_by_label("systolic pressure").fill("148")
    await page.get_by_role("button", name="Ask the model").click()
    row = page.locator(".contributions tr", has_text="Sex")
    await expect(row).to_contain_text("male")
    await expect(page.locator(".contributions tr", has_text="Creatinine")).to_contain_text("missing")


async def test_an_answer_survives_reading_the_card(open_page: OpenPage) -> None:
    page = await open_page(_PICTURE)
    await page.get_by_role("button", name="Use the example picture").click()
    await expect(page.locator(".verdict")).to_be_visible()
    await page.get_by_role("tab", name="Model card").click()
    await expect(page.locator(".verdict")).to_be_hidden()
    await page.get_by_role("tab", name="Try it").click()
    await expect(page.locator(".verdict")).to_be_visible()
