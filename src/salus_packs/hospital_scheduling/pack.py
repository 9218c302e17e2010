"""The pack's value, which the entry point names."""

from __future__ import annotations

from salus.contracts.packs import Pack, SolverKit
from salus.contracts.text import LocalizedText
from salus_packs.hospital_scheduling import data
from salus_packs.hospital_scheduling.rostering import ROSTERING
from salus_packs.hospital_scheduling.solver import make_solver
from salus_packs.hospital_scheduling.task import TASK

PACK = Pack(
    name="hospital_scheduling",
    title=LocalizedText("Hospital timetables", "医院排程"),
    kits=(
        SolverKit(
            task=TASK,
            solver=make_solver,
            read_instances=data.read_instances,
            dataset="ihtc2024",
            example=data.make_example,
            trial_iterations=3_000_000,
        ),
        ROSTERING,
    ),
)
