"""Services of the other kinds of question: time to event, choice, quantity, plan, and a risk from events."""

from __future__ import annotations

from typing import Any

import numpy as np

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.planning import CostTerm, Planning, planning_inputs, planning_outputs
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Goal, Question, Task
from salus.contracts.tensors import Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Contraindication, Option, treatment_outputs

from .fake_services import FakeService, scalar

_USE = LocalizedText("A second opinion; the decision stays with a physician.", "第二意见；最终判断由医师作出。")
_LIMITS = LocalizedText("For tests of the page; the answers are made up.", "仅用于页面测试；回答均为虚构。")
_HOURS = 48


def _category(name: str, title: LocalizedText, *categories: LocalizedText) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="INT64",
        shape=(-1,),
        title=title,
        content="category",
        categories=categories,
        missing="model",
    )


def _events(name: str, title: LocalizedText, unit: str, variables: tuple[Variable, ...], fewest: int) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1, -1, 3),
        title=title,
        content="events",
        unit=unit,
        variables=variables,
        fewest=fewest,
    )


def _task(name: str, title: LocalizedText, question: Question, signature: Signature, *goals: Goal) -> Task:
    return Task(
        name=name,
        title=title,
        question=question,
        signature=signature,
        intended_use=_USE,
        limits=_LIMITS,
        goals=goals,
    )


_TUMOUR = (
    scalar("age", LocalizedText("age", "年龄"), "a", (18, 110), missing="model"),
    _category(
        "menopause",
        LocalizedText("menopause", "绝经状态"),
        LocalizedText("pre", "绝经前"),
        LocalizedText("post", "绝经后"),
    ),
    scalar("tumour_size", LocalizedText("tumour size", "肿瘤大小"), "mm", (0, 300), missing="model"),
    scalar("grade", LocalizedText("tumour grade", "肿瘤分级"), "1", (1, 3), missing="model"),
    scalar("nodes", LocalizedText("positive lymph nodes", "阳性淋巴结数"), "1", (0, 60), missing="abstain"),
    scalar("progesterone", LocalizedText("progesterone receptor", "孕激素受体"), "fmol/L", (0, 5000), missing="model"),
    scalar("estrogen", LocalizedText("oestrogen receptor", "雌激素受体"), "fmol/L", (0, 5000), missing="model"),
)
_TUMOUR_EXAMPLE = {
    "age": 56.0,
    "menopause": 1.0,
    "tumour_size": 28.0,
    "grade": 2.0,
    "nodes": 4.0,
    "progesterone": 62.0,
    "estrogen": 110.0,
}
_RECURRENCE = TimeToEvent(
    event=LocalizedText("recurrence or death", "复发或死亡"),
    unit="mo",
    times=tuple(float(month) for month in range(3, 85, 3)),
    horizons=(12.0, 36.0, 60.0),
)
_CIRRHOSIS = TimeToEvent(
    event=LocalizedText("death or transplant", "死亡或移植"),
    unit="mo",
    times=tuple(float(month) for month in range(6, 121, 6)),
    horizons=(12.0, 36.0, 60.0),
    dynamic=True,
)
_LIVER = (
    Variable(name="bilirubin", title=LocalizedText("bilirubin", "胆红素"), unit="mg/dL", valid_range=(0.05, 60)),
    Variable(name="albumin", title=LocalizedText("albumin", "白蛋白"), unit="g/dL", valid_range=(0.5, 7)),
    Variable(
        name="prothrombin", title=LocalizedText("prothrombin time", "凝血酶原时间"), unit="s", valid_range=(5, 60)
    ),
    Variable(name="platelets", title=LocalizedText("platelets", "血小板"), unit="10*3/uL", valid_range=(5, 1500)),
    Variable(name="oedema", title=LocalizedText("oedema", "水肿"), unit="1", valid_range=(0, 1)),
)
_VISITS = (
    (0.0, 1.1, 3.9, 10.6, 221, 0),
    (0.5, 1.3, 3.7, 10.9, 208, 0),
    (1.0, 1.9, 3.5, 11.2, 186, 0),
    (2.1, 3.2, 3.3, 11.9, 154, 0.5),
    (3.0, 5.8, 3.0, 12.6, 120, 0.5),
)
_OPTIONS = (
    Option(name="none", title=LocalizedText("no adjuvant therapy", "不作辅助治疗")),
    Option(name="tamoxifen", title=LocalizedText("tamoxifen", "他莫昔芬")),
    Option(name="chemotherapy", title=LocalizedText("chemotherapy", "化疗")),
)
_ADJUVANT = Choice(
    options=_OPTIONS,
    outcome=LocalizedText("months without recurrence within five years", "五年内无复发月数"),
    unit="mo",
    better="higher",
    rules=(
        Contraindication(
            name="chemotherapy_frail",
            option="chemotherapy",
            input="age",
            comparison=">=",
            value=80,
            reason=LocalizedText("Toxicity outweighs the benefit from the age of 80 on.", "80 岁起毒性超过获益。"),
            source="Example guideline, 2024-03",
        ),
    ),
)
_DOSE = Regression(
    quantity=LocalizedText("weekly dose of warfarin", "华法林每周剂量"), unit="mg/wk", coverage=0.9, close=0.2
)
_COSTS = (
    ("RoomAgeMix", "age groups mixed in a room", "病房年龄混合"),
    ("RoomSkillLevel", "nurses below the skill that is needed", "护士技能不足"),
    ("ContinuityOfCare", "different nurses for a patient", "护理不连续"),
    ("ExcessiveNurseWorkload", "too much work for a nurse", "护士工作超量"),
    ("OpenOperatingTheater", "theatres that are opened", "启用手术室"),
    ("SurgeonTransfer", "surgeons who change theatre", "外科医师换手术室"),
    ("ElectiveDelay", "days of waiting", "等待天数"),
    ("ElectiveUnscheduledPatients", "patients who are not admitted", "未收治患者"),
)
COST_SHARES = dict(zip((name for name, _, _ in _COSTS), (0.07, 0.04, 0.18, 0.06, 0.13, 0.02, 0.29, 0.21), strict=True))
"""How the cost of the made-up plan is divided."""

_WARD = Planning(
    formats=("ihtc2024",),
    costs=tuple(CostTerm(name=name, title=LocalizedText(en, zh)) for name, en, zh in _COSTS),
    time_limit_s=60.0,
)
_VITALS = (
    ("HR", "heart rate", "心率", "/min", 96, 12, 0.55),
    ("SysABP", "systolic pressure", "收缩压", "mm[Hg]", 104, 14, 0.5),
    ("DiasABP", "diastolic pressure", "舒张压", "mm[Hg]", 55, 8, 0.5),
    ("MAP", "mean arterial pressure", "平均动脉压", "mm[Hg]", 71, 9, 0.5),
    ("Temp", "temperature", "体温", "Cel", 37.6, 0.6, 0.25),
    ("RespRate", "respiratory rate", "呼吸频率", "/min", 24, 5, 0.3),
    ("SaO2", "oxygen saturation", "血氧饱和度", "%", 95, 2, 0.12),
    ("GCS", "Glasgow coma scale", "格拉斯哥昏迷评分", "{score}", 9, 2, 0.2),
    ("Urine", "urine output", "尿量", "mL", 45, 25, 0.4),
    ("FiO2", "inspired oxygen", "吸入氧浓度", "1", 0.55, 0.1, 0.12),
    ("PaO2", "oxygen pressure", "氧分压", "mm[Hg]", 88, 20, 0.1),
    ("PaCO2", "carbon dioxide pressure", "二氧化碳分压", "mm[Hg]", 43, 6, 0.1),
    ("pH", "arterial pH", "动脉血 pH", "[pH]", 7.31, 0.05, 0.1),
    ("Lactate", "lactate", "乳酸", "mmol/L", 3.4, 1, 0.08),
    ("Creatinine", "creatinine", "肌酐", "mg/dL", 1.9, 0.4, 0.06),
    ("BUN", "urea nitrogen", "尿素氮", "mg/dL", 38, 6, 0.06),
    ("K", "potassium", "钾", "mmol/L", 4.4, 0.5, 0.07),
    ("Na", "sodium", "钠", "mmol/L", 138, 3, 0.06),
    ("Glucose", "glucose", "血糖", "mg/dL", 152, 35, 0.08),
    ("HCT", "haematocrit", "红细胞压积", "%", 30, 3, 0.06),
    ("WBC", "white cells", "白细胞", "10*3/uL", 15, 4, 0.05),
    ("Platelets", "platelets", "血小板", "10*3/uL", 140, 40, 0.05),
    ("Bilirubin", "bilirubin", "胆红素", "mg/dL", 1.8, 0.6, 0.03),
    ("Weight", "weight", "体重", "kg", 81, 1, 0.03),
)
VITALS = tuple(Variable(name=name, title=LocalizedText(en, zh), unit=unit) for name, en, zh, unit, *_ in _VITALS)
_DEATH = (
    ClassLabel(name="survived", title=LocalizedText("leaves hospital alive", "存活出院")),
    ClassLabel(name="died", title=LocalizedText("death in hospital", "院内死亡")),
)


def _draw_stay() -> list[dict[str, Any]]:
    """Two days in intensive care: each variable at random hours, slowly getting worse."""
    rng = np.random.default_rng(4)
    rows = []
    for name, _, _, _, mean, spread, rate in _VITALS:
        hours = np.flatnonzero(rng.random(_HOURS) < rate)
        walk = np.cumsum(rng.normal(0, 0.3, len(hours)))
        for hour, step in zip(hours, walk, strict=True):
            minutes = round(60 * float(rng.random()))
            time = round(float(hour) + minutes / 60, 3)
            rows.append({"time": time, "variable": name, "value": round(float(mean + spread * step), 2)})
    return sorted(rows, key=lambda row: (row["time"], row["variable"]))


def _visits() -> list[dict[str, Any]]:
    names = [variable.name for variable in _LIVER]
    return [
        {"time": visit[0], "variable": name, "value": float(value)}
        for visit in _VISITS
        for name, value in zip(names, visit[1:], strict=True)
    ]


def _instance() -> dict[str, Any]:
    return {
        "days": 28,
        "skill_levels": 3,
        "patients": [{"id": f"p{number:03d}"} for number in range(210)],
        "nurses": [{"id": f"n{number:02d}"} for number in range(60)],
        "surgeons": [{"id": f"s{number}"} for number in range(9)],
        "operating_theaters": [{"id": f"t{number}"} for number in range(6)],
        "rooms": [{"id": f"r{number:02d}", "capacity": 3} for number in range(30)],
    }


KIND_SERVICES = (
    FakeService(
        name="icu_risk.death",
        task=_task(
            "death",
            LocalizedText("Will this patient die in hospital?", "该患者是否会在院内死亡？"),
            Classification(classes=_DEATH, course=tuple(float(hour) for hour in range(3, 49, 3))),
            Signature(
                inputs=(
                    _TUMOUR[0],
                    _category(
                        "sex", LocalizedText("sex", "性别"), LocalizedText("female", "女"), LocalizedText("male", "男")
                    ),
                    _events("events", LocalizedText("observations", "观测"), "h", VITALS, 10),
                ),
                outputs=classification_outputs(_DEATH, evidence=False, course=tuple(float(h) for h in range(3, 49, 3))),
            ),
            Goal(measure="event1", at_least=0.5),
        ),
        data_title=LocalizedText("Two days in intensive care", "重症监护两日"),
        samples=800,
        example={"age": 71.0, "sex": 1.0, "events": _draw_stay()},
        figures={
            "auroc": (0.862, 0.83, 0.89),
            "sensitivity": (0.54, 0.46, 0.61),
            "specificity": (0.92, 0.9, 0.94),
            "event1": (0.54, 0.48, 0.6),
            "event2": (17.9, 9.2, 38.4),
        },
        pictures=(("roc", "ROC curve", "ROC 曲线"),),
    ),
    FakeService(
        name="survival.recurrence",
        task=_task(
            "recurrence",
            LocalizedText("How long until this tumour recurs?", "该肿瘤多久后复发？"),
            _RECURRENCE,
            Signature(inputs=_TUMOUR, outputs=survival_outputs(_RECURRENCE)),
            Goal(measure="c_index", at_least=0.62),
        ),
        data_title=LocalizedText("German Breast Cancer Study Group 2", "德国乳腺癌研究组 2"),
        samples=137,
        example=_TUMOUR_EXAMPLE,
        figures={
            "c_index": (0.684, 0.63, 0.735),
            "c_index_ipcw": (0.671, 0.61, 0.73),
            "ibs": (0.171, 0.155, 0.19),
            "brier_12": (0.071, 0.05, 0.093),
            "brier_60": (0.214, 0.19, 0.24),
            "d_calibration": (0.42, 0.11, 0.83),
        },
        pictures=(("brier", "Brier score over time", "Brier 分数随时间的变化"),),
    ),
    FakeService(
        name="survival.cirrhosis",
        task=_task(
            "cirrhosis",
            LocalizedText("How does the outlook change from visit to visit?", "每次就诊后预后如何变化？"),
            _CIRRHOSIS,
            Signature(
                inputs=(_TUMOUR[0], _events("visits", LocalizedText("visits so far", "既往就诊"), "a", _LIVER, 1)),
                outputs=survival_outputs(_CIRRHOSIS),
            ),
        ),
        data_title=LocalizedText("Primary biliary cholangitis, Mayo Clinic", "原发性胆汁性胆管炎（梅奥诊所）"),
        samples=62,
        example={"age": 51.0, "visits": _visits()},
        figures={"c_index": (0.84, 0.76, 0.9), "ibs": (0.11, 0.08, 0.15)},
        pictures=(),
    ),
    FakeService(
        name="treatment.adjuvant",
        task=_task(
            "adjuvant",
            LocalizedText("Which adjuvant therapy for this patient?", "该患者适合哪种辅助治疗？"),
            _ADJUVANT,
            Signature(inputs=_TUMOUR, outputs=treatment_outputs(_ADJUVANT)),
        ),
        data_title=LocalizedText("Rotterdam tumour bank", "鹿特丹肿瘤库"),
        samples=686,
        example=_TUMOUR_EXAMPLE,
        figures={
            "outcome_rmse": (14.2, 13.1, 15.4),
            "policy_value": (46.8, 44.9, 48.7),
            "ate_error": (1.3, 0.2, 2.9),
        },
        pictures=(),
    ),
    FakeService(
        name="treatment.warfarin",
        task=_task(
            "warfarin",
            LocalizedText("Which dose of warfarin keeps this patient in range?", "该患者需要多少华法林？"),
            _DOSE,
            Signature(
                inputs=(
                    _TUMOUR[0],
                    scalar("height", LocalizedText("height", "身高"), "cm", (100, 230), missing="model"),
                    scalar("weight", LocalizedText("weight", "体重"), "kg", (25, 300), missing="model"),
                    _category(
                        "vkorc1",
                        LocalizedText("VKORC1 genotype", "VKORC1 基因型"),
                        LocalizedText("GG", "GG"),
                        LocalizedText("AG", "AG"),
                        LocalizedText("AA", "AA"),
                    ),
                ),
                outputs=regression_outputs(_DOSE),
            ),
        ),
        data_title=LocalizedText("International Warfarin Pharmacogenetics Consortium", "国际华法林药物基因组学联盟"),
        samples=1009,
        example={"age": 62.0, "height": 172.0, "weight": 80.0, "vkorc1": 1.0},
        figures={"mae": (8.41, 8.02, 8.83), "within": (0.46, 0.43, 0.49), "coverage": (0.902, 0.88, 0.92)},
        pictures=(),
    ),
    FakeService(
        name="hospital_scheduling.ward",
        task=_task(
            "ward",
            LocalizedText(
                "Who is admitted when, to which room, theatre and nurse?",
                "谁在何时入住哪间病房、哪个手术室、由谁护理？",
            ),
            _WARD,
            Signature(inputs=planning_inputs(), outputs=planning_outputs(_WARD)),
        ),
        data_title=LocalizedText("Integrated Healthcare Timetabling Competition 2024", "2024 年综合医疗排程竞赛"),
        samples=10,
        example={"instance": _instance(), "time_limit_s": 60.0},
        figures={"gap": (0.041, 0.02, 0.066), "violations": (0.0, 0.0, 0.0)},
        pictures=(),
    ),
)
"""One of each kind, and the progression that is told anew at each visit."""
