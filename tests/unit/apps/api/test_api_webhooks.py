HOOKS = "/api/v1/webhooks"
URL = "https://example.com/hook"


def test_a_webhook_is_kept_and_its_secret_shown_once(client):
    answer = client.post(HOOKS, json={"url": URL, "events": ["title.published"]})
    assert answer.status_code == 201
    made = answer.json()
    assert made["secret"].startswith("whsec_")
    path = answer.headers["location"]
    assert path == f"{HOOKS}/{made['id']}"
    shown = client.get(path).json()
    assert shown == {**made, "secret": None}
    assert client.get(HOOKS).json() == {"items": [shown], "next_cursor": None}
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_unusable_webhooks_are_refused(client):
    assert client.post(HOOKS, json={"url": "ftp://a.example"}).status_code == 400
    assert client.post(HOOKS, json={"url": URL, "events": ["No Type"]}).status_code == 400
    credentials = client.post(HOOKS, json={"url": "https://user:pass@a.example/"})
    assert (credentials.status_code, credentials.json()["code"]) == (422, "bad-webhook-url")


def test_a_ping_is_queued_for_that_webhook_whatever_it_wants(client, services, clock):
    hooked = client.post(HOOKS, json={"url": URL, "events": ["title.published"]}).json()
    client.post(HOOKS, json={"url": f"{URL}/2", "events": ["title.failed"]})
    assert client.post(f"{HOOKS}/{hooked['id']}/ping").status_code == 202
    (delivery,) = services.catalog.deliveries.due(clock(), 10)
    assert (delivery.webhook_id, delivery.event_type) == (hooked["id"], "webhook.ping")
    assert client.post(f"{HOOKS}/none/ping").status_code == 404
