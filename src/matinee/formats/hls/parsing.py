"""Playlist text -> values. The text is hostile: sizes are bounded, only InputError escapes."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from matinee.errors import InputError
from matinee.formats.hls import attributes, values
from matinee.formats.hls.values import (
    ByteRange,
    DateRange,
    Key,
    Map,
    MediaPlaylist,
    MultivariantPlaylist,
    Part,
    Segment,
)

MAX_CHARACTERS = 64 * 1024 * 1024
MAX_LINE = 256 * 1024
MAX_LINES = 2_000_000
MAX_VERSION = 1000

T = TypeVar("T", bound=msgspec.Struct)

_MULTIVARIANT_ONLY = (
    "#EXT-X-MEDIA:",
    "#EXT-X-STREAM-INF:",
    "#EXT-X-I-FRAME-STREAM-INF:",
    "#EXT-X-IMAGE-STREAM-INF:",
    "#EXT-X-SESSION-DATA:",
    "#EXT-X-SESSION-KEY:",
    "#EXT-X-CONTENT-STEERING:",
)


def parse(text: str) -> MultivariantPlaylist | MediaPlaylist:
    """Return the value of a playlist's *text*; unknown tags are kept, comments are not.

    A tag that may stand once and comes again replaces the earlier one: whether it may is for a
    checker to say (`matinee.verify`), not for a reader.

    Raises:
        InputError: not a playlist, a broken line (the message has its number), or beyond bounds.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"playlist has more than {MAX_CHARACTERS} characters")
    if not text.startswith("#EXTM3U") or text[7:8] not in {"", "\n", "\r"}:
        raise InputError("line 1: not a playlist: it does not begin with #EXTM3U")
    if text.count("\n") > MAX_LINES:
        raise InputError(f"playlist has more than {MAX_LINES} lines")
    # §4.1: lines end in LF or CRLF; str.splitlines would also split at other marks.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    multivariant = any(line.startswith(_MULTIVARIANT_ONLY) for line in lines)
    reader: _MultivariantReader | _MediaReader
    reader = _MultivariantReader() if multivariant else _MediaReader()
    for number, line in enumerate(lines[1:], start=2):
        if len(line) > MAX_LINE:
            raise InputError(f"line {number}: longer than {MAX_LINE} characters")
        stripped = line.strip(" \t")
        if not stripped:
            continue
        try:
            reader.line(stripped)
        except ValueError as error:
            tag = stripped.partition(":")[0][:40]
            raise InputError(f"line {number}: {tag}: {error}") from None
    try:
        return reader.finish()
    except ValueError as error:
        raise InputError(f"line {len(lines)}: {error}") from None


class _Reader:
    """What both kinds of playlist share: dispatch of a line to the handler of its tag."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.lists: dict[str, list[Any]] = {}
        self.handlers: dict[str, Callable[[str], None]] = {
            "#EXTM3U": lambda _: None,
            "#EXT-X-VERSION": self._version,
            "#EXT-X-INDEPENDENT-SEGMENTS": self._flag("independent_segments"),
            "#EXT-X-START": self._one("start", values.Start),
            "#EXT-X-DEFINE": self._many("defines", values.Define),
        }

    def line(self, line: str) -> None:
        if not line.startswith("#"):
            self.uri(line)
        elif line.startswith("#EXT"):
            name, _, value = line.partition(":")
            handler = self.handlers.get(name)
            if handler is None:
                self.unknown(line)
            else:
                handler(value)

    def uri(self, line: str) -> None:
        raise NotImplementedError

    def unknown(self, line: str) -> None:
        raise NotImplementedError

    def tuples(self) -> dict[str, Any]:
        return {name: tuple(items) for name, items in self.lists.items()}

    def _version(self, value: str) -> None:
        version = attributes.integer(value)
        if version > MAX_VERSION:
            raise ValueError(f"version {version} is out of bounds")
        self.fields["version"] = version

    def _flag(self, field: str) -> Callable[[str], None]:
        return lambda _: self.fields.update({field: True})

    def _number(self, field: str) -> Callable[[str], None]:
        return lambda value: self.fields.update({field: attributes.integer(value)})

    def _one(self, field: str, kind: type[T]) -> Callable[[str], None]:
        return lambda value: self.fields.update({field: attributes.read(kind, value)})

    def _many(self, field: str, kind: type[T]) -> Callable[[str], None]:
        def add(value: str) -> None:
            self.lists.setdefault(field, []).append(attributes.read(kind, value))

        return add


class _MultivariantReader(_Reader):
    def __init__(self) -> None:
        super().__init__()
        self.pending: str | None = None
        self.handlers |= {
            "#EXT-X-STREAM-INF": self._stream,
            "#EXT-X-MEDIA": self._many("renditions", values.Rendition),
            "#EXT-X-I-FRAME-STREAM-INF": self._many("iframe_variants", values.IFrameVariant),
            "#EXT-X-IMAGE-STREAM-INF": self._many("image_variants", values.ImageVariant),
            "#EXT-X-SESSION-DATA": self._many("session_data", values.SessionData),
            "#EXT-X-SESSION-KEY": self._many("session_keys", values.Key),
            "#EXT-X-CONTENT-STEERING": self._one("content_steering", values.ContentSteering),
        }

    def _stream(self, value: str) -> None:
        if self.pending is not None:
            raise ValueError("the EXT-X-STREAM-INF before it has no URI")
        # Read now, so that a broken list is reported at its own line.
        attributes.read(values.Variant, value, uri="")
        self.pending = value

    def uri(self, line: str) -> None:
        if self.pending is None:
            raise ValueError("a URI without EXT-X-STREAM-INF")
        variant = attributes.read(values.Variant, self.pending, uri=line)
        self.lists.setdefault("variants", []).append(variant)
        self.pending = None

    def unknown(self, line: str) -> None:
        self.lists.setdefault("unknown", []).append(line)

    def finish(self) -> MultivariantPlaylist:
        if self.pending is not None:
            raise ValueError("the last EXT-X-STREAM-INF has no URI")
        return MultivariantPlaylist(**self.fields, **self.tuples())


class _MediaReader(_Reader):
    def __init__(self) -> None:
        super().__init__()
        self.segments: list[Segment] = []
        self.keys: tuple[Key, ...] = ()
        self.map: Map | None = None
        self.pending: dict[str, Any] = {}
        self.date_ranges: list[DateRange] = []
        self.parts: list[Part] = []
        self.behind_part = (0, 0)
        self.unknown_lines: list[str] = []
        self.range: str | None = None
        self.started = False
        self.ends: dict[str, int] = {}
        self.part_ends: dict[str, int] = {}
        self.handlers |= {
            "#EXT-X-TARGETDURATION": self._target,
            "#EXT-X-MEDIA-SEQUENCE": self._number("media_sequence"),
            "#EXT-X-DISCONTINUITY-SEQUENCE": self._number("discontinuity_sequence"),
            "#EXT-X-PLAYLIST-TYPE": self._type,
            "#EXT-X-ENDLIST": self._flag("end_list"),
            "#EXT-X-I-FRAMES-ONLY": self._flag("i_frames_only"),
            "#EXT-X-IMAGES-ONLY": self._flag("images_only"),
            "#EXT-X-PART-INF": self._one("part_information", values.PartInformation),
            "#EXT-X-SERVER-CONTROL": self._one("server_control", values.ServerControl),
            "#EXT-X-SKIP": self._one("skip", values.Skip),
            "#EXT-X-PRELOAD-HINT": self._many("preload_hints", values.PreloadHint),
            "#EXT-X-RENDITION-REPORT": self._many("rendition_reports", values.RenditionReport),
            "#EXTINF": self._extinf,
            "#EXT-X-BYTERANGE": self._byte_range,
            "#EXT-X-DISCONTINUITY": lambda _: self._set("discontinuity", value=True),
            "#EXT-X-KEY": self._key,
            "#EXT-X-MAP": self._map,
            "#EXT-X-PROGRAM-DATE-TIME": lambda text: self._set("program_date_time", value=text),
            "#EXT-X-DATERANGE": self._date_range,
            "#EXT-X-GAP": lambda _: self._set("gap", value=True),
            "#EXT-X-BITRATE": lambda text: self._set("bit_rate", value=attributes.integer(text)),
            "#EXT-X-TILES": lambda text: self._set(
                "tiles", value=attributes.read(values.Tiles, text)
            ),
            "#EXT-X-PART": self._part,
        }

    def _set(self, field: str, *, value: object) -> None:
        self.started = True
        self.pending[field] = value

    def _target(self, value: str) -> None:
        # Old packagers write fractions; the tag's type is decimal-integer (§4.4.3.1).
        self.fields["target_duration"] = attributes.integer(value)

    def _type(self, value: str) -> None:
        if value not in {"VOD", "EVENT"}:
            raise ValueError(f"{value[:40]!r} is neither VOD nor EVENT")
        self.fields["playlist_type"] = value

    def _extinf(self, value: str) -> None:
        duration, _, title = value.partition(",")
        self._set("duration", value=attributes.positive_decimal(duration.strip()))
        self.pending["title"] = title

    def _byte_range(self, value: str) -> None:
        attributes.byte_range(value, 0)
        self.started = True
        self.range = value

    def _key(self, value: str) -> None:
        self.started = True
        key = attributes.read(Key, value)
        if key.method == "NONE":
            self.keys = ()
        else:
            kept = tuple(one for one in self.keys if one.key_format != key.key_format)
            self.keys = (*kept, key)

    def _map(self, value: str) -> None:
        self.started = True
        self.map = attributes.read(Map, value)

    def _date_range(self, value: str) -> None:
        self.date_ranges.append(attributes.read(DateRange, value))

    def _part(self, value: str) -> None:
        self.started = True
        part = attributes.read(Part, value)
        if part.byte_range is not None:
            raw = attributes.split(value)["BYTERANGE"].strip('"')
            span = attributes.byte_range(raw, self.part_ends.get(part.uri, 0))
            self.part_ends[part.uri] = span.offset + span.length
            part = msgspec.structs.replace(part, byte_range=span)
        self.parts.append(part)
        self.behind_part = len(self.date_ranges), len(self.unknown_lines)

    def unknown(self, line: str) -> None:
        if not self.segments and not self.started:
            self.lists.setdefault("unknown", []).append(line)
        else:
            self.unknown_lines.append(line)

    def uri(self, line: str) -> None:
        if "duration" not in self.pending:
            raise ValueError(f"URI {line[:40]!r} without EXTINF")
        span: ByteRange | None = None
        if self.range is not None:
            span = attributes.byte_range(self.range, self.ends.get(line))
            self.ends = {line: span.offset + span.length}
        self.segments.append(Segment(uri=line, byte_range=span, **self._taken()))

    def _taken(self) -> dict[str, Any]:
        taken = {
            **self.pending,
            "keys": self.keys,
            "map": self.map,
            "date_ranges": tuple(self.date_ranges),
            "parts": tuple(self.parts),
            "unknown": tuple(self.unknown_lines),
        }
        self.pending, self.range = {}, None
        self.date_ranges, self.parts, self.unknown_lines = [], [], []
        return taken

    def _open(self) -> Iterator[tuple[str, Any]]:
        """What follows the last segment: an open segment where there are parts of it."""
        if "duration" in self.pending or self.range is not None:
            raise ValueError("the last EXTINF or EXT-X-BYTERANGE has no URI")
        if self.parts:
            # What follows its last part no longer belongs to the open segment.
            dates, lines = self.behind_part
            trailing = self.date_ranges[dates:], self.unknown_lines[lines:]
            self.date_ranges, self.unknown_lines = (
                self.date_ranges[:dates],
                self.unknown_lines[:lines],
            )
            zero = attributes.decimal("0")
            yield "open_segment", Segment(uri="", **(self._taken() | {"duration": zero}))
            self.date_ranges, self.unknown_lines = trailing
        yield "trailing_date_ranges", tuple(self.date_ranges)
        yield "trailing", tuple(self.unknown_lines)

    def finish(self) -> MediaPlaylist:
        if "target_duration" not in self.fields:
            raise ValueError("EXT-X-TARGETDURATION is missing")
        return MediaPlaylist(
            **self.fields, **self.tuples(), segments=tuple(self.segments), **dict(self._open())
        )
