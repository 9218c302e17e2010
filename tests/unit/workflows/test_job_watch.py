import msgspec

from salus.contracts.jobs import JobProgress
from salus.contracts.planning import Plan
from salus.workflows.job_watch import MOST_HISTORY, JobWatch


def _plan(cost: float) -> Plan:
    return Plan(solution=f"at {cost}", cost=cost, costs={}, violations={})


def test_better_plans_are_told_once_and_worse_ones_never() -> None:
    watch = JobWatch(JobProgress())
    assert watch.fresh_plan() is None
    watch.improved(_plan(5.0), elapsed_s=0.5)
    watch.improved(_plan(7.0), elapsed_s=0.6)
    assert msgspec.json.decode(watch.fresh_plan() or b"", type=Plan) == _plan(5.0)
    assert watch.fresh_plan() is None
    assert (watch.progress().cost, watch.progress().history) == (5.0, ((0.5, 5.0),))


def test_earlier_work_counts_on_and_its_plan_must_be_beaten() -> None:
    before = JobProgress(elapsed_s=10.0, limit_s=60.0, cost=5.0, history=((9.0, 5.0),))
    watch = JobWatch(before, _plan(5.0))
    watch.improved(_plan(6.0), elapsed_s=0.1)
    watch.improved(_plan(4.0), elapsed_s=0.2)
    progress = watch.progress()
    assert progress.history == ((9.0, 5.0), (10.2, 4.0))
    assert progress.elapsed_s >= 10.0
    assert progress.limit_s == 60.0


def test_a_long_history_is_thinned_and_keeps_its_end() -> None:
    watch = JobWatch(JobProgress())
    for step in range(3 * MOST_HISTORY):
        watch.improved(_plan(1e6 - step), elapsed_s=float(step))
        assert len(watch.progress().history) <= MOST_HISTORY
    history = watch.progress().history
    assert history[0] == (0.0, 1e6)
    assert history[-1][1] == watch.progress().cost
    assert list(history) == sorted(history)


def test_samples_are_counted_and_a_stop_is_seen() -> None:
    watch = JobWatch(JobProgress(done=64, of=200))
    watch.answered(64)
    assert (watch.progress().done, watch.cancelled()) == (128, False)
    watch.stop()
    assert watch.cancelled()
