"""What a card says of its question and its answers, by kind: one function a kind, all of one shape."""

from __future__ import annotations

from salus.contracts.classification import Classification
from salus.contracts.planning import Planning
from salus.contracts.regression import Regression
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Question
from salus.contracts.text import Language
from salus.contracts.text import LocalizedText as Text
from salus.contracts.treatment import Choice, Contraindication

_CENSORED = Text("censored", "删失")
_JOIN = Text(", ", "、")
_CLASSES = Text("Classes: {names}.", "类别：{names}。")
_FINDING = Text(
    "The finding is “{finding}”; the other class is its absence.", "“{finding}”为阳性结果；另一类别表示没有该征象。"
)
_COURSE = Text(
    "The risk is told again after {times}, from what was known up to then.",
    "并按截至各时间点（{times}）的已知信息重新给出风险。",
)
_EVENT = Text(
    "The event is “{event}”. Times are in {unit}; the curve is told up to {last}, the risk by itself at "
    "{horizons}. Past "
    "the last observed time of the training data nothing is told: there is no extrapolation.",
    "事件为“{event}”。时间单位为 {unit}；曲线给出至 {last}，并单独给出 {horizons} 处的风险。超出训练数据最后观测"
    "时间的部分不作外推。",
)
_DYNAMIC = Text("The curve counts from the last visit and is updated at each.", "曲线自末次就诊起算，每次就诊后更新。")
_OPTIONS = Text(
    "Options: {names}. The outcome is {outcome} ({unit}); {better} is better. Effects are told against the "
    "first option.",
    "方案：{names}。结局为{outcome}（{unit}），越{better}越好。效应以首个方案为参照。",
)
_BETTER = {"higher": Text("higher", "高"), "lower": Text("lower", "低")}
_OBSERVATIONAL = Text(
    "The options were not assigned at random in the training data. An effect is causal only if every common cause of "
    "choice and outcome is among the inputs, which no data can prove.",
    "训练数据中的方案并非随机分配。仅当影响选择与结局的共同原因均在输入之中时，效应才具有因果意义，而这无法由数"
    "据证明。",
)
_RULE = Text(
    "- `{option}` is taken away if {test}: {reason} ({source})", "- 若 {test}，则排除 `{option}`：{reason}（{source}）"
)
_RULES = Text("Rules that are checked before the model:", "在模型之前检查的规则：")
_QUANTITY = Text("The answer is {quantity}, in {unit}.", "回答为{quantity}，单位 {unit}。")
_TERMS = Text("Formats: {formats}. Soft constraints: {names}.", "格式：{formats}。软约束：{names}。")
_NOT_SURVIVAL = Text(
    "The band is the uncertainty of the fit (of the members of the ensemble); it does not hold what the data do "
    "not show. "
    "A request whose values are missing or beyond the believable range is answered by an abstention.",
    "区间带为模型拟合（集成成员间）的不确定性，不包含数据未反映的因素。取值缺失或超出可信范围的请求将弃答。",
)
_NOT_CHOICE = Text(
    "There is no recommendation where patients like this one were too seldom given one of the options (poor "
    "overlap), or "
    "where the rules take every option away.",
    "若同类患者很少接受其中某一方案（重叠不足），或规则排除了全部方案，则不作推荐。",
)
_NOT_NUMBER = Text(
    "The interval was made on the validation part to hold the truth for {coverage} % of new samples like it (split "
    "conformal prediction).",
    "区间在验证集上构建，对同类新样本以 {coverage}% 的比例包含真值（分割共形预测）。",
)
_NOT_PLAN = Text(
    "A plan is answered only if it keeps every hard constraint. Nothing is learned: the cost of a plan is "
    "reckoned, not "
    "estimated.",
    "仅当排程满足全部硬约束时才给出回答。此处没有学习：排程的代价为计算所得，而非估计。",
)


def describe_question(question: Question, language: Language) -> list[str]:
    """What is asked: paragraphs of Markdown."""
    if isinstance(question, Classification):
        return _classification(question, language)
    if isinstance(question, TimeToEvent):
        return _time_to_event(question, language)
    if isinstance(question, Choice):
        return _choice(question, language)
    if isinstance(question, Regression):
        words = _QUANTITY.in_language(language)
        return [words.format(quantity=question.quantity.in_language(language), unit=f"`{question.unit}`")]
    return [_planning(question, language)]


def name_labels(question: Question) -> tuple[Text, ...]:
    """What the labels of the data mean, by index: classes, censoring and event, options; else none."""
    if isinstance(question, Classification):
        return tuple(label.title for label in question.classes)
    if isinstance(question, TimeToEvent):
        return (_CENSORED, question.event)
    return tuple(option.title for option in question.options) if isinstance(question, Choice) else ()


def describe_limits(question: Question, language: Language) -> list[str]:
    """When there is no answer, and what an interval means: paragraphs.

    None for a classification: its calibration tells it.
    """
    if isinstance(question, TimeToEvent):
        return [_NOT_SURVIVAL.in_language(language)]
    if isinstance(question, Choice):
        return [_NOT_CHOICE.in_language(language)]
    if isinstance(question, Regression):
        return [_NOT_NUMBER.in_language(language).format(coverage=f"{100 * question.coverage:g}")]
    return [_NOT_PLAN.in_language(language)] if isinstance(question, Planning) else []


def _classification(question: Classification, language: Language) -> list[str]:
    join = _JOIN.in_language(language)
    names = join.join(f"{label.title.in_language(language)} (`{label.name}`)" for label in question.classes)
    blocks = [_CLASSES.in_language(language).format(names=names)]
    if len(question.classes) == 2:
        blocks.append(_FINDING.in_language(language).format(finding=question.classes[1].title.in_language(language)))
    if question.course:
        blocks.append(_COURSE.in_language(language).format(times=join.join(f"{time:g}" for time in question.course)))
    return blocks


def _time_to_event(question: TimeToEvent, language: Language) -> list[str]:
    blocks = [
        _EVENT.in_language(language).format(
            event=question.event.in_language(language),
            unit=f"`{question.unit}`",
            last=f"{question.times[-1]:g}",
            horizons=_JOIN.in_language(language).join(f"{time:g}" for time in question.horizons),
        )
    ]
    return [*blocks, _DYNAMIC.in_language(language)] if question.dynamic else blocks


def _choice(question: Choice, language: Language) -> list[str]:
    join = _JOIN.in_language(language)
    names = join.join(f"{option.title.in_language(language)} (`{option.name}`)" for option in question.options)
    blocks = [
        _OPTIONS.in_language(language).format(
            names=names,
            outcome=question.outcome.in_language(language),
            unit=f"`{question.unit}`",
            better=_BETTER[question.better].in_language(language),
        )
    ]
    if question.observational:
        blocks.append(_OBSERVATIONAL.in_language(language))
    if question.rules:
        rules = "\n".join(_rule(rule, language) for rule in question.rules)
        blocks.append(f"{_RULES.in_language(language)}\n\n{rules}")
    return blocks


def _rule(rule: Contraindication, language: Language) -> str:
    return _RULE.in_language(language).format(
        option=rule.option,
        test=f"`{rule.input} {rule.comparison} {rule.value:g}`",
        reason=rule.reason.in_language(language),
        source=rule.source,
    )


def _planning(question: Planning, language: Language) -> str:
    join = _JOIN.in_language(language)
    names = join.join(f"{term.title.in_language(language)} (`{term.name}`)" for term in question.costs)
    formats = join.join(f"`{name}`" for name in question.formats)
    return _TERMS.in_language(language).format(formats=formats, names=names)
