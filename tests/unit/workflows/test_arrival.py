"""What an arrival does when its stages fail, and when a film may be put on the air."""

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import pytest

from matinee.errors import MediaError, UpstreamError
from matinee.model.media import MediaInfo
from matinee.model.presentation import Presentation
from matinee.model.progress import Control, Stage
from matinee.model.title import Source
from matinee.workflows.arrival import FirstLook, arrive, can_begin
from matinee.workflows.publish import Ingested, PublishJob, Studio

Result = TypeVar("Result")
INGESTED = Ingested(
    key="film.avi", info=MediaInfo(container="avi", duration=60, size=1, bit_rate=1)
)
JOB = PublishJob(
    title_id="film", version=1, name="Film", source=Source(filename="film.avi", key="film.avi"),
    ladder="standard", folder="titles/film/v1", work="work/film",
)  # fmt: skip


class Replayed:
    """A run whose stages ended before: they give what they left, or fail again."""

    def __init__(self, **left: object) -> None:
        self.left = left

    def run(self, stage: Stage, kind: type[Result], work: Callable[[Control], Result]) -> Result:
        del work
        left = self.left[stage]
        if isinstance(left, Exception):
            raise left
        assert isinstance(left, kind)
        return left


class Air:
    def __init__(self) -> None:
        self.done: list[str] = []

    def go_live(self, presentation: Presentation) -> None:
        self.done.append(f"live {presentation.version}")

    def withdraw(self) -> None:
        self.done.append("withdrawn")


def run(air: Air, **left: object) -> Ingested:
    studio = Studio(store=None, toolchain=None, scratch=None, fetch_limits=None)  # type: ignore[arg-type]
    return arrive(JOB, studio, Replayed(**left), air)


def test_a_finished_arrival_leaves_the_air_alone() -> None:
    air = Air()
    assert run(air, ingest=INGESTED, instant=FirstLook(presentation_key="p")) == INGESTED
    assert air.done == []


def test_what_will_never_be_whole_is_withdrawn() -> None:
    air = Air()
    with pytest.raises(MediaError):
        run(air, ingest=INGESTED, instant=MediaError("It is damaged.", code="damaged"))
    assert air.done == ["withdrawn"]


def test_what_was_never_shown_is_not_withdrawn() -> None:
    air = Air()
    with pytest.raises(UpstreamError):
        run(air, ingest=UpstreamError("The disk is gone."))
    assert air.done == []


@pytest.mark.parametrize(
    ("ready", "speed", "begins"),
    [
        (0, 9.0, False),
        (4, 1.0, True),
        (4, 5.0, True),
        (4, 0.9, False),
        (59, 0.4, False),
        (60, 0.4, True),  # 60 s are played while 40 more are made
        (100, 0.01, True),
    ],
)
def test_a_slow_machine_gets_a_head_start(ready: int, speed: float, begins: bool) -> None:
    assert can_begin(Fraction(ready), speed, Fraction(100)) is begins
