"""Progression: the curve from visits so far, told again after each visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.predictors import Predictor
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Goal
from salus.contracts.tensors import Code, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus_packs.survival.study import Study, choice, number

_LOINC = "http://loinc.org"


def _measured(
    name: str, title: tuple[str, str], unit: str, high: float, *, low: float = 0.0, loinc: str = ""
) -> Variable:
    code, _, display = loinc.partition(" ")
    return Variable(
        name=name,
        title=LocalizedText(*title),
        unit=unit,
        code=Code(system=_LOINC, value=code, display=display) if loinc else None,
        valid_range=(low, high),
    )


_IN_SERUM = "in Serum or Plasma"
VARIABLES: tuple[Variable, ...] = (
    _measured(
        "bilirubin", ("bilirubin", "胆红素"), "mg/dL", 80, loinc=f"1975-2 Bilirubin.total [Mass/volume] {_IN_SERUM}"
    ),
    _measured(
        "cholesterol", ("cholesterol", "胆固醇"), "mg/dL", 3000, loinc=f"2093-3 Cholesterol [Mass/volume] {_IN_SERUM}"
    ),
    _measured("albumin", ("albumin", "白蛋白"), "g/dL", 10, loinc=f"1751-7 Albumin [Mass/volume] {_IN_SERUM}"),
    _measured(
        "alkaline_phosphatase",
        ("alkaline phosphatase", "碱性磷酸酶"),
        "U/L",
        20000,
        loinc=f"6768-6 Alkaline phosphatase [Enzymatic activity/volume] {_IN_SERUM}",
    ),
    _measured(
        "aspartate_aminotransferase",
        ("aspartate aminotransferase", "天冬氨酸氨基转移酶"),
        "U/L",
        5000,
        loinc=f"1920-8 Aspartate aminotransferase [Enzymatic activity/volume] {_IN_SERUM}",
    ),
    _measured(
        "platelets",
        ("platelets", "血小板"),
        "10*9/L",
        2000,
        loinc="777-3 Platelets [#/volume] in Blood by Automated count",
    ),
    _measured("prothrombin_time", ("prothrombin time", "凝血酶原时间"), "s", 100, loinc="5902-2 Prothrombin time (PT)"),
    _measured("histologic_stage", ("histologic stage (1 to 4)", "组织学分期（1 至 4）"), "1", 4, low=1),
    _measured("ascites", ("ascites (0 no, 1 yes)", "腹水（0 无，1 有）"), "1", 1),
    _measured("hepatomegaly", ("enlarged liver (0 no, 1 yes)", "肝大（0 无，1 有）"), "1", 1),
    _measured("spiders", ("spider naevi (0 no, 1 yes)", "蜘蛛痣（0 无，1 有）"), "1", 1),
    _measured(
        "oedema",
        ("oedema (0 none, 1 without, 2 despite diuretics)", "水肿（0 无，1 未用利尿剂，2 用利尿剂仍有）"),
        "1",
        2,
    ),
)

PROGRESSION = Study(
    name="progression",
    title=LocalizedText("How does primary biliary cirrhosis go on from here?", "原发性胆汁性肝硬化此后如何进展？"),
    question=TimeToEvent(
        event=LocalizedText("death", "死亡"),
        unit="a",
        times=(0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8),
        horizons=(1, 2, 3, 5),
        dynamic=True,
    ),
    inputs=(
        TensorSpec(
            name="events",
            datatype="FP32",
            shape=(-1, -1, 3),
            title=LocalizedText("visits so far", "迄今的就诊"),
            content="events",
            unit="a",
            valid_range=None,
            variables=VARIABLES,
            fewest=3,
        ),
        number("age", "age at the first visit", "首次就诊年龄", "a", between=(18.0, 110.0)),
        choice("female", "female", "女性"),
        choice("penicillamine", "D-penicillamine", "青霉胺治疗"),
    ),
    intended_use=LocalizedText(
        "Shows hepatologists how the expected course of a person with primary biliary cirrhosis changes with each "
        "visit, for planning follow-up. The curve begins at the last visit.",
        "向肝病医师展示原发性胆汁性肝硬化患者的预期病程如何随每次就诊而变化，用于随访安排。曲线自末次就诊开始。",
    ),
    limits=LocalizedText(
        "Learned from about 150 patients of one clinic (1974 to 1984), before ursodeoxycholic acid and before "
        "transplantation was common; today's courses are better. Transplantation counts as the end of observation. It "
        "must not be used to allot organs or to choose a treatment.",
        "训练数据约 150 名患者，来自一家诊所（1974 至 1984 年），早于熊去氧胆酸的使用与肝移植的普及；如今的病程更好。"
        "移植按观察终止处理。不得用于器官分配或选择治疗。",
    ),
    goals=(Goal(measure="c_index", at_least=0.70), Goal(measure="brier_2", at_most=0.20)),
)


@dataclass(frozen=True)
class VisitCurve:
    """What is expected after one visit.

    Attributes:
        visit_time: Of the visit, in the unit of the events.
        times: (T,) counted from the visit.
        survival: (T,) probability of no event up to each time; NaN past what was observed.
        band: (T, 2) its 95 % band.
    """

    visit_time: float
    times: NDArray[np.float64]
    survival: NDArray[np.float64]
    band: NDArray[np.float64]


def curves_after_each_visit(
    predictor: Predictor, events: NDArray[np.float32], scalars: dict[str, float]
) -> tuple[VisitCurve, ...]:
    """One person's curve after every visit, each from what was known then.

    Args:
        predictor: Of the task.
        events: (observations, 3), in any order.
        scalars: The other inputs by name.

    Returns:
        One curve a distinct time of the events, in order.
    """
    curves = []
    for time in np.unique(events[~np.isnan(events[:, 0]), 0]):
        known = events[events[:, 0] <= time]
        batch = {"events": known[None].astype(np.float32)}
        batch |= {name: np.array([value], dtype=np.float32) for name, value in scalars.items()}
        outputs = predictor.predict(batch)
        curves.append(
            VisitCurve(
                visit_time=float(time),
                times=np.array(PROGRESSION.question.times),
                survival=outputs["survival"][0].astype(np.float64),
                band=outputs["survival_band"][0].astype(np.float64),
            )
        )
    return tuple(curves)
