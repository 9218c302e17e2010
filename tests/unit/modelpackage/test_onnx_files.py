import io
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from salus.contracts.errors import PackageRejected
from salus.modelpackage.onnx_files import CHILDREN, check_onnx
from salus.modelpackage.specimen import make_specimen_graph


def check(content: bytes) -> None:
    check_onnx(io.BytesIO(content), len(content), "model.onnx")


def external_tensor() -> TensorProto:
    tensor = numpy_helper.from_array(np.zeros(4, np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def model(graph: onnx.GraphProto) -> bytes:
    return bytes(helper.make_model(graph).SerializeToString())


def graph(nodes: list[onnx.NodeProto], **more: Any) -> onnx.GraphProto:
    return helper.make_graph(nodes, "g", [], [], **more)


def test_the_specimen_and_a_model_of_the_onnx_library_hold_their_weights() -> None:
    check(make_specimen_graph())
    onnx.checker.check_model(make_specimen_graph(), full_check=True)
    weights = numpy_helper.from_array(np.zeros((64, 64), np.float32), "w")
    check(model(graph([helper.make_node("Identity", ["w"], ["y"])], initializer=[weights])))


def test_a_weight_in_another_file_is_found_wherever_a_tensor_can_stand() -> None:
    tensor = external_tensor()
    sparse = onnx.SparseTensorProto(values=tensor)
    inner = graph([], initializer=[tensor])
    function = onnx.FunctionProto(name="f", node=[helper.make_node("Constant", [], ["c"], value=tensor)])
    training = onnx.TrainingInfoProto(algorithm=inner)
    hostile = [
        model(graph([], initializer=[tensor])),
        model(graph([], sparse_initializer=[sparse])),
        model(graph([helper.make_node("Constant", [], ["c"], value=tensor)])),
        model(graph([helper.make_node("Constant", [], ["c"], values=[tensor, tensor])])),
        model(graph([helper.make_node("Constant", [], ["c"], sparse_value=sparse)])),
        model(graph([helper.make_node("If", ["x"], ["y"], then_branch=inner)])),
        model(graph([helper.make_node("If", ["x"], ["y"], branches=[inner, inner])])),
        onnx.ModelProto(graph=graph([]), functions=[function]).SerializeToString(),
        onnx.ModelProto(graph=graph([]), training_info=[training]).SerializeToString(),
    ]
    for content in hostile:
        with pytest.raises(PackageRejected, match="names another file"):
            check(content)


def test_a_location_alone_or_a_flag_alone_is_enough() -> None:
    located, flagged = external_tensor(), external_tensor()
    located.ClearField("data_location")
    flagged.ClearField("external_data")
    for tensor in (located, flagged):
        with pytest.raises(PackageRejected, match="names another file"):
            check(model(graph([], initializer=[tensor])))


def test_a_length_that_is_written_in_more_bytes_than_needed_hides_nothing() -> None:
    tensor = external_tensor().SerializeToString()
    inner = bytes([5 << 3 | 2, len(tensor) | 0x80, 0x80, 0x00]) + tensor
    content = bytes([7 << 3 | 2, len(inner) | 0x80, 0x00]) + inner
    assert onnx.load_from_string(content).graph.initializer[0].external_data
    with pytest.raises(PackageRejected, match="names another file"):
        check(content)


def test_the_table_of_fields_is_the_one_of_onnx() -> None:
    """Every message that can hold a tensor, reached from ModelProto by the library's own description."""
    pending, seen = [onnx.ModelProto.DESCRIPTOR], {}
    while pending:
        kind = pending.pop()
        if kind.name in seen:
            continue
        fields = {f.number: f.message_type for f in kind.fields if f.message_type is not None}
        seen[kind.name] = fields
        pending.extend(fields.values())

    def reaches(name: str, visited: frozenset[str] = frozenset()) -> bool:
        return name == "TensorProto" or any(
            reaches(child.name, visited | {name}) for child in seen[name].values() if child.name not in visited
        )

    expected = {
        name: {number: child.name for number, child in fields.items() if reaches(child.name)}
        for name, fields in seen.items()
        if reaches(name)
    }
    expected["TensorProto"] = {}
    # A quantisation annotation names tensors; it holds none.
    assert expected == CHILDREN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08",
        b"not a model",
        b"\x3a\xff\xff\xff\xff\x0f",
        b"\x08" + b"\x80" * 11,
        b"\x3a\x01\x09",
        b"\x0b",
        b"\x08\x08",
        make_specimen_graph()[:-1],
    ],
)
def test_bytes_that_are_no_model_are_refused(content: bytes) -> None:
    with pytest.raises(PackageRejected, match=r"an ONNX model in|a graph in"):
        check(content)


def test_endless_nesting_is_refused() -> None:
    content = b""
    for _ in range(200):
        length = len(content)
        node = bytes([6 << 3 | 2]) + onnx_varint(length) + content
        attribute = bytes([5 << 3 | 2]) + onnx_varint(len(node)) + node
        content = bytes([1 << 3 | 2]) + onnx_varint(len(attribute)) + attribute
    with pytest.raises(PackageRejected, match="nested deeper"):
        check(bytes([7 << 3 | 2]) + onnx_varint(len(content)) + content)


def onnx_varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def test_a_file_that_is_read_from_disk_is_checked_the_same(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(make_specimen_graph())
    with path.open("rb") as file:
        file.read()
        check_onnx(file, path.stat().st_size, "model.onnx")
