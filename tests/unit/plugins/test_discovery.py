from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from salus.contracts.errors import InvalidInput, NotFound
from salus.contracts.packs import Pack
from salus.plugins import discovery
from salus.plugins.discovery import find_kit, find_packs


def test_packs_are_found_in_the_order_of_their_names(toy_pack: Pack, install_packs: Callable[..., None]) -> None:
    install_packs(replace(toy_pack, name="zebra"), replace(toy_pack, name="apple"))
    assert list(find_packs()) == ["apple", "zebra"]


def test_a_task_is_named_by_its_pack_where_there_is_one(toy_pack: Pack) -> None:
    assert find_kit("toy") == find_kit("toy/dosage") == (toy_pack, toy_pack.kits[0])


def test_a_pack_of_several_tasks_must_be_asked_for_one(toy_pack: Pack) -> None:
    two = replace(toy_pack, kits=(toy_pack.kits[0], toy_pack.kits[0]))
    with pytest.raises(NotFound, match="toy/dosage, toy/dosage"):
        find_kit("toy", {"toy": two})


@pytest.mark.parametrize("question", ["nobody", "toy/other", "", "/"])
def test_what_is_not_installed_is_not_found(toy_pack: Pack, question: str) -> None:
    with pytest.raises(NotFound, match="one of toy/dosage"):
        find_kit(question)


def test_an_entry_point_that_is_no_pack_is_refused(install_packs: Callable[..., None]) -> None:
    install_packs("a text", names=("odd",))
    with pytest.raises(InvalidInput, match="found str from unknown distribution"):
        find_packs()


def test_an_entry_point_is_called_like_its_pack(toy_pack: Pack, install_packs: Callable[..., None]) -> None:
    install_packs(toy_pack, names=("game",))
    with pytest.raises(InvalidInput, match="entry point 'game', pack 'toy'"):
        find_packs()


def test_a_name_that_is_taken_twice_is_refused(toy_pack: Pack, install_packs: Callable[..., None]) -> None:
    install_packs(toy_pack, toy_pack)
    with pytest.raises(InvalidInput, match="two distributions"):
        find_packs()


@pytest.mark.parametrize("value", ["no_such_module:PACK", "salus.contracts.packs:NO_SUCH_NAME"])
def test_a_pack_that_cannot_be_imported_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", value, discovery.GROUP)
    monkeypatch.setattr(discovery, "entry_points", lambda *, group: [broken])
    with pytest.raises(InvalidInput, match=rf"'broken'; found .* \({value}\)"):
        find_packs()
