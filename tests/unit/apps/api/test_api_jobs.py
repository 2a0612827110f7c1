JOBS = "/api/v1/jobs"


def made(client):
    return client.post("/api/v1/titles", json={"url": "https://a.example/b.mp4"}).json()["job"]


def test_jobs_are_listed_newest_first(client):
    first, second = made(client), made(client)
    listed = client.get(JOBS).json()["items"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert [one["title_name"] for one in listed] == ["b", "b"]
    of_one = client.get(JOBS, params={"title_id": first["title_id"]}).json()["items"]
    assert [one["id"] for one in of_one] == [first["id"]]
    assert client.get(JOBS, params={"state": "running"}).json()["items"] == []
    assert 'rel="next"' in client.get(JOBS, params={"limit": 1}).headers["link"]


def test_a_list_of_jobs_says_what_their_titles_are_called_now(client):
    job = made(client)
    client.patch(f"/api/v1/titles/{job['title_id']}", json={"name": "The film"})
    (listed,) = client.get(JOBS).json()["items"]
    assert listed == {**job, "title_name": "The film"}


def test_a_job_is_shown_with_its_stages(client):
    job = made(client)
    answer = client.get(f"{JOBS}/{job['id']}")
    assert answer.json() == job
    assert job["stages"][0]["stage"] == "ingest"
    same = client.get(f"{JOBS}/{job['id']}", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304


def test_a_job_is_cancelled_and_run_again(client, services):
    job = made(client)
    assert client.post(f"{JOBS}/{job['id']}/retry").json()["code"] == "job-active"
    assert client.post(f"{JOBS}/{job['id']}/cancel").json()["state"] == "cancelled"
    again = client.post(f"{JOBS}/{job['id']}/retry").json()
    assert (again["attempt"], again["title_id"]) == (2, job["title_id"])
    superseded = client.post(f"{JOBS}/{job['id']}/retry")
    assert (superseded.status_code, superseded.json()["code"]) == (409, "job-superseded")
    assert services.catalog.jobs.unfinished()[-1].id == again["id"]
