import pytest
from litestar.testing import RequestFactory

from matinee.apps.api.operations import read_query
from matinee.apps.api.problems import RequestError
from matinee.apps.api.titles import TitleQuery
from matinee.apps.api.viewing import NoQuery


def request(**query):
    return RequestFactory().get("/", query_params=query)


def test_parameters_are_read_as_their_types():
    query = read_query(request(limit="7", state="live", q="null"), TitleQuery)
    assert (query.limit, query.state, query.q, query.cursor) == (7, "live", "null", None)
    assert read_query(request(), TitleQuery).limit == 50


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"limit": "0"}, "query limit"),
        ({"limit": "many"}, "query limit"),
        ({"state": "null"}, "query state"),
        ({"state": "nowhere"}, "query state"),
        ({"q": ["a", "b"]}, "query q: is given twice"),
        ({"colour": "red"}, "query colour: unknown parameter"),
        ({"q": "x" * 201}, "query q"),
    ],
)
def test_faults_are_named(query, fault):
    with pytest.raises(RequestError) as caught:
        read_query(request(**query), TitleQuery)
    assert caught.value.faults[0].startswith(fault)
    assert "cursor, limit, q, state" in caught.value.fix


def test_an_operation_without_parameters_takes_none():
    with pytest.raises(RequestError) as caught:
        read_query(request(a="1"), NoQuery)
    assert caught.value.fix == "Give none."
