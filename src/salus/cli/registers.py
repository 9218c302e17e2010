"""What the registry holds, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from salus.cli.output import show_json, show_table
from salus.registry.entries import Deployment, PackageRecord


def show_packages(records: Sequence[PackageRecord], *, json: bool) -> None:
    """A line a package."""
    if json:
        show_json(records)
        return
    show_table(
        ["NAME", "VERSION", "STAGE", "ALIASES", "ESTIMATOR", "FORM", "DIGEST", "ADDED"],
        [
            [
                record.name,
                record.version,
                record.stage,
                ",".join(record.aliases),
                record.facts.estimator,
                record.facts.default_variant,
                record.digest[:8],
                record.added_at[:10],
            ]
            for record in records
        ],
        next_step="Look at one: salus packages show NAME" if records else "Build one: salus build breast_cancer",
    )


def show_deployments(deployments: Sequence[Deployment], *, json: bool) -> None:
    """A line a service."""
    if json:
        show_json(deployments)
        return
    show_table(
        ["SERVICE", "PACKAGE", "VERSION", "SINCE", "BY"],
        [[each.service, each.name, each.version, each.at[:16], each.who] for each in deployments],
        next_step="Serve them: salus serve" if deployments else "Deploy one: salus deploy NAME",
    )
