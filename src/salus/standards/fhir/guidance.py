"""Answers that advise as GuidanceResponse (https://hl7.org/fhir/R4/guidanceresponse.html), and the absence of one.

A number that a model proposes, such as a dose, is an output parameter and no Observation: nobody observed it. Options
are a proposed RequestGroup of which at most one is chosen; nothing is ordered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from salus.contracts.errors import InvalidInput
from salus.contracts.regression import Regression
from salus.contracts.services import Abstention, Prediction
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Contraindication
from salus.standards.fhir.elements import (
    MODEL,
    find_row,
    make_concept,
    make_device,
    make_narrative,
    make_notes,
    make_quantity,
    make_range,
    make_subject,
    name_answer,
    standing_notes,
    take_row,
    tidy,
    translate,
)
from salus.standards.fhir.resources import (
    Action,
    Condition,
    Contained,
    Expression,
    GuidanceResponse,
    Identifier,
    Issue,
    OperationOutcome,
    Parameter,
    Parameters,
    Reference,
    RelatedArtifact,
    RequestGroup,
)

OBSERVATIONAL = LocalizedText(
    "The options compared here were not assigned at random: differences may come from the choice of patients.",
    "所比较的方案并非随机分配：差异可能源于患者的选择。",
)
_DATA_REQUIRED = frozenset({"missing_value", "out_of_range", "too_little_known"})
_ISSUES = {"missing_value": "required", "out_of_range": "value", "too_little_known": "incomplete"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def guide_abstention(
    abstention: Abstention, task: Task, prediction: Prediction, index: int, *, subject: str | None
) -> GuidanceResponse:
    """No answer, and why, as a contained OperationOutcome.

    The status is `data-required` where other input could be answered (a missing value, one out of range, too little
    known). Otherwise it is `success` without a result: the question was evaluated, and the honest answer is none.
    """
    issues = [
        Issue(
            severity="warning",
            code=_ISSUES.get(abstention.reason, "business-rule"),
            details=make_concept(abstention.message),
            diagnostics=abstention.reason,
        )
    ]
    for rule in _fired(task, prediction, index):
        issues.append(
            Issue(
                severity="warning",
                code="business-rule",
                details=make_concept(rule.reason),
                diagnostics=rule.source or None,
            )
        )
    outcome = OperationOutcome(id="abstention", issue=tuple(issues))
    return _respond(
        task,
        prediction,
        index,
        status="data-required" if abstention.reason in _DATA_REQUIRED else "success",
        subject=subject,
        lines=(abstention.message,),
        contained=(outcome,),
        messages=(Reference(reference="#abstention"),),
    )


def guide_value(
    question: Regression, task: Task, prediction: Prediction, index: int, *, subject: str | None
) -> GuidanceResponse:
    """A number with its interval, as contained Parameters `value`, `interval` and `coverage`.

    Raises:
        InvalidInput: The sample has no number.
    """
    value = float(take_row(prediction.outputs, "value", index))
    if not math.isfinite(value):
        raise _no_answer("value")
    interval = find_row(prediction.outputs, "value_interval", index)
    known = None if interval is None else make_range(float(interval[0]), float(interval[1]), question.unit)
    parameters = [Parameter(name="value", value_quantity=make_quantity(value, question.unit))]
    english, chinese = f"{tidy(value):g} {question.unit}", f"{tidy(value):g} {question.unit}"
    if known is not None:
        percent = f"{100 * question.coverage:g}"
        parameters.append(Parameter(name="interval", value_range=known))
        parameters.append(Parameter(name="coverage", value_decimal=question.coverage))
        english += f" ({percent} % interval {known.low.value:g} to {known.high.value:g})"
        chinese += f"（{percent}% 区间 {known.low.value:g} 至 {known.high.value:g}）"
    line = LocalizedText(f"{question.quantity.en}: {english}", f"{question.quantity.zh}：{chinese}")
    return _respond(
        task,
        prediction,
        index,
        status="success",
        subject=subject,
        lines=(line,),
        contained=(Parameters(id="value", parameter=tuple(parameters)),),
        output=Reference(reference="#value"),
    )


def guide_choice(
    question: Choice, task: Task, prediction: Prediction, index: int, *, subject: str | None
) -> GuidanceResponse:
    """The options as a contained RequestGroup: one action an option, best first, those taken away last.

    Raises:
        InvalidInput: The prediction has no ranking, or ranks what is no option.
    """
    order = [int(place) for place in take_row(prediction.outputs, "ranking", index)]
    ranked = [place for place in order if place >= 0]
    if len(set(ranked)) != len(ranked) or any(place >= len(question.options) for place in ranked):
        raise _no_answer("ranking")
    away = [place for place in range(len(question.options)) if place not in ranked]
    fired = _fired(task, prediction, index)
    actions = [
        _offer(
            question, prediction, index, place, rank=ranked.index(place) + 1 if place in ranked else None, fired=fired
        )
        for place in [*ranked, *away]
    ]
    provenance = prediction.provenance
    lines = [
        LocalizedText(f"{action.title}: {action.description}", f"{title.zh}：{description.zh}")
        for action, title, description in actions
    ]
    group = RequestGroup(
        id="options",
        status="draft",
        intent="proposal",
        code=make_concept(task.title),
        subject=make_subject(subject),
        authored_on=provenance.answered_at,
        author=MODEL,
        action=(
            Action(
                title=task.title.en,
                title_extended=translate(task.title),
                description="Options, best expected outcome first; at most one is chosen, by a person.",
                grouping_behavior="logical-group",
                selection_behavior="at-most-one",
                action=tuple(action for action, _, _ in actions),
            ),
        ),
    )
    return _respond(
        task,
        prediction,
        index,
        status="success",
        subject=subject,
        lines=(*lines, *((OBSERVATIONAL,) if question.observational else ())),
        contained=(group,),
        result=Reference(reference="#options"),
        notes=(OBSERVATIONAL,) if question.observational else (),
    )


def _offer(
    question: Choice,
    prediction: Prediction,
    index: int,
    place: int,
    *,
    rank: int | None,
    fired: Sequence[Contraindication],
) -> tuple[Action, LocalizedText, LocalizedText]:
    """One option as an action, with its title and its description in both languages."""
    option = question.options[place]
    against = [rule for rule in fired if rule.option == option.name]
    if rank is None:
        reasons = [rule.reason for rule in against] or [LocalizedText("taken away by a rule", "被规则排除")]
        description = LocalizedText(
            f"Not offered: {' '.join(reason.en for reason in reasons)}",
            f"不予提供：{''.join(reason.zh for reason in reasons)}",
        )
    else:
        description = _expect(question, prediction, index, place)
    rules = [rule for rule in question.rules if rule.option == option.name]
    action = Action(
        prefix=None if rank is None else str(rank),
        title=option.title.en,
        title_extended=translate(option.title),
        description=description.en,
        description_extended=translate(description),
        code=(make_concept(option.title, option.code),),
        documentation=tuple(
            RelatedArtifact(type="justification", display=rule.reason.en, citation=rule.source or None)
            for rule in rules
        ),
        condition=tuple(_condition(rule) for rule in rules),
        resource=Reference(display=option.title.en),
    )
    return action, option.title, description


def _expect(question: Choice, prediction: Prediction, index: int, place: int) -> LocalizedText:
    unit = "" if question.unit == "1" else f" {question.unit}"
    outcome = float(take_row(prediction.outputs, "outcome", index)[place])
    if not math.isfinite(outcome):
        return LocalizedText("no expected outcome is told", "不给出预期结局")
    english = f"{question.outcome.en}: {tidy(outcome):g}{unit} expected"
    chinese = f"{question.outcome.zh}：预期 {tidy(outcome):g}{unit}"
    interval = find_row(prediction.outputs, "outcome_interval", index)
    if interval is not None and np.isfinite(interval[place].astype(np.float64)).all():
        low, high = (tidy(float(end)) for end in interval[place])
        english += f" (95 % interval {low:g} to {high:g})"
        chinese += f"（95% 区间 {low:g} 至 {high:g}）"
    share = find_row(prediction.outputs, "propensity", index)
    if share is not None and math.isfinite(float(share[place])):
        english += f"; given to {100 * float(share[place]):.0f} % of such patients in the data"
        chinese += f"；数据中 {100 * float(share[place]):.0f}% 的同类患者接受了该方案"
    return LocalizedText(english, chinese)


def _condition(rule: Contraindication) -> Condition:
    """The option applies unless the rule fires; a missing value fires none (`iif` of nothing takes its else)."""
    name = rule.input if _PLAIN_NAME.fullmatch(rule.input) else f"`{rule.input}`"
    comparison = "=" if rule.comparison == "==" else rule.comparison
    unless = LocalizedText(f"unless: {rule.reason.en}", f"除非：{rule.reason.zh}")
    return Condition(
        kind="applicability",
        expression=Expression(
            description=unless.en,
            description_extended=translate(unless),
            language="text/fhirpath",
            expression=f"iif(%{name} {comparison} {rule.value:g}, false, true)",
        ),
    )


def _fired(task: Task, prediction: Prediction, index: int) -> tuple[Contraindication, ...]:
    """The rules that fired for a sample."""
    names = prediction.contraindications[index] if prediction.contraindications else ()
    rules = task.question.rules if isinstance(task.question, Choice) else ()
    return tuple(rule for rule in rules if rule.name in names)


def _respond(
    task: Task,
    prediction: Prediction,
    index: int,
    *,
    status: str,
    subject: str | None,
    lines: Sequence[LocalizedText],
    contained: tuple[Contained, ...],
    notes: Sequence[LocalizedText] = (),
    messages: tuple[Reference, ...] = (),
    output: Reference | None = None,
    result: Reference | None = None,
) -> GuidanceResponse:
    provenance = prediction.provenance
    standing = standing_notes(task, provenance)
    return GuidanceResponse(
        id=name_answer(prediction, index),
        text=make_narrative([task.title, *lines, *standing]),
        contained=(make_device(provenance, task), *contained),
        request_identifier=Identifier(value=prediction.request_id),
        module_codeable_concept=make_concept(task.title),
        status="data-required" if status == "data-required" else "success",
        subject=None if subject is None else make_subject(subject),
        occurrence_date_time=provenance.answered_at,
        performer=MODEL,
        note=make_notes([*notes, *standing]),
        evaluation_message=messages,
        output_parameters=output,
        result=result,
    )


def _no_answer(name: str) -> InvalidInput:
    return InvalidInput(
        f"a usable {name!r} for a sample that is not abstained", found="none", remedy="Ask the service again."
    )
