"""A choice between options in plain words, English or Chinese, as Markdown: what is expected, what it rests on.

Written for a person who has to decide with a patient, and for the patient: numbers with their units and intervals,
probabilities as natural frequencies (Gigerenzer et al., Psychol Sci Public Interest 8:53-96, 2007), nothing advised.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.services import Prediction
from salus.contracts.tasks import Task
from salus.contracts.text import Language, LocalizedText
from salus.contracts.treatment import Choice, Contraindication

_OF = 100
_Say = Callable[[str, str], str]


def write_choice_card(task: Task, prediction: Prediction, index: int, language: Language) -> str:
    """The card of one sample's choice, as Markdown; it ends with a line break.

    It says what is expected under each option, best first, with its interval; which options a rule takes away, why and
    by which source; how often such patients were given each option; that the comparison is observational where it is;
    the limits, the model, and that no person has reviewed it. An abstention is told with its reason.

    Args:
        task: A choice.
        prediction: The service's answer, with `outcome` and `ranking`.
        index: The sample.
        language: Of the card.

    Raises:
        InvalidInput: The prediction lacks an output that the card needs.
        UnsupportedInput: The task is no choice.
    """
    question = task.question
    if not isinstance(question, Choice):
        raise UnsupportedInput("a task of kind treatment", found=task.kind, remedy="Read the answer itself.")
    say = partial(_say, language)
    lines = [f"# {task.title.in_language(language)}", ""]
    fired = prediction.contraindications[index] if prediction.contraindications else ()
    against = [rule for rule in question.rules if rule.name in fired]
    abstention = prediction.abstentions[index]
    if abstention is not None:
        lines += [
            say("No comparison is given.", "不给出比较结果。") + " " + abstention.message.in_language(language),
            "",
        ]
    else:
        lines += _compare(question, prediction.outputs, index, language, against)
    lines += _take_away(question, against, language)
    lines += _rest_on(question, task, prediction, index, language)
    return "\n".join(lines).rstrip() + "\n"


def _compare(
    question: Choice, outputs: Batch, index: int, language: Language, against: list[Contraindication]
) -> list[str]:
    say = partial(_say, language)
    outcome, ranking = _row(outputs, "outcome", index), _row(outputs, "ranking", index)
    better = say("higher is better", "越高越好") if question.better == "higher" else say("lower is better", "越低越好")
    lines = [
        say("## What is expected under each option", "## 各方案下的预期结局"),
        "",
        say(f"{question.outcome.en} ({better}). Best first:", f"{question.outcome.zh}（{better}）。由优到劣："),
        "",
    ]
    ranked = [int(place) for place in ranking if place >= 0]
    for rank, place in enumerate(ranked, start=1):
        title = question.options[place].title.in_language(language)
        value = _expected(question, float(outcome[place]), _pair(outputs, "outcome_interval", index, place), say)
        lines.append(f"{rank}. **{title}**{say(': ', '：')}{value}{_difference(question, outputs, index, place, say)}")
    if not ranked and not against:
        lines.append(say("No option is ranked.", "没有可排序的方案。"))
    return [*lines, ""]


def _expected(question: Choice, value: float, interval: tuple[float, float] | None, say: _Say) -> str:
    """`about 23 of 100 such patients` for a probability, else the number in its unit; with the interval."""
    if not math.isfinite(value):
        return say("not told", "不予给出")
    if question.unit == "1" and 0 <= value <= 1:
        told = say(
            f"about {round(_OF * value)} of {_OF} such patients", f"约每 {_OF} 名同类患者中 {round(_OF * value)} 名"
        )
        scale, unit = float(_OF), ""
    else:
        scale, unit = 1.0, "" if question.unit == "1" else f" {question.unit}"
        told = f"{_number(value)}{unit}"
    if interval is None:
        return told
    low, high = (_number(scale * end) if scale == 1 else str(round(scale * end)) for end in interval)
    return told + say(f" (95 % interval {low} to {high}{unit})", f"（95% 区间 {low} 至 {high}{unit}）")


def _difference(question: Choice, outputs: Batch, index: int, place: int, say: _Say) -> str:
    """How much more or less than under the first option, unless the interval holds no difference."""
    interval = _pair(outputs, "effect_interval", index, place)
    if place == 0 or interval is None:
        return ""
    reference = question.options[0].title
    if interval[0] <= 0 <= interval[1]:
        return say(f"; no clear difference from {reference.en}", f"；与“{reference.zh}”相比无明确差异")
    up = interval[0] > 0
    return say(
        f"; {'more' if up else 'less'} than under {reference.en}",
        f"；{'高于' if up else '低于'}“{reference.zh}”",
    )


def _take_away(question: Choice, against: list[Contraindication], language: Language) -> list[str]:
    say = partial(_say, language)
    if not question.rules:
        return []
    titles = {option.name: option.title.in_language(language) for option in question.options}
    if not against:
        count = len(question.rules)
        told = say(
            f"No rule takes an option away (rules checked: {count}).",
            f"没有规则排除任何方案（已检查规则：{count} 条）。",
        )
        return [told, ""]
    lines = [say("## What a rule takes away", "## 被规则排除的方案"), ""]
    for rule in against:
        source = say(f" Source: {rule.source}", f" 来源：{rule.source}") if rule.source else ""
        lines.append(f"- **{titles[rule.option]}**{say(': ', '：')}{rule.reason.in_language(language)}{source}")
    return [*lines, ""]


def _rest_on(question: Choice, task: Task, prediction: Prediction, index: int, language: Language) -> list[str]:
    say = partial(_say, language)
    lines = [say("## What this rests on", "## 依据"), ""]
    shares = prediction.outputs.get("propensity")
    if shares is not None and prediction.abstentions[index] is None:
        told = [
            say(
                f"{round(_OF * float(share))} of {_OF} were given {option.title.en}",
                f"每 {_OF} 名中 {round(_OF * float(share))} 名接受了“{option.title.zh}”",
            )
            for option, share in zip(question.options, shares[index], strict=True)
            if math.isfinite(float(share))
        ]
        if told:
            listed = say("; ", "；").join(told)
            lines.append(say(f"- Of such patients in the data, {listed}.", f"- 数据中的同类患者：{listed}。"))
    if question.observational:
        lines.append("- " + _OBSERVATIONAL.in_language(language))
    lines.append("- " + task.limits.in_language(language))
    provenance = prediction.provenance
    lines.append(
        say(
            f"- Model: {provenance.package}, version {provenance.version}.",
            f"- 模型：{provenance.package}，版本 {provenance.version}。",
        )
    )
    if provenance.demonstration:
        lines.append(say("- Demonstration: trained on generated data.", "- 演示：由生成数据训练而成。"))
    if not provenance.reviewed:
        lines.append(say("- No person has reviewed this answer.", "- 本结果尚未经人工审核。"))
    return lines


_OBSERVATIONAL = LocalizedText(
    "The options were not assigned at random: differences may come from who was given what, and not from the option.",
    "各方案并非随机分配：差异可能源于不同患者接受了不同方案，而非方案本身。",
)


def _say(language: Language, english: str, chinese: str) -> str:
    return chinese if language == "zh" else english


def _number(value: float) -> str:
    """Three significant digits."""
    return f"{float(f'{value:.3g}'):g}"


def _row(outputs: Batch, name: str, index: int) -> NDArray[np.generic]:
    if name not in outputs:
        raise InvalidInput(f"a prediction with the output {name!r}", found="none", remedy="Ask for every output.")
    return np.asarray(outputs[name][index])


def _pair(outputs: Batch, name: str, index: int, place: int) -> tuple[float, float] | None:
    """Low and high, or None where they are not known."""
    if name not in outputs:
        return None
    low, high = (float(end) for end in np.asarray(outputs[name][index][place], dtype=np.float64))
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
