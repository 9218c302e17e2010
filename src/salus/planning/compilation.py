"""Compiled kernels: kept on disk where that is possible, free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
"""Without numba's run time (`_nrt`), that is without counting references: the caller holds every array that a kernel
sees, and kernels allocate none. It makes them four times as fast and compiles them in a third of the time; a kernel
that would allocate is refused when it is compiled."""


def part(kernel: _Kernel) -> _Kernel:
    """A function of numbers and arrays that compiled functions alone call; Python itself cannot."""
    compile_kernel: Any = numba.njit
    made: _Kernel = compile_kernel(no_cpython_wrapper=True, **_OPTIONS)(kernel)
    return made


def compiled(kernel: _Kernel) -> _Kernel:
    """A function of numbers and arrays that Python calls; compiled at its first call with all its parts.

    The machine code is kept beside the source, or in the user's cache folder (numba looks for one that is writable);
    where there is none it is compiled anew in each process. Numba looks at the file of the function alone to see
    whether it has changed: who edits a part in another file has to remove the `__pycache__` beside it.
    """
    compile_kernel: Any = numba.njit
    try:
        made: _Kernel = compile_kernel(cache=True, **_OPTIONS)(kernel)
    except RuntimeError:  # no folder in which machine code could be kept
        made = compile_kernel(**_OPTIONS)(kernel)
    return made


def inlined(kernel: _Kernel) -> _Kernel:
    """Compile a function that compiled functions call often: its machine code becomes part of theirs.

    Passing many arrays at each call costs more than a small function does; it is not for recursion, nor for what is
    called from Python.
    """
    compile_kernel: Any = numba.njit
    made: _Kernel = compile_kernel(forceinline=True, **_OPTIONS)(kernel)
    return made
