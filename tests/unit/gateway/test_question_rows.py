import json
from typing import Any

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.planning import planning_inputs
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.gateway.question_rows import QuestionRows, read_rows
from salus.testing.kinds import AGE, OBSERVATIONS

_STAYS = Signature((AGE, OBSERVATIONS), (AGE,))
_PLANS = Signature(planning_inputs(), (AGE,))


def _read(samples: list[dict[str, Any]], signature: Signature = _STAYS) -> QuestionRows:
    return read_rows(json.dumps({"samples": samples}).encode(), signature, max_samples=8)


def _plan(**others: object) -> dict[str, object]:
    return {"instance": {"days": 7}, "previous": None, "time_limit_s": 5, "seed": 0, **others}


def test_observations_become_rows_of_time_variable_and_value() -> None:
    known = [{"time": 3.5, "variable": "Lactate", "value": 2.5}, {"time": 1, "variable": "HR", "value": 80}]
    columns = _read([{"age": 61.5, "observations": known}, {"age": None, "observations": []}]).columns
    assert columns["observations"][0].tolist() == [[3.5, 1.0, 2.5], [1.0, 0.0, 80.0]]
    assert columns["observations"][1].shape == (0, 3)
    assert columns["observations"][0].dtype == np.float32
    assert np.isnan(columns["age"].astype(float)).tolist() == [False, True]
    assert list(columns) == ["age", "observations"]


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        ({"time": 1, "variable": "Temp", "value": 37}, "'Temp' in sample 0"),
        ({"time": 1, "variable": "HR"}, "value"),
        ({"time": 1, "variable": "HR", "value": None}, "null"),
        ({"time": "early", "variable": "HR", "value": 80}, "str"),
        ({"time": 1, "variable": "HR", "value": 80, "unit": "bpm"}, "unit"),
    ],
)
def test_an_observation_of_another_form_is_refused(observation: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        _read([{"age": 61, "observations": [observation]}])


def test_documents_pass_unchanged() -> None:
    body = (
        b'{"samples": [{"instance": {"b": 1.50, "a":  [1e3]}, "previous": "x \\u4e2d", "time_limit_s": 5, "seed": 3}]}'
    )
    columns = read_rows(body, _PLANS, max_samples=1).columns
    assert columns["instance"].tolist() == [b'{"b": 1.50, "a":  [1e3]}']
    assert columns["previous"].tolist() == ["x 中".encode()]
    assert columns["seed"].tolist() == [3]
    assert columns["seed"].dtype == np.int64


def test_no_document_is_an_empty_one() -> None:
    assert _read([_plan()], _PLANS).columns["previous"].tolist() == [b""]


@pytest.mark.parametrize("document", [3, True])
def test_a_number_is_no_document(document: object) -> None:
    with pytest.raises(InvalidInput, match="document"):
        _read([_plan(previous=document)], _PLANS)


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ({"age": 1}, "`observations`"),
        ({"age": 1, "observations": [], "sex": 1}, "`sex`"),
        ({"age": "old", "observations": []}, "str"),
    ],
)
def test_every_input_is_named_and_no_other(sample: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        _read([sample])


def test_a_name_for_the_request_is_kept_or_refused() -> None:
    sample = '{"age": 1, "observations": []}'
    assert read_rows(f'{{"samples": [{sample}], "request_id": "r"}}'.encode(), _STAYS, max_samples=1).request_id == "r"
    for name in ("", "x" * 129):
        with pytest.raises(InvalidInput, match="request_id"):
            read_rows(f'{{"samples": [{sample}], "request_id": "{name}"}}'.encode(), _STAYS, max_samples=1)


@pytest.mark.parametrize("count", [0, 9])
def test_the_number_of_samples_is_bounded(count: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 8 samples"):
        _read([{"age": 1, "observations": []}] * count)


def test_tensors_are_for_the_other_protocol() -> None:
    spec = TensorSpec(name="x", datatype="FP32", shape=(-1, 4), title=LocalizedText("x", "变量"))
    with pytest.raises(UnsupportedInput, match="/v2"):
        _read([{"x": 1}], Signature((spec,), (spec,)))
