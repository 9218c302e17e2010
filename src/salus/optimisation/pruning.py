"""Smaller torch modules by leaving out what weighs least.

Channels: whole output channels of a layer are removed together with what the next layer made of them, so that the
layers really become smaller (Li et al., "Pruning filters for efficient ConvNets", ICLR 2017). A channel's importance
is the L1 norm of its filter times the scale that batch normalisation gives it, |gamma| / sqrt(var + eps) (Liu et al.,
"Learning efficient convolutional networks through network slimming", ICCV 2017).

Weights: single weights are set to 0 (Han et al., NeurIPS 2015). That compresses better but does not run faster.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from salus.contracts.batches import Batch
from salus.contracts.errors import UnsupportedInput
from salus.contracts.predictors import GraphSource

FineTune = Callable[[nn.Module], nn.Module]
"""Trains a module a little more, after which it has the same layers."""

_LAYERS = (nn.Conv2d, nn.Linear)
_PASSING_MODULES = (
    nn.BatchNorm2d,
    nn.ReLU,
    nn.LeakyReLU,
    nn.GELU,
    nn.SiLU,
    nn.Hardswish,
    nn.Dropout,
    nn.Dropout2d,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.Identity,
)
_PASSING_FUNCTIONS = frozenset({torch.relu, nn.functional.relu, nn.functional.gelu, nn.functional.silu})


@dataclass(frozen=True)
class _Pair:
    """A layer whose channels only one other layer reads. `between` are the layers' names on the way."""

    producer: str
    consumer: str
    between: tuple[str, ...]


def prune_channels(
    source: GraphSource,
    *,
    share: float,
    sample: Batch,
    multiple: int = 8,
    fine_tune: FineTune | None = None,
) -> GraphSource:
    """Remove the least important inner channels of every layer that has a single reader.

    In residual networks these are the channels between a block's two convolutions; in plain networks those between
    successive layers. Layers whose outputs are added, read twice (as Grad-CAM reads the last maps), normalised in
    groups, or used by their weights stay whole.

    Args:
        source: Its model is a torch module; it is not changed.
        share: Of channels to remove in each layer, above 0 and below 1.
        sample: One or more rectangular samples, the inputs in the order of the module's arguments; the pruned module
            must answer them in the same shapes.
        multiple: Each layer keeps a whole multiple of this number, as vector units like it, and at least one such.
        fine_tune: Called with the pruned module; None leaves it as it is.

    Returns:
        A source with a smaller copy.

    Raises:
        UnsupportedInput: No channel can be removed, or the module cannot be traced.
        ValueError: `share` is out of range.
    """
    module = _take_copy(source, share)
    pairs = _find_pairs(module)
    arguments = tuple(torch.from_numpy(np.ascontiguousarray(array)) for array in sample.values())
    before = _answer_shapes(module, arguments)
    removed = sum(_prune_pair(module, pair, share=share, multiple=multiple) for pair in pairs)
    if not removed:
        raise _unsupported(f"none in {len(pairs)} candidate layers of {type(source.model).__name__}")
    if _answer_shapes(module, arguments) != before:
        raise _unsupported("answers of other shapes after pruning")
    pruned = module if fine_tune is None else fine_tune(module)
    return GraphSource(framework="torch", model=pruned.eval(), outputs=source.outputs)


def prune_weights(source: GraphSource, *, share: float, fine_tune: FineTune | None = None) -> GraphSource:
    """Set the smallest weights of all convolutions and dense layers, taken together, to 0.

    Args:
        source: Its model is a torch module; it is not changed.
        share: Of weights to set to 0, above 0 and below 1; biases and normalisation are left.
        fine_tune: Called with the pruned module; afterwards the same weights are set to 0 again.

    Raises:
        UnsupportedInput: The model has no such layer.
        ValueError: `share` is out of range.
    """
    module = _take_copy(source, share)
    names = [name for name, layer in module.named_modules() if isinstance(layer, _LAYERS)]
    if not names:
        raise _unsupported(f"{type(source.model).__name__} without such layers")
    weights = {name: module.get_parameter(f"{name}.weight") for name in names}
    magnitudes = torch.cat([weight.detach().abs().flatten() for weight in weights.values()])
    limit = magnitudes.kthvalue(max(1, round(share * magnitudes.numel()))).values
    masks = {name: weight.detach().abs() > limit for name, weight in weights.items()}
    _apply_masks(module, masks)
    if fine_tune is not None:
        module = fine_tune(module)
        _apply_masks(module, masks)
    return GraphSource(framework="torch", model=module.eval(), outputs=source.outputs)


def _apply_masks(module: nn.Module, masks: dict[str, Tensor]) -> None:
    with torch.no_grad():
        for name, mask in masks.items():
            module.get_parameter(f"{name}.weight").mul_(mask)


def _take_copy(source: GraphSource, share: float) -> nn.Module:
    if not 0.0 < share < 1.0:
        raise ValueError(f"expected a share above 0 and below 1; found {share}")
    if not isinstance(source.model, nn.Module):
        raise _unsupported(f"a {source.framework} model")
    return copy.deepcopy(source.model).eval()


def _answer_shapes(module: nn.Module, arguments: tuple[Tensor, ...]) -> list[torch.Size]:
    with torch.inference_mode():
        answer = module(*arguments)
    return [tensor.shape for tensor in ((answer,) if isinstance(answer, Tensor) else answer)]


class _Tracer(fx.Tracer):
    """Looks into modules that hold layers; takes all others, such as preprocessing, as one step."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002 - torch.fx names it
        inner = any(isinstance(child, _LAYERS) for child in m.modules() if child is not m)
        return isinstance(m, _LAYERS) or not inner


def _find_pairs(module: nn.Module) -> list[_Pair]:
    """Pairs of the whole module; where it cannot be traced, those of its parts, which are pruned each by itself."""
    try:
        graph = _Tracer().trace(module)
    except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
        parts = [(name, part) for name, part in module.named_children() if _holds_layers(part)]
        if not parts:
            raise _unsupported(f"{type(module).__name__}, which torch.fx cannot trace") from error
        return [_within(name, pair) for name, part in parts for pair in _find_pairs(part)]
    calls = Counter(node.target for node in graph.nodes if node.op == "call_module")
    read_directly = {str(node.target).rpartition(".")[0] for node in graph.nodes if node.op == "get_attr"}
    pairs = []
    for node in graph.nodes:
        if node.op != "call_module" or not _is_plain(module.get_submodule(node.target)):
            continue
        pair = _follow(module, node)
        if pair is None:
            continue
        names = (pair.producer, pair.consumer, *pair.between)
        if all(calls[name] == 1 for name in names) and read_directly.isdisjoint(names):
            pairs.append(pair)
    return pairs


def _holds_layers(module: nn.Module) -> bool:
    return any(isinstance(child, _LAYERS) for child in module.modules() if child is not module)


def _within(name: str, pair: _Pair) -> _Pair:
    between = tuple(f"{name}.{layer}" for layer in pair.between)
    return _Pair(f"{name}.{pair.producer}", f"{name}.{pair.consumer}", between)


def _is_plain(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1)


def _follow(module: nn.Module, start: fx.Node) -> _Pair | None:
    """The way from a layer to the one layer that reads it; None where it forks, ends or meets another operation."""
    between: list[str] = []
    node, flattened = start, False
    while len(node.users) == 1:
        node = next(iter(node.users))
        if node.op == "call_module":
            layer = module.get_submodule(str(node.target))
            if _is_plain(layer):
                fits = isinstance(layer, nn.Linear) or not flattened
                spatial = isinstance(module.get_submodule(str(start.target)), nn.Conv2d)
                if fits and (isinstance(layer, nn.Conv2d) or flattened or not spatial):
                    return _Pair(str(start.target), str(node.target), tuple(between))
                return None
            if isinstance(layer, nn.Flatten):
                flattened = True
            elif not isinstance(layer, _PASSING_MODULES):
                return None
            between.append(str(node.target))
        elif _is_flatten(node):
            flattened = True
        elif not _is_passing(node):
            return None
    return None


def _is_flatten(node: fx.Node) -> bool:
    called = (node.op == "call_method" and node.target == "flatten") or node.target is torch.flatten
    return called and node.args[1:] == (1,)


def _is_passing(node: fx.Node) -> bool:
    return node.target in _PASSING_FUNCTIONS or (node.op == "call_method" and node.target == "relu")


def _prune_pair(module: nn.Module, pair: _Pair, *, share: float, multiple: int) -> int:
    """Shrink the two layers; the number of channels removed."""
    producer: Any = module.get_submodule(pair.producer)
    consumer: Any = module.get_submodule(pair.consumer)
    between: list[Any] = [module.get_submodule(name) for name in pair.between]
    total = int(producer.weight.shape[0])
    keep = max(multiple, round(total * (1 - share) / multiple) * multiple)
    if keep >= total:
        return 0
    importance = producer.weight.detach().abs().flatten(1).sum(dim=1)
    for layer in between:
        if isinstance(layer, nn.BatchNorm2d) and layer.running_var is not None:
            scale = torch.ones(()) if layer.weight is None else layer.weight.detach().abs()
            importance = importance * scale / torch.sqrt(layer.running_var + layer.eps)
    order = torch.argsort(importance, descending=True, stable=True)
    kept = torch.sort(order[:keep]).values
    _keep_outputs(producer, kept)
    for layer in between:
        if isinstance(layer, nn.BatchNorm2d):
            _keep_normalised(layer, kept)
    _keep_inputs(consumer, kept, total)
    return total - keep


def _keep_outputs(layer: Any, kept: Tensor) -> None:
    layer.weight = nn.Parameter(layer.weight.detach()[kept].clone())
    if layer.bias is not None:
        layer.bias = nn.Parameter(layer.bias.detach()[kept].clone())
    if isinstance(layer, nn.Conv2d):
        layer.out_channels = len(kept)
    else:
        layer.out_features = len(kept)


def _keep_normalised(layer: nn.BatchNorm2d, kept: Tensor) -> None:
    layer.num_features = len(kept)
    for name in ("weight", "bias"):
        parameter = getattr(layer, name)
        if parameter is not None:
            setattr(layer, name, nn.Parameter(parameter.detach()[kept].clone()))
    for name in ("running_mean", "running_var"):
        buffer = getattr(layer, name)
        if buffer is not None:
            setattr(layer, name, buffer[kept].clone())


def _keep_inputs(layer: Any, kept: Tensor, total: int) -> None:
    """Each channel is one input of a convolution, or a run of equal length of inputs of a dense layer."""
    weight = layer.weight.detach()
    grouped = weight.reshape(weight.shape[0], total, -1)[:, kept]
    if isinstance(layer, nn.Conv2d):
        layer.weight = nn.Parameter(weight[:, kept].clone())
        layer.in_channels = len(kept)
    else:
        layer.weight = nn.Parameter(grouped.flatten(1).clone())
        layer.in_features = int(layer.weight.shape[1])


def _unsupported(found: str) -> UnsupportedInput:
    return UnsupportedInput(
        "a torch module with convolutions or dense layers that can be made smaller",
        found=found,
        remedy="Leave this variant out for this model, or prune a smaller share.",
    )
