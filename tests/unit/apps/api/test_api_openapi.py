import msgspec
import pytest

from matinee.apps.api.examples import EXAMPLES


@pytest.fixture
def document(visitor):
    return visitor.get("/api/v1/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_whole_map_is_there(document):
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == "1.2.3"
    found = {(path, method) for path, method, _ in operations(document)}
    assert found >= {
        ("/api/v1/titles", "post"),
        ("/api/v1/titles", "get"),
        ("/api/v1/titles/{title_id}", "get"),
        ("/api/v1/titles/{title_id}", "patch"),
        ("/api/v1/titles/{title_id}", "delete"),
        ("/api/v1/titles/{title_id}/unpublish", "post"),
        ("/api/v1/titles/{title_id}/publish", "post"),
        ("/api/v1/titles/{title_id}/report", "get"),
        ("/api/v1/titles/{title_id}/media-info", "get"),
        ("/api/v1/titles/{title_id}/ladder", "get"),
        ("/api/v1/titles/{title_id}/ladder.svg", "get"),
        ("/api/v1/titles/{title_id}/retry", "post"),
        ("/api/v1/titles/{title_id}/cancel", "post"),
        ("/api/v1/jobs", "get"),
        ("/api/v1/jobs/{job_id}", "get"),
        ("/api/v1/jobs/{job_id}/retry", "post"),
        ("/api/v1/jobs/{job_id}/cancel", "post"),
        ("/api/v1/events", "get"),
        ("/api/v1/uploads", "post"),
        ("/api/v1/uploads/{upload_id}", "patch"),
        ("/api/v1/catalog", "get"),
        ("/api/v1/catalog/{title_id}", "get"),
        ("/api/v1/ladders", "get"),
        ("/api/v1/webhooks", "post"),
        ("/api/v1/webhooks/{webhook_id}/ping", "post"),
        ("/api/v1/session", "post"),
        ("/api/v1/session/codes", "post"),
        ("/healthz", "get"),
        ("/metrics", "get"),
    }


def test_every_handler_is_in_it(app, document):
    served = {
        (route.path_format, method.lower())
        for route in app.routes
        for method in route.methods
        if method != "OPTIONS"
    }
    described = {(path, method) for path, method, _ in operations(document)}
    assert served <= described


def test_every_operation_is_named_described_and_secured(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        assert "security" in operation, path
        for status, response in operation["responses"].items():
            assert response["description"]
            if int(status) >= 400 and method != "head":
                assert list(response["content"]) == ["application/problem+json"]


def test_every_reference_leads_somewhere(document):
    known = document["components"]["schemas"]

    def check(value):
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].rpartition("/")[2] in known
            for one in value.values():
                check(one)
        elif isinstance(value, list):
            for one in value:
                check(one)

    check(document)


def test_fields_are_described_by_the_source(document):
    schemas = document["components"]["schemas"]
    assert "Exactly one of" in schemas["CreateTitle"]["description"]
    assert schemas["TitleBody"]["properties"]["job"]["description"] == "The newest job."
    assert schemas["CreateTitle"]["additionalProperties"] is False


def test_examples_are_values_of_their_types():
    for body, values in EXAMPLES.items():
        for value in values.values():
            assert isinstance(value, body)
            assert msgspec.json.decode(msgspec.json.encode(value), type=body) == value
