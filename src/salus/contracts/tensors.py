"""The question's form: named tensors with a unit, a code, a range, and a rule for what is missing.

Names and datatypes are those of the Open Inference Protocol, version 2
(https://github.com/kserve/open-inference-protocol). Units are UCUM (https://ucum.org).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.text import LocalizedText

Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"
]
Content = Literal["scalar", "category", "image", "events", "document", "tensor"]
Missing = Literal["reject", "abstain", "model"]

NUMPY_NAMES: dict[Datatype, str] = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
    "BYTES": "object",
}
"""NumPy's name for each datatype; BYTES is an object array of `bytes`."""


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A concept of a terminology.

    Attributes:
        system: The terminology's URI as FHIR writes it, for example `http://loinc.org` or `http://snomed.info/sct`.
        value: The concept's code.
        display: The terminology's own English words for it.
    """

    system: str
    value: str
    display: str


class Variable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be observed over time, such as heart rate.

    Attributes:
        name: Short and stable, for machines: `HR`.
        title: For people.
        unit: UCUM unit; `1` for a bare number.
        code: The concept that is measured.
        more_codes: Other concepts that are taken for the same measurement.
        valid_range: Smallest and largest believable value, both included.
    """

    name: str
    title: LocalizedText
    unit: str
    code: Code | None = None
    more_codes: tuple[Code, ...] = ()
    valid_range: tuple[float, float] | None = None


class TensorSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One named tensor of a task's signature.

    Attributes:
        name: The tensor's name on the wire and in the graph.
        datatype: Its datatype, by the Open Inference Protocol's names.
        shape: One entry per axis; -1 where the length is free. Axis 0 counts the samples and is always -1.
        title: What a person reads beside it, in both languages.
        content: What the numbers are. `scalar`: shape (-1,), one number per sample. `category`: shape (-1,), an
            index into `categories`. `image`: shape (-1, height, width, channels), display grey levels or RGB.
            `events`: shape (-1, -1, 3), FP32, observations in any order, each (time in `unit`, index into
            `variables`, value in the variable's unit); a row of NaN pads. `document`: shape (-1,), BYTES, a text in
            UTF-8. `tensor`: anything else.
        unit: UCUM unit, of `events` that of the times; `1` for a bare number, None where a unit has no meaning.
        code: The concept that the tensor measures, where a terminology has one.
        valid_range: Smallest and largest believable value, both included; None where every value is believable.
        missing: What happens to a sample whose value is missing (NaN): the request is rejected, the sample is
            answered by an abstention, or the model handles it.
        categories: The meaning of each index of a `category`.
        variables: What `events` may hold, by index.
        fewest: Fewest observations of `events` that the model judges; with fewer the service abstains.
        window: For an `image` read from DICOM CT: window centre and width in Hounsfield units.
    """

    name: str
    datatype: Datatype
    shape: tuple[int, ...]
    title: LocalizedText
    content: Content = "tensor"
    unit: str | None = None
    code: Code | None = None
    valid_range: tuple[float, float] | None = None
    missing: Missing = "reject"
    categories: tuple[LocalizedText, ...] = ()
    variables: tuple[Variable, ...] = ()
    fewest: int = 1
    window: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.shape or self.shape[0] != -1:
            raise ValueError(f"expected axis 0 of tensor {self.name!r} to be -1 (samples); found shape {self.shape}")
        if self.content in {"scalar", "category"} and len(self.shape) != 1:
            raise ValueError(f"expected shape (-1,) for the {self.content} {self.name!r}; found {self.shape}")
        if self.content == "image" and len(self.shape) != 4:
            raise ValueError(f"expected four axes for the image {self.name!r}; found shape {self.shape}")
        if self.valid_range is not None and self.valid_range[0] > self.valid_range[1]:
            raise ValueError(f"expected a range from low to high for {self.name!r}; found {self.valid_range}")
        if self.content == "events" and (self.shape != (-1, -1, 3) or self.datatype != "FP32"):
            raise ValueError(f"expected FP32 of shape (-1, -1, 3) for the events {self.name!r}; found {self.shape}")
        if self.content == "document" and (self.shape != (-1,) or self.datatype != "BYTES"):
            raise ValueError(f"expected BYTES of shape (-1,) for the document {self.name!r}; found {self.shape}")
        names = [variable.name for variable in self.variables]
        if (self.content == "events") != bool(names) or len(set(names)) != len(names):
            raise ValueError(
                f"expected variables, no name twice, for events and for nothing else; tensor {self.name!r}"
            )
        if (self.content == "category") != bool(self.categories):
            raise ValueError(f"expected categories for a category and for nothing else; tensor {self.name!r}")


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tensors that go into a model and come out of it, in the order of its graph. Names are unique."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def __post_init__(self) -> None:
        for specs in (self.inputs, self.outputs):
            names = [spec.name for spec in specs]
            if not names or len(set(names)) != len(names):
                raise ValueError(f"expected at least one tensor and no name twice; found {names}")

    def input(self, name: str) -> TensorSpec | None:
        """The input called `name`, or None."""
        return next((spec for spec in self.inputs if spec.name == name), None)

    def output(self, name: str) -> TensorSpec | None:
        """The output called `name`, or None."""
        return next((spec for spec in self.outputs if spec.name == name), None)
