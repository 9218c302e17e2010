"""The pack's value, which the entry point names."""

from __future__ import annotations

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.chest_ct import data, model
from salus_packs.chest_ct.task import TASK

PACK = Pack(
    name="chest_ct",
    title=LocalizedText("COVID-19 on chest CT pictures", "胸部 CT 新冠征象判别"),
    kits=(
        TaskKit(
            task=TASK,
            dataset="covid-ct",
            read_dataset=data.read_dataset,
            read_folder=data.read_folder,
            mend=data.mend,
            estimators={
                "residual": model.residual,
                "augmented": model.augmented,
                "resnet18": model.resnet18,
                "listing": model.listing,
            },
            make_student=model.make_student,
            search_space=model.search_space,
            explainer="evidence_map",
            threshold_rule="youden",
            coverage=0.9,
        ),
    ),
)
