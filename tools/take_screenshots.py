"""Takes the pictures of the page: docs/images/page-en.png and page-zh.png, of the services that are deployed.

Starts them on a free port, opens the page in Chromium, asks about an example (a picture where a service takes one,
real data before demonstrations), and cuts the answer out. Of each other kind of question that is deployed an answer is
taken too: `survival-en.png`, `treatment-zh.png`, …. Use: `make screenshots`.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from salus.bootstrap.house import House
from salus.bootstrap.running import furnish_gateway
from salus.contracts.services import ModelService
from salus.gateway.server import serve_in_background
from salus.observability.logs import configure_logs

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH_PX, MOST_HEIGHT_PX, MOST_BYTES = 1280, 1090, 400_000
MARGIN_PX = 28
PLANNING_S = 20
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def main() -> None:
    """Write the pictures; ends with 1 where nothing is deployed, or a picture is too large."""
    configure_logs(stream=io.StringIO())  # a request is no news here
    house = House()
    gateway = furnish_gateway(house)
    services = sorted(gateway.services, key=_attractiveness, reverse=True)
    if not services:
        typer.echo("Nothing is deployed: run `salus up` first.", err=True)
        raise SystemExit(1)
    IMAGES.mkdir(exist_ok=True)
    settings = replace(house.settings.gateway, port=0)
    with serve_in_background(gateway.app, settings) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        for name, service in _one_of_each(services).items():
            for language in ("en", "zh"):
                view: ViewportSize = {"width": WIDTH_PX, "height": MOST_HEIGHT_PX}
                page = chromium.new_context(viewport=view, reduced_motion="reduce").new_page()
                query = f"service={service.describe().name}&lang={language}"
                page.goto(f"{address}/?{query}#key={house.development_key()}")
                _ask(page)
                _shoot(page, IMAGES / f"{name}-{language}.png")
        chromium.close()


def _one_of_each(services: Sequence[ModelService]) -> dict[str, ModelService]:
    """By the name of its pictures: the most attractive of all, and of each other kind of question."""
    chosen = {"page": services[0]}
    kinds: set[str] = {services[0].describe().manifest.task.kind}
    for service in services[1:]:
        task = service.describe().manifest.task
        timed = any(spec.content == "events" for spec in task.signature.inputs)
        name = "events" if task.kind == "classification" and timed else task.kind
        if name not in kinds:
            kinds.add(name)
            chosen[name] = service
    return chosen


def _takes_pictures(service: ModelService) -> bool:
    return service.describe().manifest.task.signature.inputs[0].content == "image"


def _attractiveness(service: ModelService) -> tuple[bool, bool, str]:
    facts = service.describe()
    return _takes_pictures(service), not facts.manifest.task.demonstration, facts.name


def _ask(page: Page) -> None:
    """Fills in the example and asks, whatever the service takes; of a plan, waits until it is found."""
    form = page.locator(".form-head .quiet").first
    example = page.locator(".drop-zone .quiet").last
    expect(form.or_(example)).to_be_visible()
    if form.count():
        form.click()
        page.locator(".form-foot .primary").click()
    else:
        example.click()
    if page.locator(".plan-form").count():
        page.locator("input[inputmode=decimal]").first.fill(str(PLANNING_S))
        page.locator(".form-foot .primary").click()
    expect(page.locator(".verdict")).to_be_visible(timeout=(PLANNING_S + 30) * 1000)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")


def _shoot(page: Page, path: Path) -> None:
    """The answer with the list of services beside it, from its top to the end of what is drawn, as far as fits."""
    top = page.evaluate("document.querySelector('.answer').getBoundingClientRect().top + window.scrollY")
    bottom = page.evaluate(
        "[...document.querySelectorAll('.answer, .evidence, .plot, .strip, .contributions')].at(-1)"
        ".getBoundingClientRect().bottom + window.scrollY"
    )
    height = min(MOST_HEIGHT_PX, round(bottom - top) + 2 * MARGIN_PX)
    page.set_viewport_size({"width": WIDTH_PX, "height": height})
    page.evaluate(f"window.scrollTo(0, {top - MARGIN_PX})")
    page.screenshot(path=path)
    typer.echo(f"{path.name}: 1280 x {height} px, {path.stat().st_size // 1000} kB")
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
