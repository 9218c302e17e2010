import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from salus.serving.onnx_graph import without_outputs


def _model(*, subgraph: bool = False) -> onnx.ModelProto:
    """y = x + 1; evidence = (x * w) * w; with `subgraph`, y = if flag then hidden else x, hidden from outside."""
    one = numpy_helper.from_array(np.array(1.0, np.float32), "one")
    w = numpy_helper.from_array(np.array(2.0, np.float32), "w")
    nodes = [helper.make_node("Mul", ["x", "w"], ["e"]), helper.make_node("Mul", ["e", "w"], ["evidence"])]
    floats = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in ("x", "y", "evidence")]
    inputs = [floats[0]]
    if subgraph:
        flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, [])
        inputs.append(flag)
        branches = {
            name: helper.make_graph(
                [helper.make_node("Identity", [source], [f"{name}_out"])],
                name,
                [],
                [helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, ["n"])],
            )
            for name, source in (("yes", "hidden"), ("no", "x"))
        }
        nodes += [
            helper.make_node("Add", ["x", "one"], ["hidden"]),
            helper.make_node("If", ["flag"], ["y"], then_branch=branches["yes"], else_branch=branches["no"]),
        ]
    else:
        nodes.append(helper.make_node("Add", ["x", "one"], ["y"]))
    graph = helper.make_graph(nodes, "g", inputs, [floats[1], floats[2]], [one, w])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def test_an_output_goes_with_the_nodes_that_only_it_needs() -> None:
    cut = onnx.ModelProto.FromString(without_outputs(_model().SerializeToString(), frozenset({"evidence"})))
    onnx.checker.check_model(cut)
    assert [node.op_type for node in cut.graph.node] == ["Add"]
    assert [output.name for output in cut.graph.output] == ["y"]


def test_cutting_nothing_changes_nothing() -> None:
    model = _model()
    same = onnx.ModelProto.FromString(without_outputs(model.SerializeToString(), frozenset()))
    assert same == model


def test_what_a_subgraph_reads_from_outside_is_kept() -> None:
    cut = onnx.ModelProto.FromString(
        without_outputs(_model(subgraph=True).SerializeToString(), frozenset({"evidence"}))
    )
    onnx.checker.check_model(cut)
    assert [node.op_type for node in cut.graph.node] == ["Add", "If"]


@pytest.mark.parametrize("broken", [b"\x3a\xff", b"\x3a", b"\x3b\x00", b"\x80" * 11])
def test_a_broken_file_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        without_outputs(broken, frozenset({"evidence"}))
