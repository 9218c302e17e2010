import inspect
import json

import pytest

from salus.contracts import errors
from salus.contracts.errors import GateNotMet, InvalidInput, Overloaded, SalusError, Unauthenticated
from salus.gateway.errors import STATUS, BodyTooLarge, status_of, write_defect, write_error

_KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SalusError)]


@pytest.mark.parametrize("kind", _KINDS)
def test_every_error_of_the_contracts_stands_in_the_table(kind: type[SalusError]) -> None:
    assert kind in STATUS
    assert 400 <= STATUS[kind] < 600


def test_a_kind_that_is_not_listed_has_the_status_of_its_parent() -> None:
    class Stricter(GateNotMet):
        pass

    assert status_of(Stricter("a", found="b", remedy="c")) == 409
    assert status_of(BodyTooLarge("a", found="b", remedy="c")) == 413


def test_a_problem_says_expected_found_and_remedy() -> None:
    error = InvalidInput("a number", found="a text", remedy="Send a number.")
    response = write_error(error, path="/api/v1/x", request_id="r-1")
    problem = json.loads(bytes(response.body))
    assert response.media_type == "application/problem+json"
    assert (problem["status"], problem["code"], problem["title"]) == (400, "invalid_input", "Bad Request")
    assert (problem["expected"], problem["found"], problem["remedy"]) == ("a number", "a text", "Send a number.")
    assert problem["instance"] == "urn:salus:request:r-1"


@pytest.mark.parametrize("path", ["/v2", "/v2/models/x/infer"])
def test_the_inference_protocol_gets_its_own_form(path: str) -> None:
    response = write_error(Overloaded("a", found="b", remedy="c"), path=path, request_id="r-1")
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    assert set(json.loads(bytes(response.body))) == {"error"}


def test_a_path_that_only_begins_alike_gets_a_problem() -> None:
    response = write_error(Unauthenticated("a", found="b", remedy="c"), path="/v2x", request_id="r-1")
    assert response.media_type == "application/problem+json"
    assert "Bearer" in response.headers["www-authenticate"]


def test_a_defect_shows_an_id_and_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    response = write_defect(ValueError("patient 4711"), path="/api/v1/x", request_id="r-9")
    assert response.status_code == 500
    assert b"r-9" in bytes(response.body)
    assert b"4711" not in bytes(response.body)
    logged = capsys.readouterr()
    assert "4711" not in logged.out + logged.err
