"""From candidate to approved: the gate looks at the package's own report, a person answers for the decision."""

from __future__ import annotations

from salus.contracts.reports import UnmetGoal
from salus.evaluation.gate import find_unmet_goals
from salus.modelpackage.reading import read_reports
from salus.registry.entries import PackageRecord
from salus.workflows.registered_package import open_registered
from salus.workflows.workshop import Workshop


def judge_release(record: PackageRecord, workshop: Workshop) -> tuple[UnmetGoal, ...]:
    """The goals of the task that the package's decisive report (its last: test where there is one) does not meet.

    Raises:
        PackageRejected: The package does not satisfy the trust policy.
        Conflict: The package in the folder is not the one that was recorded.
    """
    package = open_registered(workshop.registry, record, workshop.trust)
    return find_unmet_goals(read_reports(package)[-1], package.manifest.task.goals)


def approve_package(record: PackageRecord, workshop: Workshop, *, why: str) -> PackageRecord:
    """Approve a candidate.

    Args:
        record: The candidate.
        workshop: Holds the registry; its `actor` answers for the decision.
        why: The reason, for the history; not empty.

    Raises:
        GateNotMet: A goal is not met; there is no way around it.
        Conflict: It is no candidate, or the package in the folder is not the one that was recorded.
        PackageRejected: The package does not satisfy the trust policy.
    """
    unmet = judge_release(record, workshop)
    return workshop.registry.approve(record.name, record.version, who=workshop.actor, why=why, unmet_goals=unmet)
