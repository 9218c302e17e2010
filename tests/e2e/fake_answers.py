"""Answers in the shapes of `/api/v1`: a chest phantom with evidence at its lesion, a table with contributions."""

from __future__ import annotations

import base64
import io
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .fake_services import FakeService

_LESION_ROW, _LESION_COLUMN = 0.62, 0.70


def draw_chest(size: int, *, lesion: bool = True) -> NDArray[np.uint8]:
    """A chest phantom of `size` by `size` grey levels: two dark lungs in a bright body, ribs, noise, one lesion."""
    rng = np.random.default_rng(11)
    row, column = np.mgrid[0:size, 0:size] / size
    body = 150 * (((column - 0.5) / 0.46) ** 2 + ((row - 0.52) / 0.55) ** 2 < 1)
    lungs = sum(
        np.exp(-((((column - centre) / 0.15) ** 2 + ((row - 0.47) / 0.32) ** 2) ** 3)) for centre in (0.31, 0.69)
    )
    ribs = 14 * (np.sin(34 * (row + 0.25 * (column - 0.5) ** 2)) > 0.5)
    heart = 45 * np.exp(-((((column - 0.56) / 0.13) ** 2 + ((row - 0.66) / 0.16) ** 2) ** 2))
    spot = 70 * np.exp(-(((column - _LESION_COLUMN) ** 2 + (row - _LESION_ROW) ** 2) / 0.004)) if lesion else 0
    picture = body + 20 - 105 * lungs * (body > 0) + (ribs + heart) * (body > 0) + spot
    noise = rng.normal(0, 5, (size, size))
    drawn: NDArray[np.uint8] = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return drawn


def write_png(picture: NDArray[np.uint8]) -> bytes:
    """`picture` as PNG bytes."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, format="PNG")
    return stream.getvalue()


def answer_picture(service: FakeService, picture: Image.Image) -> dict[str, Any]:
    """One sample of an answer about a picture; an even picture is abstained from."""
    grey = np.asarray(picture.convert("L"))
    image = {
        "width": grey.shape[1],
        "height": grey.shape[0],
        "png": "data:image/png;base64," + base64.b64encode(write_png(grey)).decode(),
        "warnings": [],
    }
    if grey.std() < 1:
        message = {
            "en": "the picture is unlike every class of the training data",
            "zh": "图像与训练数据的任何类别都不相似",
        }
        return {**_abstained("unsure", message), "image": image}
    side = 8
    row, column = (np.mgrid[0:side, 0:side] + 0.5) / side
    values = np.exp(-((column - _LESION_COLUMN) ** 2 + (row - _LESION_ROW) ** 2) / 0.02)
    heatmap = {"height": side, "width": side, "values": np.round(values / values.max(), 4).tolist()}
    target = service.task.classes[1].name
    explanation: dict[str, Any] = {
        "target": target,
        "heatmap": heatmap,
        "contributions": [],
        "base": None,
        "output": None,
    }
    return {**_answered(service, 0.968, (0.91, 0.992)), "image": image, "explanation": explanation}


def answer_table(service: FakeService, sample: dict[str, float | None]) -> dict[str, Any]:
    """One sample of an answer about a row; a missing value that the signature does not allow is abstained from."""
    specs = service.task.signature.inputs
    absent = [spec for spec in specs if spec.missing == "abstain" and sample.get(spec.name) is None]
    if absent:
        message = {"en": f"{absent[0].title.en} is missing", "zh": f"缺少{absent[0].title.zh}"}
        return {**_abstained("missing_value", message), "image": None}
    rng = np.random.default_rng(5)
    amounts = np.sort(rng.laplace(0.12, 0.35, len(specs)))[::-1]
    amounts = amounts[np.argsort(-np.abs(amounts))]
    contributions = [
        {
            "name": spec.name,
            "title": msgspec.to_builtins(spec.title),
            "value": sample.get(spec.name),
            "unit": spec.unit,
            "amount": float(amount),
        }
        for spec, amount in zip(rng.permutation(np.array(specs, dtype=object)), amounts, strict=True)
    ]
    explanation = {
        "target": service.task.classes[1].name,
        "heatmap": None,
        "contributions": contributions,
        "base": -0.52,
        "output": -0.52 + float(amounts.sum()),
    }
    return {**_answered(service, 0.968, (0.91, 0.992)), "image": None, "explanation": explanation}


def view_of(service: FakeService, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """A whole answer around `samples`."""
    point = {m.name: msgspec.to_builtins(m) for m in service.measures(service.samples)}
    summary = service.summary()
    thresholded = service.task.kind == "classification"
    return {
        "request_id": "0199f3a2-5b1e-7c44-9d0e-6a1f2b3c4d5e",
        "service": service.name,
        "version": "3",
        "status": "preliminary",
        "threshold": 0.42 if thresholded else None,
        "threshold_rule": "youden" if thresholded else None,
        "operating_point": {
            "sensitivity": point["sensitivity"],
            "specificity": point["specificity"],
            "part": "validation",
        }
        if thresholded
        else None,
        "samples": samples,
        "method": "class activation map (Zhou et al., 2016)" if service.is_image else "exact Shapley values",
        "provenance": {
            "service": service.name,
            "package": service.name,
            "version": "3",
            "digest": summary["digest"],
            "variant": summary["variant"],
            "backend": summary["backend"],
            "dataset_digest": "51b8a0f2" * 8,
            "demonstration": service.task.demonstration,
            "reviewed": False,
            "answered_at": "2026-11-21T03:20:00+00:00",
        },
    }


def _abstained(reason: str, message: dict[str, str]) -> dict[str, Any]:
    return {
        "decision": None,
        "probabilities": None,
        "prediction_set": None,
        "abstention": {"reason": reason, "message": message},
        "natural_frequency": None,
        "explanation": None,
    }


def _answered(service: FakeService, share: float, interval: tuple[float, float]) -> dict[str, Any]:
    absent, finding = (
        {"class": label.name, "title": msgspec.to_builtins(label.title)} for label in service.task.classes
    )
    return {
        "decision": finding,
        "probabilities": [
            {**absent, "probability": 1 - share, "interval": [1 - interval[1], 1 - interval[0]]},
            {**finding, "probability": share, "interval": list(interval)},
        ],
        "prediction_set": [finding["class"]],
        "abstention": None,
        "natural_frequency": {"count": 97, "of": 100},
    }
