from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from salus.contracts.batches import Batch
from salus.contracts.explanations import Attribution, Contribution
from salus.contracts.packages import ModelPackage
from salus.contracts.predictors import Predictor
from salus.modelpackage.specimen import make_specimen_draft, make_specimen_graph
from salus.modelpackage.writing import write_package


class DifferenceExplainer:
    """Explains the specimen (`logit = a - b`) exactly, by asking the predictor once."""

    method = "difference"

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        logits = np.asarray(predictor.predict(batch)["logits"], dtype=np.float64)
        return tuple(
            Attribution(
                target=int(target),
                contributions=(Contribution("a", float(batch["a"][row]), float(batch["a"][row])),),
                base=0.0,
                output=float(logits[row, target]),
            )
            for row, target in enumerate(targets)
        )


@pytest.fixture
def package(tmp_path: Path) -> ModelPackage:
    return write_package(make_specimen_draft(), tmp_path / "package", signer=None)


@pytest.fixture
def sharp_package(tmp_path: Path) -> ModelPackage:
    """The specimen with `logits = (0, 10 (a - b))`, so that clear samples have one class in their set."""
    model = onnx.ModelProto.FromString(make_specimen_graph())
    model.graph.node[0].output[0] = "raw"
    model.graph.initializer.append(numpy_helper.from_array(np.array(10, np.float32), "sharpness"))
    model.graph.node.insert(1, helper.make_node("Mul", ["raw", "sharpness"], ["difference"]))
    draft = make_specimen_draft()
    variant = replace(draft.variants[0], model=model.SerializeToString())
    return write_package(replace(draft, variants=(variant,)), tmp_path / "sharp", signer=None)


@pytest.fixture
def explainer() -> DifferenceExplainer:
    return DifferenceExplainer()
