import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.services import InferenceRequest
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.serving.document_guard import check_documents
from salus.serving.event_guard import LEAST_ROWS, check_events, pad_rows
from salus.serving.guard import check_request, mask_abstained
from salus.testing.kinds import AGE, OBSERVATIONS

_SECRET = 123456.75
_BLANK = [np.nan, np.nan, np.nan]
_KNOWN = [[1.0, 0, 80.0], [2.0, 1, 3.0]]
_DOCUMENT = TensorSpec(
    name="instance", datatype="BYTES", shape=(-1,), title=LocalizedText("instance", "实例"), content="document"
)


def _ragged(*samples: list[list[float]]) -> Array:
    column = np.empty(len(samples), dtype=object)
    column[:] = [np.array(rows, np.float32).reshape(-1, 3) for rows in samples]
    return column


def _reasons(*samples: list[list[float]], spec: TensorSpec = OBSERVATIONS) -> list[str | None]:
    return [None if reason is None else reason.reason for reason in check_events(_ragged(*samples), spec).abstentions]


def test_enough_believable_observations_pass_in_any_order() -> None:
    assert _reasons(_KNOWN, _KNOWN[::-1]) == [None, None]


def test_rows_of_nan_pad_wherever_they_stand() -> None:
    padded = check_events(np.array([[_BLANK, _KNOWN[0], _BLANK, _KNOWN[1]]], np.float32), OBSERVATIONS)
    plain = check_events(_ragged(_KNOWN), OBSERVATIONS)
    assert padded.abstentions == plain.abstentions == (None,)
    np.testing.assert_array_equal(padded.column[0], plain.column[0])


def test_too_few_observations_are_abstained_on_and_none_at_all_too() -> None:
    assert _reasons([_KNOWN[0]], [], [_BLANK], _KNOWN) == ["too_little_known"] * 3 + [None]


def test_an_unbelievable_value_is_abstained_on_by_the_name_of_its_variable() -> None:
    checked = check_events(_ragged(_KNOWN, [*_KNOWN, [3.0, 0, _SECRET]], [[0.0, 1, 40.0], [0.0, 1, 0.0]]), OBSERVATIONS)
    first, second, bounds = checked.abstentions
    assert first is None
    assert bounds is None
    assert second is not None
    assert second.reason == "out_of_range"
    assert "heart rate" in second.message.en
    assert "心率" in second.message.zh
    assert "0 to 300 /min" in second.message.en
    assert "123456" not in second.message.en + second.message.zh


def test_a_time_outside_what_the_model_looks_at_is_abstained_on() -> None:
    spec = msgspec.structs.replace(OBSERVATIONS, valid_range=(0.0, 48.0))
    assert _reasons(_KNOWN, [*_KNOWN, [48.5, 0, 80.0]], spec=spec) == [None, "out_of_range"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([np.nan, 0, _SECRET], "a part missing"),
        ([1.0, np.nan, _SECRET], "a part missing"),
        ([1.0, 0, np.nan], "a part missing"),
        ([1.0, 0, np.inf], "finite"),
        ([1.0, 2, _SECRET], "whole numbers from 0 to 1"),
        ([1.0, -1, _SECRET], "whole numbers from 0 to 1"),
        ([1.0, 0.5, _SECRET], "whole numbers from 0 to 1"),
    ],
)
def test_an_observation_that_is_none_is_refused_with_its_sample_and_no_value(row: list[float], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        _reasons(_KNOWN, [*_KNOWN, row])
    assert "in sample 1" in str(caught.value)
    assert "123456" not in str(caught.value)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((1, 2, 3)),
        np.zeros((1, 2, 4), np.float32),
        np.zeros((1, 3), np.float32),
        np.array([b"x"], dtype=object),
    ],
)
def test_another_form_is_refused(array: Array) -> None:
    with pytest.raises(InvalidInput):
        check_events(array, OBSERVATIONS)


@given(st.integers(0, 200))
def test_padding_keeps_every_row_and_at_most_doubles_them(count: int) -> None:
    rows = np.arange(3 * count, dtype=np.float32).reshape(-1, 3)
    padded = pad_rows(rows)
    np.testing.assert_array_equal(padded[:count], rows)
    assert np.isnan(padded[count:]).all()
    assert len(padded) == LEAST_ROWS or len(padded) < 2 * count
    assert len(padded) & (len(padded) - 1) == 0


def test_a_request_may_hold_scalars_beside_events() -> None:
    signature = Signature((AGE, OBSERVATIONS), (AGE,))
    inputs: dict[str, Array] = {
        "observations": _ragged(_KNOWN, [], _KNOWN),
        "age": np.array([50, 50, np.nan], np.float32),
    }
    guarded = check_request(InferenceRequest(inputs), signature)
    assert [r and r.reason for r in guarded.abstentions] == [None, "too_little_known", "missing_value"]
    assert list(guarded.inputs) == ["age", "observations"]


@pytest.mark.parametrize("document", [b"", b'{"a": 1}', "日程".encode()])
def test_a_document_is_text(document: bytes) -> None:
    check_documents(np.array([document], dtype=object), _DOCUMENT, most_bytes=100)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([b"\xff"], dtype=object), "UTF-8"),
        (np.array([b"x" * 101], dtype=object), "at most 100 bytes"),
        (np.array(["text"], dtype=object), "BYTES"),
        (np.array([1.0]), "BYTES"),
        (np.array([[b"x"]], dtype=object), "BYTES"),
    ],
)
def test_what_is_no_document_is_refused(array: Array, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_documents(array, _DOCUMENT, most_bytes=100)


def test_the_document_of_an_abstained_sample_is_empty() -> None:
    masked = mask_abstained({"plan": np.array([b"a", b"b"], dtype=object)}, np.array([True, False]))
    assert masked["plan"].tolist() == [b"", b"b"]
