import importlib

import msgspec
import pytest
from tests.unit.formats.isobmff.movies import movie, picture_track, sound_track

from matinee.errors import CancelledError, MediaError
from matinee.model.presentation import Presentation
from matinee.model.progress import Control
from matinee.model.rendition import Rendition
from matinee.packager import PackageRequest, package
from matinee.storage.memory import MemoryStore

module = importlib.import_module("matinee.packager.package")  # the name is the door's, too
VIDEO = Rendition(key="in.mp4", kind="video", name="360p")
AUDIO = Rendition(key="in.mp4", kind="audio", name="stereo", language="en")


@pytest.fixture
def store():
    store = MemoryStore()
    store.put("in.mp4", movie(picture_track(), sound_track()))
    return store


def request_for(*renditions, **more):
    given = {"presentation_id": "film", "version": 3, "renditions": renditions, "folder": "v3"}
    return PackageRequest(**(given | more))


def test_the_folder_holds_what_the_presentation_says(store, tmp_path):
    told = []
    made = package(request_for(VIDEO, AUDIO), store, tmp_path, Control(report=told.append))
    names = {one.key for one in store.list("v3")}
    for selection in made.periods[0].selection_sets:
        for track in selection.tracks:
            assert f"v3/{track.key}" in names
            assert len(store.get(f"v3/{track.key}")) == track.size
    assert {"v3/master.m3u8", "v3/manifest.mpd", "v3/trick-360p.mp4"} <= names
    assert msgspec.json.decode(store.get("v3/presentation.json"), type=Presentation) == made
    assert (told[-1].stage, told[-1].fraction) == ("package", 1.0)
    assert not list(tmp_path.iterdir())


def test_the_same_request_makes_the_same_bytes(store, tmp_path):
    package(request_for(VIDEO, AUDIO), store, tmp_path, Control())
    first = {one.key: store.get(one.key) for one in store.list("v3")}
    package(request_for(VIDEO, AUDIO), store, tmp_path, Control())
    assert {one.key: store.get(one.key) for one in store.list("v3")} == first


def test_the_root_of_the_store_is_a_folder_too(store, tmp_path):
    package(request_for(AUDIO, folder=""), store, tmp_path, Control())
    assert store.get("audio-en-stereo.m3u8")


def test_a_second_rendition_of_one_name_gets_a_number(store, tmp_path):
    made = package(request_for(AUDIO, AUDIO), store, tmp_path, Control())
    (selection,) = made.periods[0].selection_sets
    assert {one.id for one in selection.tracks} == {"audio-en-stereo", "audio-en-stereo-2"}


@pytest.mark.parametrize(
    "renditions",
    [
        (),
        (Rendition(key="in.mp4", kind="text", name="en"),),
        (msgspec.structs.replace(VIDEO, track_index=1),),
    ],
)
def test_nothing_to_play(renditions, store, tmp_path):
    with pytest.raises(MediaError) as refused:
        package(request_for(*renditions), store, tmp_path, Control())
    assert refused.value.code == "nothing-to-play"


def test_cancelling_stops_it(store, tmp_path):
    with pytest.raises(CancelledError):
        package(request_for(VIDEO), store, tmp_path, Control(cancelled=lambda: True))
    assert not list(store.list("v3"))


def test_stopping_within_a_track_leaves_no_half_file(store, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PAUSE", 0)
    asked = iter((False, True))
    with pytest.raises(CancelledError):
        package(request_for(VIDEO), store, tmp_path, Control(cancelled=lambda: next(asked)))
    assert not list(tmp_path.iterdir())
