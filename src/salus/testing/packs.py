"""What every pack promises."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from salus.contracts.batches import Batch
from salus.contracts.classification import classification_outputs
from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput, SalusError
from salus.contracts.packs import Pack, SolverKit, TaskKit
from salus.contracts.planning import Plan, Planning, PlanQuestion, planning_inputs, planning_outputs
from salus.contracts.predictors import Exportable, FitOptions
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Task
from salus.contracts.tensors import NUMPY_NAMES, TensorSpec
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, treatment_outputs
from salus.evaluation.predicting import predict_split
from salus.evaluation.thresholds import choose_threshold
from salus.testing.failures import NotConformant, refusal, require

HEAVY_LIBRARIES = ("torch", "sklearn", "scipy", "lightgbm", "onnx", "onnxruntime", "matplotlib", "pydicom", "optuna")
"""What listing packs must not import."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NO_HYPERPARAMETER = "no_such_hyperparameter"


def check_pack(
    pack: Pack,
    *,
    datasets: Mapping[str, Dataset] | None = None,
    trials: Mapping[str, FitOptions] | None = None,
    few: int | None = None,
    solve: bool = False,
) -> None:
    """Check `pack`, and where there are data for a task its estimators too.

    Names are stable identifiers; every text is there in both languages; the signature's outputs are those of the
    question's kind; the explainer and the threshold rule suit the task; the estimators refuse an unknown hyperparameter
    and write their recipe as JSON. With data, each estimator fits a few samples twice and gives an exportable predictor
    of the outputs that its kind promises, the same from the same seed. A solver accepts its own example, and with
    `solve` plans it twice alike, keeping every hard constraint.

    Args:
        pack: Under test.
        datasets: By task name; tasks without an entry are checked without fitting.
        trials: By estimator name: options that keep the trial fit small, such as one epoch; where there are none, the
            recipe's own.
        few: Samples of a trial fit; None takes 24 for a classification and 120 for other kinds.
        solve: Whether solvers plan their example.

    Raises:
        NotConformant: A promise is not kept.
    """
    _require_name(pack.name, "pack")
    _require_text(pack.title, f"title of pack {pack.name}")
    names = [kit.task.name for kit in pack.kits]
    require(bool(names) and len(set(names)) == len(names), "at least one task, no name twice", found=f"{names}")
    for kit in pack.kits:
        _check_task(kit.task)
        if isinstance(kit, SolverKit):
            _check_solver(kit, solve=solve)
            continue
        _check_kit(kit)
        _check_estimators(kit)
        if datasets is not None and kit.task.name in datasets:
            for name in kit.estimators:
                _check_fit(
                    kit,
                    name,
                    datasets[kit.task.name],
                    (trials or {}).get(name, FitOptions()),
                    few=few or (24 if kit.task.kind == "classification" else 120),
                )


def check_listing(reference: str) -> None:
    """Check that importing a pack imports no model code, in a fresh interpreter.

    Args:
        reference: As the entry point writes it: `package.module:PACK`.

    Raises:
        NotConformant: It does, or it cannot be imported.
    """
    module, _, attribute = reference.partition(":")
    program = (
        "import importlib, sys\n"
        f"getattr(importlib.import_module({module!r}), {attribute!r})\n"
        f"print(*[name for name in {HEAVY_LIBRARIES!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1:] or [""]
    require(done.returncode == 0, f"{reference} to be importable", found=last[0])
    require(not done.stdout.strip(), f"{reference} to import no model code", found=done.stdout.strip())


def _check_task(task: Task) -> None:
    _require_name(task.name, "task")
    texts = {"title": task.title, "intended use": task.intended_use, "limits": task.limits}
    texts |= {f"{what} {name}": text for what, name, text in _named_texts(task)}
    for where, text in texts.items():
        _require_text(text, f"{where} of task {task.name}")
    for label in task.classes:
        _require_name(label.name, "class")
    if task.kind == "classification":
        require(len(task.classes) >= 2, f"two classes or more in {task.name}", found=f"{len(task.classes)}")
    agreed = task.signature.outputs == expected_outputs(task)
    require(agreed, f"the outputs of a {task.kind} in {task.name}", found="others")
    if isinstance(task.question, Choice):
        names = {spec.name for spec in task.signature.inputs if spec.content in {"scalar", "category"}}
        unknown = sorted({rule.input for rule in task.question.rules} - names)
        require(not unknown, f"rules about scalar inputs of {task.name}", found=f"{unknown}")


def expected_outputs(task: Task) -> tuple[TensorSpec, ...]:
    """The outputs that the kind of a task's question promises."""
    question = task.question
    if isinstance(question, TimeToEvent):
        return survival_outputs(question)
    if isinstance(question, Choice):
        return treatment_outputs(question)
    if isinstance(question, Regression):
        return regression_outputs(question)
    if isinstance(question, Planning):
        return planning_outputs(question)
    evidence = task.signature.output("evidence") is not None
    return classification_outputs(question.classes, evidence=evidence, course=question.course)


def _named_texts(task: Task) -> Iterator[tuple[str, str, LocalizedText]]:
    for label in task.classes:
        yield "class", label.name, label.title
    for spec in (*task.signature.inputs, *task.signature.outputs):
        yield "tensor", spec.name, spec.title
        for variable in spec.variables:
            yield "variable", variable.name, variable.title
    if isinstance(task.question, Choice):
        for option in task.question.options:
            yield "option", option.name, option.title
        for rule in task.question.rules:
            yield "rule", rule.name, rule.reason
    if isinstance(task.question, Planning):
        for term in task.question.costs:
            yield "cost", term.name, term.title


def _check_kit(kit: TaskKit) -> None:
    task = kit.task
    contents = [spec.content for spec in task.signature.inputs]
    plain = all(content in {"scalar", "category"} for content in contents if content != "events")
    if kit.explainer == "evidence_map":
        evidence = task.signature.output("evidence") is not None
        require(evidence, f"an output `evidence` in {task.name}, explained by evidence_map", found="none")
    else:
        events = 1 if kit.explainer == "event_shapley" else 0
        suits = plain and contents.count("events") == events and kit.explainer != "what_if"
        require(suits, f"inputs of {task.name} that {kit.explainer} explains", found=", ".join(contents))
    if len(task.classes) == 2:
        try:
            choose_threshold(np.array([0.25, 0.75]), np.array([0, 1]), rule=kit.threshold_rule)
        except InvalidInput as error:
            raise NotConformant(f"a known threshold rule in {task.name}", found=kit.threshold_rule) from error
    require(bool(kit.licence.strip()), f"a licence of the weights of {task.name}", found="none")


class _NobodyWatches:
    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """Look away."""

    def cancelled(self) -> bool:
        """Never."""
        return False


def _check_solver(kit: SolverKit, *, solve: bool) -> None:
    task = kit.task
    agreed = task.signature.inputs == planning_inputs()
    require(agreed, f"the inputs of planning_inputs in {task.name}", found="others")
    with refusal("an unknown setting of the solver", SalusError):
        kit.solver({_NO_HYPERPARAMETER: 1})
    solver, example = kit.solver({}), kit.example()
    found = solver.check(example)
    require(found in kit.question.formats, f"an example in one of the formats of {task.name}", found=found)
    with refusal("an instance that is none", InvalidInput):
        solver.check("{}")
    if not solve:
        return
    question = PlanQuestion(instance=example, iterations=100_000)
    plans = [solver.solve(question, _NobodyWatches()) for _ in range(2)]
    require(not plans[0].violations, "a plan that keeps every hard constraint", found=f"{plans[0].violations}")
    require(plans[0] == plans[1], "the same plan from the same question", found="others")
    again = solver.reckon(example, plans[0].solution)
    require(again.costs == plans[0].costs, "a plan that is reckoned as it was told", found="other costs")
    names = [term.name for term in kit.question.costs]
    require(list(plans[0].costs) == names, f"costs named {names}", found=f"{list(plans[0].costs)}")


def _check_estimators(kit: TaskKit) -> None:
    require(bool(kit.estimators), f"an estimator for {kit.task.name}", found="none")
    for name, factory in kit.estimators.items():
        _require_name(name, "estimator")
        with refusal(f"an unknown hyperparameter of {name}", SalusError):
            factory(FitOptions(hyperparameters={_NO_HYPERPARAMETER: 1}))
        recipe = dict(factory(FitOptions()).recipe)
        try:
            readable = msgspec.json.decode(msgspec.json.encode(recipe)) == recipe
        except (TypeError, msgspec.MsgspecError):
            readable = False
        require(readable, f"a recipe of {name} that JSON can write", found="one that changes or cannot be written")


def _check_fit(kit: TaskKit, name: str, dataset: Dataset, options: FitOptions, *, few: int) -> None:
    for spec in kit.task.signature.inputs:
        column = dataset.train.inputs.get(spec.name)
        found = "none" if column is None else str(column.dtype)
        fits = found in {"object", NUMPY_NAMES[spec.datatype]}
        require(fits, f"an input {spec.name!r} of {spec.datatype} in the data of {kit.task.name}", found=found)
    train, validation = _few(dataset.train, most=few), _few(dataset.validation, most=few)
    answers = []
    for _ in range(2):
        predictor = kit.estimators[name](options).fit(train, validation, rng=np.random.default_rng(0))
        require(isinstance(predictor, Exportable), f"a predictor of {name} with graph_source", found="none")
        answers.append(predict_split(predictor, validation))
    _check_answers(kit.task, name, answers[0], len(validation))
    for output, array in answers[0].items():
        same = np.array_equal(array, answers[1][output], equal_nan=array.dtype.kind == "f")
        require(same, f"the same {output} of {name} from the same seed", found="others")


def _check_answers(task: Task, name: str, answers: Batch, count: int) -> None:
    if task.kind == "classification":
        logits = answers["logits"]
        expected = (count, len(task.classes))
        form = logits.shape == expected and logits.dtype == np.float32
        require(form, f"logits of {name} of shape {expected} and float32", found=f"{logits.shape} {logits.dtype}")
        require(bool(np.isfinite(logits.astype(np.float64)).all()), f"finite logits of {name}", found="others")
        return
    for spec in task.signature.outputs:
        array = answers.get(spec.name)
        found = "none" if array is None else f"{array.shape} {array.dtype}"
        fits = array is not None and array.shape == (count, *spec.shape[1:])
        fits = fits and str(array.dtype) == NUMPY_NAMES[spec.datatype] if array is not None else False
        require(fits, f"{spec.name} of {name}: {spec.datatype} of shape {[count, *spec.shape[1:]]}", found=found)


def _few(split: Split, *, most: int = 24) -> Split:
    """The first samples of each class in turn."""
    classes = np.unique(split.labels)
    per_class = max(1, most // len(classes))
    chosen = [np.flatnonzero(split.labels == label)[:per_class] for label in classes]
    return split.take(np.sort(np.concatenate(chosen)))


def _require_name(name: str, what: str) -> None:
    require(_NAME.fullmatch(name) is not None, f"a {what} name of a-z, 0-9 and _", found=repr(name))


def _require_text(text: LocalizedText, where: str) -> None:
    require(bool(_CHINESE.search(text.zh)), f"a Chinese text for the {where}", found=repr(text.zh))
    require(not _CHINESE.search(text.en), f"an English text for the {where}", found=repr(text.en))
    require("!" not in text.en and "！" not in text.zh, f"no exclamation mark in the {where}", found="one")
