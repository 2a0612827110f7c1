import pytest

from matinee.catalog.titles import LiveFacts


@pytest.fixture
def live(client, publish):
    body = {"url": "https://secret.example/master.mov?sig=1", "name": "On the air"}
    title_id = client.post("/api/v1/titles", json=body).json()["title"]["id"]
    publish(title_id)
    return title_id


def test_viewers_see_what_is_live_and_no_more(client, live):
    client.post("/api/v1/titles", json={"url": "https://a.example/b.mp4", "name": "Not yet"})
    answer = client.get("/api/v1/catalog", headers={"Authorization": ""})
    (item,) = answer.json()["items"]
    assert item["name"] == "On the air"
    assert item["links"]["hls"].endswith(f"/media/{live}/master.m3u8")
    assert "secret.example" not in answer.text
    one = client.get(f"/api/v1/catalog/{live}", headers={"Authorization": ""})
    assert one.json() == item
    same = client.get(f"/api/v1/catalog/{live}", headers={"If-None-Match": one.headers["etag"]})
    assert same.status_code == 304


def test_viewers_learn_that_a_later_version_comes_and_that_it_came(client, services, live):
    def item():
        one = client.get(f"/api/v1/catalog/{live}").json()
        assert client.get("/api/v1/catalog").json()["items"] == [one]
        return one["version"], one["upcoming"]

    assert item() == (1, False)
    job = services.catalog.jobs.create_retry(live)
    assert item() == (1, True)
    services.catalog.jobs.started(job.id)
    services.catalog.titles.go_live(live, LiveFacts(version=2, duration=2.5))
    assert item() == (2, True)
    services.catalog.jobs.ended(job.id, "succeeded")
    assert item() == (2, False)


def test_a_title_off_the_air_is_as_good_as_unknown(client, live):
    client.post(f"/api/v1/titles/{live}/unpublish")
    known = client.get(f"/api/v1/catalog/{live}").json()
    unknown = client.get("/api/v1/catalog/none").json()
    assert known["status"] == unknown["status"] == 404
    assert known["detail"].replace(live, "none") == unknown["detail"]


def test_the_catalogue_is_searched(client, live):
    assert client.get("/api/v1/catalog?q=air").json()["items"][0]["id"] == live
    assert client.get("/api/v1/catalog?q=water").json()["items"] == []


def test_the_ladders_come_with_their_toml(client):
    ladders = client.get("/api/v1/ladders").json()["items"]
    assert {one["name"] for one in ladders} >= {"standard", "fast"}
    assert all("[[video]]" in one["toml"] or one["toml"] for one in ladders)
