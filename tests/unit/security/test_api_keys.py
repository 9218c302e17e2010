import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from salus.contracts.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from salus.security.api_keys import KeyStore, load_or_create_development_key, make_key
from salus.security.authorise import ROLES


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys.json")


def test_a_key_says_who_calls_and_what_they_are(store: KeyStore) -> None:
    key = store.issue("ward", roles={"caller"})
    caller = store.check(key)
    assert (caller.name, caller.roles) == ("ward", frozenset({"caller"}))


def test_keys_differ_and_hold_256_random_bits() -> None:
    keys = {make_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("salus_dev_") and len(key) == len("salus_dev_") + 43 for key in keys)


def test_a_key_is_never_stored_in_plain(store: KeyStore, tmp_path: Path) -> None:
    key = store.issue("ward", roles={"caller"})
    assert key.removeprefix("salus_key_") not in (tmp_path / "keys.json").read_text()
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("shown", ["", "salus_dev_", "x" * 10_000, "\ud800", "密钥"])
def test_another_text_is_nobodys_key(store: KeyStore, shown: str) -> None:
    store.issue("ward", roles={"caller"})
    with pytest.raises(Unauthenticated):
        store.check(shown)


def test_a_key_that_differs_in_one_character_is_nobodys(store: KeyStore) -> None:
    key = store.issue("ward", roles={"caller"})
    with pytest.raises(Unauthenticated):
        store.check(key[:-1] + ("A" if key[-1] != "A" else "B"))


def test_a_revoked_key_stops_working_in_every_process(store: KeyStore, tmp_path: Path) -> None:
    key = store.issue("ward", roles={"caller"})
    elsewhere = KeyStore(tmp_path / "keys.json")
    assert elsewhere.check(key).name == "ward"
    store.revoke("ward")
    with pytest.raises(Unauthenticated):
        elsewhere.check(key)
    with pytest.raises(NotFound):
        store.revoke("ward")


def test_a_name_has_one_key(store: KeyStore) -> None:
    store.issue("ward", roles={"caller"})
    with pytest.raises(Conflict, match="no key for 'ward' yet"):
        store.issue("ward", roles={"caller"})


@pytest.mark.parametrize("roles", [set(), {"king"}])
def test_a_key_needs_a_known_role(store: KeyStore, roles: set[str]) -> None:
    with pytest.raises(InvalidInput, match="roles of caller, engineer, approver"):
        store.issue("ward", roles=roles)


def test_keys_that_are_issued_at_once_are_all_kept(tmp_path: Path) -> None:
    def issue(number: int) -> str:
        return KeyStore(tmp_path / "keys.json").issue(f"ward-{number}", roles={"caller"})

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(issue, range(16)))
    assert {KeyStore(tmp_path / "keys.json").check(key).name for key in keys} == {f"ward-{n}" for n in range(16)}


def test_a_key_file_that_others_may_read_or_that_is_broken_is_refused(store: KeyStore, tmp_path: Path) -> None:
    key = store.issue("ward", roles={"caller"})
    (tmp_path / "keys.json").chmod(0o644)
    with pytest.raises(Conflict, match="0600"):
        KeyStore(tmp_path / "keys.json").check(key)
    (tmp_path / "keys.json").chmod(0o600)
    (tmp_path / "keys.json").write_bytes(b"\xff{")
    with pytest.raises(Conflict, match="stored keys"):
        KeyStore(tmp_path / "keys.json").check(key)


def test_the_development_key_is_the_same_at_every_start_and_has_every_role(store: KeyStore, tmp_path: Path) -> None:
    plain = tmp_path / "development.key"
    key = load_or_create_development_key(plain, store)
    assert load_or_create_development_key(plain, KeyStore(tmp_path / "keys.json")) == key
    assert store.check(key).roles == frozenset(ROLES)
    assert stat.S_IMODE(plain.stat().st_mode) == 0o600


def test_a_replaced_development_key_takes_the_place_of_the_old_one(store: KeyStore, tmp_path: Path) -> None:
    plain = tmp_path / "development.key"
    old = load_or_create_development_key(plain, store)
    plain.unlink()
    new = load_or_create_development_key(plain, store)
    assert store.check(new).name == "development"
    with pytest.raises(Unauthenticated):
        store.check(old)


def test_a_file_that_holds_no_development_key_is_refused(store: KeyStore, tmp_path: Path) -> None:
    plain = tmp_path / "development.key"
    plain.write_text("password")
    plain.chmod(0o600)
    with pytest.raises(Conflict, match="a development key"):
        load_or_create_development_key(plain, store)
