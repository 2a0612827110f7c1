"""HLS audio groups: which renditions a player may mix with a variant (RFC 8216bis §4.4.6.1.1)."""

import msgspec

from matinee.model.presentation import SelectionSet, Track

_FAMILIES = {"mp4a": "aac", "ac-3": "ac3", "ec-3": "eac3", "Opus": "opus", "fLaC": "flac"}


class Group(msgspec.Struct, frozen=True):
    """One audio group: for every audio selection set, the track that stands for it."""

    id: str
    members: tuple[tuple[SelectionSet, Track], ...]

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codec strings of all members, each once."""
        return tuple(dict.fromkeys(track.codec for _, track in self.members))

    @property
    def bandwidth(self) -> int:
        """Peak of the member that needs most: a variant's BANDWIDTH covers any choice."""
        return max(track.bandwidth for _, track in self.members)

    @property
    def average_bandwidth(self) -> int:
        """Average of the member that needs most."""
        return max(track.average_bandwidth for _, track in self.members)


def codec_family(codec: str) -> str:
    """Return the short name of an RFC 6381 codec string's family: `aac`, `ac3`, `h264` ..."""
    head = codec.partition(".")[0]
    return _FAMILIES.get(head, head.lower())


def _kinds(selection: SelectionSet) -> dict[str, Track]:
    """Name each track by codec family, channel class and rank among its equals."""
    found: dict[str, Track] = {}
    for track in selection.tracks:
        surround = (track.channels or 2) > 2
        name = f"audio-{codec_family(track.codec)}-{'surround' if surround else 'stereo'}"
        unique, rank = name, 2
        while unique in found:
            unique, rank = f"{name}-{rank}", rank + 1
        found[unique] = track
    return found


def groups(selections: tuple[SelectionSet, ...]) -> tuple[Group, ...]:
    """Return the audio groups, stereo AAC first, each with a member for every selection set.

    A selection set that has no track of a group's kind is represented by its first one, because
    every group must offer the same renditions (§4.4.6.2.1).
    """
    playable = tuple(one for one in selections if one.tracks)
    kinds = {one.id: _kinds(one) for one in playable}
    every = dict.fromkeys(name for named in kinds.values() for name in named)
    order = sorted(every, key=lambda name: not name.startswith("audio-aac-stereo"))
    return tuple(
        Group(name, tuple((one, kinds[one.id].get(name, one.tracks[0])) for one in playable))
        for name in order
    )
