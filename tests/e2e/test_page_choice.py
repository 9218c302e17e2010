"""A choice between options, with rules and abstention; and a quantity with its interval."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .conftest import OpenPage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]


async def _ask(page: Page, **entries: str) -> None:
    await page.get_by_role("button", name="Use the example values").click()
    for name, entry in entries.items():
        await page.get_by_label(name, exact=True).fill(entry)
    await page.get_by_role("button", name="Ask the model").click()
    await expect(page.locator(".provenance")).to_be_visible()


async def test_options_stand_side_by_side_ranked_with_what_they_rest_on(open_page: OpenPage) -> None:
    page = await open_page("/?service=treatment.adjuvant&lang=en")
    await _ask(page)
    await expect(page.locator(".verdict")).to_have_text("Tamoxifen")
    await expect(page.locator(".option h4")).to_have_text(["Tamoxifen", "Chemotherapy", "No adjuvant therapy"])
    best = page.locator(".option.best")
    for words in (
        "Rank 1",
        "47.9 months",
        "95 % interval 45.7–50.1 months",
        "+6.3 months compared with: no adjuvant therapy",
        "About 34 of 100 such patients were given it.",
    ):
        await expect(best).to_contain_text(words)
    await expect(page.locator(".option", has_text="Chemotherapy")).to_contain_text("\u22120.2 to 7.6 months")
    await expect(page.locator(".finding .notice")).to_contain_text("not assigned at random")
    await expect(page.get_by_role("img", name="Expected outcome of each option on one axis.")).to_be_visible()


async def test_a_rule_takes_an_option_away_with_reason_and_source(open_page: OpenPage) -> None:
    page = await open_page("/?service=treatment.adjuvant&lang=en")
    await _ask(page, age="82")
    taken = page.locator(".option.taken")
    await expect(taken).to_have_count(1)
    await expect(taken).to_contain_text("Toxicity outweighs the benefit from the age of 80 on.")
    await expect(taken).to_contain_text("Source: Example guideline, 2024-03")
    await expect(taken).not_to_contain_text("months")
    await expect(page.locator(".row-none")).to_have_text("Contraindicated")


async def test_where_overlap_is_poor_nothing_is_ranked(open_page: OpenPage) -> None:
    page = await open_page("/?service=treatment.adjuvant&lang=en")
    await _ask(page, age="95")
    await expect(page.locator(".verdict")).to_have_text("No answer: the model abstains")
    await expect(page.locator(".option")).to_have_count(3)
    await expect(page.locator(".options")).not_to_contain_text("Rank")
    await expect(page.locator(".options")).to_contain_text("Fewer than 1 of 100 such patients was given it.")
    await expect(page.locator(".interval-rows")).to_have_count(0)


async def test_a_quantity_has_its_unit_its_interval_and_what_the_interval_promises(open_page: OpenPage) -> None:
    page = await open_page("/?service=treatment.warfarin&lang=en")
    await _ask(page)
    await expect(page.locator(".verdict")).to_have_text("32.5 mg/week")
    await expect(page.locator(".finding")).to_contain_text("Interval 20.1–47 mg/week")
    await expect(page.locator(".finding")).to_contain_text("For 90 of 100 such patients the true value lies")
    spoken = "Weekly dose of warfarin: 32.5 mg/week, interval 20.1–47 mg/week."
    await expect(page.get_by_role("img", name=spoken)).to_be_visible()
    await expect(page.get_by_role("region", name="What moved the estimate")).to_contain_text("lowers")
    await expect(page.locator(".probability")).to_have_count(0)


async def test_the_cards_name_their_measures_and_tell_no_threshold(open_page: OpenPage) -> None:
    page = await open_page("/?service=survival.recurrence&view=card&lang=en")
    measures = page.get_by_role("region", name="How good it is")
    await expect(measures.get_by_role("row", name="Brier score at 60 months")).to_contain_text("0.214 (0.190–0.240)")
    await expect(page.get_by_role("columnheader", name="Loss in C-index (Harrell)")).to_be_visible()
    await expect(page.locator(".card")).not_to_contain_text("threshold")
    await page.goto(page.url.replace("survival.recurrence", "treatment.warfarin").replace("lang=en", "lang=zh"))
    rows = page.get_by_role("region", name="性能")
    await expect(rows.get_by_role("row", name="平均绝对误差（mg/周）")).to_contain_text("8.410")


async def test_the_calls_of_other_kinds_can_be_pasted(open_page: OpenPage) -> None:
    page = await open_page("/?service=icu_risk.death&view=call&lang=en")
    await expect(page.locator(".code-block")).to_have_count(4)
    _, curl, python, triton = await page.locator(".code-block code").all_inner_texts()
    assert '"variable":"' in curl
    assert "samples=[sample]" in python
    assert "# time, index of the variable, value" in triton
    await page.goto(page.url.replace("icu_risk.death", "hospital_scheduling.ward"))
    await expect(page.get_by_role("region", name="curl")).to_contain_text("/api/v1/jobs/$job/result")
