"""Groups packaged tracks into the selection and switching sets of a `Presentation`."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from matinee.model.media import Colour
from matinee.model.presentation import CaptionChannel, SelectionSet, SwitchingSet, Track
from matinee.model.rendition import Rendition
from matinee.packager import languages
from matinee.packager.names import TrackIds
from matinee.packager.tracks import family

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Packaged:
    """A rendition and the track made of it."""

    rendition: Rendition
    track: Track


@dataclass(frozen=True, slots=True)
class TrickPlay:
    """An I-frame track, and the id of the track it was made from."""

    track: Track
    made_from: str


_SIDE_ROLES = {"commentary", "description"}
"""Sound that nobody should hear unasked."""


def selection_sets(
    packaged: Sequence[Packaged],
    trick: TrickPlay | None,
    images: Track | None,
    *,
    captioned: bool = False,
) -> tuple[SelectionSet, ...]:
    """Return video, audio, text and image sets, each kind in the order of its renditions.

    At most one set of each kind is the default, and of video and audio exactly one. *captioned*
    says that the pictures carry captions; which ones, those of the texts tell that came from there.
    """
    ids = TrackIds()
    by_kind = {
        kind: [one for one in packaged if one.rendition.kind == kind]
        for kind in ("video", "audio", "text")
    }
    image_sets = (
        (
            SelectionSet(
                id=ids.give("images"),
                kind="image",
                switching_sets=(SwitchingSet(id=ids.give("thumbnail-sheets"), tracks=(images,)),),
                label="Thumbnails",
            ),
        )
        if images
        else ()
    )
    captions = _captions(by_kind["text"]) if captioned else ()
    return (
        *(
            msgspec.structs.replace(one, captions=captions)
            for one in _video(by_kind["video"], trick, ids)
        ),
        *_labelled(_audio(by_kind["audio"], ids)),
        *_labelled(_text(by_kind["text"], ids)),
        *image_sets,
    )


def _captions(texts: list[Packaged]) -> tuple[CaptionChannel, ...] | None:
    """Return what captions the pictures carry, as far as texts were made of them."""
    found = [
        CaptionChannel(
            channel=channel,
            language=one.rendition.language,
            label=f"{languages.name(one.rendition.language)} ({channel})",
        )
        for one in texts
        for channel in one.rendition.caption_channels
    ]
    return tuple(found) or None


def _groups(items: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    found: dict[Hashable, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def _best_first(tracks: Iterable[Packaged]) -> tuple[Track, ...]:
    return tuple(sorted((one.track for one in tracks), key=lambda track: -track.bandwidth))


def _video(
    packaged: list[Packaged], trick: TrickPlay | None, ids: TrackIds
) -> Iterable[SelectionSet]:
    for number, angle in enumerate(_groups(packaged, lambda one: one.rendition.source_index)):
        sets = []
        for one in _groups(angle, _switchable):
            codec, video_range, _ = _switchable(one[0])
            hdr = "" if video_range == "SDR" else video_range.lower()
            name = ids.give("video", codec, hdr)
            sets.append(SwitchingSet(id=name, tracks=_best_first(one)))
            if trick and trick.made_from in {each.track.id for each in one}:
                sets.append(
                    SwitchingSet(
                        id=ids.give(name, "trick"), tracks=(trick.track,), trick_play_of=name
                    )
                )
        rendition = angle[0].rendition
        yield SelectionSet(
            id=ids.give("video"),
            kind="video",
            switching_sets=tuple(sets),
            language=rendition.language,
            label=rendition.label or "",
            roles=rendition.roles or ("alternate" if number else "main",),
            default=number == 0,
        )


def _switchable(one: Packaged) -> tuple[str, str, int]:
    """What tracks must share to be switched without a seam: codec, dynamic range, bit depth."""
    colour = one.track.colour or Colour()
    return family(one.track.codec), colour.video_range, colour.bit_depth


def _audio(packaged: list[Packaged], ids: TrackIds) -> Iterable[SelectionSet]:
    groups = _groups(packaged, lambda one: _content(one.rendition))
    chosen = _default(groups)
    for number, group in enumerate(groups):
        rendition = group[0].rendition
        name = ids.give("audio", rendition.language or languages.UNDETERMINED)
        sets = [
            SwitchingSet(id=ids.give(name, family(one[0].track.codec)), tracks=_best_first(one))
            for one in _groups(
                group,
                lambda one: (family(one.track.codec), one.track.channels, one.track.sample_rate),
            )
        ]
        described = "description" in rendition.roles
        yield SelectionSet(
            id=name,
            kind="audio",
            switching_sets=tuple(sets),
            language=rendition.language,
            label=rendition.label or "",
            roles=rendition.roles or ("main" if number == chosen else "alternate",),
            accessibility=("description",) if described else (),
            default=number == chosen,
        )


def _content(rendition: Rendition) -> Hashable:
    """What tells one sound or text from another: its source track, or all that is said of it."""
    if rendition.source_index is not None:
        return rendition.source_index, rendition.language
    return rendition.language, rendition.label, rendition.roles


def _default(groups: list[list[Packaged]]) -> int:
    """Return which group plays unasked: the one marked, else the first with no side role."""
    marked = (n for n, group in enumerate(groups) if any(one.rendition.default for one in group))
    plain = (n for n, group in enumerate(groups) if not _SIDE_ROLES & set(group[0].rendition.roles))
    return next(marked, next(plain, 0))


def _text(packaged: list[Packaged], ids: TrackIds) -> Iterable[SelectionSet]:
    """Yield a set for each text; a CMAF track of it, for DASH, is a switching set beside it."""
    texts = _groups(packaged, lambda one: id(one.rendition))
    chosen = next((n for n, one in enumerate(texts) if one[0].rendition.default), -1)
    for number, group in enumerate(texts):
        rendition = group[0].rendition
        name = ids.give("text", rendition.language or languages.UNDETERMINED)
        forced = "forced-subtitle" in rendition.roles
        yield SelectionSet(
            id=name,
            kind="text",
            switching_sets=tuple(
                SwitchingSet(id=ids.give(name, _text_form(one.track)), tracks=(one.track,))
                for one in group
            ),
            language=rendition.language,
            label=rendition.label or "",
            roles=rendition.roles or ("subtitle",),
            accessibility=("caption",) if "caption" in rendition.roles else (),
            default=number == chosen,
            forced=forced,
        )


def _text_form(track: Track) -> str:
    """Name a form of text: `wvtt` stands for plain WebVTT, as HLS CODECS has it."""
    return track.codec if track.mime_type == "text/vtt" else f"cmaf-{track.codec.split('.')[0]}"


_ROLE_WORDS = {
    "commentary": "commentary",
    "description": "audio description",
    "caption": "CC",
    "forced-subtitle": "forced",
}


def _labelled(sets: Iterable[SelectionSet]) -> Iterable[SelectionSet]:
    """Give each set a label of its own: HLS demands unique NAMEs in a group (§4.4.6.1)."""
    used: set[str] = set()
    for one in sets:
        label = one.label or languages.name(one.language)
        word = next((_ROLE_WORDS[role] for role in one.roles if role in _ROLE_WORDS), "")
        if word and not one.label:
            label = f"{label} ({word})"
        wanted, number = label, 2
        while label in used:
            label, number = f"{wanted} {number}", number + 1
        used.add(label)
        yield msgspec.structs.replace(one, label=label)
