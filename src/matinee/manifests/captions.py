"""Captions that stay in the pictures, as HLS and DASH tell of them."""

from collections.abc import Iterator

from matinee.formats import dash, hls
from matinee.manifests import tracks
from matinee.model.presentation import CaptionChannel

GROUP = "captions"
"""GROUP-ID of the closed captions."""
LINES = "urn:scte:dash:cc:cea-608:2015"
SERVICES = "urn:scte:dash:cc:cea-708:2015"
_UNDETERMINED = "und"


def renditions(captions: tuple[CaptionChannel, ...]) -> Iterator[hls.Rendition]:
    """Yield EXT-X-MEDIA of each (RFC 8216bis §4.4.6.1): for who asks, and chosen by none.

    Players choose by themselves the text track that says the same.
    """
    for one in captions:
        yield hls.Rendition(
            type="CLOSED-CAPTIONS",
            group_id=GROUP,
            name=tracks.words(one.label) or one.channel,
            language=one.language or _UNDETERMINED,
            instream_id=one.channel,
        )


def descriptors(captions: tuple[CaptionChannel, ...] | None) -> tuple[dash.Descriptor, ...]:
    """Return Accessibility of a video (ANSI/SCTE 214-1 §7.2); no @value where none is known."""
    if captions is None:
        return (dash.Descriptor(scheme_id_uri=LINES),)
    lines = [
        f"{one.channel}={one.language or _UNDETERMINED}"
        for one in captions
        if one.channel.startswith("CC")
    ]
    services = [
        f"{one.channel.removeprefix('SERVICE')}=lang:{one.language or _UNDETERMINED}"
        for one in captions
        if one.channel.startswith("SERVICE")
    ]
    return tuple(
        dash.Descriptor(scheme_id_uri=scheme, value=";".join(values))
        for scheme, values in ((LINES, lines), (SERVICES, services))
        if values
    )
