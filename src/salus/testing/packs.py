"""What every pack promises."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping

import msgspec
import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput, SalusError
from salus.contracts.packs import Pack, TaskKit
from salus.contracts.predictors import Exportable, FitOptions
from salus.contracts.tasks import classification_outputs
from salus.contracts.tensors import NUMPY_NAMES
from salus.contracts.text import LocalizedText
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
) -> None:
    """Check `pack`, and where there are data for a task its estimators too.

    Names are stable identifiers; every text is there in both languages; the signature's outputs are those of
    `classification_outputs`; the explainer and the threshold rule suit the task; the estimators refuse an unknown
    hyperparameter and write their recipe as JSON. With data, each estimator fits 24 samples twice and gives an
    exportable predictor of finite logits, the same from the same seed.

    Args:
        pack: Under test.
        datasets: By task name; tasks without an entry are checked without fitting.
        trials: By estimator name: options that keep the trial fit small, such as one epoch; where there are none, the
            recipe's own.

    Raises:
        NotConformant: A promise is not kept.
    """
    _require_name(pack.name, "pack")
    _require_text(pack.title, f"title of pack {pack.name}")
    names = [kit.task.name for kit in pack.kits]
    require(bool(names) and len(set(names)) == len(names), "at least one task, no name twice", found=f"{names}")
    for kit in pack.kits:
        _check_task(kit)
        _check_estimators(kit)
        if datasets is not None and kit.task.name in datasets:
            for name in kit.estimators:
                _check_fit(kit, name, datasets[kit.task.name], (trials or {}).get(name, FitOptions()))


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


def _check_task(kit: TaskKit) -> None:
    task = kit.task
    _require_name(task.name, "task")
    texts = {"title": task.title, "intended use": task.intended_use, "limits": task.limits}
    texts |= {f"class {label.name}": label.title for label in task.classes}
    texts |= {f"tensor {spec.name}": spec.title for spec in (*task.signature.inputs, *task.signature.outputs)}
    for where, text in texts.items():
        _require_text(text, f"{where} of task {task.name}")
    for label in task.classes:
        _require_name(label.name, "class")
    require(len(task.classes) >= 2, f"two classes or more in {task.name}", found=f"{len(task.classes)}")
    evidence = task.signature.output("evidence") is not None
    agreed = task.signature.outputs == classification_outputs(task.classes, evidence=evidence)
    require(agreed, f"the outputs of classification_outputs in {task.name}", found="others")
    if kit.explainer == "evidence_map":
        require(evidence, f"an output `evidence` in {task.name}, explained by evidence_map", found="none")
    else:
        scalars = all(spec.content in {"scalar", "category"} for spec in task.signature.inputs)
        require(scalars, f"scalar inputs in {task.name}, explained by {kit.explainer}", found="others")
    if len(task.classes) == 2:
        try:
            choose_threshold(np.array([0.25, 0.75]), np.array([0, 1]), rule=kit.threshold_rule)
        except InvalidInput as error:
            raise NotConformant(f"a known threshold rule in {task.name}", found=kit.threshold_rule) from error
    require(bool(kit.licence.strip()), f"a licence of the weights of {task.name}", found="none")


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


def _check_fit(kit: TaskKit, name: str, dataset: Dataset, options: FitOptions) -> None:
    for spec in kit.task.signature.inputs:
        column = dataset.train.inputs.get(spec.name)
        found = "none" if column is None else str(column.dtype)
        fits = found in {"object", NUMPY_NAMES[spec.datatype]}
        require(fits, f"an input {spec.name!r} of {spec.datatype} in the data of {kit.task.name}", found=found)
    train, validation = _few(dataset.train), _few(dataset.validation)
    answers = []
    for _ in range(2):
        predictor = kit.estimators[name](options).fit(train, validation, rng=np.random.default_rng(0))
        require(isinstance(predictor, Exportable), f"a predictor of {name} with graph_source", found="none")
        answers.append(predict_split(predictor, validation, outputs=["logits"])["logits"])
    logits = answers[0]
    expected = (len(validation), len(kit.task.classes))
    form = logits.shape == expected and logits.dtype == np.float32
    require(form, f"logits of {name} of shape {expected} and float32", found=f"{logits.shape} {logits.dtype}")
    require(bool(np.isfinite(logits.astype(np.float64)).all()), f"finite logits of {name}", found="others")
    require(np.array_equal(answers[0], answers[1]), f"the same logits of {name} from the same seed", found="others")


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
