"""Breast Cancer Wisconsin (Diagnostic): 30 measurements of cell nuclei, from the copy inside scikit-learn.

Ten features of each nucleus; of each the mean over the nuclei of a sample, its standard error, and the mean of the
three largest values ("worst") (Street, Wolberg, Mangasarian 1993). The pictures they were measured on had 640 x 400
pixels of 8 bits; the ranges below follow from that, from geometry and from the features' definitions, never from the
sample. The source states no physical unit; lengths are in pixels of those pictures, so that units are `1`.
"""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import MissingDependency
from salus.contracts.packs import DataRequest
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.catalogue import find_entry
from salus.data.digest import dataset_digest
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Share of the samples by part."""

_WIDTH, _HEIGHT, _GREYS = 640.0, 400.0, 255.0
_FEATURES: tuple[tuple[str, str, str, float], ...] = (
    ("radius", "radius", "半径", _HEIGHT / 2),
    ("texture", "texture (SD of grey levels)", "纹理（灰度标准差）", _GREYS / 2),
    ("perimeter", "perimeter", "周长", 2 * (_WIDTH + _HEIGHT)),
    ("area", "area", "面积", _WIDTH * _HEIGHT),
    ("smoothness", "smoothness (local variation of radius)", "平滑度（半径局部变化）", 1.0),
    ("compactness", "compactness", "紧致度", 10.0),
    ("concavity", "concavity (depth of concave parts)", "凹度（凹陷深度）", 10.0),
    ("concave_points", "concave points (share of the contour)", "凹点（占轮廓比例）", 1.0),
    ("symmetry", "symmetry", "对称性", 1.0),
    ("fractal_dimension", "fractal dimension (minus 1)", "分形维数（减 1）", 1.0),
)
_STATISTICS = (
    ("mean_{}", "mean {}", "{}均值"),
    ("{}_error", "standard error of {}", "{}标准误"),
    ("worst_{}", "worst {} (mean of the three largest)", "{}最差值（最大三值的均值）"),
)

INPUTS: tuple[TensorSpec, ...] = tuple(
    TensorSpec(
        name=name.format(feature),
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(english.format(words), chinese.format(characters)),
        content="scalar",
        unit="1",
        valid_range=(0.0, highest),
        missing="abstain",
    )
    for name, english, chinese in _STATISTICS
    for feature, words, characters, highest in _FEATURES
)
"""The 30 inputs, in the order of the source's columns."""


def read(request: DataRequest, seed: int) -> Dataset:
    """The data set, divided 60 : 20 : 20 by the seed.

    Args:
        request: Unused; the data come with scikit-learn.
        seed: Of the division.

    Returns:
        The data set; one FP32 input a measurement; labels 0 benign, 1 malignant (the source counts the other way
        round). Each sample is its own subject, as the source names no patients.

    Raises:
        MissingDependency: scikit-learn is not installed.
    """
    del request
    try:
        from sklearn.datasets import load_breast_cancer
    except ImportError as error:
        raise MissingDependency(
            "scikit-learn, which holds the data", found="no such library", remedy="pip install 'salus[train]'"
        ) from error
    values, target = load_breast_cancer(return_X_y=True)
    names = np.array([f"row-{row + 1:03d}" for row in range(len(target))])
    whole = Split(
        inputs={spec.name: values[:, column].astype(np.float32) for column, spec in enumerate(INPUTS)},
        labels=1 - target.astype(np.int64),
        sample_ids=names,
        subjects=names,
    )
    indices = split_by_subject(whole.subjects, whole.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: whole.take(chosen) for part, chosen in indices.items()}
    return Dataset(
        source=find_entry("wisconsin").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )
