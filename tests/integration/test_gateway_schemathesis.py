"""Every operation of the OpenAPI description, fed with generated requests, well-formed and malformed."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation.modes import GenerationMode

from salus.gateway.openapi import build_openapi
from salus.gateway.settings import GatewaySettings

load_all_checks()

_OPERATIONS = [
    (path, method.upper())
    for path, methods in build_openapi("0.1.0", GatewaySettings())["paths"].items()
    for method in methods
]
_SERVICES = ("specimen.larger", "specimen.bright")
_SERVICE_DECIDES = ("positive_data_acceptance",)
"""Which inputs a service takes is written in its signature, not in the description of all services: a request of the
right form may still name inputs that the service does not have."""


@pytest.fixture
def described(house: Any) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", house.app())


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_every_operation_keeps_its_description(
    described: Any, house: Any, path: str, method: str, mode: GenerationMode
) -> None:
    operation = described[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
        return  # a path parameter is any text: nothing that could be malformed
    excluded = [CHECKS.get_one(name) for name in _SERVICE_DECIDES]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode), service=st.sampled_from([None, *_SERVICES]))
    def check(case: Any, service: str | None) -> None:
        if service is not None and "name" in (case.path_parameters or {}):
            case.path_parameters["name"] = service
        case.call_and_validate(headers={"X-Api-Key": house.key}, excluded_checks=excluded)

    check()


def test_every_operation_has_an_example() -> None:
    for path, methods in build_openapi("0.1.0", GatewaySettings())["paths"].items():
        for operation in methods.values():
            done = [answer for status, answer in operation["responses"].items() if status in {"200", "202"}]
            assert done, path
            for media in (media for answer in done for media in answer["content"].values()):
                assert {"example", "examples"} & media.keys(), path
            for media in operation.get("requestBody", {}).get("content", {}).values():
                assert {"example", "examples"} & media.keys(), path
