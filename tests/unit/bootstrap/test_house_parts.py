import getpass
from dataclasses import replace
from pathlib import Path

import pytest

from salus import __version__
from salus.bootstrap import code_version
from salus.bootstrap.building import read_assignments
from salus.bootstrap.doctor import examine
from salus.bootstrap.house import House
from salus.bootstrap.packages import split_reference
from salus.contracts.errors import InvalidInput


def test_a_part_is_made_once_and_only_when_it_is_asked_for(house: House, home: Path) -> None:
    assert not home.exists()
    assert house.signer is house.signer
    assert (home / "keys" / "signing.key").stat().st_mode & 0o777 == 0o600
    assert not (home / "registry.db").exists()
    workshop = house.workshop()
    assert workshop.registry is house.registry
    assert workshop.packages_dir == home / "packages"


def test_the_development_key_stays_the_same(house: House) -> None:
    key = house.development_key()
    assert House().development_key() == key
    assert "caller" in house.keys.check(key).roles


def test_the_key_that_the_doctor_shows_can_be_trusted_elsewhere(house: House, tmp_path: Path) -> None:
    other = House(replace(house.settings, home=tmp_path / "other"))
    shown = next(finding.found for finding in examine(other) if finding.part == "signing key")
    fingerprint, public = shown.split(" = ")
    named = replace(house.settings.packages, trusted_keys={fingerprint: public})
    trust = House(replace(house.settings, packages=named)).trust
    assert set(trust.trusted_keys) == {other.signer.fingerprint, house.signer.fingerprint}


def test_a_trusted_key_that_is_no_key_is_refused(house: House) -> None:
    named = replace(house.settings.packages, trusted_keys={"theirs": "not base64"})
    with pytest.raises(InvalidInput, match="trusted_keys"):
        _ = House(replace(house.settings, packages=named)).trust


def test_a_user_without_a_name_is_known_by_a_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert house.actor.startswith("user ")


def test_references_name_a_package_and_perhaps_which() -> None:
    assert split_reference("a.b") == ("a.b", None)
    assert split_reference("a.b:stable") == ("a.b", "stable")
    for wrong in ("", ":1", "a.b:"):
        with pytest.raises(InvalidInput):
            split_reference(wrong)


def test_hyperparameters_are_read_as_json_else_as_text() -> None:
    words = ("rate=0.5", "kind=l1", "sizes=[1, 2]", "on=true", "path=a=b")
    assert read_assignments(words) == {"rate": 0.5, "kind": "l1", "sizes": [1, 2], "on": True, "path": "a=b"}
    with pytest.raises(InvalidInput, match="NAME=VALUE"):
        read_assignments(("rate",))


def _pretend(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_version, "__file__", str(root / "src" / "salus" / "bootstrap" / "code_version.py"))


def _git(root: Path, *words: str) -> None:
    import subprocess

    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *identity, *words], check=True, capture_output=True)


def test_the_version_names_the_commit_and_marks_every_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(tmp_path, monkeypatch)
    assert code_version.find_code_version() == __version__
    (tmp_path / ".git").write_text("no repository")
    assert code_version.find_code_version() == __version__
    (tmp_path / ".git").unlink()
    source = tmp_path / "src" / "a.py"
    source.parent.mkdir()
    source.write_text("a = 1\n")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "one")
    clean = code_version.find_code_version()
    assert clean.startswith(f"{__version__}+g")
    assert ".d" not in clean
    source.write_text("a = 2\n")
    changed = code_version.find_code_version()
    (tmp_path / "src" / "new.py").write_text("b = 1\n")
    new = code_version.find_code_version()
    (tmp_path / "src" / "new.py").write_text("b = 2\n")
    newer = code_version.find_code_version()
    assert len({clean, changed, new, newer}) == 4
    assert all(each.startswith(f"{clean}.d") for each in (changed, new, newer))
