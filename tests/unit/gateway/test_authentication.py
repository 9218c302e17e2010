import pytest
from starlette.requests import Request

from salus.contracts.errors import Forbidden, Unauthenticated
from salus.contracts.services import Caller
from salus.gateway.authentication import ANONYMOUS, Doorkeeper


class _Keys:
    def check(self, key: str) -> Caller:
        if key != "right":
            raise Unauthenticated("a key", found="another", remedy="Ask.")
        return Caller("ward-7", frozenset({"caller"}))


def _request(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": pairs})


_DOOR = Doorkeeper(_Keys(), public_catalogue=False)


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer right"}, {"authorization": "bearer  right "}, {"x_api_key": "right"}]
)
def test_a_key_is_taken_from_either_header(headers: dict[str, str]) -> None:
    assert _DOOR.admit(_request(**headers), "predict").name == "ward-7"
    assert _DOOR.admit_reader(_request(**headers)).name == "ward-7"


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Basic right"}, {"authorization": "Bearer"}, {"x_api_key": "wrong"}]
)
def test_without_a_right_key_nobody_comes_in(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        _DOOR.admit(_request(**headers), "predict")
    with pytest.raises(Unauthenticated):
        _DOOR.admit_reader(_request(**headers))


def test_a_caller_may_only_do_what_its_roles_allow() -> None:
    with pytest.raises(Forbidden):
        _DOOR.admit(_request(x_api_key="right"), "promote")


def test_a_public_catalogue_is_read_by_anybody() -> None:
    assert Doorkeeper(_Keys(), public_catalogue=True).admit_reader(_request()) is ANONYMOUS
