"""The pack's value, which the entry point names."""

from __future__ import annotations

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.breast_cancer import data, model
from salus_packs.breast_cancer.task import TASK

PACK = Pack(
    name="breast_cancer",
    title=LocalizedText("Breast cancer from cell measurements", "基于细胞测量的乳腺癌判别"),
    kits=(
        TaskKit(
            task=TASK,
            dataset="wisconsin",
            read_dataset=data.read_dataset,
            read_folder=data.read_folder,
            estimators={"linear": model.linear, "gradient_boosting": model.gradient_boosting},
            explainer="shapley",
            threshold_rule="youden",
        ),
    ),
)
