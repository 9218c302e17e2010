"""What import-linter cannot see: what is really imported at run time, who reads the environment, how long they are."""

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

import salus
import salus_packs
from salus.contracts.packs import Pack, TaskKit
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.data.copies import CatalogueEntry
from salus.plugins.discovery import find_packs

SOURCE = Path(salus.__file__).parents[1]
FILES = sorted(path for root in ("salus", "salus_packs") for path in (SOURCE / root).rglob("*.py"))
HEAVY = {"torch", "sklearn", "scipy", "lightgbm", "onnx", "onnxscript", "skl2onnx", "matplotlib", "optuna", "mlflow"}
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 500, 80
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def _loaded(program: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after `program`."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{program}\n{report}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "module",
    [
        "salus.gateway.app",
        "salus.gateway.server",
        "salus.serving.deployment",
        "salus.serving.onnx_backend",
        "salus.explanation.choosing",
        "salus.workflows.deploy_model",
        "salus.bootstrap.running",
        "salus.cli.serving",
        "salus.client.client",
    ],
)
def test_the_running_side_needs_nothing_of_the_making_side(module: str) -> None:
    assert not _loaded(f"import {module}") & HEAVY


def test_a_running_gateway_has_loaded_nothing_of_the_making_side(tmp_path: Path) -> None:
    """Not only imported: a signed package is opened, deployed and asked for a prediction and its reasons."""
    program = f"""
import asyncio
from pathlib import Path
import numpy as np
from salus.bootstrap.house import House
from salus.bootstrap.running import deploy_package, furnish_gateway
from salus.bootstrap.settings import load_settings
from salus.contracts.services import Caller, InferenceRequest
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package

home = Path({str(tmp_path)!r})
house = House(load_settings({{"SALUS_HOME": str(home)}}, directory=home))
package = write_package(make_specimen_draft(), home / "made", signer=house.signer)
house.registry.add(package, who="tests", build_record={{}})
deploy_package("specimen.larger", service=None, allow_candidate=True, house=house)
(service,) = furnish_gateway(house).services
request = InferenceRequest({{"a": np.array([1], np.float32), "b": np.array([0], np.float32)}})
answer = asyncio.run(service.explain(request, Caller("tests")))
assert answer.attributions[0] is not None
"""
    assert not _loaded(program) & HEAVY


def test_listing_packs_imports_no_model_code() -> None:
    program = "from salus.plugins.discovery import find_packs; assert find_packs()"
    assert not _loaded(program) & (HEAVY | {"onnxruntime", "pydicom", "sqlalchemy", "starlette"})


def test_torchvision_is_not_installed() -> None:
    assert find_spec("torchvision") is None


def _reads_environment(tree: ast.AST) -> bool:
    names = {"environ", "environb", "getenv", "putenv"}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "os"
        for alias in node.names
    }
    return bool(names & (attributes | imported))


def test_only_bootstrap_reads_the_environment() -> None:
    readers = {
        path.relative_to(SOURCE).parts[:2] for path in FILES if _reads_environment(ast.parse(path.read_text("utf-8")))
    }
    assert readers == {("salus", "bootstrap")}


def test_no_file_and_no_function_is_too_long() -> None:
    """A function without its docstring; a file with everything."""
    long: list[str] = []
    for path in FILES:
        text = path.read_text("utf-8")
        if text.count("\n") > LINES_OF_A_FILE:
            long.append(f"{path.relative_to(SOURCE)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = node.body[0] if ast.get_docstring(node) is not None else None
                words = (said.end_lineno or said.lineno) - said.lineno + 1 if said else 0
                length = (node.end_lineno or node.lineno) - node.lineno + 1 - words
                if length > LINES_OF_A_FUNCTION:
                    long.append(f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}: {length} lines")
    assert long == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "misc", "manager", "base", "core"}
    assert not [path for path in FILES if {*path.relative_to(SOURCE).with_suffix("").parts} & empty]


def test_a_rooms_door_holds_a_docstring_only() -> None:
    for path in FILES:
        if path.name == "__init__.py" and path.parent not in {SOURCE / "salus", SOURCE / "salus" / "client"}:
            body = ast.parse(path.read_text("utf-8")).body
            assert len(body) == 1, path
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def _plain(text: str) -> str:
    """Without spaces, and with wide punctuation made narrow."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _texts(value: Any, where: str) -> Iterator[tuple[str, LocalizedText]]:
    """Every localised text inside a value, however deep."""
    if isinstance(value, LocalizedText):
        yield where, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, f"{where}[{name!r}]")
    elif isinstance(value, tuple | list):
        for index, each in enumerate(value):
            yield from _texts(each, f"{where}[{index}]")
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _texts(getattr(value, field), f"{where}.{field}")
    elif isinstance(value, Pack | TaskKit | CatalogueEntry | Task):
        for field, each in vars(value).items():
            yield from _texts(each, f"{where}.{field}")


def test_every_text_for_people_is_english_and_chinese() -> None:
    texts = [
        found
        for package in (salus, salus_packs)
        for module in _modules(package)
        for name, value in vars(module).items()
        for found in _texts(value, f"{module.__name__}.{name}")
    ]
    texts += [found for name, pack in find_packs().items() for found in _texts(pack, name)]
    assert len(texts) > 100
    for where, text in texts:
        alike = _plain(text.en).rstrip(".") == _plain(text.zh).rstrip("。")  # a proper name, or a frame for values
        alike = alike or not re.search(r"\w", text.en)
        assert _CHINESE.search(text.zh) or alike, f"{where}: {text.zh}"
        assert not _CHINESE.search(text.en), f"{where}: {text.en}"
        assert not re.search("[!！]", text.en + text.zh), where
