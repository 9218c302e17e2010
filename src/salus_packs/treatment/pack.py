"""The pack's value, which the entry point names."""

from __future__ import annotations

import math

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.treatment import data, model
from salus_packs.treatment.task import EARLY_EDUCATION, HORMONE_THERAPY, TWINS, WARFARIN_DOSE

PACK = Pack(
    name="treatment",
    title=LocalizedText("Treatments and doses", "治疗方案与剂量"),
    kits=(
        TaskKit(
            task=HORMONE_THERAPY,
            dataset="rotterdam_gbsg",
            read_dataset=data.read_rotterdam,
            read_folder=data.read_hormone_table,
            estimators=model.choice_estimators(HORMONE_THERAPY, (0.0, 60.0), first="dr_learner"),
            explainer="shapley",
        ),
        TaskKit(
            task=EARLY_EDUCATION,
            dataset="ihdp",
            read_dataset=data.read_ihdp,
            read_folder=data.choice_table(EARLY_EDUCATION),
            estimators=model.choice_estimators(EARLY_EDUCATION, (-math.inf, math.inf), first="cfr"),
            explainer="shapley",
            prepare=False,
        ),
        TaskKit(
            task=TWINS,
            dataset="twins",
            read_dataset=data.read_twins,
            read_folder=data.choice_table(TWINS),
            estimators=model.choice_estimators(TWINS, (0.0, 1.0), first="dr_learner"),
            explainer="shapley",
            prepare=False,
        ),
        TaskKit(
            task=WARFARIN_DOSE,
            dataset="warfarin_iwpc",
            read_dataset=data.read_warfarin,
            read_folder=data.read_doses,
            estimators=model.dose_estimators(first="stack"),
            explainer="shapley",
        ),
    ),
)
