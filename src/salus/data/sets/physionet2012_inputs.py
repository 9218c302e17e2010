"""What the PhysioNet/CinC Challenge 2012 records of an intensive care stay: four descriptors, weight, 37 variables.

Names are the challenge's own (https://physionet.org/content/challenge-2012/1.0.0/). Units are what its numbers are
in, written in UCUM; where its page says otherwise, the numbers decide:

- magnesium: the page says mmol/L; the median of 2.0 and the middle range of 1.8 to 2.2 are those of mg/dL.
- sodium and potassium: mEq/L is mmol/L for ions of one charge; platelets and white cells: cells/nL is 10*3/uL.
- enzymes: IU/L is U/L (umol/min per litre).

A value outside `valid_range` is an artefact of measuring or typing (a heart rate of 0, a pH of 735, a height of 2 cm)
and is left out by the reader, never corrected. The ranges hold what living adults have been known to show, so that
the sickest stay in.
"""

from __future__ import annotations

from salus.contracts.tensors import Code, TensorSpec, Variable
from salus.contracts.text import LocalizedText

_LOINC = "http://loinc.org"
_VENTILATION = Code(system="http://snomed.info/sct", value="40617009", display="Artificial respiration")
HOURS = 48.0
"""Length of the observed part of a stay."""

_VARIABLES: tuple[tuple[str, str, str, str, str, str, tuple[str, ...], float, float], ...] = (
    # name, English, Chinese, unit, LOINC, its display, other LOINC codes taken for the same, lowest, highest
    ("Albumin", "albumin", "白蛋白", "g/dL", "1751-7", "Albumin [Mass/volume] in Serum or Plasma", (), 0.5, 7.0),
    ("ALP", "alkaline phosphatase", "碱性磷酸酶", "U/L", "6768-6",
     "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", (), 5.0, 5000.0),
    ("ALT", "alanine transaminase", "丙氨酸转氨酶", "U/L", "1742-6",
     "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", (), 1.0, 20000.0),
    ("AST", "aspartate transaminase", "天冬氨酸转氨酶", "U/L", "1920-8",
     "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", (), 1.0, 30000.0),
    ("Bilirubin", "bilirubin, total", "总胆红素", "mg/dL", "1975-2",
     "Bilirubin.total [Mass/volume] in Serum or Plasma", (), 0.05, 80.0),
    ("BUN", "blood urea nitrogen", "血尿素氮", "mg/dL", "3094-0",
     "Urea nitrogen [Mass/volume] in Serum or Plasma", ("6299-2",), 1.0, 300.0),
    ("Cholesterol", "cholesterol", "胆固醇", "mg/dL", "2093-3",
     "Cholesterol [Mass/volume] in Serum or Plasma", (), 20.0, 1000.0),
    ("Creatinine", "creatinine", "肌酐", "mg/dL", "2160-0",
     "Creatinine [Mass/volume] in Serum or Plasma", ("38483-4",), 0.1, 30.0),
    ("DiasABP", "diastolic pressure, invasive", "有创舒张压", "mm[Hg]", "76213-8",
     "Invasive Diastolic blood pressure", (), 10.0, 200.0),
    ("FiO2", "inspired oxygen fraction", "吸入氧浓度", "1", "3150-6", "Inhaled oxygen concentration", ("19994-3",),
     0.2, 1.0),
    ("GCS", "Glasgow coma score", "格拉斯哥昏迷评分", "{score}", "9269-2", "Glasgow coma score total", (), 3.0, 15.0),
    ("Glucose", "glucose", "血糖", "mg/dL", "2345-7", "Glucose [Mass/volume] in Serum or Plasma", ("2339-0",),
     10.0, 2000.0),
    ("HCO3", "bicarbonate", "碳酸氢盐", "mmol/L", "1963-8", "Bicarbonate [Moles/volume] in Serum or Plasma", (),
     2.0, 70.0),
    ("HCT", "haematocrit", "红细胞压积", "%", "4544-3",
     "Hematocrit [Volume Fraction] of Blood by Automated count", ("20570-8",), 5.0, 75.0),
    ("HR", "heart rate", "心率", "/min", "8867-4", "Heart rate", (), 15.0, 300.0),
    ("K", "potassium", "血钾", "mmol/L", "2823-3", "Potassium [Moles/volume] in Serum or Plasma", ("6298-4",),
     1.0, 15.0),
    ("Lactate", "lactate", "乳酸", "mmol/L", "2524-7", "Lactate [Moles/volume] in Serum or Plasma",
     ("32693-4", "2518-9"), 0.1, 40.0),
    ("Mg", "magnesium", "血镁", "mg/dL", "19123-9", "Magnesium [Mass/volume] in Serum or Plasma", (), 0.2, 15.0),
    ("MAP", "mean arterial pressure, invasive", "有创平均动脉压", "mm[Hg]", "76214-6", "Invasive Mean blood pressure",
     (), 15.0, 250.0),
    ("MechVent", "mechanical ventilation (1 where on)", "机械通气（使用时为 1）", "1", "", "", (), 0.0, 1.0),
    ("Na", "sodium", "血钠", "mmol/L", "2951-2", "Sodium [Moles/volume] in Serum or Plasma", ("2947-0",), 90.0, 200.0),
    ("NIDiasABP", "diastolic pressure, cuff", "无创舒张压", "mm[Hg]", "76535-4",
     "Diastolic blood pressure by Noninvasive", ("8462-4",), 10.0, 200.0),
    ("NIMAP", "mean arterial pressure, cuff", "无创平均动脉压", "mm[Hg]", "76536-2",
     "Mean blood pressure by Noninvasive", ("8478-0",), 15.0, 250.0),
    ("NISysABP", "systolic pressure, cuff", "无创收缩压", "mm[Hg]", "76534-7",
     "Systolic blood pressure by Noninvasive", ("8480-6",), 25.0, 320.0),
    ("PaCO2", "arterial carbon dioxide pressure", "动脉血二氧化碳分压", "mm[Hg]", "2019-8",
     "Carbon dioxide [Partial pressure] in Arterial blood", (), 8.0, 180.0),
    ("PaO2", "arterial oxygen pressure", "动脉血氧分压", "mm[Hg]", "2703-7",
     "Oxygen [Partial pressure] in Arterial blood", (), 15.0, 700.0),
    ("pH", "arterial pH", "动脉血 pH", "[pH]", "2744-1", "pH of Arterial blood", (), 6.5, 8.0),
    ("Platelets", "platelets", "血小板", "10*3/uL", "777-3", "Platelets [#/volume] in Blood by Automated count",
     ("26515-7",), 1.0, 3000.0),
    ("RespRate", "respiratory rate", "呼吸频率", "/min", "9279-1", "Respiratory rate", (), 2.0, 100.0),
    ("SaO2", "arterial oxygen saturation", "动脉血氧饱和度", "%", "2708-6", "Oxygen saturation in Arterial blood", (),
     20.0, 100.0),
    ("SysABP", "systolic pressure, invasive", "有创收缩压", "mm[Hg]", "76215-3", "Invasive Systolic blood pressure",
     (), 25.0, 320.0),
    ("Temp", "temperature", "体温", "Cel", "8310-5", "Body temperature", (), 25.0, 45.0),
    ("TroponinI", "troponin I", "肌钙蛋白 I", "ug/L", "10839-9",
     "Troponin I.cardiac [Mass/volume] in Serum or Plasma", (), 0.0, 500.0),
    ("TroponinT", "troponin T", "肌钙蛋白 T", "ug/L", "6598-7",
     "Troponin T.cardiac [Mass/volume] in Serum or Plasma", (), 0.0, 100.0),
    ("Urine", "urine since the entry before", "尿量（距上次记录）", "mL", "9187-6", "Urine output", (), 0.0, 5000.0),
    ("WBC", "white blood cells", "白细胞", "10*3/uL", "6690-2", "Leukocytes [#/volume] in Blood by Automated count",
     ("26464-8",), 0.05, 600.0),
    ("Weight", "weight during the stay", "住院期间体重", "kg", "3141-9", "Body weight Measured", (), 25.0, 350.0),
)  # fmt: skip  # a table: two lines a variable at most

VARIABLES: tuple[Variable, ...] = tuple(
    Variable(
        name=name,
        title=LocalizedText(english, chinese),
        unit=unit,
        code=Code(system=_LOINC, value=code, display=display) if code else _VENTILATION,
        more_codes=tuple(Code(system=_LOINC, value=other, display=display) for other in others),
        valid_range=(low, high),
    )
    for name, english, chinese, unit, code, display, others, low, high in _VARIABLES
)
"""The variables in time, in the order of their index."""

ICU_TYPES = (
    LocalizedText("coronary care unit", "冠心病监护病房"),
    LocalizedText("cardiac surgery recovery unit", "心脏外科恢复病房"),
    LocalizedText("medical ICU", "内科重症监护病房"),
    LocalizedText("surgical ICU", "外科重症监护病房"),
)
"""ICUType 1 to 4, as 0 to 3."""


def _scalar(
    name: str, title: LocalizedText, unit: str, code: tuple[str, str], believable: tuple[float, float]
) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=title,
        content="scalar",
        unit=unit,
        code=Code(system=_LOINC, value=code[0], display=code[1]),
        valid_range=believable,
        missing="model",
    )


def _category(name: str, title: LocalizedText, code: Code | None, categories: tuple[LocalizedText, ...]) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=title,
        content="category",
        code=code,
        valid_range=(0.0, len(categories) - 1.0),
        missing="model",
        categories=categories,
    )


INPUTS: tuple[TensorSpec, ...] = (
    _scalar("age", LocalizedText("age", "年龄"), "a", ("30525-0", "Age"), (15.0, 120.0)),
    _category(
        "sex",
        LocalizedText("sex", "性别"),
        Code(system=_LOINC, value="46098-0", display="Sex"),
        (LocalizedText("female", "女"), LocalizedText("male", "男")),
    ),
    _scalar("height", LocalizedText("height", "身高"), "cm", ("8302-2", "Body height"), (100.0, 230.0)),
    _scalar("weight", LocalizedText("admission weight", "入院体重"), "kg", ("29463-7", "Body weight"), (25.0, 350.0)),
    _category("icu_type", LocalizedText("kind of intensive care unit", "重症监护病房类型"), None, ICU_TYPES),
    TensorSpec(
        name="events",
        datatype="FP32",
        shape=(-1, -1, 3),
        title=LocalizedText("observations since admission", "入科以来的观测"),
        content="events",
        unit="h",
        valid_range=(0.0, HOURS),
        missing="abstain",
        variables=VARIABLES,
        fewest=10,
    ),
)
"""The inputs of a question about such a stay, in order."""
