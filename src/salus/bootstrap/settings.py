"""Settings: from the environment, from `salus.toml`, else the default; each with where it came from.

`SALUS_HOME` and `SALUS_DATA_DIR` stand alone. Every other setting is `SALUS_<SECTION>__<KEY>` in the environment (lists
and tables as JSON) and `key = …` under `[section]` in the file. The environment wins. An unknown section or key is
refused.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from salus.contracts.errors import InvalidInput
from salus.gateway.settings import GatewaySettings
from salus.records.settings import JobSettings

PREFIX = "SALUS_"
FILE_NAME = "salus.toml"


@dataclass(frozen=True)
class DataSettings:
    """Where data sets are looked for."""

    dirs: tuple[str, ...] = ()
    """Folders with local copies of public data sets, searched in order. `SALUS_DATA_DIR` sets it too."""
    offline: bool = False
    """True forbids every download."""


@dataclass(frozen=True)
class PackageSettings:
    """Which model packages are trusted."""

    require_signature: bool = True
    """False lets unsigned packages be opened; altered ones are refused in any case."""
    trusted_keys: dict[str, str] = field(default_factory=dict)
    """Fingerprint to public key (base64, raw Ed25519) of those whose packages are trusted beside one's own."""
    max_package_mib: int = 4096
    """Largest package that is opened or imported, in MiB."""


@dataclass(frozen=True)
class RegistrySettings:
    """Where the registry lives."""

    url: str = ""
    """SQLAlchemy URL of a shared registry, such as `postgresql+psycopg://…`; empty: SQLite in the home folder."""


@dataclass(frozen=True)
class ServingSettings:
    """How packages are run."""

    max_batch: int = 8
    """Most samples that are answered together."""
    max_queue: int = 256
    """Most samples that wait; one more is refused with 429."""
    threads: int = 0
    """Threads per replica; 0 takes the cores that the process may really use."""


@dataclass(frozen=True)
class Settings:
    """All settings. `origins` says of each `section.key` where its value came from."""

    home: Path
    data: DataSettings
    packages: PackageSettings
    registry: RegistrySettings
    serving: ServingSettings
    gateway: GatewaySettings
    jobs: JobSettings
    origins: Mapping[str, str]


SECTIONS: dict[str, type[Any]] = {
    "data": DataSettings,
    "packages": PackageSettings,
    "registry": RegistrySettings,
    "serving": ServingSettings,
    "gateway": GatewaySettings,
    "jobs": JobSettings,
}


@dataclass(frozen=True)
class SettingValue:
    """One setting: its name (`section.key`), its value and where the value came from."""

    name: str
    value: object
    origin: str


def list_values(settings: Settings) -> list[SettingValue]:
    """Every setting, in the order of the sections."""
    values = [("home", str(settings.home))]
    values += [
        (f"{section}.{each.name}", getattr(getattr(settings, section), each.name))
        for section, kind in SECTIONS.items()
        for each in dataclasses.fields(kind)
    ]
    return [SettingValue(name, value, settings.origins[name]) for name, value in values]


def load_settings(environ: Mapping[str, str] | None = None, *, directory: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: The environment; None for the process's own.
        directory: Where `salus.toml` and, by default, the home folder `.salus` are; None for the working directory.

    Raises:
        InvalidInput: An unknown section or key, or a value of the wrong type.
    """
    env = os.environ if environ is None else environ
    where = Path.cwd() if directory is None else directory
    home = Path(env[f"{PREFIX}HOME"]).expanduser() if env.get(f"{PREFIX}HOME") else where / ".salus"
    given: dict[str, dict[str, tuple[object, str]]] = {name: {} for name in SECTIONS}
    for path in (home / FILE_NAME, where / FILE_NAME):
        _read_file(path, given)
    _read_environment(env, given)
    origins = {"home": f"{PREFIX}HOME" if env.get(f"{PREFIX}HOME") else "default"}
    sections: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        sections[name] = _convert(name, kind, given[name])
        for each in dataclasses.fields(kind):
            origins[f"{name}.{each.name}"] = given[name][each.name][1] if each.name in given[name] else "default"
    return Settings(home=home.absolute(), origins=origins, **sections)


def _read_file(path: Path, given: dict[str, dict[str, tuple[object, str]]]) -> None:
    if not path.is_file():
        return
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("valid TOML", found=f"{path.name}: {error}", remedy=f"Mend {path}.") from error
    for section, values in content.items():
        if section not in given or not isinstance(values, dict):
            raise _unknown(f"section [{section}] in {path.name}", sorted(given))
        given[section].update({key: (value, path.name) for key, value in values.items()})


def _read_environment(env: Mapping[str, str], given: dict[str, dict[str, tuple[object, str]]]) -> None:
    for variable, value in env.items():
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        section, _, key = variable.removeprefix(PREFIX).lower().partition("__")
        if section not in given:
            raise _unknown(f"the environment variable {variable}", sorted(given))
        given[section][key] = (_read_value(value), variable)
    if env.get(f"{PREFIX}DATA_DIR"):
        folders = [folder for folder in env[f"{PREFIX}DATA_DIR"].split(os.pathsep) if folder]
        given["data"]["dirs"] = (folders, f"{PREFIX}DATA_DIR")


def _read_value(text: str) -> object:
    """Lists and tables are written as JSON; everything else is text until its type is known."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _convert(section: str, kind: type[Any], values: dict[str, tuple[object, str]]) -> Any:
    known = {each.name for each in dataclasses.fields(kind)}
    for key, (_, origin) in values.items():
        if key not in known:
            raise _unknown(f"{section}.{key} (from {origin})", sorted(known))
    try:
        return msgspec.convert({key: value for key, (value, _) in values.items()}, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            f"settings of the section {section!r} by their types",
            found=str(error),
            remedy="docs/reference/settings.md says what each setting takes; `salus settings` shows where each is set.",
        ) from error


def _unknown(found: str, known: list[str]) -> InvalidInput:
    return InvalidInput(f"one of {', '.join(known)}", found=found, remedy="Correct the name, or remove it.")
