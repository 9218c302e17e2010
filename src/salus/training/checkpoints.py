"""A training's state in one file: written whole or not at all, read without running code.

The file is safetensors: tensors bit for bit, and the tree that they hang in as JSON in the header. Dictionaries (with
text or whole-number keys), lists, tuples, tensors, numbers, text, Booleans and None can be kept; nothing else can, and
nothing is pickled.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from torch import Tensor

from salus.contracts.errors import InvalidInput

_TREE = "salus.tree"


def write_checkpoint(path: Path, state: Any) -> None:
    """Write `state` to `path`, replacing what is there in one step, so that a kill leaves the old file or the new.

    Raises:
        TypeError: The state holds something that a checkpoint cannot keep.
    """
    from safetensors.torch import save

    tensors: dict[str, Tensor] = {}
    tree = _encode(state, tensors)
    content = save(tensors, metadata={_TREE: json.dumps(tree)})
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_checkpoint(path: Path) -> Any:
    """What `write_checkpoint` wrote, its tensors on the CPU.

    Raises:
        InvalidInput: The file is no checkpoint.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        return _decode(json.loads(metadata[_TREE]), tensors)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise InvalidInput(
            "a checkpoint of Salus",
            found=f"{path.name}: {type(error).__name__}",
            remedy="Remove the file to begin anew.",
        ) from error


def _encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = f"t{len(tensors)}"
        tensors[name] = value.detach().to("cpu").clone().contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise TypeError(f"expected keys of text or whole numbers; found {type(key).__name__}")
        return {"dict": [[key, _encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {"tuple" if isinstance(value, tuple) else "list": [_encode(item, tensors) for item in value]}
    if value is None or isinstance(value, str | int | float):
        return {"value": value}
    raise TypeError(f"expected tensors and plain values in a checkpoint; found {type(value).__name__}")


def _decode(tree: Any, tensors: dict[str, Tensor]) -> Any:
    ((kind, content),) = tree.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: _decode(item, tensors) for key, item in content}
    if kind == "value":
        return content
    items = [_decode(item, tensors) for item in content]
    return tuple(items) if kind == "tuple" else items
