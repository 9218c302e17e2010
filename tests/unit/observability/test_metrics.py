from salus.observability.metrics import Metrics


def test_two_sets_of_figures_do_not_share_counts() -> None:
    first, second = Metrics(), Metrics()
    first.answered("s", "predict", samples=3, seconds=0.01)
    assert b'salus_samples_total{call="predict",service="s"} 3.0' in first.write()
    assert b'service="s"' not in second.write()


def test_every_figure_is_counted_by_service() -> None:
    metrics = Metrics()
    metrics.answered("s", "explain", samples=1, seconds=0.004)
    metrics.abstained("s", "ambiguous")
    metrics.rejected("s", "overloaded")
    waiting = [5]
    metrics.watch_queue("s", lambda: waiting[0])
    text = metrics.write().decode()
    assert 'salus_request_seconds_bucket{call="explain",le="0.005",service="s"} 1.0' in text
    assert 'salus_abstentions_total{reason="ambiguous",service="s"} 1.0' in text
    assert 'salus_rejected_total{code="overloaded",service="s"} 1.0' in text
    assert 'salus_queue_samples{service="s"} 5.0' in text
    waiting[0] = 0
    assert 'salus_queue_samples{service="s"} 0.0' in metrics.write().decode()
