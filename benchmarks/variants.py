"""float32 against INT8, side by side in every round: docs/performance/variants.md and its picture."""

from __future__ import annotations

import io
from dataclasses import dataclass

from benchmarks.candidates import Candidate, list_candidates
from benchmarks.machine import PAGES, describe_machine, has_vnni
from salus.bootstrap.house import House
from salus.optimisation.measuring import MeasuredVariant, measure_variants
from salus.optimisation.variants import Tolerance
from salus.serving.threads import count_usable_cores

MOST_LOSS, LEAST_SPEED_UP = 0.005, 1.5
BATCH_SIZES = (1, 8)
SECONDS = 6.0
MARGIN = Tolerance().speed_up


@dataclass(frozen=True)
class Row:
    """A candidate, and its two forms measured with so many threads."""

    candidate: Candidate
    threads: int
    float32: MeasuredVariant
    int8: MeasuredVariant


def main() -> None:
    """Measure, and write the page."""
    facts = describe_machine(("onnxruntime", "onnx", "torch", "numpy"), command="python -m benchmarks variants")
    rows = [row for candidate in list_candidates(House()) for row in _measure(candidate)]
    page = [
        "# Variants",
        "",
        "Time of one call of ONNX Runtime in milliseconds, evidence left out, and the gain of INT8 over float32. Both",
        f"forms are called in turn in every round; a figure is the median over the rounds of about {SECONDS:.0f} s.",
        facts,
        "",
        *_list_times(rows),
        "",
        "![Speed-up of each network](variants.png)",
        "",
        "## What INT8 costs",
        "",
        "On the validation part, by each package's manifest; intervals are paired bootstraps of the same answers.",
        "",
        *_list_losses([row.candidate for row in rows if row.threads == 1]),
        "",
        "## The aim",
        "",
        *_judge(rows),
        "",
    ]
    (PAGES / "variants.md").write_text("\n".join(page), encoding="utf-8")
    (PAGES / "variants.png").write_bytes(_draw(rows))


def _measure(candidate: Candidate) -> list[Row]:
    rows = []
    for threads in sorted({1, count_usable_cores()}):
        float32, int8 = measure_variants(
            candidate.models, candidate.sample, batch_sizes=BATCH_SIZES, seconds=SECONDS, threads=threads
        )
        gains = ", ".join(f"{int8.speed_up[str(size)]:.2f} at {size}" for size in BATCH_SIZES)
        print(f"  {candidate.title}, {threads} threads: {gains}", flush=True)
        rows.append(Row(candidate, threads, float32, int8))
    return rows


def _list_times(rows: list[Row]) -> list[str]:
    heads = ["network", "threads"]
    heads += [f"{form} at {size}" for size in BATCH_SIZES for form in ("float32", "INT8", "speed-up")]
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)]]
    for row in rows:
        cells = [row.candidate.title, str(row.threads)]
        for size in map(str, BATCH_SIZES):
            cells += [f"{form.latency_ms[size]:.3g}" for form in (row.float32, row.int8)]
            cells.append(f"{row.int8.speed_up[size]:.2f}")
        lines.append(cells)
    return [f"| {' | '.join(line)} |" for line in lines]


def _list_losses(candidates: list[Candidate]) -> list[str]:
    trained = [(each.title, each.loss) for each in candidates if each.loss is not None]
    if not trained:
        return ["No package was built where this was measured."]
    lines = ["| package | AUROC lost (95 %) | largest difference of a probability |", "|---|--:|--:|"]
    for title, loss in trained:
        low, high = loss.loss_interval
        lines.append(f"| {title} | {loss.loss:+.4f} ({low:+.4f} to {high:+.4f}) | {loss.max_abs_difference:.3f} |")
    return lines


def _judge(rows: list[Row]) -> list[str]:
    def name(found: list[Row]) -> str:
        return "; ".join(dict.fromkeys(row.candidate.title for row in found)) or "none"

    alone = [row for row in rows if row.threads == 1]
    fast = [row for row in alone if row.int8.speed_up["1"] >= LEAST_SPEED_UP]
    slow = [row for row in alone if row not in fast]
    lost = [row for row in alone if row.candidate.loss is not None and row.candidate.loss.loss > MOST_LOSS]
    return [
        f"At most {MOST_LOSS} AUROC lost, and at least {LEAST_SPEED_UP} times as fast on a processor with VNNI",
        f"({'this one has it' if has_vnni() else 'this one has none'}).",
        "",
        f"- fast enough, one picture on one thread: {name(fast)}",
        f"- not fast enough: {name(slow)}",
        f"- more AUROC lost than that: {name(lost)}",
        "",
        f"A build measures both forms and serves INT8 only within its tolerance and if {MARGIN} times as fast.",
    ]


def _draw(rows: list[Row]) -> bytes:
    """PNG: a bar for each network and number of threads, and a line at the aim."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 0.32 * len(rows) + 1.2), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    labels = [f"{row.candidate.title.replace('`', '')}, {row.threads} thr." for row in rows]
    places = range(len(rows))
    for offset, size, colour in ((-0.19, "1", "#0072B2"), (0.19, "8", "#56B4E9")):
        gains = [row.int8.speed_up[size] for row in rows]
        axes.barh([place + offset for place in places], gains, height=0.36, color=colour, label=f"batch {size}")
    axes.axvline(1.0, color="#888888", linewidth=1)
    axes.axvline(LEAST_SPEED_UP, color="#D55E00", linewidth=1, linestyle="--", label=f"aim {LEAST_SPEED_UP}")
    axes.set_yticks(list(places), labels, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("times as fast as float32")
    axes.legend(frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
