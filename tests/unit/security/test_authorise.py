from typing import get_args

import pytest

from salus.contracts.errors import Forbidden
from salus.contracts.services import Caller
from salus.security.authorise import ROLES, Action, authorise, may


def test_every_role_allows_something_and_every_action_is_allowed_to_someone() -> None:
    actions = get_args(Action)
    assert all(any(may({role}, action) for action in actions) for role in ROLES)
    assert all(may(ROLES, action) for action in actions)


def test_who_makes_does_not_approve_and_who_approves_does_not_make() -> None:
    assert may({"engineer"}, "add_packages")
    assert not may({"engineer"}, "promote")
    assert may({"approver"}, "promote")
    assert not may({"approver"}, "add_packages")


def test_a_caller_may_predict_but_not_read_packages() -> None:
    authorise(Caller("ward", frozenset({"caller"})), "predict")
    with pytest.raises(Forbidden, match="approver, engineer"):
        authorise(Caller("ward", frozenset({"caller"})), "read_packages")


@pytest.mark.parametrize("roles", [frozenset[str](), frozenset({"administrator"})])
def test_no_role_and_an_unknown_role_allow_nothing(roles: frozenset[str]) -> None:
    for action in get_args(Action):
        assert not may(roles, action)
        with pytest.raises(Forbidden):
            authorise(Caller("somebody", roles), action)
