"""Text as CMAF tracks for DASH: `wvtt`, or IMSC 1.1 Text in `stpp` (ISO/IEC 23000-19 §11).

One file like those of pictures and sound, cut where the video is; small enough to make in memory.
"""

from array import array
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from matinee.formats.captions import Cue, imsc, wvtt
from matinee.formats.isobmff import (
    FragmentSamples,
    Reference,
    SegmentIndex,
    TrackHeader,
    fragment_head,
    header_segment,
    index_size,
    segment_index,
    ttml_entry,
    webvtt_entry,
)
from matinee.model.presentation import ByteRange, Segment, Track
from matinee.packager import languages, names
from matinee.packager.bandwidth import measure
from matinee.packager.plan import Plan

CODECS = {"wvtt": "wvtt", "imsc": "stpp.ttml.im1t"}
_HANDLERS = {"wvtt": "text", "imsc": "subt"}

_Samples = Sequence[tuple[int, bytes]]
"""Duration in ticks and bytes of each sample."""


def text_track(
    track_id: str,
    cues: tuple[Cue, ...],
    plan: Plan,
    timescale: int,
    form: Literal["wvtt", "imsc"],
    language: str | None,
) -> tuple[Track, bytes]:
    """Return the track and its file; times are ticks of *timescale*, that of the video."""
    spans = plan.spans()
    ticks = [(round(start * timescale), round(end * timescale)) for start, end in spans]
    if form == "wvtt":
        filled = [_cue_samples(cues, span, timescale) for span in ticks]
        entry = webvtt_entry(wvtt.CONFIGURATION)
    else:
        filled = [
            [(last - first, imsc.render(cues, start, end, language))]
            for (start, end), (first, last) in zip(spans, ticks, strict=True)
        ]
        entry = ttml_entry(imsc.NAMESPACE, imsc.MIME_TYPE)
    tagged = language is not None and languages.code(language) != language
    head = header_segment(
        TrackHeader(
            video=False,
            text=_HANDLERS[form],
            timescale=timescale,
            duration=ticks[-1][1],
            entry=entry,
            language_code=languages.code(language),
            language_tag=language if tagged else None,
        )
    )
    fragments = [
        _fragment(number, first, samples)
        for number, ((first, _), samples) in enumerate(zip(ticks, filled, strict=True), 1)
    ]
    return _track(track_id, form, timescale, head, ticks, fragments)


def _cue_samples(cues: tuple[Cue, ...], span: tuple[int, int], timescale: int) -> _Samples:
    """Return the samples of one segment; a cue's times go to the nearest tick."""
    near = [
        cue
        for cue in cues
        if round(cue.start * timescale) < span[1] and round(cue.end * timescale) > span[0]
    ]
    made = wvtt.samples(near, Fraction(span[0], timescale), Fraction(span[1], timescale))
    timed = [(round(start * timescale), round(end * timescale), data) for start, end, data in made]
    return [(end - start, data) for start, end, data in timed if end > start]


def _fragment(number: int, start: int, samples: _Samples) -> bytes:
    durations = array("I", (duration for duration, _ in samples))
    sizes = array("I", (len(data) for _, data in samples))
    head = fragment_head(
        number, start, FragmentSamples(durations, sizes, array("i"), all_sync=True)
    )
    return head + b"".join(data for _, data in samples)


def _track(
    track_id: str,
    form: Literal["wvtt", "imsc"],
    timescale: int,
    head: bytes,
    ticks: list[tuple[int, int]],
    fragments: list[bytes],
) -> tuple[Track, bytes]:
    key = names.track_file(track_id)
    references = tuple(
        Reference(len(data), last - first)
        for data, (first, last) in zip(fragments, ticks, strict=True)
    )
    index = segment_index(
        SegmentIndex(
            timescale=timescale, earliest_presentation_time=ticks[0][0], references=references
        )
    )
    at = len(head) + index_size(len(references))
    segments = []
    for number, ((first, last), data) in enumerate(zip(ticks, fragments, strict=True), 1):
        span = ByteRange(at, len(data))
        at += len(data)
        segments.append(
            Segment(number=number, start=first, duration=last - first, key=key, range=span)
        )
    rates = measure(
        [len(data) for data in fragments], [one.duration for one in segments], timescale
    )
    file = b"".join((head, index, *fragments))
    track = Track(
        id=track_id,
        kind="text",
        codec=CODECS[form],
        mime_type="application/mp4",
        timescale=timescale,
        bandwidth=rates.peak,
        average_bandwidth=rates.average,
        key=key,
        size=len(file),
        init=ByteRange(0, len(head)),
        index=ByteRange(len(head), len(index)),
        segments=tuple(segments),
    )
    return track, file
