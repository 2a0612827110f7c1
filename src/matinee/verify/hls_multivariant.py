"""Rules of a multivariant playlist against the tracks it names."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from matinee.formats import hls
from matinee.verify import cmaf
from matinee.verify.findings import Findings
from matinee.verify.tracks import Track

_TEXT_CODECS = ("wvtt", "stpp")
_WITHIN = Fraction(1, 10)


class Stream:
    """A multivariant playlist, its name, and the tracks that its URIs led to."""

    def __init__(
        self,
        place: str,
        playlist: hls.MultivariantPlaylist,
        tracks: Mapping[str, Track],
        findings: Findings,
    ) -> None:
        self.place = place
        self.playlist = playlist
        self.tracks = tracks
        self.findings = findings

    def members(self, kind: str, group: str | None) -> list[hls.Rendition]:
        """Renditions of the group *group* of type *kind*."""
        return [
            one for one in self.playlist.renditions if one.type == kind and one.group_id == group
        ]

    def tracks_of(self, variant: hls.Variant) -> tuple[Track | None, list[Track]]:
        """The variant's own track, and those of its audio group."""
        audio = [
            self.tracks[one.uri]
            for one in self.members("AUDIO", variant.audio)
            if one.uri is not None and one.uri in self.tracks
        ]
        own = self.tracks.get(variant.uri)
        return own, [one for one in audio if one is not own]

    def where(self, variant: hls.Variant | hls.IFrameVariant) -> str:
        """Name of a variant for findings."""
        return f"{self.place}, {variant.uri.partition('?')[0][:80]}"

    def check(self) -> None:
        """Check the whole playlist."""
        if not self.playlist.variants:
            self.findings.add("hls.empty", self.place, "no variant is listed")
        if not self.playlist.independent_segments:
            self.findings.add(
                "hls.independent-said", self.place, "EXT-X-INDEPENDENT-SEGMENTS is missing"
            )
        self._groups()
        for variant in self.playlist.variants:
            self._variant_groups(variant)
            self._codecs(variant)
            self._video(variant)
            self._rates(variant)
        self._stereo()
        self._i_frames()
        self._alignment()

    # Groups

    def _groups(self) -> None:
        groups: dict[tuple[str, str], list[hls.Rendition]] = {}
        for one in self.playlist.renditions:
            groups.setdefault((one.type, one.group_id), []).append(one)
        for (kind, group), members in groups.items():
            where = f"{self.place}, group {group}"
            for message in _faults_of_group(kind, members):
                self.findings.add("hls.group-members", where, message)
            if kind in {"AUDIO", "SUBTITLES"} and any(not one.language for one in members):
                self.findings.add("hls.language", where, "a rendition has no LANGUAGE")
            if kind == "AUDIO" and any(not one.channels for one in members):
                self.findings.add("hls.channels", where, "a rendition has no CHANNELS")
        for kind in {kind for kind, _ in groups}:
            sets = {name: _set_of(members) for (of, name), members in groups.items() if of == kind}
            first = next(iter(sets))
            for name, found in sets.items():
                if found != sets[first]:
                    self.findings.add(
                        "hls.group-sets",
                        f"{self.place}, group {name}",
                        f"its renditions are not those of group {first}",
                    )

    def _variant_groups(self, variant: hls.Variant) -> None:
        named = (
            ("AUDIO", variant.audio),
            ("VIDEO", variant.video),
            ("SUBTITLES", variant.subtitles),
            ("CLOSED-CAPTIONS", variant.closed_captions),
        )
        for kind, group in named:
            if group is None or (kind == "CLOSED-CAPTIONS" and group == "NONE"):
                continue
            if not self.members(kind, group):
                self.findings.add(
                    "hls.group", self.where(variant), f"there is no {kind} group {group}"
                )

    # What a variant claims

    def _codecs(self, variant: hls.Variant) -> None:
        where = self.where(variant)
        if not variant.codecs:
            self.findings.add("hls.codecs", where, "CODECS is missing")
            return
        said = {one.strip() for one in variant.codecs.split(",") if one.strip()}
        own, audio = self.tracks_of(variant)
        found = {codec for track in (own, *audio) if track for codec in track.codecs}
        if not found:
            return
        missing = found - said
        if missing:
            self.findings.add(
                "hls.codecs-true", where, f"CODECS does not name {', '.join(sorted(missing))}"
            )
        whole = own is not None and all(track.codecs for track in (own, *audio))
        surplus = {one for one in said - found if not one.startswith(_TEXT_CODECS)}
        if whole and surplus:
            self.findings.add(
                "hls.codecs-true", where, f"nothing of it is {', '.join(sorted(surplus))}"
            )

    def _video(self, variant: hls.Variant) -> None:
        own, where = self.tracks.get(variant.uri), self.where(variant)
        size = own.frame_size if own else None
        if size is None or own is None:
            return
        said = variant.resolution
        if said is None or (said.width, said.height) != size:
            claim = f"{said.width}x{said.height}" if said else "missing"
            self.findings.add(
                "hls.resolution", where, f"RESOLUTION is {claim}, the video's {size[0]}x{size[1]}"
            )
        rate = own.frame_rate
        if variant.frame_rate is None:
            self.findings.add("hls.frame-rate", where, "FRAME-RATE is missing")
        elif rate is not None and _far(Fraction(variant.frame_rate), rate):
            # It is the largest rate of the rendition: a film of varying rate may average less.
            less = rate < Fraction(variant.frame_rate)
            self.findings.add(
                "hls.frame-rate-true",
                where,
                f"FRAME-RATE is {variant.frame_rate}, the video's {float(rate):.3f}",
                severity="warning" if less else None,
            )

    def _rates(self, variant: hls.Variant) -> None:
        own, audio = self.tracks_of(variant)
        measured = own.measured() if own else None
        beside = [one.measured() for one in audio]
        known = [one for one in beside if one is not None]
        if measured is None or len(known) < len(beside):
            return
        peak = measured[0] + max((one[0] for one in known), default=0)
        average = measured[1] + max((one[1] for one in known), default=0)
        where = self.where(variant)
        self._within("hls.bandwidth", where, variant.bandwidth, peak)
        if variant.average_bandwidth is not None:
            self._within("hls.average-bandwidth", where, variant.average_bandwidth, average)
        if peak > 2 * average:
            self.findings.add(
                "hls.peak-ratio", where, f"the peak is {peak} bit/s, the average {average} bit/s"
            )

    def _within(self, rule: str, where: str, said: int, found: int) -> None:
        if abs(found - said) > said * _WITHIN:
            # Too much promised wastes quality; too little stalls players.
            self.findings.add(
                rule,
                where,
                f"{said} bit/s are said, {found} bit/s measured",
                severity="warning" if found < said else None,
            )

    # The whole

    def _stereo(self) -> None:
        audio = [one for one in self.playlist.renditions if one.type == "AUDIO"]
        plain = [one for one in self.playlist.variants if "mp4a.40" in (one.codecs or "")]
        offered = any(one.channels in {None, "1", "2"} for one in audio) or not audio
        if audio and not (plain and offered):
            self.findings.add("hls.stereo", self.place, "no stereo AAC is offered")

    def _i_frames(self) -> None:
        sizes = {one.resolution for one in self.playlist.iframe_variants}
        for variant in self.playlist.variants:
            if variant.resolution is not None and variant.resolution not in sizes:
                size = f"{variant.resolution.width}x{variant.resolution.height}"
                self.findings.add(
                    "hls.i-frame-playlists", self.where(variant), f"there is none of {size}"
                )

    def _alignment(self) -> None:
        videos = [
            track
            for uri, track in self.tracks.items()
            if any(one.uri == uri for one in self.playlist.variants) and _is_video(track)
        ]
        for track in videos[1:]:
            difference = cmaf.boundaries_differ(track, videos[0], _frame(videos[0]))
            if difference:
                self.findings.add("hls.alignment", track.place, difference)
        targets = {track.target for track in self.tracks.values() if not track.images}
        if len(targets) > 1:
            self.findings.add(
                "hls.target-equal", self.place, f"they are {', '.join(map(str, sorted(targets)))} s"
            )


def _is_video(track: Track) -> bool:
    return "vide" in track.handlers or not track.handlers


def _frame(track: Track) -> Fraction:
    """Half a picture's time: boundaries nearer than that are equal."""
    rate = track.frame_rate
    return 1 / (2 * rate) if rate else Fraction(1, 20)


def _far(said: Fraction, found: Fraction) -> bool:
    return abs(said - found) > max(Fraction(1, 100), found / 50)


def _faults_of_group(kind: str, members: list[hls.Rendition]) -> Iterable[str]:
    names = [one.name for one in members]
    if len(set(names)) < len(names):
        yield "two renditions have one NAME"
    if sum(one.default for one in members) > 1:
        yield "more than one rendition is DEFAULT"
    for one in members:
        if one.forced and kind != "SUBTITLES":
            yield f"{one.name} is FORCED, but no subtitle"
        if kind == "SUBTITLES" and one.uri is None:
            yield f"{one.name} has no URI"
        if kind == "CLOSED-CAPTIONS" and (one.uri is not None or one.instream_id is None):
            yield f"{one.name} needs an INSTREAM-ID and no URI"


def _set_of(members: list[hls.Rendition]) -> set[tuple[str, str | None, bool, str | None]]:
    return {(one.name, one.language, one.forced, one.characteristics) for one in members}
