"""The pack's value, which the entry point names."""

from __future__ import annotations

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.chest_phantom import data, model
from salus_packs.chest_phantom.task import TASK

PACK = Pack(
    name="chest_phantom",
    title=LocalizedText("Lesions in a chest phantom (demonstration)", "胸部体模病灶判别（演示）"),
    kits=(
        TaskKit(
            task=TASK,
            dataset="phantom",
            read_dataset=data.read_dataset,
            read_folder=data.read_folder,
            estimators={"residual": model.residual, "listing": model.listing},
            explainer="evidence_map",
            threshold_rule="youden",
            example="sample",
        ),
    ),
)
