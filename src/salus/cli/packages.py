"""Commands about packages in the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

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
    from salus.cli.registers import show_packages

    show_packages(House().registry.list_packages(), json=json)


@app.command()
def show(
    ref: PackageRef,
    language: Annotated[Literal["en", "zh"], typer.Option(help="Language of the card.")] = "en",
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
    write(read_card(package, language))


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
def sign(folder: Annotated[Path, typer.Argument(help="A folder with a package.")], json: AsJson = False) -> None:
    """Sign a package with this installation's key, in place of the signature that it may have.

    Example: salus packages sign ./chest_xray.pneumonia
    """
    from dataclasses import replace

    from salus.bootstrap.house import House
    from salus.cli.output import show_facts, show_json
    from salus.modelpackage.writing import sign_package

    house = House()
    package = sign_package(folder, signer=house.signer, trust=replace(house.trust, require_signature=False))
    facts = {"package": package.manifest.name, "digest": package.digest, "signed by": package.signer}
    if json:
        show_json(facts)
        return
    show_facts(facts)


@app.command("export")
def export_(
    ref: PackageRef,
    path: Annotated[Path, typer.Argument(help="The archive to write, ending in .zip.")],
    json: AsJson = False,
) -> None:
    """Write a package to one archive, the same bytes each time.

    Example: salus packages export breast_cancer.malignancy malignancy.zip
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import find_package
    from salus.cli.output import show_json, write
    from salus.modelpackage.archive import export_package

    _, package = find_package(House(), ref)
    written = export_package(package, path)
    if json:
        show_json({"archive": str(written), "digest": package.digest})
        return
    write(f"{written}  {package.digest[:12]}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An archive that `salus packages export` wrote.")], json: AsJson = False
) -> None:
    """Verify an archive and take its package up as a candidate.

    Example: salus packages import malignancy.zip
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import import_package
    from salus.cli.output import show_json, write

    record = import_package(House(), path)
    if json:
        show_json(record)
        return
    write(f"{record.name} version {record.version}, {record.stage}, digest {record.digest[:12]}")


@app.command()
def promote(
    ref: PackageRef,
    why: Why,
    alias: Annotated[str | None, typer.Option(help="Also give it this alias.")] = None,
    json: AsJson = False,
) -> None:
    """Approve a candidate, if its report meets the release gate.

    Example: salus packages promote breast_cancer.malignancy --why 'validated on ward 7'
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import split_reference
    from salus.cli.output import show_json, write
    from salus.workflows.release_model import approve_package

    house = House()
    name, which = split_reference(ref)
    record = approve_package(house.registry.get(name, which or "candidate"), house.workshop(), why=why)
    if alias is not None:
        house.registry.set_alias(record.name, alias, record.version, who=house.actor)
        record = house.registry.get(record.name, record.version)
    if json:
        show_json(record)
        return
    write(f"{record.name} version {record.version} is approved.")
    write("")
    write(f"Serve it: salus deploy {record.name}:{record.version}")


@app.command()
def retire(ref: PackageRef, why: Why, json: AsJson = False) -> None:
    """Take an approved package out of use.

    Example: salus packages retire chest_xray.pneumonia:3 --why 'replaced by version 4'
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.packages import split_reference
    from salus.cli.output import show_json, write

    house = House()
    name, which = split_reference(ref)
    record = house.registry.get(name, which or "approved")
    record = house.registry.retire(record.name, record.version, who=house.actor, why=why)
    if json:
        show_json(record)
        return
    write(f"{record.name} version {record.version} is retired.")
