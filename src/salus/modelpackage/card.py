"""The card of a package, written from the records of its build and from nothing else (Mitchell et al., FAT* 2019).

English and Chinese have the same sections, tables and figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from salus.contracts.datasets import QualityReport
from salus.contracts.packages import Manifest, Variant
from salus.contracts.reports import Calibration, EvaluationReport, Interval, Measure
from salus.contracts.tasks import Goal
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import Language, LocalizedText
from salus.modelpackage.card_questions import describe_limits, describe_question, name_labels
from salus.modelpackage.card_words import (
    EXPLAINERS,
    KINDS,
    MEASURES,
    MISSING,
    PARTS,
    SEVERITIES,
    WORDS,
    describe_rule,
)

_ORDER = {"test": 0, "validation": 1}


def make_card(
    manifest: Manifest,
    *,
    reports: Sequence[EvaluationReport],
    calibration: Calibration | None,
    quality: QualityReport,
    language: Language,
) -> str:
    """The card, as Markdown.

    Args:
        manifest: What the package says of itself; its list of files is not used.
        reports: One for each part; the test part is told first.
        calibration: Of a classifier; None for other kinds.
        quality: Of the training data.
        language: `en` or `zh`.
    """
    ordered = sorted(reports, key=lambda report: _ORDER.get(report.part, 2))
    writer = _Card(manifest, tuple(ordered), calibration, quality, language)
    blocks = [
        *writer.head(),
        *writer.question(),
        *writer.performance(),
        *writer.operating_point(),
        *writer.abstention(),
        *writer.data(),
        *writer.build(),
        *writer.variants(),
        *writer.end(),
    ]
    return "\n\n".join(blocks) + "\n"


@dataclass(frozen=True)
class _Card:
    manifest: Manifest
    reports: tuple[EvaluationReport, ...]
    calibration: Calibration | None
    quality: QualityReport
    language: Language

    def head(self) -> list[str]:
        manifest = self.manifest
        kind = _named(KINDS, manifest.task.kind, self.language)
        blocks = [
            f"# {_line(self._text(manifest.title))}",
            self._word("version", name=manifest.name, version=manifest.version, kind=kind.capitalize()),
        ]
        return [*blocks, f"> {self._word('demonstration')}"] if manifest.task.demonstration else blocks

    def question(self) -> list[str]:
        task = self.manifest.task
        asked = describe_question(task.question, self.language)
        blocks = [self._heading("asked"), self._text(task.title), *asked]
        rows = [self._input_row(spec) for spec in task.signature.inputs]
        return [
            *blocks,
            self._heading("inputs"),
            self._table("input_columns", rows),
            self._heading("use"),
            self._text(task.intended_use),
            self._heading("limits"),
            self._text(task.limits),
        ]

    def performance(self) -> list[str]:
        tested = any(report.part == "test" for report in self.reports)
        planned = self.manifest.task.kind == "planning"
        blocks = [self._heading("good"), self._word("planned" if planned else "tested" if tested else "untested")]
        for report in self.reports:
            part = _named(PARTS, report.part, self.language)
            whole = [m for m in report.measures if m.subgroup is None]
            parts = [m for m in report.measures if m.subgroup is not None]
            blocks.append(f"### {self._word('report', part=part, count=report.samples)}")
            blocks.append(self._table("measure_columns", [self._measure_row(m) for m in whole]))
            blocks.append(f"**{self._word('subgroups')}**")
            rows = [[str(m.subgroup), *self._measure_row(m)] for m in parts]
            blocks.append(self._table("subgroup_columns", rows) if rows else self._word("no_subgroups"))
        return blocks

    def operating_point(self) -> list[str]:
        if self.calibration is None:
            return []
        heading = self._heading("point")
        threshold, rule = self.calibration.threshold, self.calibration.threshold_rule
        if threshold is None or len(self.manifest.task.classes) != 2:
            return [heading, self._word("most_probable")]
        words = describe_rule(rule or "", self.language)
        blocks = [
            heading,
            self._word("threshold", finding=self._finding(), threshold=_figure(threshold), rule=words),
        ]
        frequencies = [line for report in self.reports for line in self._frequencies(report)]
        return [*blocks, "\n".join(f"- {line}" for line in frequencies) or self._word("no_figures")]

    def abstention(self) -> list[str]:
        if self.calibration is None:
            limits = describe_limits(self.manifest.task.question, self.language)
            return [self._heading("no_answer"), *limits]
        coverage = f"{100 * self.calibration.coverage:.6g}"
        return [
            self._heading("abstention"),
            self._word("calibration", temperature=_figure(self.calibration.temperature)),
            self._word("sets", coverage=coverage),
        ]

    def data(self) -> list[str]:
        source, lineage = self.manifest.lineage.dataset, self.manifest.lineage
        facts = [self._word("source", title=self._text(source.title), name=source.name)]
        if source.synthetic:
            facts.append(self._word("synthetic"))
        if source.url:
            facts.append(self._word("address", url=source.url))
        facts.append(self._word("data_licence", licence=source.licence))
        if source.citation:
            facts.append(self._word("citation", citation=_line(source.citation)))
        facts.append(self._word("digest", digest=lineage.dataset_digest))
        parts = [
            [_named(PARTS, part, self.language), str(count), self._shares(self.quality.balance.get(part, {}))]
            for part, count in lineage.samples.items()
        ]
        blocks = [
            self._heading("data"),
            "\n".join(f"- {_line(fact)}" for fact in facts),
            self._table("part_columns", parts),
            f"### {self._word('findings')}",
        ]
        findings = [
            [
                f"`{each.check}`",
                _named(SEVERITIES, each.severity, self.language),
                self._text(each.message),
                str(each.count),
            ]
            for each in self.quality.findings
        ]
        blocks.append(self._table("finding_columns", findings) if findings else self._word("no_findings"))
        if lineage.allowed_findings:
            checks = self._word("comma").join(f"`{check}`" for check in lineage.allowed_findings)
            blocks.append(self._word("allowed", checks=checks))
        return blocks

    def build(self) -> list[str]:
        lineage = self.manifest.lineage
        recipe = json.dumps(lineage.recipe, indent=2, sort_keys=True, ensure_ascii=False)
        return [
            self._heading("built"),
            self._word("build", pack=lineage.pack, estimator=lineage.estimator, seed=lineage.seed, code=lineage.code),
            self._word("recipe"),
            f"```json\n{recipe}\n```",
        ]

    def variants(self) -> list[str]:
        if self.manifest.task.kind == "planning":
            return []
        rows = [self._variant_row(variant) for variant in self.manifest.variants]
        return [
            self._heading("variants"),
            self._table("variant_columns", rows),
            self._word("default", name=self.manifest.default_variant),
        ]

    def end(self) -> list[str]:
        goals = self.manifest.task.goals
        rows = [self._goal_row(goal) for goal in goals]
        return [
            self._heading("explained"),
            _named(EXPLAINERS, self.manifest.explainer, self.language),
            self._heading("goals"),
            self._table("goal_columns", rows) if rows else self._word("no_goals"),
            self._heading("status"),
            self._word("stage", licence=self.manifest.licence),
        ]

    def _frequencies(self, report: EvaluationReport) -> list[str]:
        """The operating point in counts of 100 (Gigerenzer and Hoffrage, Psychol. Rev. 1995)."""
        part = _named(PARTS, report.part, self.language)
        lines = []
        for name, word in (("sensitivity", "called"), ("specificity", "false_alarm")):
            measure = report.measure(name)
            if measure is not None and measure.value is not None and measure.interval is not None:
                hit = round(100 * measure.value)
                lines.append(
                    self._word(
                        word,
                        part=part,
                        finding=self._finding(),
                        hit=hit,
                        miss=100 - hit,
                        level=f"{100 * measure.interval.level:.6g}",
                        low=round(100 * measure.interval.low),
                        high=round(100 * measure.interval.high),
                    )
                )
        right = report.measure("ppv")
        total = sum(sum(row) for row in report.confusion)
        if right is not None and right.value is not None and total and len(report.confusion) == 2:
            hit, prevalence = round(100 * right.value), round(100 * sum(report.confusion[1]) / total)
            lines.append(self._word("right_calls", part=part, hit=hit, miss=100 - hit, prevalence=prevalence))
        return lines

    def _input_row(self, spec: TensorSpec) -> list[str]:
        low_high = spec.valid_range
        limits = self._word("range", low=f"{low_high[0]:g}", high=f"{low_high[1]:g}") if low_high else "–"
        return [
            f"`{spec.name}`",
            self._text(spec.title),
            spec.unit or "–",
            limits,
            _named(MISSING, spec.missing, self.language),
        ]

    def _measure_row(self, measure: Measure) -> list[str]:
        value = self._word("undefined") if measure.value is None else _figure(measure.value)
        return [
            _named(MEASURES, measure.name, self.language),
            value,
            self._interval(measure.interval),
            str(measure.samples),
        ]

    def _variant_row(self, variant: Variant) -> list[str]:
        low, high = variant.loss_interval
        return [
            f"`{variant.name}`",
            variant.precision,
            _size(variant.size),
            f"{variant.max_abs_difference:.2g}",
            f"{variant.loss:.4f}",
            self._word("range", low=f"{low:.4f}", high=f"{high:.4f}"),
            self._word("yes" if variant.within_tolerance else "no"),
        ]

    def _goal_row(self, goal: Goal) -> list[str]:
        if goal.at_least is not None:
            asked = self._word("at_least", value=f"{goal.at_least:g}")
        else:
            asked = self._word("at_most", value=f"{goal.at_most:g}")
        return [_named(MEASURES, goal.measure, self.language), goal.subgroup or self._word("all"), asked]

    def _shares(self, balance: Mapping[str, float]) -> str:
        labels = name_labels(self.manifest.task.question)
        titles = {str(index): self._text(label) for index, label in enumerate(labels)}
        shares = [f"{titles.get(index, index)} {100 * share:.1f} %" for index, share in balance.items()]
        return self._word("comma").join(shares) or "–"

    def _interval(self, interval: Interval | None) -> str:
        if interval is None:
            return "–"
        level = f"{100 * interval.level:.6g}"
        return self._word("interval", low=_figure(interval.low), high=_figure(interval.high), level=level)

    def _finding(self) -> str:
        return self._text(self.manifest.task.classes[1].title)

    def _text(self, text: LocalizedText) -> str:
        return text.in_language(self.language)

    def _word(self, key: str, **values: object) -> str:
        return self._text(WORDS[key]).format(**values)

    def _heading(self, key: str) -> str:
        return f"## {self._word(key)}"

    def _table(self, columns: str, rows: Iterable[Sequence[str]]) -> str:
        head = self._word(columns).split("|")
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _named(table: Mapping[str, LocalizedText], key: str, language: Language) -> str:
    return table[key].in_language(language) if key in table else key


def _figure(value: float) -> str:
    return f"{value:.3f}"


def _size(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB" if size >= 1024**2 else f"{size / 1024:.1f} KiB"


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
