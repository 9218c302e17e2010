"""Jobs on a real PostgreSQL server, which is started for the tests and stopped after them."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from salus.contracts.errors import Overloaded
from salus.contracts.jobs import JobProgress
from salus.records.job_leases import JobLeases
from salus.records.job_store import JobStore
from salus.records.settings import JobSettings

pytestmark = pytest.mark.component("postgresql")
_SETTINGS = JobSettings(lease_s=1.0, waiting_per_caller=5)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Of a fresh server on a Unix socket; PostgreSQL does not run as root, so root hands it to `postgres`."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="pgjobs"))
    root = os.geteuid() == 0
    owner = "postgres" if root else pwd.getpwuid(os.geteuid()).pw_name
    if root:
        shutil.chown(folder, owner, owner)

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            user=owner if root else None,
            group=owner if root else None,
            extra_groups=[] if root else None,
        )

    data, control = str(folder / "data"), str(programs / "pg_ctl")
    run(str(programs / "initdb"), "-D", data, "-U", "salus", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run(control, "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
    try:
        yield f"postgresql://salus@/postgres?host={folder}"
    finally:
        run(control, "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def test_hosts_share_jobs_and_each_is_worked_on_once(url: str) -> None:
    hosts = [JobStore(url, _SETTINGS) for _ in range(3)]
    ids = {hosts[number % 3].submit("s", f"caller-{number}", b"q").id for number in range(12)}

    def work(number: int) -> list[str]:
        leases, taken = JobLeases(hosts[number], f"host-{number}"), []
        while (claimed := leases.claim()) is not None:
            taken.append(claimed.job.id)
            assert leases.finish(claimed.job.id, b"answer", JobProgress())
        return taken

    with ThreadPoolExecutor(3) as pool:
        done = [job for taken in pool.map(work, range(3)) for job in taken]
    assert sorted(done) == sorted(ids)
    assert hosts[0].read_result(done[0], None) == b"answer"
    for host in hosts:
        host.close()


def test_the_job_of_a_host_that_died_goes_to_another(url: str) -> None:
    one, other = JobStore(url, _SETTINGS), JobStore(url, _SETTINGS)
    job = one.submit("s", "alice", b"q")
    dead = JobLeases(one, "dead")
    assert dead.claim() is not None
    dead.beat(job.id, JobProgress(elapsed_s=3.0), incumbent=b"plan")
    alive = JobLeases(other, "alive")
    assert alive.claim() is None
    time.sleep(1.2)
    claimed = alive.claim()
    assert claimed is not None
    assert (claimed.job.id, claimed.incumbent) == (job.id, b"plan")
    assert not dead.finish(job.id, b"late", JobProgress())
    assert alive.finish(job.id, b"answer", JobProgress())
    one.close()
    other.close()


def test_limits_and_tokens_hold_between_hosts(url: str) -> None:
    hosts = [JobStore(url, _SETTINGS) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        same = set(pool.map(lambda host: host.submit("s", "bob", b"q", token="t").id, hosts * 4))
        assert len(same) == 1

        def hand_in(host: JobStore) -> bool:
            try:
                host.submit("s", "carol", b"q")
            except Overloaded:
                return False
            return True

        assert sum(pool.map(hand_in, hosts * 4)) == 5
    for host in hosts:
        host.close()
