"""What the environment says of the terminal."""

from __future__ import annotations

import os
import sys


def wants_colour() -> bool:
    """Whether standard output is a terminal whose user has not set NO_COLOR (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
