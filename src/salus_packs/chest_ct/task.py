"""The question: does a chest CT picture show findings of COVID-19?"""

from __future__ import annotations

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Code, Signature, TensorSpec
from salus.contracts.text import LocalizedText

IMAGE = TensorSpec(
    name="image",
    datatype="UINT8",
    shape=(-1, -1, -1, 1),
    title=LocalizedText("chest CT slice, axial, lung window", "胸部 CT 横断面（肺窗）"),
    content="image",
    code=Code(system="http://loinc.org", value="24627-2", display="CT Chest"),
    valid_range=(0.0, 255.0),
    window=(-600.0, 1500.0),
)

CLASSES = (
    ClassLabel(name="non_covid", title=LocalizedText("no COVID-19 findings", "无新冠肺炎征象")),
    ClassLabel(
        name="covid",
        title=LocalizedText("COVID-19 findings", "新冠肺炎征象"),
        code=Code(system="http://snomed.info/sct", value="840539006", display="COVID-19"),
    ),
)

TASK = Task(
    name="covid",
    title=LocalizedText("Does this chest CT picture show COVID-19 findings?", "该胸部 CT 图像是否显示新冠肺炎征象？"),
    signature=Signature(inputs=(IMAGE,), outputs=classification_outputs(CLASSES, evidence=True)),
    question=Classification(classes=CLASSES),
    intended_use=LocalizedText(
        "Research on methods with few pictures. It may show how a CT service is built, deployed and explained; it may "
        "not inform the care of a patient.",
        "用于小样本方法研究，可展示 CT 服务的构建、部署与解释；不得用于指导患者诊疗。",
    ),
    limits=LocalizedText(
        "Trained on 425 pictures cut out of figures of papers (COVID-19) and of web sources (others): grey levels are "
        "not Hounsfield units, and the source of a picture may betray its label. A DICOM slice, shown in the lung "
        "window (centre −600 HU, width 1500 HU), is unlike every training picture; take its answer as a demonstration.",
        "训练图像为 425 幅从论文插图（新冠）与网络来源（其他）裁剪的图像：灰度值并非 HU，图像来源本身可能泄露标签。"
        "以肺窗（窗位 −600 HU，窗宽 1500 HU）显示的 DICOM 切片与所有训练图像均不同，其结果仅作演示。",
    ),
    goals=(Goal(measure="auroc", at_least=0.70),),
)
