"""The pack's value, which the entry point names."""

from __future__ import annotations

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.icu_risk import data, model
from salus_packs.icu_risk.task import TASK

PACK = Pack(
    name="icu_risk",
    title=LocalizedText("Risk of death after the first days in intensive care", "重症监护早期的院内死亡风险"),
    kits=(
        TaskKit(
            task=TASK,
            dataset="physionet2012",
            read_dataset=data.read_dataset,
            read_folder=data.read_folder,
            estimators={
                "ensemble": model.ensemble,
                "logistic": model.logistic,
                "gradient_boosting": model.gradient_boosting,
                "gru_decay": model.gru_decay,
                "event_transformer": model.event_transformer,
            },
            explainer="event_shapley",
            prepare=False,
            threshold_rule="event1",
            coverage=0.9,
        ),
    ),
)
