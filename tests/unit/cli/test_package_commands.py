import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAME = "specimen.larger"
Salus = Callable[..., Any]
Add = Callable[..., Any]


def _model(home: Path, version: str = "1") -> Path:
    return home / "packages" / NAME / version / "model.onnx"


def test_an_empty_registry_says_how_to_fill_it(salus: Salus) -> None:
    answer = salus("packages", "list")
    assert answer.code == 0
    assert "salus build" in answer.out


def test_packages_are_listed_and_shown_in_both_languages(salus: Salus, add_specimen: Add) -> None:
    record = add_specimen()
    assert NAME in salus("packages", "list").out
    assert json.loads(salus("packages", "list", "--json").out)[0]["digest"] == record.digest
    assert salus("packages", "show", NAME).out.startswith("# ")
    assert "模型" in salus("packages", "show", NAME, "--language", "zh").out
    assert salus("packages", "show", NAME, "--language", "fr").code == 2
    whole = json.loads(salus("packages", "show", NAME, "--json").out)
    assert whole["manifest"]["name"] == whole["record"]["name"] == NAME
    assert whole["history"][0]["what"] == "added"


def test_a_whole_package_is_verified_by_name_and_by_folder(salus: Salus, add_specimen: Add, home: Path) -> None:
    add_specimen()
    assert "trusted key" in salus("packages", "verify", NAME).out
    facts = json.loads(salus("packages", "verify", _model(home).parent, "--json").out)
    assert facts["forms tested"] == "float32"


def test_an_altered_package_ends_with_12_wherever_it_is_touched(
    salus: Salus, add_specimen: Add, home: Path, tmp_path: Path
) -> None:
    add_specimen()
    (tmp_path / "rows.csv").write_text("a,b\n0.9,0.1\n")
    content = bytearray(_model(home).read_bytes())
    content[-1] ^= 1
    _model(home).write_bytes(content)
    for words in (
        ("packages", "verify", NAME),
        ("packages", "show", NAME),
        ("packages", "promote", NAME, "--why", "x"),
        ("packages", "export", NAME, "out.zip"),
        ("deploy", NAME, "--candidate"),
        ("predict", NAME, "rows.csv"),
        ("evaluate", NAME, "rows.csv"),
    ):
        answer = salus(*words)
        assert (answer.code, answer.out) == (12, ""), words
        assert answer.err.startswith("error: expected "), words


def test_another_package_in_the_folder_is_refused_though_it_is_well_signed(
    salus: Salus, add_specimen: Add, home: Path, tmp_path: Path
) -> None:
    add_specimen("1")
    add_specimen("2")
    kept = _model(home).parent
    kept.rename(tmp_path / "aside")
    _model(home, "2").parent.rename(kept)
    answer = salus("packages", "verify", f"{NAME}:1")
    assert answer.code == 17
    assert "another one in its folder" in answer.err


def test_unknown_packages_and_malformed_references_are_told_apart(salus: Salus, add_specimen: Add) -> None:
    add_specimen()
    assert salus("packages", "show", "nobody").code == 16
    assert salus("packages", "show", f"{NAME}:7").code == 16
    assert salus("packages", "show", f"{NAME}:").code == 2
    assert salus("packages", "show", ":1").code == 2


def test_a_candidate_is_promoted_with_a_reason_and_an_alias_and_then_retired(salus: Salus, add_specimen: Add) -> None:
    add_specimen()
    assert salus("packages", "promote", NAME, "--why", " ").code == 2
    promoted = json.loads(salus("packages", "promote", NAME, "--why", "read", "--alias", "stable", "--json").out)
    assert (promoted["stage"], promoted["aliases"]) == ("approved", ["stable"])
    assert salus("packages", "promote", f"{NAME}:1", "--why", "again").code == 17
    assert "retired" in salus("packages", "retire", f"{NAME}:stable", "--why", "replaced").out
    assert salus("packages", "retire", f"{NAME}:1", "--why", "again", "--json").code == 17
    history = json.loads(salus("packages", "show", f"{NAME}:1", "--json").out)["history"]
    assert [entry["why"] for entry in history if entry["why"]] == ["read", "replaced"]


def test_people_are_told_what_became_of_a_package_and_what_to_do_next(salus: Salus, add_specimen: Add) -> None:
    add_specimen()
    told = salus("packages", "promote", NAME, "--why", "read").out
    assert told.startswith(f"{NAME} version 1 is approved.")
    assert told.endswith(f"Serve it: salus deploy {NAME}:1\n")
    assert json.loads(salus("packages", "retire", NAME, "--why", "replaced", "--json").out)["stage"] == "retired"


def test_a_package_that_misses_its_goal_is_not_promoted(salus: Salus, add_specimen: Add) -> None:
    add_specimen(asked=0.6)
    answer = salus("packages", "promote", NAME, "--why", "wish")
    assert answer.code == 10
    assert "auroc" in answer.err


def test_a_package_travels_as_an_archive(
    salus: Salus, add_specimen: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = add_specimen()
    shown = salus("packages", "export", NAME, "one.zip").out
    assert shown.startswith("one.zip")
    assert json.loads(salus("packages", "export", NAME, "two.zip", "--json").out)["digest"] == record.digest
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert salus("packages", "export", NAME, "one.zip").code == 17
    monkeypatch.setenv("SALUS_HOME", str(tmp_path / "elsewhere"))
    assert salus("packages", "import", "one.zip").code == 12  # signed by a key that nobody there trusts
    assert salus("packages", "import", "nothing.zip").code == 16


def test_an_archive_of_a_trusted_key_is_taken_up_as_a_candidate(
    salus: Salus, add_specimen: Add, house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = add_specimen()
    salus("packages", "export", NAME, "one.zip")
    monkeypatch.setenv("SALUS_HOME", str(tmp_path / "elsewhere"))
    trusted = {house.signer.fingerprint: base64.b64encode(house.signer.public_key).decode()}
    monkeypatch.setenv("SALUS_PACKAGES__TRUSTED_KEYS", json.dumps(trusted))
    assert f"digest {record.digest[:12]}" in salus("packages", "import", "one.zip").out
    again = json.loads(salus("packages", "import", "one.zip", "--json").out)
    assert (again["stage"], again["digest"]) == ("candidate", record.digest)


def test_an_unsigned_package_is_refused_until_it_is_signed(salus: Salus, add_specimen: Add, home: Path) -> None:
    add_specimen()
    folder = _model(home).parent
    (folder / "signature.json").unlink()
    assert salus("packages", "verify", folder).code == 12
    assert "signed by" in salus("packages", "sign", folder).out
    assert json.loads(salus("packages", "sign", folder, "--json").out)["signed by"]
    assert salus("packages", "verify", folder).code == 0


def test_unsigned_packages_are_verified_where_the_settings_trust_them(
    salus: Salus, add_specimen: Add, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_specimen()
    (_model(home).parent / "signature.json").unlink()
    monkeypatch.setenv("SALUS_PACKAGES__REQUIRE_SIGNATURE", "false")
    assert "whole, unsigned" in salus("packages", "verify", NAME).out


def test_a_package_is_deployed_listed_and_removed(salus: Salus, add_specimen: Add) -> None:
    assert "salus deploy NAME" in salus("deploy", "--list").out
    add_specimen()
    refused = salus("deploy", NAME)
    assert refused.code == 17
    assert "promote" in refused.err
    assert "salus serve" in salus("deploy", NAME, "--candidate", "--service", "trial").out
    assert json.loads(salus("deploy", NAME, "--candidate", "--json").out)["service"] == NAME
    assert "trial" in salus("deploy", "--list").out
    assert [each["service"] for each in json.loads(salus("deploy", "--list", "--json").out)] == [NAME, "trial"]
    assert "not served any more" in salus("deploy", "--remove", "trial").out
    assert json.loads(salus("deploy", "--remove", NAME, "--json").out) == {"removed": NAME}
    assert salus("deploy", "--remove", NAME).code == 16
    assert salus("deploy").code == 2
    assert salus("deploy", NAME, "--list").code == 2
