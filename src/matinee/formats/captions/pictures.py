"""The samples of a video track, read as far as the captions they carry."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from matinee.formats.captions import cc_data
from matinee.formats.isobmff import ByteSource, SampleEntry, SampleTable

_HEAD = 8192
"""Bytes of a sample in which its caption messages are looked for."""
_LOOKS = 400
"""Pictures looked at, from start to end, to tell whether there are captions at all."""
_PAUSE = 4096
"""Pictures between two questions whether to stop."""


class Clock(NamedTuple):
    """Ticks a second of a track's times, and the seconds that its edit list adds to them."""

    timescale: int
    shift: Fraction = Fraction(0)


class Pictures:
    """The pictures of an H.264, HEVC or MPEG-2 track in an MP4."""

    def __init__(
        self, source: ByteSource, table: SampleTable, entry: SampleEntry, clock: Clock
    ) -> None:
        """Read samples of *table* from *source*; *entry* says how they are coded."""
        self._source = source
        self._table = table
        self._clock = clock
        self._hevc = entry.format in {"hvc1", "hev1"}
        config = entry.boxes.get("hvcC" if self._hevc else "avcC", b"")
        at = 21 if self._hevc else 4
        self._length_size = (config[at] & 3) + 1 if len(config) > at else 0

    @property
    def end(self) -> Fraction:
        """When the last picture ends, in seconds."""
        return Fraction(self._table.times[-1], self._clock.timescale) + self._clock.shift

    def captioned(self) -> bool:
        """Whether any of some pictures from all over the film has captions."""
        count = len(self._table)
        step = max(1, count // _LOOKS)
        head = range(min(count, _LOOKS))
        return any(self._look(number) for number in (*head, *range(0, count, step)))

    def triplets(
        self, check: Callable[[], object] = lambda: None
    ) -> Iterator[tuple[Fraction, bytes]]:
        """Yield when each picture that has captions is shown, in that order, and its triplets.

        *check* is called now and then; it may raise to stop the reading.
        """
        shown = self._table.presentation_times()
        found: list[tuple[int, bytes]] = []
        for number in range(len(self._table)):
            if number % _PAUSE == 0:
                check()
            data = self._look(number)
            if data:
                found.append((shown[number], data))
        for ticks, data in sorted(found, key=lambda one: one[0]):
            yield Fraction(ticks, self._clock.timescale) + self._clock.shift, data

    def _look(self, number: int) -> bytes:
        size = min(self._table.sizes[number], _HEAD)
        sample = self._source.read(self._table.offsets[number], size)
        if not self._length_size:
            return cc_data.of_mpeg2(sample)
        return cc_data.of_sample(sample, self._length_size, hevc=self._hevc)
