"""The page, the gateway, and models that were trained: nothing here is faked."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from salus.data.phantom import generate_phantom

from .conftest import OpenPage, Shoot
from .real_gateway import PICTURE, TABLE, RealSalus, clean_environment, serving_for_real, write_ct_slice

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.component("chromium"), pytest.mark.slow]


@pytest.fixture(scope="module")
def salus(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSalus]:
    with serving_for_real(tmp_path_factory.mktemp("home")) as running:
        yield running


async def _open(open_page: OpenPage, salus: RealSalus, query: str, **more: object) -> Page:
    return await open_page(f"{salus.address}/{query}", key=salus.key, **more)


async def test_every_deployed_service_is_listed_with_its_measures(open_page: OpenPage, salus: RealSalus) -> None:
    page = await _open(open_page, salus, "?lang=en")
    entries = page.locator(".service-entry")
    await expect(entries).to_have_count(2)
    table = entries.filter(has_text="Is this breast mass malignant?")
    await expect(table).to_contain_text("AUROC")
    await expect(table).to_contain_text("candidate")
    await expect(entries.filter(has_text="phantom")).to_contain_text("Demonstration")


async def test_the_example_row_is_answered_with_contributions(
    open_page: OpenPage, salus: RealSalus, shoot: Shoot
) -> None:
    page = await _open(open_page, salus, f"?service={TABLE}&lang=en")
    await page.get_by_role("button", name="Use the example values").click()
    await page.get_by_role("button", name="Ask the model").click()
    answer = page.locator(".answer")
    await expect(answer.locator(".verdict")).to_have_text("Malignant")
    await expect(answer).to_contain_text("Preliminary, not reviewed by a person")
    assert await answer.locator(".contributions tbody tr, .contributions li").count() >= 5
    await shoot(page, "real-table")


async def test_the_example_picture_is_answered_with_a_heat_map(
    open_page: OpenPage, salus: RealSalus, shoot: Shoot
) -> None:
    page = await _open(open_page, salus, f"?service={PICTURE}&lang=en")
    await page.get_by_role("button", name="Use the example picture").click()
    await expect(page.locator(".answer")).to_contain_text("Demonstration")
    await expect(page.locator(".views figure img").first).to_be_visible()
    await shoot(page, "real-picture")


async def test_a_dicom_slice_is_shown_in_its_window_and_answered(
    open_page: OpenPage, salus: RealSalus, shoot: Shoot
) -> None:
    phantom = generate_phantom(40, seed=77)
    page = await _open(open_page, salus, f"?service={PICTURE}&lang=en")
    files: list[FilePayload] = [
        {"name": f"slice-{index}.dcm", "mimeType": "application/dicom", "buffer": write_ct_slice(picture[:, :, 0])}
        for index, picture in enumerate(phantom.images[1:16:2])  # each has an opacity
    ]
    await page.locator("input[type=file]").set_input_files(files)
    await expect(page.locator(".verdict")).to_be_visible()
    verdicts = []
    for index in range(len(files)):
        await page.get_by_role("button", name=f"Picture {index + 1} of {len(files)}").click()
        await expect(page.get_by_role("img", name="The picture, 64 by 64 pixels.")).to_be_visible()
        verdicts.append(await page.locator(".verdict").inner_text())
        if verdicts[-1] == "Lesion":
            await expect(page.locator(".film canvas")).to_be_visible()
            await shoot(page, "real-dicom")
    assert verdicts.count("Lesion") >= len(files) / 2
    assert "Nobody" not in await page.content()


async def test_all_of_it_is_there_in_chinese(open_page: OpenPage, salus: RealSalus, shoot: Shoot) -> None:
    page = await _open(open_page, salus, f"?service={TABLE}&lang=zh")
    await page.get_by_role("button", name="使用示例数值").click()
    await page.get_by_role("button", name="请模型回答").click()
    await expect(page.locator(".verdict")).to_have_text("恶性")
    await shoot(page, "real-chinese")
    shown = await page.locator("main").inner_text()
    assert "probability" not in shown
    assert "undefined" not in shown


@pytest.mark.parametrize("service", [TABLE, PICTURE])
async def test_the_calls_that_the_page_prints_give_an_answer(
    open_page: OpenPage, salus: RealSalus, service: str, tmp_path: Path
) -> None:
    page = await _open(open_page, salus, f"?service={service}&view=call&lang=en")
    await expect(page.locator(".code-block")).to_have_count(4)
    export, curl, python, triton = await page.locator(".code-block code").all_inner_texts()
    name, _, _ = export.removeprefix("export ").partition("=")
    environment = clean_environment(**{name: salus.key})
    (tmp_path / "picture.png").write_bytes(await _fetch_example(page, salus, service))
    commands = {
        "curl": ["bash", "-euc", curl.replace("curl ", "curl --silent --show-error --fail ", 1)],
        "python": [sys.executable, "-c", python],
        "triton": [sys.executable, "-c", triton],
    }
    for title, command in commands.items():
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{title}: {done.stderr}"
        assert ("[[" if title == "triton" else "probabilities") in done.stdout


async def _fetch_example(page: Page, salus: RealSalus, service: str) -> bytes:
    if service != PICTURE:
        return b""
    reply = await page.request.get(f"{salus.address}/api/v1/services/{service}/example.png")
    assert reply.ok
    return await reply.body()


async def test_the_commands_on_an_empty_page_work_as_printed(
    open_page: OpenPage, empty_server: str, tmp_path: Path, shoot: Shoot
) -> None:
    page = await open_page(f"{empty_server}/?lang=en")
    commands = await page.locator(".blank code").inner_text()
    await shoot(page, "real-empty")
    assert commands.splitlines()[-1].startswith("salus deploy")
    script = ["bash", "-euxc", commands]
    scripts = Path(sys.executable).parent
    environment = clean_environment(SALUS_HOME=str(tmp_path), PATH=f"{scripts}{os.pathsep}{os.environ['PATH']}")
    done = await asyncio.to_thread(subprocess.run, script, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "breast_cancer.malignancy is served by" in done.stdout
