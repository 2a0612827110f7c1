"""Pieces made beside each other by one process; the making itself is another test's business."""

import threading
from pathlib import Path

import msgspec
import pytest

from matinee.errors import CancelledError, UpstreamError
from matinee.model.progress import Control, Progress, RungProgress
from matinee.storage.memory import MemoryStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode import encode, hands
from matinee.transcode.damage import Health
from matinee.transcode.encode import Encoded, UnevenChunksError
from matinee.transcode.ladder import built_in
from matinee.transcode.making import Workplace
from matinee.transcode.order import Made, Order, pieces_of
from matinee.transcode.plan import plan


@pytest.fixture
def order(sources) -> Order:
    film = sources.film([sources.video(duration=100.0)], [sources.audio(1)], duration=100.0)
    chosen = plan(film, built_in()["standard"])
    return Order(
        plan=chosen, source_key="in", folder="out", cores=2, segment_seconds=chosen.segment_seconds
    )


@pytest.fixture
def workplace(tmp_path) -> Workplace:
    return Workplace(
        store=MemoryStore(),
        folder="out",
        scratch=tmp_path,
        toolchain=Toolchain(ffmpeg=Path("ffmpeg"), ffprobe=Path("ffprobe")),
        slots=2,
    )


def made(piece) -> Made:
    latest = Progress(stage="transcode", fraction=1.0)
    return Made(number=piece.number, health=Health(), produced=piece.duration, progress=latest)


def test_as_many_pieces_as_slots_and_the_sound_are_made_at_a_time(monkeypatch, order, workplace):
    together = threading.Barrier(3, timeout=10)
    kinds: list[str] = []

    def make(_order, piece, _source, _workplace, control):
        kinds.append(piece.kind)
        if len(kinds) <= 3:
            together.wait()
        rung = RungProgress(name="360p", done=piece.duration / 2)
        control.report(Progress(stage="transcode", fraction=0.5, rungs=(rung,)))
        return made(piece)

    monkeypatch.setattr(hands, "make", make)
    told: list[Progress] = []
    done = hands.make_all(order, Path("in"), workplace, Control(report=told.append))
    assert [one.number for one in done] == [one.number for one in pieces_of(order)]
    assert kinds.count("sound") == 1
    assert [one.fraction for one in told] == sorted(one.fraction for one in told)
    assert {chunk.state for chunk in told[-1].chunks} == {"done"}


def test_a_piece_that_fails_takes_the_others_with_it(monkeypatch, order, workplace):
    begun: list[int] = []

    def make(_order, piece, _source, _workplace, control):
        begun.append(piece.number)
        if piece.number == 1:
            raise UpstreamError("ffmpeg has failed.", fix="Look at it.")
        while not control.cancelled():
            threading.Event().wait(0.01)
        raise CancelledError("Let go.")

    monkeypatch.setattr(hands, "make", make)
    with pytest.raises(UpstreamError, match="ffmpeg has failed"):
        hands.make_all(order, Path("in"), workplace, Control())
    assert len(begun) < len(pieces_of(order)), "what was not begun is not begun any more"


def test_who_cancels_is_heard_by_every_piece(monkeypatch, order, workplace):
    stop = threading.Event()

    def make(_order, piece, _source, _workplace, control):
        stop.set()
        while not control.cancelled():
            threading.Event().wait(0.01)
        raise CancelledError("Let go.")

    monkeypatch.setattr(hands, "make", make)
    with pytest.raises(CancelledError):
        hands.make_all(order, Path("in"), workplace, Control(cancelled=stop.is_set))


def test_an_order_of_one_piece_reports_as_the_piece_does(monkeypatch, order, workplace):
    whole = msgspec.structs.replace(order, divided=False)
    monkeypatch.setattr(hands, "make", lambda _order, piece, *_: made(piece))
    assert [one.number for one in hands.make_all(whole, Path("in"), workplace, Control())] == [0]


def test_chunks_that_do_not_fit_together_are_made_again_in_one_piece(monkeypatch, order, workplace):
    asked: list[Order] = []
    told: list[Progress] = []

    def finished(some, _made, _workplace):
        if some.divided:
            raise UnevenChunksError("Chunk 2 has pictures, those before it lack some.")
        return Encoded(renditions=(), notes=some.notes)

    def make_them(some, heard):
        asked.append(some)
        heard.report(Progress(stage="transcode", fraction=0.4))
        return ()

    monkeypatch.setattr(encode, "finished", finished)
    done = encode.carried_out(order, make_them, workplace, Control(report=told.append))
    assert [one.divided for one in asked] == [True, False]
    assert "Chunk 2 has pictures" in done.notes[-1]
    assert told[-1].fraction == 1.0
