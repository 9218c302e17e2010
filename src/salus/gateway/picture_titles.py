"""What the figures of an evaluation are called."""

from __future__ import annotations

from salus.contracts.text import LocalizedText

_TITLES = {
    "roc": LocalizedText("Receiver operating characteristic", "受试者工作特征曲线"),
    "pr": LocalizedText("Precision and recall", "精确率–召回率曲线"),
    "reliability": LocalizedText("Reliability of the probabilities", "概率可靠性图"),
    "confusion": LocalizedText("Confusion matrix", "混淆矩阵"),
    "risk_coverage": LocalizedText("Risk against coverage", "风险–覆盖率曲线"),
    "survival": LocalizedText("Mean survival, predicted and observed", "平均生存曲线：预测与观测"),
    "brier": LocalizedText("Brier score over time", "随时间变化的 Brier 评分"),
    "calibration": LocalizedText("Calibration", "校准图"),
    "outcome": LocalizedText("Expected and observed outcome", "预期结局与观测结局"),
    "propensity": LocalizedText("Propensity and share that was given", "倾向评分与实际接受比例"),
    "effect": LocalizedText("Expected effect and its estimate", "预期效应及其估计"),
    "variants": LocalizedText("Variants of the model", "模型变体比较"),
}


def picture_title(name: str) -> LocalizedText:
    """The title of the figure `name`; the name itself where it has none. `calibration_12` is that at time 12."""
    kind, _, time = name.partition("_")
    if kind == "calibration" and time:
        return LocalizedText(f"Calibration at {time}", f"时间 {time} 处的校准图")
    return _TITLES.get(name, LocalizedText(name, name))
