"""A torch module that keeps the promise of a predictor."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import GraphSource


class TorchPredictor:
    """Answers batches with a module in evaluation mode, without gradients.

    Args:
        module: Its forward takes the inputs in order and returns one tensor, or a tuple of tensors in the order of
            `outputs`. It is put in evaluation mode and moved to `device`.
        input_names: The inputs by name, in the order of the module's arguments.
        outputs: Names of the outputs, `logits` first.
        device: Where it runs.

    Example:
        >>> predictor = TorchPredictor(nn.Linear(2, 3), input_names=("x",), outputs=("logits",))
        >>> predictor.predict({"x": np.zeros((4, 2), np.float32)})["logits"].shape
        (4, 3)
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        input_names: tuple[str, ...],
        outputs: tuple[str, ...] = ("logits",),
        device: str = "cpu",
    ) -> None:
        self._module = module.to(device).eval()
        self._input_names = input_names
        self._outputs = outputs
        self._device = device

    def predict(self, batch: Batch) -> Batch:
        """The outputs for a rectangular batch.

        Raises:
            InvalidInput: An input is missing.
        """
        missing = [name for name in self._input_names if name not in batch]
        if missing:
            raise InvalidInput(
                f"the inputs {', '.join(self._input_names)}",
                found=f"a batch without {', '.join(missing)}",
                remedy="Give every input of the signature.",
            )
        arguments = [torch.from_numpy(np.ascontiguousarray(batch[name])) for name in self._input_names]
        with torch.inference_mode():
            answer = self._module(*(argument.to(self._device) for argument in arguments))
        tensors: tuple[Tensor, ...] = (answer,) if isinstance(answer, Tensor) else tuple(answer)
        return {name: _to_numpy(tensor) for name, tensor in zip(self._outputs, tensors, strict=True)}

    def graph_source(self) -> GraphSource:
        """The module itself, on the CPU in evaluation mode, with the names of its outputs."""
        self._module.to("cpu").eval()
        self._device = "cpu"
        return GraphSource(framework="torch", model=self._module, outputs=self._outputs)


def _to_numpy(tensor: Tensor) -> Array:
    array: Array = tensor.to("cpu").contiguous().numpy()
    return array
