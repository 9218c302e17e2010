"""The question: does a paediatric chest X-ray show pneumonia?"""

from __future__ import annotations

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Code, Signature, TensorSpec
from salus.contracts.text import LocalizedText

IMAGE = TensorSpec(
    name="image",
    datatype="UINT8",
    shape=(-1, -1, -1, 1),
    title=LocalizedText("chest X-ray, frontal", "胸部 X 线片（正位）"),
    content="image",
    code=Code(system="http://loinc.org", value="36643-5", display="XR Chest 2 Views"),
    valid_range=(0.0, 255.0),
)

CLASSES = (
    ClassLabel(name="normal", title=LocalizedText("no pneumonia", "无肺炎")),
    ClassLabel(
        name="pneumonia",
        title=LocalizedText("pneumonia", "肺炎"),
        code=Code(system="http://snomed.info/sct", value="233604007", display="Pneumonia"),
    ),
)

TASK = Task(
    name="pneumonia",
    title=LocalizedText("Does this chest X-ray show pneumonia?", "该胸片是否显示肺炎？"),
    signature=Signature(inputs=(IMAGE,), outputs=classification_outputs(CLASSES, evidence=True)),
    question=Classification(classes=CLASSES),
    intended_use=LocalizedText(
        "Research and teaching on triage of frontal chest X-rays of children aged one to five. The reading stays with "
        "a radiologist.",
        "用于一至五岁儿童正位胸片分诊的研究与教学。读片结论由放射科医师作出。",
    ),
    limits=LocalizedText(
        "Trained on pictures of 28 × 28 pixels from one hospital (Guangzhou), where normal and pneumonia pictures may "
        "differ in more than the lungs; finer detail is lost and other hospitals, adults and portable X-rays shift the "
        "result. Its publisher states that the data are not for clinical use.",
        "训练图像为单一医院（广州）的 28 × 28 像素图像，正常与肺炎图像之间可能存在肺部以外的差异；细节已丢失，"
        "其他医院、成人及床旁胸片会使结果偏移。数据发布者声明该数据不可用于临床。",
    ),
    goals=(
        Goal(measure="auroc", at_least=0.97),
        Goal(measure="sensitivity", at_least=0.85),
        Goal(measure="specificity", at_least=0.80),
    ),
)
