"""Sound whose format may change on the way, brought to one before anything counts its time.

Where decoded sound changes its channels or rate, ffmpeg builds its filter graph anew. What is in it
then begins again: silence is filled in from 0 on, a limiter and a meter forget, an encoder gets a
frame cut short. So such a track is mixed in a graph of its own, which keeps nothing from frame to
frame, and whose output feeds the graph that does the rest: as PCM, by a decoder in the same ffmpeg
(`-dec`, since 7.1), which says one format from start to end. Beside encoders of pictures that look
ahead ffmpeg then may wait for itself for ever, so such sound is made apart (`order.sound_apart`).
"""

from collections.abc import Iterable, Mapping

import msgspec

from matinee.transcode.audio_arguments import mixing_alone
from matinee.transcode.audio_plan import AudioOutput


class Feeds(msgspec.Struct, frozen=True):
    """Where the graphs of audio outputs take their sound from.

    Attributes:
        arguments: ffmpeg's, to stand behind its inputs and before its other outputs.
        links: for each place of the outputs, the link or track to read.
    """

    arguments: tuple[str, ...]
    links: Mapping[int, str]


def feeds_of(outputs: Iterable[tuple[int, AudioOutput]]) -> Feeds:
    """Return the feeds of *outputs*, with their places, the first outputs of a command."""
    arguments: list[str] = []
    links: dict[int, str] = {}
    count = 0
    for place, output in outputs:
        track = f"0:{output.source.index}"
        links[place] = f"[{track}]"
        if not output.evened:
            continue
        arguments += [
            "-map", track,
            "-filter:a", mixing_alone(output),
            "-c:a", "pcm_f32le", "-f", "null", "-",
            # The decoder of what was just encoded: `[dec:<count>]` in filter graphs.
            "-dec", f"{count}:0",
        ]  # fmt: skip
        links[place] = f"[dec:{count}]"
        count += 1
    return Feeds(tuple(arguments), links)
