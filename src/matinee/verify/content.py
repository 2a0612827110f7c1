"""Reads a stream's objects once each, in parallel, and keeps the facts instead of the bytes."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Literal, TypeVar

import msgspec

from matinee.errors import CancelledError, InputError, MatineeError, UpstreamError
from matinee.formats.captions import Cue
from matinee.formats.isobmff import FragmentInfo, InitInfo, fragments, init_info
from matinee.model.presentation import ByteRange
from matinee.model.progress import Control, Progress
from matinee.verify import text
from matinee.verify.findings import Findings
from matinee.verify.options import VerifyOptions
from matinee.verify.reader import Body, Reader

Kind = Literal["fmp4", "ts", "text", "audio", "image", "unknown"]
T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """Bytes of a stream: an address, and a range of it or all."""

    address: str
    span: ByteRange | None = None


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A Media Initialization Section: its bytes, and what they say or why they say nothing."""

    place: Place
    data: bytes
    info: InitInfo | None
    problem: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What we keep of a segment once it was read."""

    size: int
    kind: Kind
    fragments: tuple[FragmentInfo, ...] = ()
    problem: str = ""
    """Why its boxes cannot be read."""
    missing: str = ""
    """Why it could not be read at all."""
    cues: tuple[Cue, ...] = ()
    """Of a text, the times in seconds."""
    text_problem: str = ""
    """Why its text cannot be read."""


class Content:
    """The objects of one stream under verification."""

    def __init__(
        self, reader: Reader, findings: Findings, options: VerifyOptions, control: Control
    ) -> None:
        self.reader = reader
        self.findings = findings
        self.options = options
        self._control = control
        self._lock = threading.Lock()
        self._facts: dict[tuple[Place, Place | None], Facts] = {}
        self._headers: dict[Place, Header | str] = {}
        self._sizes: dict[str, int] = {}
        self._checked: set[Place] = set()
        self._done = self._planned = self._manifest_bytes = 0

    def document(self, address: str) -> Body:
        """Read a manifest.

        Raises:
            InputError, UpstreamError: as the reader does; also where all manifests together are
                larger than they may be.
        """
        self.check_cancelled()
        with self._lock:
            left = self.options.all_manifest_bytes - self._manifest_bytes
        body = self.reader.read(address, None, max(0, min(left, self.options.manifest_bytes)))
        with self._lock:
            self._manifest_bytes += len(body.data)
            # Others may have read meanwhile, each within what was left.
            if self._manifest_bytes > self.options.all_manifest_bytes:
                most = self.options.all_manifest_bytes
                raise InputError(f"with {address} the manifests are larger than {most} bytes")
        return body

    def problem_of(self, address: str) -> str:
        """Say why the object at *address* cannot be had, or "": without reading it all."""
        try:
            self.reader.read(address, ByteRange(0, 1), self.options.object_bytes)
        except (InputError, UpstreamError) as error:
            return error.message
        return ""

    def bytes_at(self, place: Place) -> bytes:
        """Read *place*; note the object's size, and a server that does not know ranges.

        Raises:
            InputError, UpstreamError: as the reader does; also where the range is cut short.
        """
        body = self.reader.read(place.address, place.span, self.options.object_bytes)
        if body.size is not None:
            with self._lock:
                self._sizes[place.address] = body.size
        if body.range_ignored:
            self.findings.add(
                "http.ranges", place.address, "a range was asked for, the whole object came"
            )
        if place.span is not None and len(body.data) < place.span.length:
            raise InputError(
                f"bytes {place.span.offset}-{place.span.last} reach beyond the "
                f"{body.size or 'unknown'} bytes of {place.address}",
                code="byte-range",
            )
        return body.data

    def size(self, address: str) -> int | None:
        """Size of an object read before, where it became known."""
        return self._sizes.get(address)

    def header(self, place: Place) -> Header | str:
        """Read an initialization section; words say why it cannot be had."""
        with self._lock:
            known = self._headers.get(place)
        if known is not None:
            return known
        found: Header | str
        try:
            data = self.bytes_at(place)
        except (InputError, UpstreamError) as error:
            found = error.message
        else:
            try:
                info = init_info(data)
                found = Header(place=_without_index(place, info), data=data, info=info)
            except MatineeError as error:
                found = Header(place=place, data=data, info=None, problem=error.message)
        with self._lock:
            self._headers[place] = found
        return found

    def first_time(self, header: Place) -> bool:
        """Whether the boxes of the track with this *header* are to be checked: once they were not.

        HLS and DASH list the same files; one finding for a fault is enough.
        """
        with self._lock:
            if header in self._checked:
                return False
            self._checked.add(header)
            return True

    def facts(self, places: Sequence[Place], header: Header | None) -> list[Facts | None]:
        """Return the facts of every place, None for those that the options leave out."""
        wanted = self._wanted(len(places))
        keys = [(place, header.place if header else None) for place in places]
        todo = [number for number in wanted if keys[number] not in self._facts]
        self._planned += len(todo)
        info = header.info if header else None
        for number, facts in self.each(todo, lambda number: self._look(places[number], info)):
            self._facts[keys[number]] = facts
            self._done += 1
            self.findings.count("segments")
            if self._done % 16 == 0:
                self._progress()
        return [self._facts.get(key) for key in keys]

    def each(self, items: Iterable[int], work: Callable[[int], T]) -> Iterable[tuple[int, T]]:
        """Do *work* for every item on a bounded pool; results come as they are ready.

        Raises:
            CancelledError: the control said so.
        """
        with ThreadPoolExecutor(max_workers=max(1, self.options.workers)) as pool:
            waiting = {pool.submit(self._unless_cancelled, work, item): item for item in items}
            try:
                for future in as_completed(waiting):
                    yield waiting[future], future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _unless_cancelled(self, work: Callable[[int], T], item: int) -> T:
        self.check_cancelled()
        return work(item)

    def check_cancelled(self) -> None:
        """Stop where somebody asked us to.

        Raises:
            CancelledError: they did.
        """
        if self.cancelled():
            raise CancelledError("The verification was cancelled.")

    def cancelled(self) -> bool:
        """Whether somebody asked us to stop."""
        return self._control.cancelled()

    def _progress(self) -> None:
        fraction = self._done / max(1, self._planned)
        self._control.report(
            Progress(stage="verify", fraction=min(0.9, fraction), detail=f"{self._done} segments")
        )

    def _wanted(self, count: int) -> list[int]:
        most = count
        if self.options.quick:
            most = 2
        elif self.reader.remote and self.options.remote_segments is not None:
            most = max(2, self.options.remote_segments)
        most = min(most, max(2, self.options.segments - self._planned))
        if count <= most:
            return list(range(count))
        head = (most + 1) // 2
        return [*range(head), *range(count - (most - head), count)]

    def _look(self, place: Place, info: InitInfo | None) -> Facts:
        try:
            data = self.bytes_at(place)
        except (InputError, UpstreamError) as error:
            return Facts(size=0, kind="unknown", missing=error.message)
        kind = sniff(data)
        if kind == "text":
            cues, problem = text.read(data)
            return Facts(size=len(data), kind=kind, cues=cues, text_problem=problem)
        if kind != "fmp4":
            return Facts(size=len(data), kind=kind)
        offset = place.span.offset if place.span else 0
        cues, problem = (), ""
        try:
            if info is not None and text.is_text(info):
                cues, problem = text.read_track(data, offset, info)
            return Facts(
                size=len(data),
                kind=kind,
                fragments=fragments(data, offset, info),
                cues=cues,
                text_problem=problem,
            )
        except MatineeError as error:
            return Facts(size=len(data), kind=kind, problem=error.message)


def sniff(data: bytes) -> Kind:
    """Tell what a segment is from its first bytes."""
    if data[4:8] in {b"styp", b"moof", b"sidx", b"ftyp", b"prft", b"emsg", b"moov", b"mdat"}:
        return "fmp4"
    if data[:1] == b"\x47" and (len(data) <= 188 or data[188:189] == b"\x47"):
        return "ts"
    head = data[:16].removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"WEBVTT", b"<?xml", b"<tt")):
        return "text"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF")):
        return "image"
    if head.startswith((b"ID3", b"\x0b\x77")) or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
        return "audio"
    return "unknown"


def _without_index(place: Place, info: InitInfo) -> Place:
    """Return where the header itself is: HLS may list its index with it, DASH never does."""
    if place.span is None:
        return place
    return Place(place.address, ByteRange(place.span.offset, min(place.span.length, info.size)))
