"""How many cores the process may really use.

Inside a container the machine's core count says nothing: the scheduler's affinity mask and the quota of the control
group decide (https://docs.kernel.org/admin-guide/cgroup-v2.html, `cpu.max`;
https://docs.kernel.org/scheduler/sched-bwc.html, `cpu.cfs_quota_us`).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

_CGROUP_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def count_usable_cores(*, cgroup_root: Path = _CGROUP_ROOT, membership: Path = _MEMBERSHIP) -> int:
    """Cores that this process may keep busy: at least 1.

    The smaller of the affinity mask and the tightest quota of the process's control groups, rounded up: a quota of
    1.5 cores is used best by two threads.

    Args:
        cgroup_root: Where the control groups are mounted.
        membership: The file that names the process's groups.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = read_cpu_quota(cgroup_root=cgroup_root, membership=membership)
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def read_cpu_quota(*, cgroup_root: Path, membership: Path) -> float | None:
    """The tightest quota, in cores, of the process's groups and their parents; None where nothing limits it."""
    try:
        lines = membership.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    quotas: list[float] = []
    for line in lines:
        _, controllers, group = [*line.split(":", 2), "", ""][:3]
        if not controllers:
            for mount in (cgroup_root, cgroup_root / "unified"):
                quotas += _walk_up(mount, group, _read_v2)
        elif "cpu" in controllers.split(","):
            for mount in (cgroup_root / controllers, cgroup_root / "cpu"):
                quotas += _walk_up(mount, group, _read_v1)
    return min(quotas, default=None)


def _walk_up(mount: Path, group: str, read: Callable[[Path], float | None]) -> list[float]:
    """What `read` finds in the group's folder and each of its parents up to the mount point."""
    parts = [part for part in PurePosixPath(group).parts if part not in {"/", ".."}]
    folders = [mount.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]
    return [quota for quota in map(read, folders) if quota is not None]


def _read_v2(folder: Path) -> float | None:
    words = _read_words(folder / "cpu.max")
    if len(words) != 2 or words[0] == "max":
        return None
    return int(words[0]) / int(words[1])


def _read_v1(folder: Path) -> float | None:
    quota, period = _read_words(folder / "cpu.cfs_quota_us"), _read_words(folder / "cpu.cfs_period_us")
    if not quota or not period or int(quota[0]) <= 0:
        return None
    return int(quota[0]) / int(period[0])


def _read_words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except OSError:
        return []
