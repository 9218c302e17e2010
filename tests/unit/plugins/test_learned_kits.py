from __future__ import annotations

from collections.abc import Callable

import pytest

from salus.contracts.errors import UnsupportedInput
from salus.contracts.packs import Pack
from salus.contracts.text import LocalizedText
from salus.plugins.discovery import find_kit, find_learned_kit, find_solver_kits
from salus.testing.one_machine import make_one_machine_kit


def test_what_a_solver_plans_is_found_and_has_nothing_to_learn(install_packs: Callable[..., None]) -> None:
    kit = make_one_machine_kit()
    pack = Pack("workshop", LocalizedText("Workshop", "车间"), (kit,))
    install_packs(pack)
    assert find_kit("workshop") == (pack, kit)
    assert find_solver_kits() == ((pack, kit),)
    with pytest.raises(UnsupportedInput, match="a solver plans"):
        find_learned_kit("workshop")
