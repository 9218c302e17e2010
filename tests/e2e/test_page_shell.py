"""What surrounds the services: the list, the key, the language, the theme, the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Route, expect

from .conftest import OpenPage
from .fake_gateway import ALL_SERVICES, KEY

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium")]


async def test_what_is_deployed_is_listed_with_intervals(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en")
    await expect(page).to_have_title("Salus")
    entry = page.locator(".service-entry", has_text="Is this breast mass malignant?")
    await expect(entry.locator(".headline")).to_contain_text("Test, n = 114")
    await expect(entry.locator("tr", has_text="AUROC")).to_contain_text("0.993(0.981–0.999)")
    await expect(page.locator(".service-entry", has_text="phantom").locator(".notice")).to_contain_text("Demonstration")


async def test_an_empty_house_says_what_to_do_next(open_page: OpenPage, empty_server: str) -> None:
    page = await open_page(f"{empty_server}/?lang=en")
    await expect(page.get_by_role("heading", name="Nothing is deployed yet")).to_be_visible()
    await expect(page.locator("pre")).to_contain_text("salus build breast_cancer/malignancy")


async def test_an_unknown_service_says_so_and_lists_the_known_ones(open_page: OpenPage) -> None:
    page = await open_page("/?service=nothing.here&lang=en")
    await expect(page.get_by_role("heading", name="No service has this name")).to_be_visible()
    await expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(len(ALL_SERVICES))


async def test_the_key_leaves_the_address_and_stays_in_the_tab(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en")
    await expect(page.get_by_role("button", name="Key entered")).to_be_visible()
    assert "key" not in page.url
    assert await page.evaluate("sessionStorage.length") == 1
    assert await page.evaluate("Object.keys(localStorage).some((name) => name.includes('key'))") is False
    await page.reload()
    await expect(page.get_by_role("button", name="Key entered")).to_be_visible()


async def test_a_key_is_asked_for_when_it_is_needed_and_again_when_it_is_wrong(open_page: OpenPage) -> None:
    page = await open_page("/?service=chest_phantom.lesion&lang=en", key=None)
    await page.get_by_role("button", name="Use the example picture").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("make up")
    await dialog.get_by_label("Key").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(dialog).to_contain_text("not accepted")
    await dialog.get_by_label("Key").fill("a-key-for-tests")
    await dialog.get_by_role("button", name="Use this key").click()
    await expect(page.locator(".verdict")).to_have_text("Lesion")


async def test_declining_to_enter_a_key_ends_in_a_plain_error(open_page: OpenPage) -> None:
    page = await open_page("/?service=chest_phantom.lesion&lang=en", key=None)
    await page.get_by_role("button", name="Use the example picture").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("alert")).to_contain_text("a key in the header Authorization")


async def test_the_language_is_in_the_address_and_remembered(open_page: OpenPage) -> None:
    page = await open_page("/?service=chest_phantom.lesion")
    await page.get_by_role("button", name="中文").click()
    await expect(page).to_have_url(re.compile(r"service=chest_phantom\.lesion&lang=zh$"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("该胸部仿体是否含有病灶？")
    assert await page.evaluate("document.documentElement.lang") == "zh-Hans"
    await page.goto(page.url.split("?", maxsplit=1)[0])
    await expect(page.get_by_role("heading", level=1)).to_have_text("已部署的服务")


async def test_the_theme_follows_the_system_until_it_is_chosen(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en", theme="dark")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    dark = await page.evaluate(background)
    await page.get_by_role("button", name="Light").click()
    light = await page.evaluate(background)
    assert dark != light
    await page.reload()
    await expect(page.get_by_role("button", name="Dark")).to_be_visible()
    assert await page.evaluate(background) == light


async def test_a_service_can_be_chosen_and_left_by_the_browsers_own_buttons(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en")
    await page.get_by_role("link", name="Does this chest X-ray show pneumonia?").click()
    await expect(page).to_have_url(re.compile("service=chest_xray.pneumonia"))
    await expect(page).to_have_title("Does this chest X-ray show pneumonia? · Salus")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("What is deployed here")


async def test_tabs_are_moved_through_with_arrow_keys(open_page: OpenPage) -> None:
    page = await open_page("/?service=chest_phantom.lesion&lang=en")
    await page.get_by_role("tab", name="Try it").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Model card")).to_be_focused()
    await expect(page).to_have_url(re.compile("view=card"))
    await page.keyboard.press("End")
    await expect(page.get_by_role("tab", name="Call it")).to_have_attribute("aria-selected", "true")


async def test_the_first_stop_of_the_keyboard_skips_to_the_content(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en")
    await expect(page.locator(".service-entry").first).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()


async def test_a_silent_server_is_told_in_words_with_a_way_to_try_again(open_page: OpenPage) -> None:
    page = await open_page("/?lang=en")
    await page.route("**/api/v1/services", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    await page.unroute("**/api/v1/services")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".service-entry")).to_have_count(len(ALL_SERVICES))


async def test_a_catalogue_that_is_closed_to_strangers_asks_for_the_key(open_page: OpenPage) -> None:
    page = await open_page("/nothing-here-yet", key=None)

    async def close(route: Route) -> None:
        if "authorization" in route.request.headers:
            await route.continue_()
        else:
            await route.fulfill(status=401, json={"title": "unauthenticated", "code": "unauthenticated"})

    await page.route("**/api/v1/services", close)
    await page.goto(f"{page.url.removesuffix('/nothing-here-yet')}/?lang=en")
    await page.get_by_role("button", name="Try again").click()
    await page.get_by_role("dialog").get_by_label("Key").fill(KEY)
    await page.keyboard.press("Enter")
    await expect(page.locator(".service-entry")).to_have_count(len(ALL_SERVICES))
