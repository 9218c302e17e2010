"""The pack's value, which the entry point names."""

from __future__ import annotations

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.chest_xray import data, model
from salus_packs.chest_xray.task import TASK

PACK = Pack(
    name="chest_xray",
    title=LocalizedText("Pneumonia on chest X-rays", "胸片肺炎判别"),
    kits=(
        TaskKit(
            task=TASK,
            dataset="pneumoniamnist",
            read_dataset=data.read_dataset,
            read_folder=data.read_folder,
            mend=data.mend,
            estimators={
                "residual": model.residual,
                "resnet18": model.resnet18,
                "listing": model.listing,
                "listing_deep": model.listing_deep,
            },
            make_student=model.make_student,
            search_space=model.search_space,
            explainer="evidence_map",
            threshold_rule="specificity>=0.98",
            example="sample",
        ),
    ),
)
