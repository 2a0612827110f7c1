import pytest

from matinee.manifests.colour import CICP, descriptors, needs_hdr, range_of
from matinee.model.media import Colour
from matinee.model.presentation import SelectionSet, SwitchingSet, Track


def switching(video_range: str, *, trick: bool = False) -> SwitchingSet:
    track = Track(
        id=f"v-{video_range}", kind="video", codec="hvc1", mime_type="video/mp4", timescale=1,
        bandwidth=1, average_bandwidth=1,
        colour=Colour(
            primaries="bt2020", transfer="smpte2084", matrix="bt2020nc", video_range=video_range
        ),
    )  # fmt: skip
    return SwitchingSet(
        id=f"s-{video_range}-{trick}", tracks=(track,), trick_play_of="x" if trick else None
    )


@pytest.mark.parametrize(
    ("ranges", "needed"),
    [(("PQ", "SDR"), True), (("PQ",), False), (("HLG", "SDR"), False), (("SDR", "PQ"), False)],
)
def test_pq_is_for_those_who_know_it_only_where_there_is_something_else(ranges, needed):
    sets = tuple(switching(one) for one in ranges)
    whole = SelectionSet(id="v", kind="video", switching_sets=sets)
    assert needs_hdr(whole, sets[0]) == needed
    assert range_of(sets[0]) == ranges[0]


def test_pictures_for_seeking_are_nothing_to_watch():
    sets = (switching("PQ"), switching("SDR", trick=True))
    assert not needs_hdr(SelectionSet(id="v", kind="video", switching_sets=sets), sets[0])


def test_code_points_are_told_of_hdr_alone():
    told = {one.scheme_id_uri: one.value for one in descriptors(switching("PQ").tracks[0])}
    assert told == {
        f"{CICP}ColourPrimaries": "9",
        f"{CICP}TransferCharacteristics": "16",
        f"{CICP}MatrixCoefficients": "9",
    }
    assert descriptors(switching("SDR").tracks[0]) == ()
