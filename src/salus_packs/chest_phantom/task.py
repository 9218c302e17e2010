"""The question: does a generated chest phantom hold a lesion?"""

from __future__ import annotations

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText

IMAGE = TensorSpec(
    name="image",
    datatype="UINT8",
    shape=(-1, -1, -1, 1),
    title=LocalizedText("picture of a chest phantom", "胸部体模图像"),
    content="image",
    valid_range=(0.0, 255.0),
)

CLASSES = (
    ClassLabel(name="clear", title=LocalizedText("no lesion", "无病灶")),
    ClassLabel(name="lesion", title=LocalizedText("lesion", "病灶")),
)

TASK = Task(
    name="lesion",
    title=LocalizedText("Does this phantom hold a lesion?", "该体模图像是否含有病灶？"),
    signature=Signature(inputs=(IMAGE,), outputs=classification_outputs(CLASSES, evidence=True)),
    question=Classification(classes=CLASSES),
    intended_use=LocalizedText(
        "A demonstration: it shows the whole path from data to an explained answer where no medical pictures are at "
        "hand, and its known lesion masks test the heatmaps.",
        "演示用途：在没有医学图像时展示从数据到可解释答案的完整路径；其已知病灶掩膜用于检验热力图。",
    ),
    limits=LocalizedText(
        "Trained on generated pictures alone. Its answer about a real picture means nothing.",
        "仅用生成图像训练。其对真实图像的回答没有意义。",
    ),
    goals=(Goal(measure="auroc", at_least=0.90),),
    demonstration=True,
)
