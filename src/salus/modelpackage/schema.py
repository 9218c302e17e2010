"""The JSON schema of `manifest.json`, made from the types themselves.

`python -m salus.modelpackage.schema` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from salus.contracts.packages import FORMAT_VERSION, Manifest

SCHEMA_FILE = Path(__file__).with_name("manifest.schema.json")


def make_manifest_schema() -> dict[str, Any]:
    """The schema, JSON Schema 2020-12."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"manifest.json of a Salus model package, format version {FORMAT_VERSION}",
        **msgspec.json.schema(Manifest),
    }
    plain: dict[str, Any] = json.loads(msgspec.json.encode(schema))
    return plain


def write_manifest_schema(path: Path = SCHEMA_FILE) -> Path:
    """Write the schema to `path` (the file beside this module unless told otherwise)."""
    path.write_text(json.dumps(make_manifest_schema(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    write_manifest_schema()
