"""The question: will this patient die in hospital, given the first hours in intensive care?"""

from __future__ import annotations

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Code, Signature
from salus.contracts.text import LocalizedText
from salus.data.sets.physionet2012_inputs import HOURS, INPUTS

__all__ = ["CLASSES", "COURSE_H", "INPUTS", "TASK"]

_STEP_H = 3
COURSE_H = tuple(float(hour) for hour in range(_STEP_H, int(HOURS) + 1, _STEP_H))
"""Hours since admission at which the risk is told again."""

CLASSES = (
    ClassLabel(name="survived", title=LocalizedText("survived the stay in hospital", "出院时存活")),
    ClassLabel(
        name="died",
        title=LocalizedText("died in hospital", "院内死亡"),
        code=Code(system="http://snomed.info/sct", value="419099009", display="Dead"),
    ),
)

TASK = Task(
    name="mortality",
    title=LocalizedText("Will this patient die in hospital?", "该患者是否会院内死亡？"),
    signature=Signature(inputs=INPUTS, outputs=classification_outputs(CLASSES, evidence=False, course=COURSE_H)),
    question=Classification(classes=CLASSES, course=COURSE_H),
    intended_use=LocalizedText(
        "For intensive care teams and for the comparison of units: the risk of death in hospital of adults, from what "
        "was observed in the first 48 hours in intensive care or in the hours so far. The decision stays with a "
        "physician.",
        "供重症监护团队及科室间比较使用：根据入住重症监护后最初 48 小时（或截至目前）的观测，"
        "估计成人患者的院内死亡风险。最终判断由医师作出。",
    ),
    limits=LocalizedText(
        "Trained on 2,800 stays of one hospital before 2009; those who left or died within 48 hours are not among "
        "them, so that early risks hold for stays of at least 48 hours. It must not be used to withhold or withdraw "
        "treatment, for triage, or for children, and not elsewhere without local validation. What was measured, and "
        "how often, reflects that hospital's habits.",
        "训练数据为单一医院 2009 年以前的 2800 次住院；48 小时内离开或死亡者不在其中，"
        "因此早期风险仅适用于住满 48 小时者。"
        "不得用于限制或撤除治疗、分诊或儿童，未经本地验证不得用于其他机构。测量的项目与频率反映该院的习惯。",
    ),
    goals=(
        Goal(measure="auroc", at_least=0.80),
        Goal(measure="auprc", at_least=0.35),
        Goal(measure="ece", at_most=0.08),
    ),
)
