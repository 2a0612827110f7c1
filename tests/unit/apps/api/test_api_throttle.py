from datetime import UTC, datetime, timedelta

import pytest

from matinee.apps.api.problems import RequestError
from matinee.apps.api.throttle import Throttle

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fail(throttle, address, times, at=NOW):
    for _ in range(times):
        throttle.admit(address, at)


def test_the_eleventh_failure_is_not_heard_until_the_window_is_over():
    throttle = Throttle()
    fail(throttle, "192.0.2.1", 10)
    with pytest.raises(RequestError) as caught:
        throttle.admit("192.0.2.1", NOW + timedelta(minutes=1))
    assert caught.value.code == "throttled"
    assert caught.value.headers == {"Retry-After": "240"}
    throttle.admit("192.0.2.2", NOW)
    throttle.admit("192.0.2.1", NOW + timedelta(minutes=5))


def test_success_clears_the_account():
    throttle = Throttle(limit=2)
    fail(throttle, "192.0.2.1", 2)
    throttle.succeeded("192.0.2.1")
    fail(throttle, "192.0.2.1", 2)


def test_an_ipv6_network_counts_as_one():
    throttle = Throttle(limit=1)
    throttle.admit("2001:db8::1", NOW)
    with pytest.raises(RequestError):
        throttle.admit("2001:db8::ffff", NOW)
    throttle.admit("2001:db8:0:1::1", NOW)
    throttle.admit("::ffff:192.0.2.1", NOW)
    with pytest.raises(RequestError):
        throttle.admit("192.0.2.1", NOW)


def test_memory_is_bounded():
    throttle = Throttle(capacity=100)
    for number in range(1000):
        throttle.admit(f"10.0.{number // 250}.{number % 250}", NOW)
    assert len(throttle._failures) == 100


def test_strange_addresses_share_one_account():
    throttle = Throttle(limit=2)
    throttle.admit(None, NOW)
    throttle.admit("testclient", NOW)
    with pytest.raises(RequestError):
        throttle.admit("what", NOW)
