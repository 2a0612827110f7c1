"""Cutting a film into chunks that are encoded on their own, by any worker, in any order.

A chunk is a run of whole segments, so it begins with an IDR in every rung and nothing in it refers
to another chunk. Where chunks begin follows from the plan alone, never from who encodes them: the
film that is put together is the same to the bit however often a worker was lost.
"""

from fractions import Fraction

import msgspec

from matinee.transcode.plan import VideoPlan

CHUNK_SECONDS = 30
"""Film in a chunk, about: what a lost worker loses at most. Starting ffmpeg, seeking, and filling
its lookahead again cost a few percent of it."""
SHORT_CHUNK_SECONDS = 12
FEW_CHUNKS = 4
"""A short film is cut finer, down to this length and into this many, so that its chunks fill the
processors: rungs beside each other wait for the largest, chunks beside each other do not."""
MOST_CHUNKS = 400
LEAD_SECONDS = Fraction(1, 2)
"""Film that is decoded before a chunk, for filters that look back, and then dropped."""

FILM_CYCLE = 4
"""Pictures of telecined film that five frames are made of. Which frame of five is dropped is seen
in those five: decoding begins with one of such five as decoding the whole film would count them."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the film, in frames of the plan's rate. The last one goes on to the end."""

    number: int
    first: int
    frames: int | None
    """None: whatever there is until the film ends."""
    lead: int = 0
    """Frames before `first` at which decoding begins; they are not encoded."""


def chunks_of(video: VideoPlan, seconds: float, segment_seconds: float) -> tuple[Chunk, ...]:
    """Return the chunks of a film of *seconds*, or () where it is encoded in one piece.

    The film, or a copy of it, must be one that can be entered anywhere.
    """
    whole_gops = max(1, round(Fraction(segment_seconds) / video.gop_seconds))
    segment = whole_gops * video.outputs[0].gop_frames * video.outputs[0].frame_step
    rate = video.frame_rate.value
    segments = int(Fraction(seconds) * rate) // segment
    count = min(
        MOST_CHUNKS,
        segments,
        max(round(seconds / CHUNK_SECONDS), min(FEW_CHUNKS, int(seconds / SHORT_CHUNK_SECONDS))),
    )
    if video.copy or video.undivided or count < 2:
        return ()
    least_lead = max(1, round(LEAD_SECONDS * rate))
    cycle = FILM_CYCLE if video.source.telecined else 1
    # All alike, but for a segment; what is left after the last whole segment goes to the last.
    firsts = [number * segments // count * segment for number in range(count)]
    return tuple(
        Chunk(
            number=number,
            first=first,
            frames=after - first if after is not None else None,
            lead=min(first, least_lead + (first - least_lead) % cycle),
        )
        for number, (first, after) in enumerate(zip(firsts, [*firsts[1:], None], strict=True))
    )


def start_seconds(video: VideoPlan, chunk: Chunk) -> Fraction:
    """Return when *chunk* begins in the film."""
    return chunk.first / video.frame_rate.value


def chunk_seconds(video: VideoPlan, chunk: Chunk, seconds: float) -> float:
    """Return how long *chunk* of a film of *seconds* is, as far as is known beforehand."""
    if chunk.frames is not None:
        return float(chunk.frames / video.frame_rate.value)
    return max(0.0, seconds - float(start_seconds(video, chunk)))
