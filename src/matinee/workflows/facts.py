"""What the catalogue keeps of a published presentation."""

from matinee.catalog.titles import LiveFacts
from matinee.model.presentation import Presentation, Track
from matinee.model.title import RungSummary


def live_facts(presentation: Presentation) -> LiveFacts:
    """Sum up *presentation* for lists and pages."""
    period = presentation.periods[0]
    video = [track for one in period.of_kind("video") for track in one.tracks]
    best = max(video, key=lambda track: (track.height or 0, track.bandwidth), default=None)
    duration = presentation.duration or presentation.expected_duration
    return LiveFacts(
        version=presentation.version,
        duration=float(duration.seconds) if duration else 0.0,
        width=best.width if best else None,
        height=best.height if best else None,
        poster=presentation.poster,
        audio_languages=_languages(presentation, "audio"),
        text_languages=_languages(presentation, "text"),
        rungs=tuple(_summary(track) for track in video),
    )


def _languages(presentation: Presentation, kind: str) -> tuple[str, ...]:
    found = [
        one.language or "und" for one in presentation.periods[0].selection_sets if one.kind == kind
    ]
    return tuple(dict.fromkeys(found))


def _summary(track: Track) -> RungSummary:
    return RungSummary(
        name=track.id.split("-", 2)[2],
        codec=track.codec,
        width=track.width or 0,
        height=track.height or 0,
        frame_rate=float(track.frame_rate.value) if track.frame_rate else 0.0,
        bandwidth=track.bandwidth,
        average_bandwidth=track.average_bandwidth,
        size=track.size or 0,
    )
