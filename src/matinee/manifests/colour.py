"""What DASH says of colour, and to whom (ISO/IEC 23091-2 code points, DASH-IF IOP part 7)."""

from matinee.formats import dash
from matinee.model.presentation import SelectionSet, SwitchingSet, Track

CICP = "urn:mpeg:mpegB:cicp:"

# ITU-T H.273 code points by the names ffprobe prints.
_PRIMARIES = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020": 9, "smpte432": 12}
_TRANSFERS = {"bt709": 1, "smpte170m": 6, "bt2020-10": 14, "smpte2084": 16, "arib-std-b67": 18}
_MATRICES = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9, "bt2020_ncl": 9}


def range_of(switching: SwitchingSet) -> str:
    """Return the dynamic range that all tracks of *switching* have: `SDR`, `PQ` or `HLG`."""
    colour = switching.tracks[0].colour if switching.tracks else None
    return colour.video_range if colour else "SDR"


def needs_hdr(selection: SelectionSet, switching: SwitchingSet) -> bool:
    """Whether a player that does not know PQ should leave *switching* alone: SDR is beside it.

    HLG looks right enough on any display, so what is said of it is a supplement.
    """
    beside = (range_of(one) for one in selection.switching_sets if not one.trick_play_of)
    return range_of(switching) == "PQ" and "SDR" in beside


def descriptors(track: Track) -> tuple[dash.Descriptor, ...]:
    """Return the code points of *track* where they differ from plain SDR."""
    colour = track.colour
    if colour is None or colour.video_range == "SDR":
        return ()
    found = (
        ("ColourPrimaries", _PRIMARIES, colour.primaries),
        ("TransferCharacteristics", _TRANSFERS, colour.transfer),
        ("MatrixCoefficients", _MATRICES, colour.matrix),
    )
    return tuple(
        dash.Descriptor(scheme_id_uri=CICP + name, value=str(table[value]))
        for name, table, value in found
        if value in table
    )
