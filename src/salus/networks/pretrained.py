"""Weights from a local file into a backbone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from torch import nn

from salus.contracts.errors import InvalidInput


def load_pretrained(backbone: nn.Module, path: Path, *, head: str = "fc.") -> str:
    """Load a backbone's weights, all but the head's.

    The first convolution of a network for RGB serves a grey one: its weights are summed over the colours.

    Args:
        backbone: Changed in place.
        path: A safetensors file whose tensors are called as the backbone's parameters.
        head: Prefix of the parameters that are left as they are, since classes differ from data set to data set.

    Returns:
        SHA-256 (hex) of the file, for the lineage.

    Raises:
        InvalidInput: The file cannot be read as safetensors, or does not fit the backbone.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        content = path.read_bytes()
        tensors = load(content)
    except (OSError, SafetensorError) as error:
        raise InvalidInput(
            "a file of weights in the safetensors format",
            found=f"{path.name}: {type(error).__name__}",
            remedy="Convert the weights with safetensors.torch.save_file.",
        ) from error
    own = backbone.state_dict()
    wanted = {name: tensor for name, tensor in own.items() if not name.startswith(head)}
    given = {name: tensor for name, tensor in tensors.items() if name in wanted}
    for name, tensor in given.items():
        if tensor.ndim == 4 and tensor.shape[1] == 3 and wanted[name].shape[1] == 1:
            given[name] = tensor.sum(dim=1, keepdim=True)
    counters = {name for name in wanted if name.endswith("num_batches_tracked")}
    missing = sorted(set(wanted) - set(given) - counters)
    misshapen = sorted(name for name in given if given[name].shape != wanted[name].shape)
    if missing or misshapen:
        raise InvalidInput(
            "weights for every parameter of the backbone but its head",
            found=f"{len(missing)} missing ({', '.join(missing[:3])}), {len(misshapen)} of another shape "
            f"({', '.join(misshapen[:3])})",
            remedy="Choose the configuration that the file was made for, such as ResidualNetwork.resnet18.",
        )
    backbone.load_state_dict({**own, **given})
    return hashlib.sha256(content).hexdigest()
