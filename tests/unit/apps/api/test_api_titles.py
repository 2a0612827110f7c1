import msgspec
import pytest

from matinee.apps.api.examples import EXAMPLES
from matinee.apps.api.schema import LadderReport
from matinee.transcode.pertitle.report import report_json, report_svg

TITLES = "/api/v1/titles"


@pytest.fixture
def title(client, upload):
    return client.post(TITLES, json={"upload_id": upload(), "name": "A film"}).json()["title"]


def test_a_title_of_an_upload(client, services, upload):
    upload_id = upload(b"the film", "../Some_film.final.mp4")
    answer = client.post(TITLES, json={"upload_id": upload_id, "synopsis": "It happens."})
    assert answer.status_code == 201
    body = answer.json()
    title = body["title"]
    assert answer.headers["location"] == f"{TITLES}/{title['id']}"
    assert (title["name"], title["state"]) == ("Some film final", "processing")
    assert title["source"]["filename"] == "Some_film.final.mp4"
    key = f"titles/{title['id']}/source/Some_film.final.mp4"
    assert title["source"]["key"] == key
    assert services.store.get(key) == b"the film"
    assert list(services.uploads_folder.iterdir()) == []
    assert body["job"]["state"] == "queued"
    assert [job.id for job in services.catalog.jobs.unfinished()] == [body["job"]["id"]]
    assert body["links"]["watch"] == f"http://matinee.test/watch/{title['id']}"
    assert body["links"]["hls"] is None
    assert client.get(answer.headers["location"]).json() == body


def test_a_title_of_a_url_with_subtitles(client, services, upload):
    side = upload(b"WEBVTT", "a.vtt")
    other = upload(b"1", "a.vtt")
    body = client.post(
        TITLES,
        json={
            "url": "https://films.example/dir/big%20buck.mp4?sig=1",
            "ladder": "fast",
            "subtitles": [
                {"upload_id": side, "language": "en"},
                {"upload_id": other, "language": "pt-BR"},
            ],
        },
    ).json()
    source = body["title"]["source"]
    assert body["title"]["name"] == "big buck"
    assert (source["filename"], source["key"]) == ("big buck.mp4", None)
    first, second = source["subtitles"]
    assert (first["language"], second["language"]) == ("en", "pt-BR")
    assert first["key"] != second["key"]
    assert services.store.get(first["key"]) == b"WEBVTT"


def test_a_ladder_may_be_toml(client):
    ladders = client.get("/api/v1/ladders").json()["items"]
    assert ladders[0]["name"] == "auto"
    body = {"url": "https://films.example/a.mp4", "ladder": ladders[1]["toml"]}
    assert client.post(TITLES, json=body).status_code == 201


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, "exactly one of upload_id and url"),
        ({"upload_id": "a", "url": "https://a.example/b"}, "exactly one of"),
        ({"url": "https://a.example/b", "ladder": "nope"}, "$.ladder: There is no ladder"),
        ({"url": "https://a.example/b", "name": "  "}, "$.name: is empty"),
        ({"url": "https://a.example/b", "name": "a\0"}, "zero byte"),
        ({"url": "https://:99999/b"}, "$.url"),
        (
            {"upload_id": "a", "subtitles": [{"upload_id": "a", "language": "en\n"}]},
            "$.subtitles[0].language",
        ),
        (
            {"upload_id": "a", "subtitles": [{"upload_id": "a", "language": "en"}]},
            "named twice",
        ),
    ],
)
def test_what_cannot_be_published_is_refused(client, services, body, fault):
    answer = client.post(TITLES, json=body)
    assert answer.status_code == 422
    assert any(fault in one for one in answer.json()["errors"])
    assert services.catalog.jobs.unfinished() == ()


def test_all_faults_are_told_at_once(client):
    answer = client.post(TITLES, json={"ladder": "nope", "name": " "})
    assert len(answer.json()["errors"]) == 3


@pytest.mark.parametrize("url", ["ftp://a.example/b", "file:///etc/passwd", "a b", "//a.example"])
def test_only_http_is_pulled(client, url):
    assert client.post(TITLES, json={"url": url}).status_code == 400


def test_an_upload_must_be_there_and_whole(client, services, upload):
    assert client.post(TITLES, json={"upload_id": "none"}).status_code == 404
    partial = upload(complete=False)
    answer = client.post(TITLES, json={"upload_id": partial})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-incomplete")
    gone = upload()
    (services.uploads_folder / gone).unlink()
    answer = client.post(TITLES, json={"upload_id": gone})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-expired")


def test_an_upload_makes_one_title(client, upload):
    body = {"upload_id": upload()}
    assert client.post(TITLES, json=body).status_code == 201
    answer = client.post(TITLES, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-consumed")


def test_an_idempotency_key_makes_one_title(client, services, upload):
    headers = {"Idempotency-Key": "k-1"}
    body = {"upload_id": upload()}
    first = client.post(TITLES, json=body, headers=headers)
    again = client.post(TITLES, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(services.catalog.jobs.unfinished()) == 1
    other = client.post(TITLES, json={"upload_id": upload()}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    client.delete(first.headers["location"])
    spent = client.post(TITLES, json=body, headers=headers)
    assert (spent.status_code, spent.json()["code"]) == (409, "idempotency-key-spent")


@pytest.mark.parametrize("given", ["", "a b", "x" * 256, "\u00e9".encode("latin-1")])
def test_other_idempotency_keys_are_refused(client, given):
    answer = client.post(
        TITLES, json={"url": "https://a.example/b"}, headers={"Idempotency-Key": given}
    )
    assert answer.status_code == 400


def test_pages_are_linked(client):
    names = [f"Film {number}" for number in range(5)]
    for name in names:
        client.post(TITLES, json={"url": "https://a.example/b.mp4", "name": name})
    seen, following = [], f"{TITLES}?limit=2"
    while following:
        answer = client.get(following)
        seen += [one["title"]["name"] for one in answer.json()["items"]]
        following = answer.links.get("next", {}).get("url")
        assert (following is None) == (answer.json()["next_cursor"] is None)
    assert seen == names[::-1]


def test_titles_are_found_by_words_and_state(client, title, publish):
    client.post(TITLES, json={"url": "https://a.example/b.mp4", "name": "Über den Wolken"})
    found = client.get(TITLES, params={"q": "uber wolken"}).json()["items"]
    assert [one["title"]["name"] for one in found] == ["Über den Wolken"]
    publish(title["id"])
    live = client.get(TITLES, params={"state": "live"}).json()["items"]
    assert [one["title"]["id"] for one in live] == [title["id"]]


def test_a_title_is_not_sent_twice(client, title):
    path = f"{TITLES}/{title['id']}"
    first = client.get(path)
    same = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    client.patch(path, json={"name": "Another"})
    fresh = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert fresh.status_code == 200
    assert fresh.json()["title"]["name"] == "Another"


def test_a_title_is_renamed_and_described(client, title):
    path = f"{TITLES}/{title['id']}"
    body = client.patch(path, json={"synopsis": "It happens."}).json()
    assert (body["title"]["name"], body["title"]["synopsis"]) == ("A film", "It happens.")
    assert client.patch(path, json={"name": " "}).status_code == 422
    assert client.patch(path, json={"name": ""}).status_code == 400
    assert client.patch(path, json={"state": "live"}).status_code == 400


def test_a_live_title_has_links(client, title, publish):
    publish(title["id"], version=3)
    links = client.get(f"{TITLES}/{title['id']}").json()["links"]
    media = f"http://matinee.test/media/{title['id']}"
    assert links["hls"] == f"{media}/master.m3u8"
    assert links["dash"] == f"{media}/manifest.mpd"
    assert links["poster"] == f"{media}/v3/poster.jpg"
    assert links["thumbnails"] == f"{media}/v3/thumbnails.vtt"
    assert links["chapters"] is None


def test_off_the_air_and_on_again(client, title, publish):
    path = f"{TITLES}/{title['id']}"
    assert client.post(f"{path}/unpublish").json()["code"] == "not-live"
    assert client.post(f"{path}/publish").json()["code"] == "never-live"
    publish(title["id"])
    off = client.post(f"{path}/unpublish").json()
    assert (off["title"]["state"], off["links"]["hls"]) == ("unpublished", None)
    on = client.post(f"{path}/publish").json()
    assert (on["title"]["state"], on["title"]["version"]) == ("live", 1)


def test_a_deleted_title_takes_its_media_along(client, services, title):
    services.store.put(f"titles/{title['id']}/v1/master.m3u8", b"x")
    path = f"{TITLES}/{title['id']}"
    answer = client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404
    assert list(services.store.list(f"titles/{title['id']}")) == []
    assert services.catalog.jobs.unfinished() == ()


def test_cancel_and_retry(client, services, title):
    path = f"{TITLES}/{title['id']}"
    assert client.post(f"{path}/retry").json()["code"] == "job-active"
    cancelled = client.post(f"{path}/cancel").json()
    assert cancelled["state"] == "cancelled"
    assert client.post(f"{path}/cancel").json()["code"] == "job-ended"
    again = client.post(f"{path}/retry").json()
    assert (again["attempt"], again["state"]) == (2, "queued")
    assert services.catalog.jobs.unfinished()[-1].id == again["id"]


def test_the_report_of_the_highest_version_is_shown(client, services, title):
    path = f"{TITLES}/{title['id']}"
    missing = client.get(f"{path}/report")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-ready")
    for version in (2, 10, 9):
        text = f'{{"target": "v{version}", "findings": []}}'.encode()
        services.store.put(f"titles/{title['id']}/v{version}/report.json", text)
    services.store.put(f"titles/{title['id']}/v11/media-info.json", b'{"container": "mp4"}')
    services.store.put(f"titles/{title['id']}/v12/deeper/report.json", b"{}")
    assert client.get(f"{path}/report").json()["target"] == "v10"
    assert client.get(f"{path}/media-info").json() == {"container": "mp4"}


def test_the_ladder_that_was_chosen_for_a_title(client, visitor, services, title):
    path = f"{TITLES}/{title['id']}/ladder"
    for one in (path, f"{path}.svg"):
        missing = client.get(one)
        assert (missing.status_code, missing.json()["code"]) == (404, "no-own-ladder")
        assert "`auto`" in missing.json()["fix"]
        assert visitor.get(one).status_code == 401
        assert client.get(one.replace(title["id"], "nothing")).json()["code"] == "title-not-found"
    chosen = EXAMPLES[LadderReport]["chosen"].chosen
    for version in (2, 10):
        for name, body in (("json", report_json(chosen)), ("svg", report_svg(chosen))):
            services.store.put(f"titles/{title['id']}/v{version}/ladder.{name}", body)
    services.store.put(f"titles/{title['id']}/v12/report.json", b"{}")
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/json"
    assert msgspec.json.decode(answer.content, type=LadderReport).chosen == chosen
    picture = client.get(f"{path}.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    assert picture.content == report_svg(chosen)


def test_a_ladder_may_say_more_than_we_know(client, services, title):
    told = {"format": 1, "chosen": {"ladder": {}, "phone": [1]}, "new": True}
    services.store.put(f"titles/{title['id']}/v1/ladder.json", msgspec.json.encode(told))
    assert client.get(f"{TITLES}/{title['id']}/ladder").json() == told
