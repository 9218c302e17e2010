from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.regression import Regression
from salus.contracts.services import Abstention, Prediction, Provenance
from salus.contracts.tasks import Question, Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Contraindication, Option
from salus.explanation.plain_language import write_choice_card

_SPEC = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=LocalizedText("x", "x"))
_CHOICE = Choice(
    options=(
        Option(name="none", title=LocalizedText("no hormone", "不用激素")),
        Option(name="tamoxifen", title=LocalizedText("tamoxifen", "他莫昔芬")),
        Option(name="letrozole", title=LocalizedText("letrozole", "来曲唑")),
    ),
    outcome=LocalizedText("months without recurrence", "无复发月数"),
    unit="mo",
    better="higher",
    rules=(
        Contraindication(
            name="premenopausal",
            option="letrozole",
            input="menopause",
            comparison="==",
            value=0,
            reason=LocalizedText("It does not act before menopause.", "绝经前无效。"),
            source="Label, 2024",
        ),
    ),
)
_PROVENANCE = Provenance(
    service="service",
    package="treatment.tamoxifen",
    version="3",
    digest="ab",
    variant="float32",
    backend="onnxruntime",
    dataset_digest="cd",
    demonstration=False,
    reviewed=False,
    answered_at="2026-03-01T08:00:00+00:00",
)
_OUTPUTS = {
    "outcome": [[40.0, 44.53, np.nan]],
    "outcome_interval": [[[38, 42], [41, 48], [np.nan, np.nan]]],
    "effect_interval": [[[0, 0], [1, 8], [np.nan, np.nan]]],
    "ranking": [[1, 0, -1]],
    "propensity": [[0.6, 0.3, 0.1]],
}
_ENGLISH = """# Which option?

## What is expected under each option

months without recurrence (higher is better). Best first:

1. **tamoxifen**: 44.5 mo (95 % interval 41 to 48 mo); more than under no hormone
2. **no hormone**: 40 mo (95 % interval 38 to 42 mo)

## What a rule takes away

- **letrozole**: It does not act before menopause. Source: Label, 2024

## What this rests on

- Of such patients in the data, 60 of 100 were given no hormone; 30 of 100 were given tamoxifen; \
10 of 100 were given letrozole.
- The options were not assigned at random: differences may come from who was given what, and not from the option.
- Not for care.
- Model: treatment.tamoxifen, version 3.
- No person has reviewed this answer.
"""


def _task(question: Question = _CHOICE) -> Task:
    return Task(
        name="tamoxifen",
        title=LocalizedText("Which option?", "选择哪个方案？"),
        question=question,
        signature=Signature((_SPEC,), (_SPEC,)),
        intended_use=LocalizedText("Tests.", "测试。"),
        limits=LocalizedText("Not for care.", "不用于诊疗。"),
    )


def _predict(
    fired: tuple[str, ...] = (), abstention: Abstention | None = None, demonstration: bool = False, **changed: Any
) -> Prediction:
    outputs: dict[str, Array] = {
        name: np.asarray(value, dtype=np.int64 if name == "ranking" else np.float32)
        for name, value in {**_OUTPUTS, **changed}.items()
        if value is not None
    }
    provenance = msgspec.structs.replace(_PROVENANCE, demonstration=demonstration)
    return Prediction("request", outputs, (abstention,), provenance, (fired,))


def test_a_card_says_what_is_expected_and_what_it_rests_on() -> None:
    assert write_choice_card(_task(), _predict(fired=("premenopausal",)), 0, "en") == _ENGLISH


def test_the_chinese_card_says_the_same() -> None:
    card = write_choice_card(_task(), _predict(fired=("premenopausal",)), 0, "zh")
    assert card.count("\n") == _ENGLISH.count("\n")
    for words in (
        "由优到劣",
        "**他莫昔芬**：44.5 mo（95% 区间 41 至 48 mo）；高于“不用激素”",
        "绝经前无效。",
        "并非随机分配",
    ):
        assert words in card
    for english in ("expected", "option", "patients"):
        assert english not in card


def test_a_probability_is_told_as_a_natural_frequency() -> None:
    question = msgspec.structs.replace(_CHOICE, unit="1", better="lower")
    prediction = _predict(
        outcome=[[0.231, 0.1, 0.3]], outcome_interval=[[[0.2, 0.26], [0.05, 0.15], [0.2, 0.4]]], ranking=[[1, 0, 2]]
    )
    card = write_choice_card(_task(question), prediction, 0, "en")
    assert "about 10 of 100 such patients (95 % interval 5 to 15)" in card
    assert "lower is better" in card
    assert "No rule takes an option away (rules checked: 1)." in card


def test_an_interval_that_holds_no_difference_is_no_clear_difference() -> None:
    prediction = _predict(effect_interval=[[[0, 0], [-1, 8], [-5, -2]]], outcome=[[40, 41, 30]], ranking=[[1, 0, 2]])
    card = write_choice_card(_task(), prediction, 0, "en")
    assert "no clear difference from no hormone" in card
    assert "**letrozole**: 30 mo; less than under no hormone" in card


def test_an_abstention_is_told_with_its_reason_and_without_numbers() -> None:
    abstention = Abstention("poor_overlap", LocalizedText("Few such patients.", "同类患者过少。"))
    for language, words in (("en", "No comparison is given. Few such patients."), ("zh", "同类患者过少。")):
        card = write_choice_card(_task(), _predict(abstention=abstention), 0, language)  # type: ignore[arg-type]  # from a tuple
        assert words in card
        assert "44" not in card
        assert "30" not in card


def test_what_is_not_known_is_left_out() -> None:
    question = msgspec.structs.replace(_CHOICE, rules=(), observational=False)
    prediction = _predict(outcome_interval=None, effect_interval=None, propensity=None, demonstration=True)
    card = write_choice_card(_task(question), prediction, 0, "en")
    for words in ("interval", "at random", "rule", "were given"):
        assert words not in card
    assert "generated data" in card
    nobody = write_choice_card(_task(question), _predict(ranking=[[-1, -1, -1]]), 0, "en")
    assert "No option is ranked." in nobody


def test_a_card_is_of_a_choice_with_its_outputs() -> None:
    with pytest.raises(UnsupportedInput, match="regression"):
        write_choice_card(_task(Regression(quantity=LocalizedText("x", "x"), unit="mg")), _predict(), 0, "en")
    with pytest.raises(InvalidInput, match="outcome"):
        write_choice_card(_task(), _predict(outcome=None), 0, "en")
