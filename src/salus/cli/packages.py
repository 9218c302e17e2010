"""Commands about packages in the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salus.cli.options import AsJson, PackageRef

app = typer.Typer(help="List, show, verify, sign, move and release model packages.", no_args_is_help=True)
Why = Annotated[str, typer.Option(help="The reason, for the history.")]


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List every package of the registry.

    Example: salus packages list
    """
    from salus.bootstrap.house import House
    from salus.cli.output import show_json, show_table

    records = House().registry.list_packages()
    if json:
        show_json(records)
        return
    show_table(
        ["NAME", "VERSION", "STAGE", "ALIASES", "ESTIMATOR", "FORM", "DIGEST", "ADDED"],
        [
            [
                r.name,
                r.version,
                r.stage,
                ",".join(r.aliases),
                r.facts.estimator,
                r.facts.default_variant,
                r.digest[:12],
                r.added_at[:16],
            ]
            for r in records
        ],
        next_step="Look at one: salus packages show NAME" if records else "Build one: salus build breast_cancer",
    )


@app.command()
def show(
    ref: PackageRef,
    language: Annotated[str, typer.Option(help="Language of the card: en or zh.")] = "en",
    json: AsJson = False,
) -> None:
    """Show a package's card, or with --json its manifest, record and history.

    Example: salus packages show breast_cancer.malignancy --language zh
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import find_package
    from salus.cli.output import show_json, write
    from salus.modelpackage.reading import read_card

    house = House()
    record, package = find_package(house, ref)
    if json:
        history = house.registry.history(record.name, record.version)
        show_json({"record": record, "manifest": package.manifest, "history": history})
        return
    write(read_card(package, "zh" if language == "zh" else "en"))


@app.command()
def verify(
    ref: Annotated[str, typer.Argument(help="NAME[:VERSION], or a folder with a package.")], json: AsJson = False
) -> None:
    """Check every byte and the signature, load the model and let it answer its own example.

    Example: salus packages verify breast_cancer.malignancy
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import verify_package
    from salus.cli.output import show_facts, show_json

    facts = verify_package(House(), ref)
    if json:
        show_json(facts)
        return
    show_facts(facts)


@app.command()
def sign(folder: Annotated[Path, typer.Argument(help="A folder with a package.")]) -> None:
    """Sign a package with this installation's key, in place of the signature that it may have.

    Example: salus packages sign ./chest_xray.pneumonia
    """
    from dataclasses import replace

    from salus.bootstrap.house import House
    from salus.cli.output import show_facts
    from salus.modelpackage.writing import sign_package

    house = House()
    package = sign_package(folder, signer=house.signer, trust=replace(house.trust, require_signature=False))
    show_facts({"package": package.manifest.name, "digest": package.digest, "signed by": package.signer})


@app.command("export")
def export_(
    ref: PackageRef, path: Annotated[Path, typer.Argument(help="The archive to write, ending in .zip.")]
) -> None:
    """Write a package to one archive, the same bytes each time.

    Example: salus packages export breast_cancer.malignancy malignancy.zip
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import find_package
    from salus.cli.output import write
    from salus.modelpackage.archive import export_package

    _, package = find_package(House(), ref)
    write(f"{export_package(package, path)}  {package.digest[:12]}")


@app.command("import")
def import_(path: Annotated[Path, typer.Argument(help="An archive that `salus packages export` wrote.")]) -> None:
    """Verify an archive and take its package up as a candidate.

    Example: salus packages import malignancy.zip
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import import_package
    from salus.cli.output import write

    record = import_package(House(), path)
    write(f"{record.name} version {record.version}, {record.stage}, digest {record.digest[:12]}")


@app.command()
def promote(
    ref: PackageRef, why: Why, alias: Annotated[str | None, typer.Option(help="Also give it this alias.")] = None
) -> None:
    """Approve a candidate, if its report meets the release gate.

    Example: salus packages promote breast_cancer.malignancy --why 'validated on ward 7'
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import split_reference
    from salus.cli.output import write
    from salus.workflows.release_model import approve_package

    house = House()
    name, which = split_reference(ref)
    record = approve_package(house.registry.get(name, which or "candidate"), house.workshop(), why=why)
    if alias is not None:
        house.registry.set_alias(record.name, alias, record.version, who=house.workshop().actor)
    write(f"{record.name} version {record.version} is approved.")
    write("")
    write(f"Serve it: salus deploy {record.name}:{record.version}")


@app.command()
def retire(ref: PackageRef, why: Why) -> None:
    """Take an approved package out of use.

    Example: salus packages retire chest_xray.pneumonia:3 --why 'replaced by version 4'
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import split_reference
    from salus.cli.output import write

    house = House()
    name, which = split_reference(ref)
    record = house.registry.get(name, which or "approved")
    house.registry.retire(record.name, record.version, who=house.workshop().actor, why=why)
    write(f"{record.name} version {record.version} is retired.")
