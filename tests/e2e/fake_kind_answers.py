"""Answers of the other kinds in the shapes of `/api/v1`; plausible, and following a little what is asked."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from salus.contracts.survival import TimeToEvent
from salus.contracts.treatment import Choice

from .fake_kinds import COST_SHARES, VITALS
from .fake_services import FakeService

Row = dict[str, Any]
_NOTHING: Row = {
    "decision": None,
    "probabilities": None,
    "prediction_set": None,
    "abstention": None,
    "natural_frequency": None,
    "image": None,
    "explanation": None,
    "course": None,
    "survival": None,
    "choice": None,
    "value": None,
    "plan": None,
}
_OBSERVED_MO = 72.0
_OLDEST_COMPARED = 88


def answer_kind(service: FakeService, sample: Row) -> Row:
    """One sample of an answer, by the kind of the question."""
    kind = service.task.kind
    if kind == "survival":
        return _answer_survival(service, sample)
    if kind == "treatment":
        return _answer_choice(service, sample)
    if kind == "regression":
        return _answer_value(service, sample)
    return _answer_events(service, sample)


def _abstain(reason: str, en: str, zh: str) -> Row:
    return {**_NOTHING, "abstention": {"reason": reason, "message": {"en": en, "zh": zh}}}


def _explain(service: FakeService, sample: Row, quantity: tuple[str, str], target: str | None, base: float) -> Row:
    rng = np.random.default_rng(6)
    specs = service.task.signature.inputs
    amounts = sorted(rng.normal(0, 0.4, len(specs)).tolist(), key=abs, reverse=True)
    contributions = [
        {
            "name": spec.name,
            "title": msgspec.to_builtins(spec.title),
            "value": None if spec.content == "events" else sample.get(spec.name),
            "unit": spec.unit,
            "amount": amount,
        }
        for spec, amount in zip(specs, amounts, strict=True)
    ]
    return {
        "target": target,
        "quantity": {"en": quantity[0], "zh": quantity[1]},
        "heatmap": None,
        "contributions": contributions,
        "base": base,
        "output": base + sum(amounts),
        "strip": None,
    }


def _answer_survival(service: FakeService, sample: Row) -> Row:
    question = service.task.question
    assert isinstance(question, TimeToEvent)
    if "nodes" in sample and sample["nodes"] is None:
        return _abstain("missing_value", "positive lymph nodes is missing", "缺少阳性淋巴结数")
    visits = sample.get("visits")
    if visits is None:
        hazard = 0.006 + 0.0012 * float(sample["nodes"])
    else:
        last = [row["value"] for row in visits if row["variable"] == "bilirubin"][-1]
        hazard = 0.002 + 0.0028 * float(last)
    times = np.array(question.times)
    curve = np.exp(-hazard * times * (1 - 0.003 * times))
    spread = 0.02 + 0.10 * (1 - np.exp(-times / 30))
    known = times <= _OBSERVED_MO if visits is None else np.ones(len(times), dtype=np.bool_)
    low, high = np.clip(curve - spread, 0, 1), np.clip(curve + 0.8 * spread, 0, 1)
    below = np.flatnonzero((curve <= 0.5) & known)
    at = {time: index for index, time in enumerate(question.times)}
    risks = [
        {
            "horizon": horizon,
            "risk": float(1 - curve[at[horizon]]),
            "interval": [float(1 - high[at[horizon]]), float(1 - low[at[horizon]])],
            "natural_frequency": {"count": round(100 * float(1 - curve[at[horizon]])), "of": 100},
        }
        for horizon in question.horizons
    ]
    survival = {
        "event": msgspec.to_builtins(question.event),
        "unit": question.unit,
        "times": list(question.times),
        "curve": [float(p) if k else None for p, k in zip(curve, known, strict=True)],
        "band": [[float(a), float(b)] if k else None for a, b, k in zip(low, high, known, strict=True)],
        "last_time": _OBSERVED_MO if visits is None else question.times[-1],
        "median_time": float(times[below[0]]) if len(below) else None,
        "score": float(np.log(hazard * question.horizons[-1])),
        "risks": risks,
    }
    explanation = _explain(
        service,
        sample,
        ("prognostic score (ln of the cumulative hazard)", "预后评分（累积风险的自然对数）"),
        None,
        -0.4,
    )
    return {**_NOTHING, "survival": survival, "explanation": explanation}


def _answer_choice(service: FakeService, sample: Row) -> Row:
    question = service.task.question
    assert isinstance(question, Choice)
    age = sample["age"]
    compared = age is None or age < _OLDEST_COMPARED
    taken = {rule.option: rule for rule in question.rules if age is not None and age >= rule.value}
    outcomes = {"none": (41.6, 3.1), "tamoxifen": (47.9, 2.2), "chemotherapy": (45.3, 2.9)}
    propensities = {"none": 0.58, "tamoxifen": 0.34, "chemotherapy": 0.08}
    options = []
    for option in question.options:
        told = compared and option.name not in taken
        mean, half = outcomes[option.name]
        effect = mean - outcomes["none"][0]
        rule = taken.get(option.name)
        options.append(
            {
                "option": option.name,
                "title": msgspec.to_builtins(option.title),
                "outcome": mean if told else None,
                "interval": [mean - half, mean + half] if told else None,
                "effect": effect if told else None,
                "effect_interval": [effect - half - 1, effect + half + 1] if told else None,
                "propensity": propensities[option.name] if compared else 0.001,
                "contraindications": []
                if rule is None
                else [{"name": rule.name, "reason": msgspec.to_builtins(rule.reason), "source": rule.source}],
            }
        )
    told_options = [entry for entry in options if entry["outcome"] is not None]
    choice = {
        "outcome": msgspec.to_builtins(question.outcome),
        "unit": question.unit,
        "better": question.better,
        "observational": question.observational,
        "ranking": [entry["option"] for entry in sorted(told_options, key=lambda entry: -entry["outcome"])],
        "options": options,
    }
    if not compared:
        en, zh = "too few such patients were given each option to compare them", "接受各方案的同类患者过少，无法比较"
        return {**_abstain("poor_overlap", en, zh), "choice": choice}
    quantity = ("effect of “tamoxifen” against “no adjuvant therapy”", "“他莫昔芬”相对“不作辅助治疗”的效应")
    return {**_NOTHING, "choice": choice, "explanation": _explain(service, sample, quantity, "tamoxifen", 5.2)}


def _answer_value(service: FakeService, sample: Row) -> Row:
    value = 32.5 + (0 if sample["weight"] is None else 0.1 * (sample["weight"] - 80))
    return {
        **_NOTHING,
        "value": {
            "quantity": {"en": "weekly dose of warfarin", "zh": "华法林每周剂量"},
            "value": value,
            "interval": [value - 12.4, value + 14.5],
            "unit": "mg/wk",
            "coverage": 0.9,
        },
        "explanation": _explain(service, sample, ("weekly dose of warfarin", "华法林每周剂量"), None, 31.6),
    }


def _answer_events(service: FakeService, sample: Row) -> Row:
    events = sample["events"]
    fewest = next(spec.fewest for spec in service.task.signature.inputs if spec.content == "events")
    if len(events) < fewest:
        return _abstain("too_little_known", f"{len(events)} observations; at least {fewest} are needed", "观测过少")
    absent, finding = (
        {"class": label.name, "title": msgspec.to_builtins(label.title)} for label in service.task.classes
    )
    last = max(row["time"] for row in events)
    hours = range(3, 49, 3)
    course = [
        {"time": float(hour), "probability": None if hour > last + 3 else 0.12 + 0.48 / (1 + np.exp((26 - hour) / 6))}
        for hour in hours
    ]
    share = [point["probability"] for point in course if point["probability"] is not None][-1]
    explanation = _explain(service, sample, ("log-odds of “death in hospital”", "“院内死亡”的对数几率"), "died", -1.8)
    return {
        **_NOTHING,
        "decision": finding if share >= 0.42 else absent,
        "probabilities": [
            {**absent, "probability": 1 - share, "interval": [0.9 - share, 1.08 - share]},
            {**finding, "probability": share, "interval": [share - 0.08, share + 0.1]},
        ],
        "prediction_set": [finding["class"], absent["class"]],
        "natural_frequency": {"count": round(100 * share), "of": 100},
        "course": course,
        "explanation": {**explanation, "strip": _draw_strip(events)},
    }


def _draw_strip(events: list[Row]) -> Row:
    rng = np.random.default_rng(9)
    seen = {(row["variable"], min(47, int(row["time"]))) for row in events}
    weight = rng.normal(0, 0.12, len(VITALS))
    rows = []
    for variable, mean in zip(VITALS, weight, strict=True):
        noise = rng.normal(0, 0.05, 48)
        amounts = [
            round(float(mean * (hour + 6) / 40 + noise[hour]), 4) if (variable.name, hour) in seen else None
            for hour in range(48)
        ]
        rows.append(
            {
                "variable": variable.name,
                "title": msgspec.to_builtins(variable.title),
                "unit": variable.unit,
                "amounts": amounts,
            }
        )
    rows.sort(key=lambda row: -sum(abs(amount or 0) for amount in row["amounts"]))
    return {"input": "events", "unit": "h", "edges": [float(edge) for edge in range(49)], "rows": rows}


def answer_plan(sample: Row, cost: float) -> Row:
    """A plan of 30 rooms, 6 theatres and 60 nurses over four weeks."""
    rng = np.random.default_rng(3)
    bars = _draw_rooms(rng)
    theatres = _draw_theatres(rng)
    load = np.clip(rng.normal(0.72, 0.2, (60, 84)), 0.05, 1.25)
    load[rng.random((60, 84)) < 0.62] = 0
    costs = {name: float(round(cost * share)) for name, share in COST_SHARES.items()}
    costs["ElectiveDelay"] += cost - sum(costs.values())
    changes = (
        [
            {
                "subject": f"p{number:03d}",
                "before": f"day {number % 9}, r{number % 30:02d}",
                "after": f"day {number % 9 + 1}, r{(number + 3) % 30:02d}",
                "why": {"en": "the theatre of its surgeon is closed that day", "zh": "其外科医师的手术室当日关闭"},
            }
            for number in range(4, 190, 8)
        ]
        if sample.get("previous")
        else []
    )
    plan = {
        "solution": '{"patients": [], "nurses": []}',
        "cost": sum(costs.values()),
        "costs": costs,
        "violations": {"RoomCapacity": 0, "SurgeonOvertime": 0},
        "bound": 3105.0,
        "changes": changes,
        "binding": [
            {
                "en": "Theatre time on days 3 and 10 keeps 7 patients waiting.",
                "zh": "第 3 日和第 10 日的手术室时间使 7 名患者等待。",
            },
            {"en": "Room r04 is the only one open to patient p017.", "zh": "患者 p017 只能入住 r04 病房。"},
        ],
        "charts": [
            _chart(("Rooms", "病房"), ("day", 28), [f"r{n:02d}" for n in range(30)], bars=bars),
            _chart(("Theatres on day 3", "第 3 日手术室"), ("minute", 480), [f"t{n}" for n in range(6)], bars=theatres),
            _chart(
                ("Workload of the nurses", "护士工作量"),
                ("shift", 84),
                [f"n{n:02d}" for n in range(60)],
                load=np.round(load, 3).tolist(),
            ),
        ],
        "what_if": [
            {
                "name": "theatre",
                "title": {"en": "one more theatre hour on day 3", "zh": "第 3 日多一小时手术室"},
                "cost": cost - 240,
                "saved": 240,
            },
            {
                "name": "nurse",
                "title": {"en": "one more nurse at night", "zh": "夜班多一名护士"},
                "cost": cost - 95,
                "saved": 95,
            },
        ],
        "seed": int(sample.get("seed") or 0),
        "iterations": 418_220,
    }
    return {**_NOTHING, "plan": plan}


def _chart(titles: tuple[str, str], axis: tuple[str, float], rows: list[str], **content: Any) -> Row:
    chart = {"title": {"en": titles[0], "zh": titles[1]}, "unit": axis[0], "length": axis[1], "rows": rows}
    return {**chart, "name": titles[0], "bars": content.get("bars", []), "load": content.get("load", [])}


def _draw_rooms(rng: np.random.Generator) -> list[Row]:
    bars: list[Row] = []
    for room in range(30):
        for bed in range(3):
            day = int(rng.integers(0, 3))
            while day < 27:
                stay = int(rng.integers(1, 9))
                kind = "occupant" if day == 0 else ("mandatory" if rng.random() < 0.3 else "elective")
                label = f"p{len(bars):03d}" if kind != "occupant" else f"a{bed}{room}"
                bars.append(
                    {"row": f"r{room:02d}", "start": day, "end": min(28, day + stay), "label": label, "kind": kind}
                )
                day += stay + int(rng.integers(0, 3))
    return bars


def _draw_theatres(rng: np.random.Generator) -> list[Row]:
    bars: list[Row] = []
    for theatre in range(6):
        minute = 0
        while minute < 420:
            length = int(rng.integers(4, 13)) * 10
            label = f"p{len(bars):03d} s{theatre}"
            end = min(480, minute + length)
            bars.append({"row": f"t{theatre}", "start": minute, "end": end, "label": label, "kind": "surgery"})
            minute += length
    return bars
