from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine

from matinee.catalog.catalog import Catalog
from matinee.catalog.deliveries import LEASE
from matinee.catalog.titles import Created
from matinee.catalog.webhooks import MAXIMUM_WEBHOOKS
from matinee.errors import InputError, NotFoundError
from matinee.model.title import Event

Make = Callable[..., Created]
URL = "https://example.com/hook?a=b"
SECRET = "whsec_c2VjcmV0"


def test_register_and_remove(catalog: Catalog) -> None:
    first = catalog.webhooks.create(URL, ["title.published", "title.published"], SECRET)
    second = catalog.webhooks.create(URL, [], SECRET)
    assert first.events == ("title.published",)
    assert catalog.webhooks.list() == (first, second)
    assert catalog.webhooks.get(first.id) == first
    assert catalog.webhooks.matching("title.published") == (first, second)
    assert catalog.webhooks.matching("title.failed") == (second,)
    assert catalog.webhooks.matching("job.progress") == ()
    catalog.webhooks.delete(first.id)
    assert catalog.webhooks.list() == (second,)
    for ask in (catalog.webhooks.get, catalog.webhooks.delete):
        with pytest.raises(NotFoundError):
            ask(first.id)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.com", "example.com", "https://", "https://a b/", "https://[::1", "file:///x",
     "https://u:p@example.com/", "https://example.com:99999/", "https://example.com/\n",
     "https://e/" + "x" * 2048, "javascript:alert(1)", "https://example.com/\0"],
)  # fmt: skip
def test_urls_that_are_none(catalog: Catalog, url: str) -> None:
    with pytest.raises(InputError):
        catalog.webhooks.create(url, [], SECRET)


@pytest.mark.parametrize(
    "events", [["title"], [""], ["Title.Published"], ["a.b"] * 51, ["x." * 40]]
)
def test_event_types_that_are_none(catalog: Catalog, events: list[str]) -> None:
    with pytest.raises(InputError):
        catalog.webhooks.create(URL, events, SECRET)


def test_webhooks_are_bounded(catalog: Catalog) -> None:
    for _ in range(MAXIMUM_WEBHOOKS):
        catalog.webhooks.create(URL, ["a.b"], SECRET)
    with pytest.raises(InputError):
        catalog.webhooks.create(URL, ["a.b"], SECRET)


def test_a_change_queues_its_deliveries_in_the_same_breath(catalog: Catalog, make: Make) -> None:
    hook = catalog.webhooks.create(URL, [], SECRET)
    created = make()
    (delivery,) = catalog.deliveries.due(catalog.now(), 10)
    assert (delivery.webhook_id, delivery.url, delivery.secret) == (hook.id, URL, SECRET)
    assert delivery.event_type == "title.created"
    event = msgspec.json.decode(delivery.body, type=Event)
    assert event == catalog.events.after(0)[0]
    assert event.title_id == created.title.id
    assert catalog.deliveries.enqueue(event) == 0


def test_a_leased_delivery_is_given_to_nobody_else_until_the_lease_is_over(
    catalog: Catalog, make: Make, clock
) -> None:
    catalog.webhooks.create(URL, [], SECRET)
    make()
    (delivery,) = catalog.deliveries.due(clock(), 10)
    assert catalog.deliveries.due(clock(), 10) == ()
    clock.forward(seconds=LEASE.total_seconds() + 1)
    (again,) = catalog.deliveries.due(clock(), 10)
    assert (again.id, again.body) == (delivery.id, delivery.body)


def test_success_is_final(catalog: Catalog, make: Make, clock) -> None:
    hook = catalog.webhooks.create(URL, [], SECRET)
    make()
    (delivery,) = catalog.deliveries.due(clock(), 10)
    catalog.deliveries.succeeded(delivery.id, 204)
    clock.forward(days=1)
    assert catalog.deliveries.due(clock(), 10) == ()
    assert catalog.deliveries.get(delivery.id).state == "delivered"
    told = catalog.webhooks.get(hook.id)
    assert told.last_status == 204
    assert told.last_attempt_at is not None
    assert catalog.deliveries.prune(clock()) == 1
    with pytest.raises(NotFoundError):
        catalog.deliveries.get(delivery.id)


def test_failure_is_tried_again_and_then_dead(catalog: Catalog, make: Make, clock) -> None:
    hook = catalog.webhooks.create(URL, [], SECRET)
    make()
    (delivery,) = catalog.deliveries.due(clock(), 10)
    retry_at = clock() + timedelta(seconds=30)
    catalog.deliveries.failed(delivery.id, 503, "Busy.", retry_at)
    assert catalog.deliveries.due(clock(), 10) == ()
    clock.forward(seconds=30)
    (again,) = catalog.deliveries.due(clock(), 10)
    assert (again.attempts, again.last_status, again.last_error) == (1, 503, "Busy.")
    catalog.deliveries.failed(delivery.id, None, "x\0" * 999, None)
    dead = catalog.deliveries.get(delivery.id)
    assert (dead.state, dead.attempts, dead.last_status) == ("dead", 2, None)
    clock.forward(days=9)
    assert catalog.deliveries.due(clock(), 10) == ()
    assert catalog.webhooks.get(hook.id).last_status is None


def test_a_ping_goes_to_one(catalog: Catalog, clock) -> None:
    asked = catalog.webhooks.create(URL, ["title.published"], SECRET)
    catalog.webhooks.create(URL, ["title.failed"], SECRET)
    event = catalog.events.append("webhook.ping", data={"webhook": asked.id})
    assert catalog.deliveries.due(clock(), 10) == ()
    catalog.deliveries.enqueue_for(asked.id, event)
    catalog.deliveries.enqueue_for(asked.id, event)
    assert [one.webhook_id for one in catalog.deliveries.due(clock(), 10)] == [asked.id]
    with pytest.raises(NotFoundError):
        catalog.deliveries.enqueue_for("nothing", event)


def test_deleting_a_webhook_takes_its_deliveries_along(catalog: Catalog, make: Make, clock) -> None:
    hook = catalog.webhooks.create(URL, [], SECRET)
    make()
    (delivery,) = catalog.deliveries.due(clock(), 10)
    catalog.webhooks.delete(hook.id)
    catalog.deliveries.succeeded(delivery.id, 200)
    catalog.deliveries.failed(delivery.id, 500, "x", None)
    clock.forward(days=1)
    assert catalog.deliveries.due(clock(), 10) == ()


def test_two_workers_never_get_the_same_delivery(catalog: Catalog, engine: Engine, clock) -> None:
    catalog.webhooks.create(URL, [], SECRET)
    for _ in range(40):
        catalog.events.append("a.b")
    now = clock()

    def lease(_: int) -> list[str]:
        return [one.id for one in catalog.deliveries.due(now, 4)]

    with ThreadPoolExecutor(8) as threads:
        leased = [one for batch in threads.map(lease, range(16)) for one in batch]
    assert len(leased) == len(set(leased)) == 40
