from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from salus.contracts.errors import InvalidInput
from salus.training.checkpoints import read_checkpoint, write_checkpoint


def test_what_is_written_is_read_bit_for_bit(tmp_path: Path) -> None:
    shared = torch.randn(3, 2)
    tensors = [shared, shared, torch.arange(4)[::2], torch.tensor(2.5)]
    state = {
        "tensors": tensors,
        "by number": {0: {"step": torch.tensor(3.0)}, 1: ()},
        "plain": (1, 0.1 + 0.2, math.inf, "text", True, None),
    }
    write_checkpoint(tmp_path / "new" / "state", state)
    found = read_checkpoint(tmp_path / "new" / "state")
    assert found["plain"] == state["plain"]
    assert list(found["by number"]) == [0, 1]
    for one, other in zip(found["tensors"], tensors, strict=True):
        assert torch.equal(one, other)
        assert one.dtype == other.dtype
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["state"]


def test_a_nan_stays_a_nan(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "state", {"x": math.nan})
    assert math.isnan(read_checkpoint(tmp_path / "state")["x"])


def test_nothing_but_tensors_and_plain_values_is_kept(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="plain values"):
        write_checkpoint(tmp_path / "state", {"module": torch.nn.Linear(1, 1)})
    with pytest.raises(TypeError, match="keys of text"):
        write_checkpoint(tmp_path / "state", {1.5: 0})
    assert not (tmp_path / "state").exists()


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    (tmp_path / "text").write_text("hello")
    torch.save({"x": torch.zeros(1)}, tmp_path / "pickle")
    save_file({"x": torch.zeros(1)}, tmp_path / "bare")
    write_checkpoint(tmp_path / "cut", {"x": torch.zeros(100)})
    (tmp_path / "cut").write_bytes((tmp_path / "cut").read_bytes()[:-10])
    for name in ("text", "pickle", "bare", "cut"):
        with pytest.raises(InvalidInput, match="a checkpoint of Salus"):
            read_checkpoint(tmp_path / name)
