from datetime import UTC, datetime

from matinee.apps.api.links import TitleLinks
from matinee.errors import UpstreamError
from matinee.model.title import Source, Title
from matinee.storage.memory import MemoryStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def title(version):
    return Title(
        id="t", name="n", state="live", version=version, source=Source(filename="a.mp4"),
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def test_a_version_is_looked_up_once(monkeypatch):
    store = MemoryStore()
    store.put("titles/t/v1/presentation.json", b'{"chapters": "chapters.vtt"}')
    links = TitleLinks(store)
    first = links.of(title(1), "https://films.example")
    assert first.chapters == "https://films.example/media/t/v1/chapters.vtt"
    assert first.poster is None
    store.delete("titles/t/v1/presentation.json")
    assert links.of(title(1), "https://films.example") == first


def test_a_store_that_is_away_is_asked_again(monkeypatch):
    store = MemoryStore()
    store.put("titles/t/v1/presentation.json", b'{"poster": "poster.jpg"}')
    links = TitleLinks(store)

    def away(*_):
        raise UpstreamError("away")

    with monkeypatch.context() as patched:
        patched.setattr(store, "get", away)
        assert links.of(title(1), "").poster is None
    assert links.of(title(1), "").poster == "/media/t/v1/poster.jpg"


def test_nothing_live_means_no_stream():
    links = TitleLinks(MemoryStore()).of(title(None), "https://films.example")
    assert links.watch == "https://films.example/watch/t"
    assert links.hls is None
