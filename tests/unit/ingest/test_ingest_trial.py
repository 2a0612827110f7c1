"""Reading what a trial decode says, and judging it."""

import pytest

from matinee.errors import MediaError
from matinee.ingest.trial import Place, judge, places

SAID = """
[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] corrupt decoded frame
[vist#1:0/h264 @ 0x5] [dec:h264 @ 0x6] corrupt decoded frame
[vist#1:0/h264 @ 0x5] [dec:h264 @ 0x6] corrupt decoded frame
[in#1/mov @ 0x1]   Input stream #1:1 (audio): 55 packets read (14418 bytes); 51 frames decoded; \
0 decode errors (52224 samples);
[in#1/mov @ 0x1]   Input stream #1:0 (video): 38 packets read (2972 bytes); 27 frames decoded; \
3 decode errors;
[in#0/mov @ 0x1]   Input stream #0:0 (video): 39 packets read (2807 bytes); 28 frames decoded; \
0 decode errors;
"""


def test_statistics_are_read() -> None:
    assert places(SAID, "video") == [Place(38, 27, 3, 2), Place(39, 28, 0, 1)]
    assert places(SAID, "audio") == [Place(55, 51, 0, 0)]
    assert places("", "video") == []


@pytest.mark.parametrize(
    ("place", "share"),
    [
        (Place(10, 10, 0, 0), 0.0),
        (Place(10, 8, 2, 0), 0.2),
        (Place(10, 10, 0, 9), 0.9),
        (Place(10, 5, 5, 5), 1.0),
        (Place(10, 0, 0, 0), 1.0),
        (Place(0, 0, 0, 0), 0.0),
    ],
)
def test_share_of_what_is_broken(place: Place, share: float) -> None:
    assert place.share == share


GOOD, BAD = Place(50, 50, 0, 0), Place(50, 50, 0, 45)
SILENT = Place(50, 0, 0, 0)


def test_verdicts() -> None:
    assert judge([GOOD, GOOD, GOOD]) == ()
    assert judge([GOOD, BAD, GOOD]) == ()
    assert judge([GOOD, SILENT, SILENT]) == (), "no key picture is near: nothing is learnt"
    assert len(judge([BAD, GOOD, GOOD])) == 1
    for broken in ([], [BAD], [BAD, BAD, GOOD], [GOOD, BAD, BAD], [SILENT, SILENT, SILENT]):
        with pytest.raises(MediaError) as caught:
            judge(broken)
        assert caught.value.code == "damaged"


def test_with_repair_anything_that_can_be_decoded_will_do() -> None:
    assert len(judge([BAD, BAD, GOOD], repair=True)) == 1
    with pytest.raises(MediaError):
        judge([SILENT, SILENT], repair=True)
