from datetime import timedelta

from matinee.model.piece import WorkerRecord

WORKERS = "/api/v1/workers"


def at_work(services, name="studio-1"):
    now = services.clock()
    services.catalog.workers.beat(
        WorkerRecord(id=name, host="studio", process=7, slots=2, started_at=now, seen_at=now)
    )


def test_workers_are_listed_with_whether_they_live(client, services, clock):
    assert client.get(WORKERS).json() == {"items": []}
    at_work(services)
    clock.ahead += timedelta(seconds=60)
    at_work(services, "studio-2")
    listed = client.get(WORKERS).json()["items"]
    assert [(one["worker"]["id"], one["alive"]) for one in listed] == [
        ("studio-1", False), ("studio-2", True),
    ]  # fmt: skip


def test_a_worker_is_asked_for_more_and_for_what_it_likes(client, services):
    at_work(services)
    more = client.patch(f"{WORKERS}/studio-1", json={"wanted_slots": 5})
    assert more.json()["worker"]["wanted_slots"] == 5
    back = client.patch(f"{WORKERS}/studio-1", json={"wanted_slots": None})
    assert back.json()["worker"]["wanted_slots"] is None


def test_what_no_worker_can_do_is_refused(client, services):
    at_work(services)
    assert client.patch(f"{WORKERS}/studio-1", json={"wanted_slots": -1}).status_code == 400
    assert client.patch(f"{WORKERS}/studio-1", json={}).status_code == 400
    assert client.patch(f"{WORKERS}/nobody", json={"wanted_slots": 1}).status_code == 404
