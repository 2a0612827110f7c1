from prometheus_client import CollectorRegistry

from matinee.apps.api.metrics import Metrics


def test_labels_are_bounded_whatever_is_asked():
    metrics = Metrics(CollectorRegistry(), lambda: 3)
    for number in range(50):
        metrics.observe(f"METHOD-{number}", "unmatched", 404, 0.003)
    text = metrics.render().decode()
    counted = 'matinee_api_requests_total{method="other",route="unmatched",status="404"} 50.0'
    assert counted in text
    assert "METHOD" not in text
    assert "matinee_event_clients 3.0" in text


def test_latencies_fall_into_buckets():
    metrics = Metrics(CollectorRegistry(), lambda: 0)
    metrics.observe("GET", "/healthz", 200, 0.003)
    text = metrics.render().decode()
    assert (
        'matinee_api_request_seconds_bucket{le="0.002",method="GET",route="/healthz"} 0.0' in text
    )
    assert (
        'matinee_api_request_seconds_bucket{le="0.005",method="GET",route="/healthz"} 1.0' in text
    )
