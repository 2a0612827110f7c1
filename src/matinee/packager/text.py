"""Text tracks: one WebVTT file whole for DASH, and cut at the segments of the video for HLS."""

from fractions import Fraction

from matinee.errors import MediaError
from matinee.formats.captions import Cue, webvtt
from matinee.formats.captions.cue import moved_cues
from matinee.model.presentation import Segment, Track
from matinee.packager import names
from matinee.packager.bandwidth import measure
from matinee.packager.plan import Plan


def read_cues(data: bytes, moved: Fraction) -> tuple[Cue, ...]:
    """Return the cues of a WebVTT file, *moved* by so many seconds as the film's tracks are.

    Raises:
        MediaError: no WebVTT (`bad-subtitles`).
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaError(
            "The subtitles are not UTF-8.", fix="Save them as UTF-8.", code="bad-subtitles"
        ) from error
    return moved_cues(webvtt.parse(text), moved)


def text_files(
    track_id: str, cues: tuple[Cue, ...], plan: Plan, timescale: int
) -> tuple[Track, dict[str, bytes]]:
    """Return the text track and its files by name: the whole, and one for each segment of *plan*.

    Times of the track are ticks of *timescale*, that of the video, so that the cuts are equal.
    """
    spans = plan.spans()
    whole = webvtt.render(cues).encode()
    parts = [part.encode() for part in webvtt.segment(cues, spans)]
    files = {names.text_file(track_id): whole}
    segments = []
    for number, ((start, end), part) in enumerate(zip(spans, parts, strict=True), 1):
        name = names.text_segment(track_id, number)
        files[name] = part
        first, last = round(start * timescale), round(end * timescale)
        segments.append(Segment(number=number, start=first, duration=last - first, key=name))
    rates = measure([len(part) for part in parts], [one.duration for one in segments], timescale)
    track = Track(
        id=track_id,
        kind="text",
        codec="wvtt",
        mime_type="text/vtt",
        timescale=timescale,
        bandwidth=rates.peak,
        average_bandwidth=rates.average,
        key=names.text_file(track_id),
        size=len(whole),
        segments=tuple(segments),
    )
    return track, files
