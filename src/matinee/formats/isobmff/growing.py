"""The fragments of a file that is still being written, taken as they become whole.

Sans-I/O: whoever watches the file says how far it has come; nothing is read twice, and a box is
looked at only when all of it is there.
"""

from matinee.formats.isobmff.box import MAX_BOXES, Box, damaged, guarded, header, truncated
from matinee.formats.isobmff.fragments import TrackFragment, read_moof
from matinee.formats.isobmff.movie import Defaults, Movie, parse_movie, read_box
from matinee.formats.isobmff.source import ByteSource

_LARGEST_BOX = 1 << 32
"""Bytes of one fragment's media: half a second of film is far less."""


class FragmentStream:
    """Follows `ftyp moov (moof mdat)*` as it grows; other boxes are passed over."""

    def __init__(self) -> None:
        """Start at the beginning of the file."""
        self.movie: Movie | None = None
        """The header, once it is there."""
        self._at = 0
        self._boxes = 0
        self._brands = b""
        self._pending: list[TrackFragment] = []
        self._defaults: dict[int, Defaults] = {}

    @property
    def position(self) -> int:
        """Bytes taken in so far: all whole boxes."""
        return self._at

    @guarded("the growing file")
    def advance(self, source: ByteSource) -> tuple[TrackFragment, ...]:
        """Return the fragments whose media is whole by now and was not before.

        *source* is the file as it is; its `size` may be larger at every call.

        Raises:
            MediaError: what is there are no boxes, or they contradict each other (`damaged`).
        """
        found: list[TrackFragment] = []
        while (box := self._next(source)) is not None:
            self._take(source, box, found)
            self._at = box.end
        return tuple(found)

    def finish(self, source: ByteSource) -> None:
        """Say that nothing more will come.

        Raises:
            MediaError: the file ends within a box, or before its header (`truncated`).
        """
        if self.movie is None or self._at != source.size:
            raise truncated(f"{source.size - self._at} bytes at its end are no whole box")

    def _next(self, source: ByteSource) -> Box | None:
        there = source.size - self._at
        start = source.read(self._at, 16) if there >= 8 else b""
        if len(start) < 8:
            return None
        size = int.from_bytes(start[:4], "big")
        if size == 1:
            if len(start) < 16:
                return None
            size = int.from_bytes(start[8:16], "big")
        if size == 0 or size > _LARGEST_BOX:
            raise damaged(f"a box at {self._at} claims {size} bytes")
        if size > there:
            return None
        self._boxes += 1
        if self._boxes > MAX_BOXES:
            raise damaged(f"more than {MAX_BOXES} boxes at the top level")
        box = header(memoryview(start), 0, size, self._at)
        return Box(box.type, self._at, self._at + box.body, self._at + box.end)

    def _take(self, source: ByteSource, box: Box, found: list[TrackFragment]) -> None:
        if box.type == "ftyp":
            self._brands = source.read(box.body, min(box.end - box.body, 4096))
        elif box.type == "moov":
            self.movie = parse_movie(read_box(source, box), self._brands)
            self._defaults = {one.id: one.defaults for one in self.movie.tracks}
        elif box.type == "moof":
            if self.movie is None:
                raise damaged("it has a fragment before its header")
            data = memoryview(read_box(source, box))
            fragments = read_moof(data, header(data, 0, len(data)), box.start, self._defaults)
            self._pending += fragments
        elif box.type == "mdat":
            for one in self._pending:
                _check_within(one, box)
            found += self._pending
            self._pending = []


def _check_within(fragment: TrackFragment, mdat: Box) -> None:
    """See that the samples of *fragment* lie in the media that follows it."""
    for offset, size in zip(fragment.offsets, fragment.sizes, strict=True):
        if offset < mdat.body or offset + size > mdat.end:
            raise damaged(f"samples of fragment {fragment.sequence_number} lie outside its 'mdat'")
