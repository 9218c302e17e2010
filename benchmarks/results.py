"""How good the packages of the home folder are, asked anew: between the markers of docs/performance/results.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.machine import PAGES, describe_machine
from salus.bootstrap.house import House
from salus.bootstrap.packages import find_package
from salus.contracts.errors import DataUnavailable, NotFound
from salus.contracts.packages import ModelPackage
from salus.contracts.predictors import FitOptions
from salus.contracts.reports import EvaluationReport, Measure
from salus.data.sets.wisconsin import read as read_wisconsin
from salus.evaluation.judges import judge_of
from salus.evaluation.metrics import auroc
from salus.evaluation.predicting import predict_split
from salus.modelpackage.reading import read_calibration, read_reports
from salus.plugins.discovery import find_learned_kit
from salus.workflows.workshop import package_question

PAGE = PAGES / "results.md"
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
COMMAND = "python -m benchmarks results"
SHOWN = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "brier": "Brier score",
    "ece": "ECE",
}
DIVISIONS = 100


def main() -> None:
    """Evaluate, and write between the markers; a page without them is begun."""
    house = House()
    names = dict.fromkeys(record.name for record in house.registry.list_packages())
    lines = [describe_machine(("onnxruntime", "scikit-learn", "torch"), command=COMMAND), ""]
    for name in names:
        try:
            _, package = find_package(house, name)
        except NotFound:  # every version is retired
            continue
        lines += _describe(house, package)
    lines += ["### `breast_cancer.malignancy` on other divisions", "", _describe_divisions(house), ""]
    before, after = _split_page()
    PAGE.write_text("\n".join([before + BEGIN, "", *lines, END + after]), encoding="utf-8")


def _split_page() -> tuple[str, str]:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Results\n\n{BEGIN}\n{END}\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected {BEGIN} and {END} in {PAGE.name}; found no such pair")
    return before, after


def _describe(house: House, package: ModelPackage) -> list[str]:
    manifest = package.manifest
    lineage = manifest.lineage
    print(f"  {manifest.name} version {manifest.version}", flush=True)
    reports = list(_evaluate_anew(house, package))
    source = "evaluated anew on the served graph"
    if not reports:
        reports, source = list(read_reports(package)), "as its package says; the data are not at hand"
    heads = ["measure", *(f"{report.part}, {report.samples} samples" for report in reports)]
    lines = [
        f"### `{manifest.name}`",
        "",
        f"Estimator `{lineage.estimator}`, seed {lineage.seed}, {lineage.samples['train']} training samples, form",
        f"{manifest.default_variant}, digest `{package.digest[:12]}`; {source}.",
        "",
        f"| {' | '.join(heads)} |",
        f"|---{'|--:' * len(reports)}|",
    ]
    for measure, title in SHOWN.items():
        lines.append(f"| {title} | {' | '.join(_say(report.measure(measure)) for report in reports)} |")
    return [*lines, ""]


def _evaluate_anew(house: House, package: ModelPackage) -> Iterator[EvaluationReport]:
    manifest = package.manifest
    try:
        _, kit = find_learned_kit(package_question(manifest.name))
        published = kit.read_dataset(replace(house.data_request(), offline=True), manifest.lineage.seed)
        dataset = kit.mended(published)
    except (NotFound, DataUnavailable) as error:
        print(f"  {error}")
        return
    if dataset.digest != manifest.lineage.dataset_digest:
        raise ValueError(f"expected the data that {manifest.name} was trained on; found others under the same name")
    graph = house.backend.load(package)
    for part in ("validation", "test"):
        split = dataset.parts().get(part)
        if split is None:
            continue
        judge = judge_of(manifest.task.kind)
        calibration = read_calibration(package)
        yield judge.report(
            predict_split(graph, split, outputs=judge.outputs),
            split,
            task=manifest.task,
            part=part,
            threshold=None if calibration is None else calibration.threshold,
            seed=manifest.lineage.seed,
        )


def _say(measure: Measure | None) -> str:
    if measure is None or measure.value is None or measure.interval is None:
        return "not defined"
    return f"{measure.value:.3f} ({measure.interval.low:.3f} to {measure.interval.high:.3f})"


def _describe_divisions(house: House) -> str:
    """The pack's default estimator, fitted and tested on divisions 0 to 99."""
    _, kit = find_learned_kit("breast_cancer/malignancy")
    name, make = next(iter(kit.estimators.items()))
    found = []
    for seed in range(DIVISIONS):
        dataset = read_wisconsin(house.data_request(), seed)
        predictor = make(FitOptions()).fit(dataset.train, dataset.validation, rng=np.random.default_rng(0))
        assert dataset.test is not None
        logits = predict_split(predictor, dataset.test, outputs=("logits",))["logits"].astype(np.float64)
        found.append(auroc(dataset.test.labels, logits[:, 1] - logits[:, 0]))
    values = np.array(found, dtype=np.float64)
    low, lower, middle, upper, high = np.quantile(values, (0.025, 0.25, 0.5, 0.75, 0.975))
    return "\n".join(
        (
            f"The pack's division is fixed by the seed 42. Over the divisions 0 to {DIVISIONS - 1}, each with a fit of",
            f"`{name}` of its own, the test AUROC has the median {middle:.4f}, quartiles {lower:.4f} and {upper:.4f},",
            f"2.5 % and 97.5 % quantiles {low:.4f} and {high:.4f}, and the minimum {values.min():.4f}.",
        )
    )
