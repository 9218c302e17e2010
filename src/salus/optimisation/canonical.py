"""One form for every graph: no traces of where it was made, the same bytes each time."""

from __future__ import annotations

import onnx

IR_VERSION = 10
OPSET = 20
ML_OPSET = 3
BATCH_AXIS = "N"


def canonicalise(model: onnx.ModelProto, *, name: str) -> onnx.ModelProto:
    """A copy of `model` without doc strings, metadata, stack traces and inferred shapes of inner tensors.

    Nodes are renamed by operator and position. Inner shapes (`value_info`) are dropped because the quantiser refuses
    those that torch writes, and because ONNX Runtime infers its own.

    Args:
        model: A graph without local functions.
        name: The graph's name.

    Raises:
        ValueError: The model has local functions.
    """
    if model.functions:
        raise ValueError(f"expected a graph without local functions; found {len(model.functions)}")
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.ir_version = IR_VERSION
    copy.producer_name, copy.producer_version, copy.domain, copy.doc_string = "salus", "", "", ""
    copy.model_version = 0
    del copy.metadata_props[:]
    _set_opsets(copy)
    graph = copy.graph
    graph.name, graph.doc_string = name, ""
    del graph.value_info[:], graph.metadata_props[:]
    for described in (*graph.node, *graph.input, *graph.output, *graph.initializer):
        described.doc_string = ""
        del described.metadata_props[:]
    for position, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{position}"
    return copy


def _set_opsets(model: onnx.ModelProto) -> None:
    """One import a domain: a converter may list a domain twice, or the lowest version that would do."""
    versions: dict[str, int] = {}
    for entry in model.opset_import:
        domain = "" if entry.domain == "ai.onnx" else entry.domain
        versions[domain] = max(entry.version, versions.get(domain, 0))
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in sorted(versions.items()))


def rename_tensor(graph: onnx.GraphProto, old: str, new: str) -> None:
    """Rename a tensor wherever a node reads or writes it (not among the graph's inputs and outputs)."""
    for node in graph.node:
        for names in (node.input, node.output):
            for index, current in enumerate(names):
                if current == old:
                    names[index] = new


def remove_unused(graph: onnx.GraphProto) -> None:
    """Remove nodes and constants that no output of the graph needs."""
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    nodes = list(reversed(kept))
    constants = [constant for constant in graph.initializer if constant.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(constants)


def to_bytes(model: onnx.ModelProto) -> bytes:
    """The file's content; equal graphs give equal bytes."""
    return bytes(model.SerializeToString(deterministic=True))
