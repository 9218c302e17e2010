"""Commands about the installation itself."""

from __future__ import annotations

from salus.cli.options import AsJson


def packs(json: AsJson = False) -> None:
    """List what can be asked: packs, their tasks, data and estimators.

    Example: salus packs
    """
    from salus.cli.output import show_json, show_table
    from salus.plugins.discovery import find_packs

    found = [
        {
            "question": f"{pack.name}/{kit.task.name}",
            "title": {"en": kit.task.title.en, "zh": kit.task.title.zh},
            "data": kit.dataset,
            "estimators": list(kit.estimators),
            "demonstration": kit.task.demonstration,
        }
        for pack in find_packs().values()
        for kit in pack.kits
    ]
    if json:
        show_json(found)
        return
    show_table(
        ["PACK/TASK", "QUESTION", "DATA", "ESTIMATORS"],
        [
            [row["question"], row["title"]["en"], row["data"], ", ".join(row["estimators"])]  # type: ignore[index,arg-type]
            for row in found
        ],
        next_step="Build one: salus build " + (str(found[0]["question"]) if found else "PACK/TASK"),
    )


def settings(json: AsJson = False) -> None:
    """Show each setting, its value and where it came from.

    Example: SALUS_SERVING__MAX_BATCH=16 salus settings
    """
    import dataclasses

    from salus.bootstrap.settings import load_settings
    from salus.cli.output import show_json, show_table

    loaded = load_settings()
    values: dict[str, object] = {"home": str(loaded.home)}
    for section in ("data", "packages", "registry", "serving", "gateway"):
        part = getattr(loaded, section)
        values.update({f"{section}.{each.name}": getattr(part, each.name) for each in dataclasses.fields(part)})
    if json:
        show_json({name: {"value": value, "from": loaded.origins[name]} for name, value in values.items()})
        return
    show_table(
        ["SETTING", "VALUE", "FROM"],
        [[name, value, loaded.origins[name]] for name, value in values.items()],
        next_step="Set one: SALUS_<SECTION>__<KEY>=… in the environment, or key = … under [section] in salus.toml",
    )


def doctor(json: AsJson = False) -> None:
    """Say what is installed, reachable and missing, and how to mend it.

    Example: salus doctor
    """
    from salus.bootstrap.doctor import examine
    from salus.cli.output import show_json, show_table

    findings = examine()
    if json:
        show_json([{"part": f.part, "state": f.state, "found": f.found, "remedy": f.remedy} for f in findings])
        return
    show_table(["PART", "STATE", "FOUND", "HOW TO MEND IT"], [[f.part, f.state, f.found, f.remedy] for f in findings])
