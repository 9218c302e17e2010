import os
from pathlib import Path

import pytest

from salus.serving.threads import count_usable_cores, read_cpu_quota


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_quota_of_cgroups_v2_is_read_in_cores(tmp_path: Path) -> None:
    _write(tmp_path / "self", "0::/service\n")
    _write(tmp_path / "fs/service/cpu.max", "150000 100000\n")
    assert read_cpu_quota(cgroup_root=tmp_path / "fs", membership=tmp_path / "self") == 1.5


def test_the_tightest_quota_of_the_parents_counts(tmp_path: Path) -> None:
    _write(tmp_path / "self", "0::/slice/service\n")
    _write(tmp_path / "fs/slice/service/cpu.max", "max 100000\n")
    _write(tmp_path / "fs/slice/cpu.max", "50000 100000\n")
    assert read_cpu_quota(cgroup_root=tmp_path / "fs", membership=tmp_path / "self") == 0.5


@pytest.mark.parametrize("controllers", ["cpu,cpuacct", "cpu"])
def test_a_quota_of_cgroups_v1_is_read_in_cores(tmp_path: Path, controllers: str) -> None:
    _write(tmp_path / "self", f"3:memory:/x\n2:{controllers}:/docker/abc\n0::/\n")
    _write(tmp_path / f"fs/{controllers}/docker/abc/cpu.cfs_quota_us", "200000\n")
    _write(tmp_path / f"fs/{controllers}/docker/abc/cpu.cfs_period_us", "100000\n")
    _write(tmp_path / f"fs/{controllers}/cpu.cfs_quota_us", "-1\n")
    _write(tmp_path / f"fs/{controllers}/cpu.cfs_period_us", "100000\n")
    assert read_cpu_quota(cgroup_root=tmp_path / "fs", membership=tmp_path / "self") == 2.0


def test_a_group_that_names_its_parent_stays_below_the_mount_point(tmp_path: Path) -> None:
    _write(tmp_path / "self", "0::/../..\n")
    _write(tmp_path / "fs/cpu.max", "300000 100000\n")
    assert read_cpu_quota(cgroup_root=tmp_path / "fs", membership=tmp_path / "self") == 3.0


def test_without_control_groups_nothing_limits_the_process(tmp_path: Path) -> None:
    assert read_cpu_quota(cgroup_root=tmp_path, membership=tmp_path / "absent") is None
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert count_usable_cores(cgroup_root=tmp_path, membership=tmp_path / "absent") == available


def test_a_quota_below_one_core_still_gives_one_thread(tmp_path: Path) -> None:
    _write(tmp_path / "self", "0::/\n")
    _write(tmp_path / "fs/cpu.max", "10000 100000\n")
    assert count_usable_cores(cgroup_root=tmp_path / "fs", membership=tmp_path / "self") == 1
