"""The studies of the pack. Ranges are what is believable, not what the samples hold."""

from __future__ import annotations

from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Goal
from salus.contracts.text import LocalizedText
from salus_packs.survival.study import Study, choice, number

_DEATH = LocalizedText("death", "死亡")
_RELAPSE = LocalizedText("recurrence or death", "复发或死亡")
_SIZES = (
    LocalizedText("up to 20 mm", "不超过 20 mm"),
    LocalizedText("over 20 to 50 mm", "20 至 50 mm"),
    LocalizedText("over 50 mm", "超过 50 mm"),
)
_AGE = number("age", "age", "年龄", "a", between=(18.0, 110.0))
_NODES = number("positive_nodes", "positive lymph nodes", "阳性淋巴结数", "1", between=(0.0, 60.0))
_PROGESTERONE = number("progesterone_receptor", "progesterone receptor", "孕激素受体", "fmol/mg", between=(0.0, 6000.0))
_OESTROGEN = number("oestrogen_receptor", "oestrogen receptor", "雌激素受体", "fmol/mg", between=(0.0, 6000.0))
_HORMONES = choice("hormone_treatment", "hormone treatment", "激素治疗")
_MENOPAUSE = choice("menopause", "after menopause", "已绝经")
_OLD_TREATMENT = LocalizedText(
    " It must not be used to choose a treatment: it does not estimate what a treatment does, and treatments have "
    "changed since these people were followed.",
    "不得用于选择治疗：模型并不估计治疗的作用，且自随访以来治疗已发生变化。",
)


def _limits(en: str, zh: str) -> LocalizedText:
    return LocalizedText(en + _OLD_TREATMENT.en, zh + _OLD_TREATMENT.zh)


BREAST_CANCER = Study(
    name="breast_cancer",
    title=LocalizedText(
        "How long without recurrence after node-positive breast cancer?", "淋巴结阳性乳腺癌术后无复发生存多久？"
    ),
    question=TimeToEvent(
        event=_RELAPSE,
        unit="mo",
        times=(3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60, 66, 72),
        horizons=(12, 36, 60),
    ),
    inputs=(
        _AGE,
        _MENOPAUSE,
        _HORMONES,
        number("tumour_size", "tumour size", "肿瘤大小", "mm", between=(0.0, 200.0)),
        choice("tumour_grade", "tumour grade", "肿瘤分级", *(LocalizedText(g, g) for g in ("I", "II", "III"))),
        _NODES,
        _PROGESTERONE,
        _OESTROGEN,
    ),
    intended_use=LocalizedText(
        "Shows oncologists the expected course of women after surgery for primary node-positive breast cancer, for "
        "counselling and for planning follow-up. Decisions stay with physician and patient.",
        "向肿瘤科医师展示原发性淋巴结阳性乳腺癌女性术后的预期病程，用于沟通与随访安排。决定由医师与患者作出。",
    ),
    limits=_limits(
        "Learned from 412 women of one German trial (enrolled 1984 to 1989); curves end at 72 months. Not for men, "
        "node-negative or metastatic disease, nor for women under other regimens without local validation.",
        "训练数据为德国一项试验的 412 名女性（1984 至 1989 年入组）；曲线止于 72 个月。"
        "不适用于男性、淋巴结阴性或转移性疾病；其他治疗方案下未经本地验证不可使用。",
    ),
    goals=(Goal(measure="c_index", at_least=0.58), Goal(measure="ibs", at_most=0.20)),
)

WHAS = Study(
    name="whas",
    title=LocalizedText("How long do people live after a heart attack?", "心肌梗死后生存多久？"),
    question=TimeToEvent(
        event=_DEATH,
        unit="d",
        times=(7, 30, 90, 180, 365, 548, 730, 913, 1096, 1278, 1461, 1644, 1826),
        horizons=(30, 365, 1096, 1826),
    ),
    inputs=(
        choice("x0", "x0 (not documented)", "x0（无说明）"),
        number("x1", "x1 (age, by its values)", "x1（按数值应为年龄）", "a", between=(18.0, 110.0)),
        choice("x2", "x2 (not documented)", "x2（无说明）"),
        number("x3", "x3 (body mass index, by its values)", "x3（按数值应为体质指数）", "kg/m2", between=(8.0, 80.0)),
        choice("x4", "x4 (not documented)", "x4（无说明）"),
        choice("x5", "x5 (not documented)", "x5（无说明）"),
    ),
    intended_use=LocalizedText(
        "A benchmark of survival methods (Worcester Heart Attack Study as published with DeepSurv). Not for care.",
        "生存分析方法的基准（随 DeepSurv 发布的 Worcester 心脏病发作研究）。不用于诊疗。",
    ),
    limits=_limits(
        "Four of its six inputs are not documented, so no answer about a person can be asked of it. The published "
        "test part repeats training rows; this model is trained without them.",
        "六项输入中有四项没有说明，因此不能就任何人提问。发布的测试集与训练集重复；本模型训练时已去除重复者。",
    ),
    goals=(Goal(measure="c_index", at_least=0.68), Goal(measure="ibs", at_most=0.20)),
)

SUPPORT = Study(
    name="support",
    title=LocalizedText("How long do seriously ill hospital patients live?", "住院重症患者生存多久？"),
    question=TimeToEvent(
        event=_DEATH,
        unit="d",
        times=(7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 548, 730, 1096, 1461, 1826),
        horizons=(30, 90, 180),  # the study's own prognostic model speaks of 180 days (Knaus et al. 1995)
    ),
    inputs=(
        _AGE,
        choice("sex", "sex, as coded (0, 1)", "性别编码（0、1）", LocalizedText("0", "0"), LocalizedText("1", "1")),
        choice("race", "race, as coded", "种族编码", *(LocalizedText(str(k), str(k)) for k in range(10))),
        number("n_comorbidities", "number of comorbidities", "合并症数量", "1", between=(0.0, 9.0)),
        choice("diabetes", "diabetes", "糖尿病"),
        choice("dementia", "dementia", "痴呆"),
        choice("cancer", "cancer, as coded", "癌症编码", *(LocalizedText(str(k), str(k)) for k in range(3))),
        number("mean_arterial_pressure", "mean arterial pressure", "平均动脉压", "mm[Hg]", between=(0.0, 250.0)),
        number("heart_rate", "heart rate", "心率", "/min", between=(0.0, 320.0)),
        number("respiration_rate", "respiration rate", "呼吸频率", "/min", between=(0.0, 100.0)),
        number("temperature", "temperature", "体温", "Cel", between=(25.0, 45.0)),
        number("serum_sodium", "serum sodium", "血清钠", "mmol/L", between=(90.0, 200.0)),
        number("white_blood_cells", "white blood cells", "白细胞", "10*9/L", between=(0.0, 250.0)),
        number("serum_creatinine", "serum creatinine", "血清肌酐", "mg/dL", between=(0.0, 30.0)),
    ),
    intended_use=LocalizedText(
        "Shows the expected course of seriously ill adults from their third hospital day, for research on prognosis "
        "and for talks about goals of care led by physicians.",
        "展示重症成人自住院第三日起的预期病程，用于预后研究，以及由医师主持的照护目标沟通。",
    ),
    limits=_limits(
        "Learned from five hospitals of the United States, 1989 to 1994. Its ranking is weak (C about 0.62); it must "
        "not be used to withhold care or to allot beds. The coding of sex, race and cancer is not documented.",
        "训练数据来自美国五家医院（1989 至 1994 年）。其排序能力弱（C 约 0.62），不得用于停止治疗或分配床位。"
        "性别、种族与癌症的编码没有说明。",
    ),
    goals=(Goal(measure="c_index", at_least=0.59), Goal(measure="ibs", at_most=0.21)),
)

METABRIC = Study(
    name="metabric",
    title=LocalizedText("How long do women live with breast cancer?", "乳腺癌患者生存多久？"),
    question=TimeToEvent(
        event=_DEATH,
        unit="mo",
        times=(6, 12, 18, 24, 36, 48, 60, 72, 84, 96, 108, 120, 132, 144, 156, 168, 180, 192, 216, 240),
        horizons=(60, 120),
    ),
    inputs=(
        *(
            number(gene, f"{gene} expression (log2)", f"{gene} 表达量（log2）", "1", between=(0.0, 20.0))
            for gene in ("MKI67", "EGFR", "PGR", "ERBB2")
        ),
        _HORMONES,
        choice("radiotherapy", "radiotherapy", "放射治疗"),
        choice("chemotherapy", "chemotherapy", "化学治疗"),
        choice("er_positive", "oestrogen receptor positive", "雌激素受体阳性"),
        _AGE,
    ),
    intended_use=LocalizedText(
        "Research on prognosis from four expression levels and clinical facts (METABRIC, IHC4 genes).",
        "基于四个基因表达量与临床信息的预后研究（METABRIC，IHC4 基因）。",
    ),
    limits=_limits(
        "Learned from 1,218 women of the United Kingdom and Canada; expression levels of another platform do not fit. "
        "Nodes, size and grade are not among its inputs.",
        "训练数据为英国与加拿大的 1,218 名女性；其他平台的表达量不适用。输入不含淋巴结、肿瘤大小与分级。",
    ),
    goals=(Goal(measure="c_index", at_least=0.58), Goal(measure="ibs", at_most=0.20)),
)

ROTTERDAM_GBSG = Study(
    name="rotterdam_gbsg",
    title=LocalizedText(
        "How long without recurrence: learned in Rotterdam, asked in a German trial",
        "无复发生存多久：鹿特丹数据训练，德国试验检验",
    ),
    question=TimeToEvent(
        event=_RELAPSE,
        unit="mo",
        times=(3, 6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60, 66, 72),
        horizons=(12, 36, 60),
    ),
    inputs=(
        _HORMONES,
        choice("tumour_size", "tumour size", "肿瘤大小", *_SIZES),
        _MENOPAUSE,
        _AGE,
        _NODES,
        _PROGESTERONE,
        _OESTROGEN,
    ),
    intended_use=LocalizedText(
        "Research on how well a prognosis learned in one registry holds in another country's trial.",
        "研究在一个登记库中学得的预后模型在另一国家的试验中是否成立。",
    ),
    limits=_limits(
        "Learned from 1,237 node-positive women of the Rotterdam tumour bank (1978 to 1993).",
        "训练数据为鹿特丹肿瘤库的 1,237 名淋巴结阳性女性（1978 至 1993 年）。",
    ),
    goals=(Goal(measure="c_index", at_least=0.63), Goal(measure="ibs", at_most=0.21)),
)

TABLES: tuple[Study, ...] = (BREAST_CANCER, WHAS, SUPPORT, METABRIC, ROTTERDAM_GBSG)
"""The studies with one row a person; the first is the one that is always there."""
