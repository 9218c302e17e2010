"""The card and the calls of a service."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import OpenPage
from .fake_gateway import KEY

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]


async def test_the_card_holds_use_limits_measures_data_and_variants(open_page: OpenPage) -> None:
    page = await open_page("/?service=chest_xray.pneumonia&view=card&lang=en")
    for heading in ("Intended use", "Limits", "How good it is", "Pictures", "Data", "How it was built", "Variants"):
        await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    measures = page.get_by_role("region", name="How good it is")
    await expect(measures.locator("tr", has_text="AUROC")).to_contain_text("0.993 (0.981–0.999)")
    await expect(page.locator(".findings")).to_contain_text("near-duplicates")
    await expect(page.get_by_role("row", name="int8 running")).to_contain_text("INT8 (QDQ, U8S8)")
    await expect(page.get_by_role("img", name="ROC curve: AUROC validation 0.993")).to_be_visible()
    link = page.get_by_role("link", name="The card as Markdown")
    await expect(link).to_have_attribute("href", "/api/v1/services/chest_xray.pneumonia/card?language=en")


async def test_a_measure_that_is_not_defined_is_said_and_not_guessed(open_page: OpenPage) -> None:
    page = await open_page("/?service=breast_cancer.malignancy&view=card&lang=en")
    await expect(page.locator("tr", has_text="source = other").first).to_contain_text("not defined")


@pytest.mark.parametrize("service", ["chest_xray.pneumonia", "breast_cancer.malignancy"])
async def test_each_call_names_the_service_and_none_holds_the_key(open_page: OpenPage, service: str) -> None:
    page = await open_page(f"/?service={service}&view=call&lang=en")
    blocks = page.locator(".code-block")
    await expect(blocks).to_have_count(4)
    for text in await blocks.locator("pre").all_inner_texts():
        assert KEY not in text
        assert service in text or text.startswith("export SALUS_KEY")


async def test_a_block_is_copied_whole(open_page: OpenPage) -> None:
    page = await open_page("/?service=chest_xray.pneumonia&view=call&lang=en")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = page.get_by_role("region", name="curl")
    await block.get_by_role("button").click()
    await expect(block.get_by_role("button")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == await block.locator("code").inner_text()
