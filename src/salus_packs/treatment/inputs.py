"""The inputs of each question, as tables: name, words, unit, range."""

from __future__ import annotations

from salus.contracts.tensors import Code, Missing, TensorSpec
from salus.contracts.text import LocalizedText

_Row = tuple[str, str, str, str, tuple[float, float]]
_YES_NO = (0.0, 1.0)


def _scalar(row: _Row, *, missing: Missing = "abstain", code: Code | None = None) -> TensorSpec:
    name, english, chinese, unit, span = row
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(english, chinese),
        content="scalar",
        unit=unit,
        valid_range=span,
        missing=missing,
        code=code,
    )


def _category(name: str, english: str, chinese: str, values: tuple[LocalizedText, ...], missing: Missing) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(english, chinese),
        content="category",
        missing=missing,
        categories=values,
    )


def hormone_inputs() -> tuple[TensorSpec, ...]:
    """Seven of the Rotterdam tumour bank."""
    sizes = (
        LocalizedText("≤ 20 mm", "≤ 20 毫米"),
        LocalizedText("20–50 mm", "20–50 毫米"),
        LocalizedText("> 50 mm", "> 50 毫米"),
    )
    return (
        _scalar(("age", "age at surgery", "手术年龄", "a", (20.0, 95.0))),
        _scalar(("postmenopausal", "after menopause (0 no, 1 yes)", "已绝经（0 否，1 是）", "1", _YES_NO)),
        _category("size", "size of the tumour", "肿瘤大小", sizes, "abstain"),
        _scalar(("grade", "grade of differentiation (1 to 3)", "分化程度（1 至 3 级）", "1", (1.0, 3.0))),
        _scalar(("nodes", "positive lymph nodes", "阳性淋巴结数", "1", (1.0, 60.0))),
        _scalar(("pgr", "progesterone receptor", "孕激素受体", "fmol/mg", (0.0, 6000.0))),
        _scalar(("er", "oestrogen receptor", "雌激素受体", "fmol/mg", (0.0, 6000.0))),
    )


def ihdp_inputs() -> tuple[TensorSpec, ...]:
    """The 25 covariates of IHDP, which its published form does not name."""
    return tuple(
        _scalar(
            (f"x{column}", f"covariate {column}", f"协变量 {column}", "1", (-10.0, 10.0) if column <= 6 else _YES_NO)
        )
        for column in range(1, 26)
    )


_TWINS: tuple[tuple[str, str, str], ...] = (
    ("dtotord", "total birth order", "总胎次"),
    ("anemia", "anaemia (1 yes, 2 no)", "贫血（1 是，2 否）"),
    ("cardiac", "cardiac disease (1 yes, 2 no)", "心脏病（1 是，2 否）"),
    ("lung", "lung disease (1 yes, 2 no)", "肺病（1 是，2 否）"),
    ("diabetes", "diabetes (1 yes, 2 no)", "糖尿病（1 是，2 否）"),
    ("herpes", "genital herpes (1 yes, 2 no)", "生殖器疱疹（1 是，2 否）"),
    ("hydra", "hydramnios or oligohydramnios (1 yes, 2 no)", "羊水异常（1 是，2 否）"),
    ("hemo", "haemoglobinopathy (1 yes, 2 no)", "血红蛋白病（1 是，2 否）"),
    ("chyper", "chronic hypertension (1 yes, 2 no)", "慢性高血压（1 是，2 否）"),
    ("phyper", "pregnancy hypertension (1 yes, 2 no)", "妊娠高血压（1 是，2 否）"),
    ("eclamp", "eclampsia (1 yes, 2 no)", "子痫（1 是，2 否）"),
    ("incervix", "incompetent cervix (1 yes, 2 no)", "宫颈机能不全（1 是，2 否）"),
    ("pre4000", "earlier infant of 4000 g or more (1 yes, 2 no)", "曾产 4000 克以上婴儿（1 是，2 否）"),
    ("preterm", "earlier preterm or small infant (1 yes, 2 no)", "曾产早产或小样儿（1 是，2 否）"),
    ("renal", "renal disease (1 yes, 2 no)", "肾病（1 是，2 否）"),
    ("rh", "Rh sensitisation (1 yes, 2 no)", "Rh 致敏（1 是，2 否）"),
    ("uterine", "uterine bleeding (1 yes, 2 no)", "子宫出血（1 是，2 否）"),
    ("othermr", "other medical risk (1 yes, 2 no)", "其他医学风险（1 是，2 否）"),
    ("cigar", "cigarettes a day", "每日吸烟支数"),
    ("drink", "drinks a week", "每周饮酒次数"),
    ("wtgain", "weight gain in pounds", "体重增加（磅）"),
    ("pldel", "place of delivery (code)", "分娩地点（编码）"),
    ("gestat", "weeks of gestation", "孕周"),
    ("dmage", "age of the mother in years", "母亲年龄（岁）"),
    ("dmeduc", "education of the mother in years", "母亲受教育年数"),
    ("dmar", "married (1 yes, 2 no)", "已婚（1 是，2 否）"),
    ("resstatb", "residence status (code)", "居住状况（编码）"),
    ("mpcb", "month in which prenatal care began", "产前检查开始月份"),
    ("nprevist", "prenatal visits", "产前检查次数"),
    ("adequacy", "adequacy of care (code)", "产检充分程度（编码）"),
)


def twins_inputs() -> tuple[TensorSpec, ...]:
    """The thirty covariates of GANITE's version, by the source's names."""
    return tuple(_scalar((*row, "1", (0.0, 100.0))) for row in _TWINS)


def warfarin_inputs() -> tuple[TensorSpec, ...]:
    """What the IWPC's formulas ask, and what else many of its groups recorded."""
    races = (
        LocalizedText("White", "白人"),
        LocalizedText("Asian", "亚裔"),
        LocalizedText("Black or African American", "黑人或非裔美国人"),
        LocalizedText("missing or mixed", "缺失或混合"),
    )
    vkorc1 = tuple(LocalizedText(genotype, genotype) for genotype in ("G/G", "A/G", "A/A"))
    stars = ("*1/*1", "*1/*2", "*1/*3", "*2/*2", "*2/*3", "*3/*3")
    cyp2c9 = (*(LocalizedText(star, star) for star in stars), LocalizedText("other", "其他"))
    yes_no = (
        ("amiodarone", "takes amiodarone (0 no, 1 yes)", "服用胺碘酮（0 否，1 是）"),
        ("aspirin", "takes aspirin (0 no, 1 yes)", "服用阿司匹林（0 否，1 是）"),
        ("simvastatin", "takes simvastatin (0 no, 1 yes)", "服用辛伐他汀（0 否，1 是）"),
        ("smoker", "smokes (0 no, 1 yes)", "吸烟（0 否，1 是）"),
        ("diabetes", "diabetes (0 no, 1 yes)", "糖尿病（0 否，1 是）"),
        ("heart_failure", "heart failure or cardiomyopathy (0 no, 1 yes)", "心力衰竭或心肌病（0 否，1 是）"),
        ("valve_replacement", "replaced heart valve (0 no, 1 yes)", "心脏瓣膜置换（0 否，1 是）"),
    )
    height = Code(system="http://loinc.org", value="8302-2", display="Body height")
    weight = Code(system="http://loinc.org", value="29463-7", display="Body weight")
    inducer = "takes carbamazepine, phenytoin or rifampicin (0 no, 1 yes)"
    return (
        _scalar(("age_decade", "age in whole decades", "年龄（整十年）", "10.a", (1.0, 9.0)), missing="model"),
        _scalar(("male", "male (0 no, 1 yes)", "男性（0 否，1 是）", "1", _YES_NO), missing="model"),
        _category("race", "race as recorded", "登记的人种", races, "model"),
        _scalar(("height", "height", "身高", "cm", (100.0, 230.0)), missing="model", code=height),
        _scalar(("weight", "weight", "体重", "kg", (25.0, 260.0)), missing="model", code=weight),
        _scalar(("target_inr", "target INR", "目标 INR", "1", (1.0, 5.0)), missing="model"),
        _category("vkorc1", "VKORC1 -1639 G>A (rs9923231)", "VKORC1 -1639 G>A（rs9923231）基因型", vkorc1, "model"),
        _category("cyp2c9", "CYP2C9 genotype", "CYP2C9 基因型", cyp2c9, "model"),
        _scalar(
            ("enzyme_inducer", inducer, "服用卡马西平、苯妥英或利福平（0 否，1 是）", "1", _YES_NO), missing="model"
        ),
        *(_scalar((*row, "1", _YES_NO), missing="model") for row in yes_no),
    )
