"""Documents that come as bytes: whether each is text, and not too long."""

from __future__ import annotations

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec

MOST_DOCUMENT_BYTES = 16 * 2**20
"""Largest document by default: 16 MiB."""


def check_documents(array: Array, spec: TensorSpec, *, most_bytes: int) -> None:
    """Check one document input. An empty document stands for none; what it means is the model's to say.

    Args:
        array: (samples,) object array of `bytes`, UTF-8.
        spec: The input.
        most_bytes: Largest document.

    Raises:
        InvalidInput: Another datatype or shape, a document that is too long, or bytes that are no UTF-8.
    """
    if array.dtype != object or array.ndim != 1 or not all(isinstance(each, bytes) for each in array):
        raise InvalidInput(
            f"documents of datatype BYTES and shape [-1] for {spec.name!r}",
            found=f"{array.dtype} of shape {list(array.shape)}",
            remedy="Send each document as one text.",
        )
    for index, document in enumerate(array):
        if len(document) > most_bytes:
            raise InvalidInput(
                f"documents of at most {most_bytes} bytes for {spec.name!r}",
                found=f"{len(document)} bytes in sample {index}",
                remedy="Send a smaller document, or let the operator raise the limit.",
            )
        try:
            document.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"documents in UTF-8 for {spec.name!r}",
                found=f"a byte that is none at {error.start} in sample {index}",
                remedy="Write the document in UTF-8.",
            ) from error
