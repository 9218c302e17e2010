"""Services as the gateway would describe them: the contracts' own types, with canned figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import DatasetSource, QualityFinding, QualityReport
from salus.contracts.packages import Lineage, Variant
from salus.contracts.reports import EvaluationReport, Interval, Measure
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Missing, Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus_packs.breast_cancer.task import TASK as MALIGNANCY

_DIGEST = "9f2c64d1a0b7e85c3d4f10928374655a6b7c8d9e0f1a2b3c4d5e6f708192a3b4"
Figures = dict[str, tuple[float, float, float]]
_FIGURES: Figures = {
    "auroc": (0.993, 0.981, 0.999),
    "sensitivity": (0.953, 0.881, 1.0),
    "specificity": (0.972, 0.93, 1.0),
    "auprc": (0.991, 0.976, 0.999),
    "accuracy": (0.965, 0.93, 0.991),
    "ppv": (0.953, 0.878, 1.0),
    "npv": (0.972, 0.93, 1.0),
    "brier": (0.028, 0.014, 0.045),
    "ece": (0.031, 0.02, 0.062),
}


@dataclass(frozen=True)
class FakeService:
    """One service: its task, and what the page shows of it."""

    name: str
    task: Task
    data_title: LocalizedText
    part: Literal["test", "validation"] = "test"
    samples: int = 114
    stage: str = "approved"
    ready: bool = True
    notices: tuple[LocalizedText, ...] = ()
    groups: tuple[str, ...] = ()
    example: dict[str, Any] = field(default_factory=dict)
    figures: Figures = field(default_factory=lambda: _FIGURES)
    pictures: tuple[tuple[str, str, str], ...] = (
        ("roc", "ROC curve", "ROC 曲线"),
        ("reliability", "Reliability", "可靠性图"),
        ("confusion", "Confusion matrix", "混淆矩阵"),
    )

    @property
    def content(self) -> str:
        contents = {spec.content for spec in self.task.signature.inputs}
        return next((name for name in ("image", "document", "events") if name in contents), "table")

    @property
    def is_image(self) -> bool:
        return self.content == "image"

    def measures(self, samples: int, subgroup: str | None = None) -> tuple[Measure, ...]:
        """The canned figures, on `samples` samples."""
        return tuple(
            Measure(name=name, value=value, interval=Interval(low, high), samples=samples, subgroup=subgroup)
            for name, (value, low, high) in self.figures.items()
        )

    def summary(self) -> dict[str, Any]:
        measures = msgspec.to_builtins(self.measures(self.samples))
        return {
            "name": self.name,
            "title": msgspec.to_builtins(self.task.title),
            "version": "3",
            "digest": _DIGEST,
            "variant": "int8" if self.is_image else "float32",
            "backend": "onnxruntime 1.22.0",
            "stage": self.stage,
            "ready": self.ready,
            "demonstration": self.task.demonstration,
            "signer": "b1946ac92492d2347c6235b4d2611184",
            "kind": self.task.kind,
            "content": self.content,
            "notices": msgspec.to_builtins(self.notices),
            "headline": measures[:3],
            "headline_part": self.part,
        }

    def detail(self) -> dict[str, Any]:
        address = f"/api/v1/services/{self.name}"
        pictures = [
            {"name": name, "title": {"en": en, "zh": zh}, "url": f"{address}/pictures/{name}.png"}
            for name, en, zh in self.pictures
        ]
        return {
            **self.summary(),
            "task": msgspec.to_builtins(self.task),
            "lineage": msgspec.to_builtins(_lineage(self)),
            "variants": msgspec.to_builtins(_variants(self)),
            "evaluation": msgspec.to_builtins(_reports(self)),
            "calibration": None
            if self.task.kind != "classification"
            else {"temperature": 1.31, "threshold": 0.42, "threshold_rule": "youden", "coverage": 0.9},
            "quality": msgspec.to_builtins(_quality(self)),
            "pictures": pictures,
            "example": {"image_url": f"{address}/example.png"} if self.is_image else {"inputs": self.example},
        }


def _reports(service: FakeService) -> tuple[EvaluationReport, ...]:
    grouped = tuple(m for group in service.groups for m in service.measures(service.samples // 2, group)[:3])
    undefined = Measure(name="auroc", value=None, interval=None, samples=3, subgroup="source=other")
    parts = ("validation",) if service.part == "validation" else ("validation", "test")
    return tuple(
        EvaluationReport(
            part=part,
            samples=service.samples,
            classes=tuple(c.name for c in service.task.classes),
            threshold=0.42 if service.task.kind == "classification" else None,
            measures=(*service.measures(service.samples), *((*grouped, undefined) if grouped else ())),
        )
        for part in parts
    )


def _lineage(service: FakeService) -> Lineage:
    return Lineage(
        dataset=DatasetSource(
            name=service.name,
            title=service.data_title,
            url="" if service.task.demonstration else "https://example.org/data",
            licence="CC-BY-4.0",
            citation="Street, Wolberg, Mangasarian (1993). Nuclear feature extraction for breast tumor diagnosis.",
            synthetic=service.task.demonstration,
        ),
        dataset_digest="51b8a0f2" * 8,
        samples={"train": 341, "validation": 114, "test": 114},
        code="0.1.0+g1a2b3c4",
        pack=service.name.split(".", maxsplit=1)[0],
        estimator="gradient_boosting",
        seed=7,
        recipe={"learning_rate": 0.05, "rounds": 240, "early_stopping": True},
        allowed_findings=("leak.near_duplicate",),
    )


def _variants(service: FakeService) -> tuple[Variant, ...]:
    measure = next(iter(service.figures))
    plain = Variant(
        name="float32",
        file="model.onnx",
        precision="FP32",
        size=4_812_331,
        max_abs_difference=0.0,
        measure=measure,
        loss=0.0,
        loss_interval=(0.0, 0.0),
        within_tolerance=True,
    )
    if not service.is_image:
        return (plain,)
    small = Variant(
        name="int8",
        file="model.int8.onnx",
        precision="INT8 (QDQ, U8S8)",
        size=1_301_204,
        max_abs_difference=0.021,
        measure=measure,
        loss=0.001,
        loss_interval=(-0.001, 0.003),
        within_tolerance=True,
    )
    return (plain, small)


def _quality(service: FakeService) -> QualityReport:
    duplicate = QualityFinding(
        check="leak.near_duplicate",
        severity="refusal",
        message=LocalizedText("4 pairs of near-duplicates on two sides of the split", "有 4 对近似重复样本分处两侧"),
        count=4,
    )
    shortcut = QualityFinding(
        check="shortcut.width",
        severity="warning",
        message=LocalizedText("the original width predicts the label (AUROC 0.71)", "原始宽度可预测标签（AUROC 0.71）"),
        count=1,
    )
    return QualityReport(
        dataset=service.name,
        digest="51b8a0f2" * 8,
        samples={"train": 341, "validation": 114},
        balance={"train": {"0": 0.63, "1": 0.37}, "validation": {"0": 0.62, "1": 0.38}},
        findings=(duplicate, shortcut) if service.is_image else (),
        allowed=("leak.near_duplicate",),
    )


def _picture_task(name: str, title: LocalizedText, classes: tuple[ClassLabel, ...], *, demonstration: bool) -> Task:
    picture = TensorSpec(
        name="image",
        datatype="UINT8",
        shape=(-1, -1, -1, 1),
        title=LocalizedText("chest X-ray", "胸部 X 光片"),
        content="image",
    )
    return Task(
        name=name,
        title=title,
        signature=Signature(inputs=(picture,), outputs=classification_outputs(classes, evidence=True)),
        question=Classification(classes=classes),
        intended_use=LocalizedText(
            "A second reading of frontal chest radiographs of children. The decision stays with a physician.",
            "儿童胸部正位片的第二次阅片。最终判断由医师作出。",
        ),
        limits=LocalizedText(
            "Trained on pictures of one hospital; must not be used for adults or for screening.",
            "训练图像来自单一医院；不得用于成人或筛查。",
        ),
        goals=(Goal(measure="auroc", at_least=0.9), Goal(measure="ece", at_most=0.1)),
        demonstration=demonstration,
    )


def scalar(
    name: str, title: LocalizedText, unit: str, valid_range: tuple[float, float], *, missing: Missing
) -> TensorSpec:
    """A number of a row."""
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=title,
        content="scalar",
        unit=unit,
        valid_range=valid_range,
        missing=missing,
    )


def _mixed_task() -> Task:
    sex = TensorSpec(
        name="sex",
        datatype="INT64",
        shape=(-1,),
        title=LocalizedText("sex", "性别"),
        content="category",
        categories=(LocalizedText("female", "女"), LocalizedText("male", "男")),
    )
    classes = (
        ClassLabel(name="no_event", title=LocalizedText("no event", "未发生")),
        ClassLabel(name="event", title=LocalizedText("event", "发生")),
    )
    inputs = (
        scalar("age", LocalizedText("age", "年龄"), "a", (18, 110), missing="reject"),
        sex,
        scalar("pressure", LocalizedText("systolic pressure", "收缩压"), "mm[Hg]", (50, 260), missing="reject"),
        scalar("creatinine", LocalizedText("creatinine", "肌酐"), "umol/L", (10, 1500), missing="model"),
    )
    text = LocalizedText("For tests of the page only.", "仅用于页面测试。")
    return Task(
        name="event",
        title=LocalizedText("Will an event follow within a year?", "一年内是否会发生事件？"),
        signature=Signature(inputs=inputs, outputs=classification_outputs(classes, evidence=False)),
        question=Classification(classes=classes),
        intended_use=text,
        limits=text,
    )


_MALIGNANT_EXAMPLE = (
    *(17.99, 10.38, 122.8, 1001.0, 0.1184, 0.2776, 0.3001, 0.1471, 0.2419, 0.07871),
    *(1.095, 0.9053, 8.589, 153.4, 0.006399, 0.04904, 0.05373, 0.01587, 0.03003, 0.006193),
    *(25.38, 17.33, 184.6, 2019.0, 0.1622, 0.6656, 0.7119, 0.2654, 0.4601, 0.1189),
)
_PNEUMONIA = (
    ClassLabel(name="normal", title=LocalizedText("normal", "正常")),
    ClassLabel(name="pneumonia", title=LocalizedText("pneumonia", "肺炎")),
)
_LESION = (
    ClassLabel(name="clear", title=LocalizedText("no lesion", "无病灶")),
    ClassLabel(name="lesion", title=LocalizedText("lesion", "病灶")),
)

SERVICES = (
    FakeService(
        name="breast_cancer.malignancy",
        task=MALIGNANCY,
        data_title=LocalizedText("Breast Cancer Wisconsin (Diagnostic)", "威斯康星乳腺癌（诊断）"),
        groups=("source=wisconsin",),
        example={spec.name: value for spec, value in zip(MALIGNANCY.signature.inputs, _MALIGNANT_EXAMPLE, strict=True)},
    ),
    FakeService(
        name="chest_xray.pneumonia",
        task=_picture_task(
            "pneumonia",
            LocalizedText("Does this chest X-ray show pneumonia?", "该胸片是否提示肺炎？"),
            _PNEUMONIA,
            demonstration=False,
        ),
        data_title=LocalizedText("PneumoniaMNIST", "PneumoniaMNIST"),
        part="validation",
        samples=524,
        stage="candidate",
    ),
    FakeService(
        name="chest_phantom.lesion",
        task=_picture_task(
            "lesion",
            LocalizedText("Does this chest phantom show a lesion?", "该胸部仿体是否含有病灶？"),
            _LESION,
            demonstration=True,
        ),
        data_title=LocalizedText("Generated chest phantoms", "生成的胸部仿体"),
        notices=(
            LocalizedText(
                "Demonstration: trained on generated phantoms. Its answers say nothing about a person.",
                "演示服务：以生成的仿体训练，其回答不说明任何人的状况。",
            ),
        ),
    ),
    FakeService(
        name="fields.event",
        task=_mixed_task(),
        data_title=LocalizedText("Invented rows", "虚构数据"),
        stage="candidate",
        ready=False,
        example={"age": 61, "sex": 1, "pressure": 148, "creatinine": 92},
    ),
)
