"""Commands of the running side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from salus.cli.options import AsJson, Form, PackageRef

Source = Annotated[
    Path,
    typer.Argument(
        help="A picture (PNG, JPEG, DICOM), a table (CSV, Parquet), a FHIR Bundle or instance (JSON), or a folder."
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", help="Input beside a document as NAME=VALUE or NAME=@FILE; repeatable."),
]


def deploy(
    ref: Annotated[
        str | None, typer.Argument(metavar="NAME[:VERSION]", help="Package; a version, an alias or a stage.")
    ] = None,
    *,
    service: Annotated[str | None, typer.Option(help="The service's name; by default the package's.")] = None,
    candidate: Annotated[bool, typer.Option(help="Serve a version that nobody has approved.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show which package keeps which service's promise.")] = False,
    remove: Annotated[
        str | None, typer.Option(metavar="SERVICE", help="Let no package keep the promise of this service.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Let a package keep the promise of a service, from the next start of `salus serve` on.

    Example: salus deploy breast_cancer.malignancy:1
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.running import deploy_package
    from salus.cli.output import show_json, write
    from salus.cli.registers import show_deployments

    if sum((ref is not None, list_, remove is not None)) != 1:
        raise typer.BadParameter("give either a package, or --list, or --remove SERVICE")
    house = House()
    if list_:
        show_deployments(house.registry.list_deployments(), json=json)
    elif remove is not None:
        house.registry.undeploy(remove, who=house.actor)
        if json:
            show_json({"removed": remove})
            return
        write(f"{remove} is not served any more, from the next start of `salus serve` on.")
    elif ref is not None:
        deployment = deploy_package(ref, service=service, allow_candidate=candidate, house=house)
        if json:
            show_json(deployment)
            return
        write(f"{deployment.service} is served by {deployment.name} version {deployment.version}.")
        write("")
        write("Serve it: salus serve")


def predict(
    ref: PackageRef,
    source: Source,
    *,
    form: Form = None,
    input_: Inputs = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the answers to this file (.csv or .json); of an instance, its solution.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Answer pictures, rows, observations or instances with a package on this machine.

    Example: salus predict chest_xray.pneumonia pictures/ --out answers.csv
    """
    from salus.bootstrap.answering import run_answers
    from salus.cli.answers import require_answers_file, show_answers, write_answers
    from salus.cli.progress import choose_progress

    if out is not None:
        require_answers_file(out)
    answers = run_answers(
        ref, source, variant=form, explain=False, progress=choose_progress(quiet=json), inputs=input_ or ()
    )
    if out is not None:
        write_answers(answers, out)
    show_answers(answers, json=json)


def explain(
    ref: PackageRef,
    source: Source,
    *,
    form: Form = None,
    input_: Inputs = None,
    out: Annotated[Path, typer.Option(help="Folder for the pictures with their heatmaps.")] = Path("explanations"),
    json: AsJson = False,
) -> None:
    """Say why: writes a heatmap over each picture, or lists what each measurement contributed.

    Example: salus explain chest_xray.pneumonia picture.png
    """
    from salus.bootstrap.answering import run_answers
    from salus.cli.answers import show_explanations
    from salus.cli.progress import choose_progress

    answers = run_answers(
        ref, source, variant=form, explain=True, progress=choose_progress(quiet=json), inputs=input_ or ()
    )
    show_explanations(answers, out, json=json)


def serve(json: Annotated[bool, typer.Option("--json", help="Logs as JSON lines.")] = False) -> None:
    """Serve every deployed service until stopped; what is in flight is finished.

    Example: SALUS_GATEWAY__PORT=9000 salus serve
    """
    from salus.bootstrap.house import House
    from salus.cli.serving import serve_house

    serve_house(House(), json=json)


def up() -> None:
    """Build what is missing, serve it, and print the address, a key and three commands to try.

    Example: salus up
    """
    from salus.bootstrap.house import House
    from salus.bootstrap.preparing import Prepared, prepare_services
    from salus.cli.output import write
    from salus.cli.progress import choose_progress
    from salus.cli.serving import serve_house

    house = House()

    def tell(done: Prepared) -> None:
        write(f"{done.state:<9} {done.question}" + (f"\n          {done.reason}" if done.reason else ""))

    prepare_services(house, choose_progress(quiet=False), tell)
    serve_house(house, json=False)
