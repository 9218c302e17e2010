"""The pack's value, which the entry point names."""

from __future__ import annotations

from functools import partial

from salus.contracts.packs import Pack, TaskKit
from salus.contracts.text import LocalizedText
from salus_packs.survival import data, model
from salus_packs.survival.progression import PROGRESSION
from salus_packs.survival.studies import TABLES

_READERS = {
    "breast_cancer": ("gbsg2", data.read_breast_cancer),
    "whas": ("survival-deepsurv", data.read_whas),
    "support": ("survival-deepsurv", data.read_support),
    "metabric": ("survival-deepsurv", data.read_metabric),
    "rotterdam_gbsg": ("survival-deepsurv", data.read_rotterdam_gbsg),
}


def _table_kits() -> tuple[TaskKit, ...]:
    kits = []
    for task in (study.task() for study in TABLES):
        dataset, read_dataset = _READERS[task.name]
        kits.append(
            TaskKit(
                task=task,
                dataset=dataset,
                read_dataset=read_dataset,
                read_folder=partial(data.read_table, task=task),
                mend=partial(data.mend, task=task) if task.name == "whas" else None,
                estimators=model.make_estimators(task),
                explainer="shapley",
                prepare=task.name == "breast_cancer",
            )
        )
    return tuple(kits)


_PROGRESSION = PROGRESSION.task()

PACK = Pack(
    name="survival",
    title=LocalizedText("Time to an event", "距事件发生的时间"),
    kits=(
        *_table_kits(),
        TaskKit(
            task=_PROGRESSION,
            dataset="pbc2",
            read_dataset=data.read_progression,
            read_folder=data.read_visits,
            estimators=model.make_progression_estimators(_PROGRESSION),
            explainer="event_shapley",
            prepare=False,
        ),
    ),
)
