import json
from pathlib import Path

import jsonschema_rs

from salus.contracts.packages import ModelPackage
from salus.modelpackage.schema import SCHEMA_FILE, make_manifest_schema, write_manifest_schema


def test_the_committed_schema_is_the_one_of_the_types() -> None:
    """Made anew by: python -m salus.modelpackage.schema."""
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == make_manifest_schema()


def test_writing_the_schema_twice_gives_the_committed_bytes(tmp_path: Path) -> None:
    assert write_manifest_schema(tmp_path / "schema.json").read_bytes() == SCHEMA_FILE.read_bytes()


def test_a_manifest_satisfies_the_schema(package: ModelPackage) -> None:
    manifest = json.loads((package.directory / "manifest.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(make_manifest_schema()).validate(manifest)
