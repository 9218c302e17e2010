"""Who may do what: pure decisions, from roles to actions.

A role says what a person is for. Making and approving are different roles, so that a site can give them to different
people; the development key of a single machine has all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from salus.contracts.errors import Forbidden
from salus.contracts.services import Caller

Role = Literal["caller", "engineer", "approver"]
Action = Literal["predict", "explain", "read_packages", "add_packages", "deploy", "promote", "retire"]

ROLES: tuple[Role, ...] = get_args(Role)

_MAY: Mapping[Role, frozenset[Action]] = {
    "caller": frozenset({"predict", "explain"}),
    "engineer": frozenset({"predict", "explain", "read_packages", "add_packages", "deploy"}),
    "approver": frozenset({"read_packages", "promote", "retire"}),
}


def may(roles: Iterable[str], action: Action) -> bool:
    """Whether one of `roles` allows `action`. An unknown role allows nothing.

    Example:
        >>> may({"caller"}, "predict"), may({"engineer"}, "promote")
        (True, False)
    """
    held = frozenset(roles)
    return any(action in actions for role, actions in _MAY.items() if role in held)


def authorise(caller: Caller, action: Action) -> None:
    """Return if `caller` may do `action`.

    Raises:
        Forbidden: No role of the caller allows it.
    """
    if may(caller.roles, action):
        return
    allowing = sorted(role for role, actions in _MAY.items() if action in actions)
    raise Forbidden(
        f"one of the roles {', '.join(allowing)} for {action!r}",
        found=f"the roles {', '.join(sorted(caller.roles)) or 'none'}",
        remedy="Ask the operator of this installation for a key with that role.",
    )
