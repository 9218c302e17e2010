"""Training that leaves torch's global settings as it found them and owes nothing to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from salus.contracts.errors import MissingDependency


def choose_device(wanted: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """The device to train on; `auto` is a GPU where there is one.

    Raises:
        MissingDependency: `cuda` is wanted and torch finds no GPU.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise MissingDependency(
            "a CUDA GPU and a build of torch that can use it",
            found="none",
            remedy="Take --device auto or --device cpu.",
        )
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def usable_threads(wanted: int | None) -> int:
    """`wanted` threads, but no more than torch has in this process (its cores, or OMP_NUM_THREADS)."""
    own = torch.get_num_threads()
    return own if wanted is None else min(wanted, own)


@contextmanager
def isolated(seed: int, *, device: torch.device, threads: int | None) -> Iterator[None]:
    """Within, torch's own generators begin at `seed` and its algorithms are deterministic; after, all is as before.

    On the CPU the same seed and number of threads give the same bits. On a GPU the deterministic algorithms of cuDNN
    are taken, but some sums of CUDA are not ordered: there a seed gives nearly the same, not the same bits.

    Args:
        seed: From 0 to 2^63 - 1.
        device: Where training happens.
        threads: Most CPU threads; None leaves them.
    """
    before_threads = torch.get_num_threads()
    before_algorithms = torch.are_deterministic_algorithms_enabled()
    before_warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn
    before_cudnn = (cudnn.deterministic, cudnn.benchmark)
    devices = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        try:
            torch.set_num_threads(usable_threads(threads))
            if device.type == "cpu":
                torch.use_deterministic_algorithms(True)
            cudnn.deterministic, cudnn.benchmark = True, False
            torch.default_generator.manual_seed(seed)
            if device.type == "cuda":
                torch.cuda.manual_seed(seed)
            yield
        finally:
            torch.set_num_threads(before_threads)
            torch.use_deterministic_algorithms(before_algorithms, warn_only=before_warn_only)
            cudnn.deterministic, cudnn.benchmark = before_cudnn


def generator_states(generator: torch.Generator, device: torch.device) -> dict[str, torch.Tensor]:
    """Where every generator stands, for a checkpoint."""
    states = {"own": generator.get_state(), "cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_generators(states: dict[str, torch.Tensor], generator: torch.Generator, device: torch.device) -> None:
    """Back to where `generator_states` found them."""
    generator.set_state(states["own"])
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
