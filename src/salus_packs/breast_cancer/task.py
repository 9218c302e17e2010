"""The question: is a breast mass malignant, given thirty measurements of its cell nuclei?

The measurements are those of Street, Wolberg and Mangasarian, "Nuclear feature extraction for breast tumor
diagnosis" (1993): ten features of each nucleus in a digitised picture, each summed up as the mean, the standard error
and the "worst" (mean of the three largest) over the picture. Lengths are in pixels of that picture; its scale is not
published, so they are given the unit `{pixel}` and no millimetres are claimed.
"""

from __future__ import annotations

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Code, Signature, TensorSpec
from salus.contracts.text import LocalizedText

_FEATURES = (
    # name, English, Chinese, unit, largest believable mean (the smallest is 0)
    ("radius", "radius", "半径", "{pixel}", 100.0),
    ("texture", "texture (grey-level deviation)", "纹理（灰度标准差）", "1", 200.0),
    ("perimeter", "perimeter", "周长", "{pixel}", 700.0),
    ("area", "area", "面积", "{pixel}2", 20000.0),
    ("smoothness", "smoothness (local radius variation)", "光滑度（半径局部变化）", "1", 1.0),
    ("compactness", "compactness (perimeter² / area − 1)", "紧密度（周长²/面积 − 1）", "1", 5.0),
    ("concavity", "concavity (depth of concave parts)", "凹度（凹陷深度）", "1", 5.0),
    ("concave_points", "concave points (share of contour)", "凹点（轮廓占比）", "1", 1.0),
    ("symmetry", "symmetry", "对称性", "1", 2.0),
    ("fractal_dimension", "fractal dimension (coastline − 1)", "分形维数（海岸线 − 1）", "1", 1.0),
)
_SUMMARIES = (("mean", "mean", "均值"), ("error", "standard error", "标准误"), ("worst", "worst", "最差值"))


def _inputs() -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            name=f"{feature}_error" if summary == "error" else f"{summary}_{feature}",
            datatype="FP32",
            shape=(-1,),
            title=LocalizedText(f"{english}, {summary_en}", f"{chinese}，{summary_zh}"),
            content="scalar",
            unit=unit,
            valid_range=(0.0, largest),
            missing="abstain",
        )
        for summary, summary_en, summary_zh in _SUMMARIES
        for feature, english, chinese, unit, largest in _FEATURES
    )


CLASSES = (
    ClassLabel(
        name="benign",
        title=LocalizedText("benign", "良性"),
        code=Code(system="http://snomed.info/sct", value="30807003", display="Benign neoplasm of breast"),
    ),
    ClassLabel(
        name="malignant",
        title=LocalizedText("malignant", "恶性"),
        code=Code(system="http://snomed.info/sct", value="254837009", display="Malignant neoplasm of breast"),
    ),
)

TASK = Task(
    name="malignancy",
    title=LocalizedText("Is this breast mass malignant?", "该乳腺肿块是否为恶性？"),
    signature=Signature(inputs=_inputs(), outputs=classification_outputs(CLASSES, evidence=False)),
    question=Classification(classes=CLASSES),
    intended_use=LocalizedText(
        "A second opinion for cytologists on fine needle aspirates of breast masses in adults, from nuclear "
        "measurements of a digitised picture. The decision stays with a physician.",
        "为细胞病理医师提供成人乳腺肿块细针穿刺（基于数字化图像的细胞核测量值）的第二意见。最终判断由医师作出。",
    ),
    limits=LocalizedText(
        "Trained on 569 aspirates of one hospital (Wisconsin, before 1995) measured by one program; the scale of its "
        "pictures is not published, so measurements of another system do not fit without local validation. It knows "
        "nothing of age, imaging or history, and must not be used for screening.",
        "训练数据为单一医院（威斯康星，1995 年以前）的 569 例穿刺样本，由同一程序测量；其图像比例未公开，因此其他系统的"
        "测量值未经本地验证不可直接使用。模型不了解年龄、影像与病史，不得用于筛查。",
    ),
    goals=(
        Goal(measure="auroc", at_least=0.97),
        Goal(measure="sensitivity", at_least=0.80),
        Goal(measure="brier", at_most=0.10),
    ),
)
