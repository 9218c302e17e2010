import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.services import InferenceRequest
from salus.contracts.tensors import Missing, Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.serving.guard import check_request, mask_abstained

_SECRET = 123456.75


def _text(word: str) -> LocalizedText:
    return LocalizedText(word, f"中{word}")


def _scalar(name: str, *, missing: Missing = "reject", limits: tuple[float, float] | None = None) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=_text(name),
        content="scalar",
        unit="um",
        missing=missing,
        valid_range=limits,
    )


_IMAGE = TensorSpec(name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=_text("image"), content="image")
_SEX = TensorSpec(
    name="sex",
    datatype="INT64",
    shape=(-1,),
    title=_text("sex"),
    content="category",
    categories=(_text("female"), _text("male")),
)
_OUT = TensorSpec(name="logits", datatype="FP32", shape=(-1, 2), title=_text("logits"))


def _check(inputs: Batch, *specs: TensorSpec, outputs: tuple[str, ...] = ()) -> list[str | None]:
    guarded = check_request(InferenceRequest(inputs, outputs=outputs), Signature(specs, (_OUT,)))
    assert list(guarded.inputs) == [spec.name for spec in specs]
    return [None if reason is None else reason.reason for reason in guarded.abstentions]


def _fp32(*values: float) -> Array:
    return np.array(values, np.float32)


def test_a_request_that_fits_passes() -> None:
    assert _check({"b": _fp32(1), "a": _fp32(2)}, _scalar("a"), _scalar("b")) == [None]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "none for a"),
        ({"a": _fp32(1), "patient": _fp32(_SECRET)}, "patient"),
        ({"a": np.array([_SECRET])}, "FP32"),
        ({"a": np.array([[_SECRET]], np.float32)}, "shape"),
        ({"a": _fp32()}, "at least one sample"),
        ({"a": _fp32(np.nan, _SECRET)}, "none in 1 of 2"),
        ({"a": _fp32(np.inf, _SECRET)}, "finite"),
    ],
)
def test_what_does_not_fit_is_refused_with_expected_and_found_and_no_value(inputs: Batch, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        _check(inputs, _scalar("a"))
    assert "123456" not in str(caught.value)


def test_inputs_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one number of samples"):
        _check({"a": _fp32(1), "b": _fp32(1, 2)}, _scalar("a"), _scalar("b"))


def test_an_unknown_output_is_refused() -> None:
    with pytest.raises(InvalidInput, match="output"):
        _check({"a": _fp32(1)}, _scalar("a"), outputs=("diagnosis",))


def test_a_long_list_of_names_is_cut() -> None:
    with pytest.raises(InvalidInput, match="and 5 more"):
        _check({}, *(_scalar(f"x{index}") for index in range(25)))


def test_missing_values_follow_the_rule_of_their_input() -> None:
    batch = {"a": _fp32(1, np.nan), "b": _fp32(np.nan, 1)}
    assert _check(batch, _scalar("a", missing="abstain"), _scalar("b", missing="model")) == [None, "missing_value"]


def test_values_outside_the_range_are_abstained_on_and_the_bounds_belong_to_it() -> None:
    spec = _scalar("a", limits=(0.1, 28.11), missing="model")
    assert _check({"a": _fp32(0.1, 28.11, 28.12, 0.0999, np.nan)}, spec) == [
        None, None, "out_of_range", "out_of_range", None,
    ]  # fmt: skip


def test_the_message_names_field_and_range_in_both_languages_and_never_the_value() -> None:
    request = InferenceRequest({"a": _fp32(_SECRET)})
    (abstention,) = check_request(request, Signature((_scalar("a", limits=(0.0, 10.0)),), (_OUT,))).abstentions
    assert abstention is not None
    assert abstention.message.en == "The value of a lies outside the range that the model accepts (0 to 10 um)."
    assert "中a" in abstention.message.zh
    assert "123456" not in abstention.message.en + abstention.message.zh


def test_a_missing_value_is_told_before_an_unbelievable_one() -> None:
    specs = (_scalar("a", limits=(0.0, 1.0)), _scalar("b", missing="abstain"))
    assert _check({"a": _fp32(5), "b": _fp32(np.nan)}, *specs) == ["missing_value"]


def test_an_index_that_is_no_category_is_out_of_range() -> None:
    assert _check({"sex": np.array([0, 1, 2, -1])}, _SEX) == [None, None, "out_of_range", "out_of_range"]


def test_a_category_given_as_a_fraction_is_out_of_range() -> None:
    spec = TensorSpec(
        name="sex",
        datatype="FP32",
        shape=(-1,),
        title=_text("sex"),
        content="category",
        categories=(_text("female"), _text("male")),
        missing="model",
    )
    assert _check({"sex": _fp32(0, 0.5, 1, np.nan)}, spec) == [None, "out_of_range", None, None]


def test_ragged_pictures_pass_and_each_is_checked() -> None:
    pictures = np.empty(2, dtype=object)
    pictures[:] = [np.zeros((4, 5, 1), np.uint8), np.zeros((6, 3, 1), np.uint8)]
    assert _check({"image": pictures}, _IMAGE) == [None, None]
    pictures[1] = np.zeros((6, 3, 3), np.uint8)
    with pytest.raises(InvalidInput, match="shape"):
        _check({"image": pictures}, _IMAGE)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="shape"):
        _check({"image": np.zeros((1, 0, 5, 1), np.uint8)}, _IMAGE)


def test_abstained_rows_hold_no_answer_and_the_originals_stay() -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.ones((1, 2), np.float32), np.ones((2, 2), np.float32)]
    outputs: dict[str, Array] = {
        "p": np.ones((2, 3), np.float32),
        "flag": np.array([True, True]),
        "index": np.array([4, 4]),
        "count": np.array([4, 4], np.uint8),
        "maps": ragged,
    }
    masked = mask_abstained(outputs, np.array([True, False]))
    assert np.isnan(masked["p"][0].astype(np.float32)).all()
    assert masked["p"][1].tolist() == [1, 1, 1]
    assert masked["flag"].tolist() == [False, True]
    assert masked["index"].tolist() == [-1, 4]
    assert masked["count"].tolist() == [-1, 4]
    assert np.isnan(masked["maps"][0]).all()
    assert np.asarray(masked["maps"][1]).tolist() == [[1, 1], [1, 1]]
    assert outputs["p"].tolist() == [[1, 1, 1], [1, 1, 1]]
