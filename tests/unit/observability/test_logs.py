import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from salus.observability.logs import configure_logs, describe_place


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_only_allowed_keys_are_written_and_the_rest_is_counted() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    structlog.get_logger().info("request", service="s", patient_name="Li Wei", age=61, duration_ms=1.5)
    (line,) = _lines(stream)
    assert (line["event"], line["service"], line["duration_ms"], line["dropped"]) == ("request", "s", 1.5, 2)
    assert "Li Wei" not in stream.getvalue()


def test_structures_and_long_texts_are_not_written() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    structlog.get_logger().info("request", service={"value": 61}, caller="x" * 1000)
    (line,) = _lines(stream)
    assert line["service"] == "dict"
    assert len(str(line["caller"])) == 300


def test_pythons_own_logging_gives_its_pattern_and_the_errors_place_but_no_values() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    try:
        raise ValueError("patient 4711")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in %s application", "patient 4711")
    (line,) = _lines(stream)
    assert (line["event"], line["logger"], line["error"]) == (
        "Exception in %s application", "uvicorn.error", "ValueError",
    )  # fmt: skip
    assert "test_logs.py" in str(line["where"])
    assert "4711" not in stream.getvalue()


def test_the_console_form_is_for_people() -> None:
    stream = io.StringIO()
    configure_logs(form="console", stream=stream)
    structlog.get_logger().info("started", port=8080)
    assert "started" in stream.getvalue()
    assert "port=8080" in stream.getvalue()


def test_a_place_is_told_innermost_first() -> None:
    def inner() -> None:
        raise KeyError("secret")

    def outer() -> None:
        inner()

    with pytest.raises(KeyError) as caught:
        outer()
    place = describe_place(caught.value)
    assert place.index("in inner") < place.index("in outer")
    assert "secret" not in place
