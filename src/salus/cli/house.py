"""Commands about the installation itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from salus.cli.options import AsJson

if TYPE_CHECKING:
    from salus.contracts.packs import SolverKit, TaskKit


def packs(json: AsJson = False) -> None:
    """List what can be asked: packs, their tasks, data and estimators.

    Example: salus packs
    """
    from salus.cli.output import show_json, show_table
    from salus.plugins.discovery import find_packs

    kits = {f"{pack.name}/{kit.task.name}": kit for pack in find_packs().values() for kit in pack.kits}
    if json:
        show_json(
            [
                {
                    "question": question,
                    "title": kit.task.title,
                    "data": kit.dataset,
                    "kind": kit.task.kind,
                    "estimators": _estimators(kit),
                    "demonstration": kit.task.demonstration,
                }
                for question, kit in kits.items()
            ]
        )
        return
    show_table(
        ["PACK/TASK", "QUESTION", "DATA", "ESTIMATORS"],
        [
            [question, kit.task.title.en, kit.dataset, ", ".join(_estimators(kit)) or "(solver)"]
            for question, kit in kits.items()
        ],
        next_step="Build one: salus build " + next(iter(kits), "PACK/TASK"),
    )


def _estimators(kit: TaskKit | SolverKit) -> list[str]:
    return list(getattr(kit, "estimators", ()))  # a solver has none


def settings(json: AsJson = False) -> None:
    """Show each setting, its value and where it came from.

    Example: SALUS_SERVING__MAX_BATCH=16 salus settings
    """
    from salus.bootstrap.settings import list_values, load_settings
    from salus.cli.output import show_json, show_table

    values = list_values(load_settings())
    if json:
        show_json({each.name: {"value": each.value, "from": each.origin} for each in values})
        return
    show_table(
        ["SETTING", "VALUE", "FROM"],
        [[each.name, each.value, each.origin] for each in values],
        next_step="Set one: SALUS_<SECTION>__<KEY>=… in the environment, or key = … under [section] in salus.toml",
    )


def doctor(json: AsJson = False) -> None:
    """Say what is installed, reachable and missing, and how to mend it; ends with 1 where something is broken.

    Example: salus doctor
    """
    from salus.bootstrap.doctor import examine
    from salus.cli.output import show_json, write

    findings = examine()
    if json:
        show_json(findings)
    else:
        for finding in findings:
            write(f"{finding.state:<8} {finding.part}: {finding.found}")
            if finding.remedy:
                write(f"{'':<8} {finding.remedy}")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)
