"""Commands of the making side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from salus.cli.options import Allow, AsJson, Form, PackageRef, Question, Seed, Set

if TYPE_CHECKING:
    from salus.workflows.build_model import BuildOutcome

Estimator = Annotated[str | None, typer.Option(help="Which estimator; by default the pack's first.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option(help="Where to train; auto takes a GPU if there is one.")
]


def build(
    question: Question,
    *,
    estimator: Estimator = None,
    seed: Seed = 0,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training part; by default the recipe's.")] = None,
    device: Device = "auto",
    set_: Set = None,
    allow: Allow = None,
    data: Annotated[
        Path | None, typer.Option(help="Labelled folder or table of your own to train on instead of the pack's data.")
    ] = None,
    form: Annotated[list[str] | None, typer.Option(help="Forms beside float32: int8, pruned, student.")] = None,
    track: Annotated[bool, typer.Option(help="Also write the run to an MLflow store.")] = False,
    json: AsJson = False,
) -> None:
    """Build a package: from data to a signed model in the registry.

    Example: salus build chest_xray/pneumonia --seed 1 --set learning_rate=0.002
    """
    from salus.bootstrap.building import BuildOptions, run_build
    from salus.cli.progress import choose_progress

    options = BuildOptions(
        estimator=estimator,
        seed=seed,
        epochs=epochs,
        device=device,
        hyperparameters=tuple(set_ or ()),
        allow=tuple(allow or ()),
        forms=tuple(form or ("int8",)),
        mlflow=track,
        own_data=data,
    )
    _show_outcome(run_build(question, options, choose_progress(quiet=json)), json=json)


def optimise(
    question: Question,
    *,
    estimator: Estimator = None,
    seed: Seed = 0,
    allow: Allow = None,
    json: AsJson = False,
) -> None:
    """Make every form of a model (INT8, pruned, student), measure each against float32, choose the default.

    A training that was done before with the same data, recipe and seed is taken up from its checkpoint.

    Example: salus optimise chest_xray/pneumonia
    """
    from salus.bootstrap.building import BuildOptions, run_optimisation
    from salus.cli.progress import choose_progress

    options = BuildOptions(estimator=estimator, seed=seed, allow=tuple(allow or ()))
    _show_outcome(run_optimisation(question, options, choose_progress(quiet=json)), json=json)


def search(
    question: Question,
    *,
    trials: Annotated[int, typer.Option(help="How many sets of hyperparameters to try in all.")] = 20,
    estimator: Estimator = None,
    seed: Seed = 0,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training part in each trial.")] = None,
    json: AsJson = False,
) -> None:
    """Search hyperparameters by the validation part alone; an interrupted search goes on where it stopped.

    Example: salus search breast_cancer --trials 30
    """
    from salus.bootstrap.building import run_search
    from salus.cli.output import show_facts, show_json
    from salus.cli.progress import choose_progress

    best = run_search(
        question, trials=trials, estimator=estimator, seed=seed, epochs=epochs, progress=choose_progress(quiet=json)
    )
    if json:
        show_json({"hyperparameters": dict(best.hyperparameters), "value": best.value})
        return
    chosen = " ".join(f"--set {name}={value}" for name, value in best.hyperparameters.items())
    show_facts(
        {"value on validation data": best.value, **best.hyperparameters},
        next_step=f"Build with it: salus build {question} {chosen}",
    )


def evaluate(
    ref: PackageRef,
    data: Annotated[Path, typer.Argument(help="Labelled folder or table, or instances to plan.")],
    *,
    form: Form = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Of a package that plans: seconds for each instance.")
    ] = None,
    answers: Annotated[Path | None, typer.Option(help="Also write each sample's answer to this CSV file.")] = None,
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Measure a package on labelled data of your own, with intervals.

    Example: salus evaluate chest_xray.pneumonia my-hospital/
    """
    from salus.bootstrap.answering import run_evaluation
    from salus.cli.measures import show_report, write_answers
    from salus.cli.output import show_json, write
    from salus.cli.progress import choose_progress

    result = run_evaluation(
        ref, data, variant=form, seed=seed, progress=choose_progress(quiet=json), time_limit_s=time_limit
    )
    if answers is not None:
        write_answers(result, answers)
    if json:
        show_json({"report": result.report, "unanswered": result.unanswered})
        return
    show_report(result.report)
    if result.unanswered:
        write(f"{result.unanswered} samples with missing values were not answered and are not counted.")


def _show_outcome(outcome: BuildOutcome, *, json: bool) -> None:
    from salus.cli.measures import show_forms, show_report
    from salus.cli.output import show_json, write

    record = outcome.record
    if json:
        show_json(
            {
                "record": record,
                "rebuilt": outcome.rebuilt,
                "quality": outcome.quality,
                "reports": outcome.reports,
                "unmet_goals": outcome.unmet,
            }
        )
        return
    for finding in outcome.quality.findings:
        write(f"{finding.severity:<8} {finding.check}: {finding.message.en}")
    for report in outcome.reports:
        write("")
        show_report(report)
    write("")
    show_forms(outcome.package.manifest, record.build_record)
    write("")
    write(
        f"{record.name} version {record.version}, digest {record.digest[:12]}"
        + (" (the same as before, byte for byte)" if outcome.rebuilt else "")
    )
    for goal in outcome.unmet:
        write(f"goal not met: {goal.measure} {goal.asked}; found {goal.found}")
    write("")
    write(
        f"Approve it: salus packages promote {record.name}:{record.version} --why '…'"
        if not outcome.unmet
        else f"Look at it: salus packages show {record.name}:{record.version}"
    )
