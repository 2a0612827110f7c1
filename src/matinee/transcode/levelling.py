"""The measuring around an encode: every source track before it, every audio file after it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from matinee.model.progress import Control, Progress
from matinee.toolchain.ffmpeg import (
    FFMPEG_OPTIONS,
    PROGRESS_OPTIONS,
    EncodeProgress,
    ProgressReader,
    input_options,
)
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import BACKGROUND, Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode.audio_arguments import mixing
from matinee.transcode.audio_plan import AudioOutput
from matinee.transcode.evening import feeds_of
from matinee.transcode.loudness import (
    TOLERANCE,
    WORTH_MENDING,
    Goal,
    Loudness,
    LoudnessReader,
    level_for,
)
from matinee.transcode.plan import EncodePlan


class Metered(msgspec.Struct, frozen=True):
    """A plan whose audio outputs have levels, and what the tracks measured as they were.

    Places are those of `plan.audio`; what could not be measured, or is not to be levelled, is not
    in `found`.
    """

    plan: EncodePlan
    found: Mapping[int, Loudness]


def levelled(plan: EncodePlan, source: Path, toolchain: Toolchain, control: Control) -> Metered:
    """Return *plan* with the level of each audio output that has a loudness to reach.

    Reads the sound of *source* once, without the picture. A track that cannot be measured keeps
    its level: if it is damaged, the encode will judge that.

    Raises:
        CancelledError: *control* said so.
    """
    wanted = _to_level(plan)
    if not wanted:
        return Metered(plan, {})
    feeds = feeds_of((place, plan.audio[place]) for place in wanted)
    chains = {place: f"{feeds.links[place]}{mixing(plan.audio[place])}" for place in wanted}

    def tell(progress: EncodeProgress) -> None:
        share = min(1.0, progress.out_time / plan.duration) if plan.duration else 0.0
        detail = f"Measuring loudness, {share:.0%}."
        control.report(Progress(stage="transcode", fraction=0.0, detail=detail))

    meter = _Meter(toolchain, control, plan.duration)
    found = meter.measure([*input_options(source, plan.container), *feeds.arguments], chains, tell)
    audio = list(plan.audio)
    for place, measured in found.items():
        level = level_for(measured, _goal(audio[place]))
        audio[place] = msgspec.structs.replace(audio[place], level=level)
    return Metered(msgspec.structs.replace(plan, audio=tuple(audio)), found)


def confirmed(
    metered: Metered,
    files: Mapping[int, Path],
    encode_again: Callable[[EncodePlan], None],
    toolchain: Toolchain,
    control: Control,
) -> tuple[str, ...]:
    """Measure the encoded *files*, mend what coding has changed, and say what came out.

    *files* are the places of `plan.audio` and the files made of them. *encode_again* is given a
    plan of the few outputs to make once more, at another level; at most once.

    Raises:
        CancelledError: *control* said so.
    """
    plan = metered.plan
    places = [place for place in _to_level(plan) if place in files]
    if not places:
        return ()
    meter = _Meter(toolchain, control, plan.duration)
    came_out = meter.measure_files({place: files[place] for place in places})
    mended = _mended(metered, came_out)
    if mended:
        audio = tuple(mended.get(place, output) for place, output in enumerate(plan.audio))
        encode_again(msgspec.structs.replace(plan, video=None, audio=tuple(mended.values())))
        plan = msgspec.structs.replace(plan, audio=audio)
        came_out = {
            **came_out,
            **meter.measure_files({place: files[place] for place in mended}),
        }
    return _sentences([(plan.audio[place], came_out.get(place)) for place in places])


def _to_level(plan: EncodePlan) -> list[int]:
    return [
        place
        for place, output in enumerate(plan.audio)
        if output.loudness is not None and not output.copy
    ]


def _goal(output: AudioOutput) -> Goal:
    return Goal(loudness=output.loudness or 0.0, true_peak=output.true_peak)


def _mended(metered: Metered, came_out: Mapping[int, Loudness]) -> dict[int, AudioOutput]:
    """Return the outputs that another level brings nearer to their goal."""
    mended = {}
    for place, result in came_out.items():
        output = metered.plan.audio[place]
        level = output.level
        if level is None or result.silent:
            continue
        goal = _goal(output)
        lost = goal.loudness - result.integrated
        overshoot = result.true_peak - goal.true_peak
        if overshoot <= 0 and (abs(lost) <= WORTH_MENDING or level.bound):
            continue
        better = level_for(
            metered.found[place],
            goal,
            lost=0.0 if level.bound else lost,
            overshoot=overshoot,
        )
        mended[place] = msgspec.structs.replace(output, level=better)
    return mended


_WHY = {
    "peaks": "its peaks leave no room for more",
    "gain": "it is too soft to bring up further",
    "": "coding changes it",
}


def _sentences(came_out: Sequence[tuple[AudioOutput, Loudness | None]]) -> tuple[str, ...]:
    """Return one sentence for all that came to its target, and one for each that did not."""
    there: list[str] = []
    peaks: list[float] = []
    others: list[str] = []
    for output, measured in came_out:
        track = f"track {output.track_index + 1} {output.name}"
        if measured is None:
            others.append(f"The loudness of audio {track} could not be measured.")
        elif output.level is None:
            others.append(f"Audio {track} is silent or too short to level.")
        elif abs(_goal(output).loudness - measured.integrated) <= TOLERANCE:
            there.append(f"{track} by {output.level.gain:+.1f} dB")
            peaks.append(measured.true_peak)
        else:
            others.append(
                f"Audio {track} is at {measured.integrated:.1f} LUFS, true peak "
                f"{measured.true_peak:.1f} dBTP, not {_goal(output).loudness:g} LUFS: "
                f"{_WHY[output.level.bound]}."
            )
    if there:
        target = f"{_goal(came_out[0][0]).loudness:g} LUFS"
        peak = f"highest true peak {max(peaks):.1f} dBTP"
        others.insert(0, f"Audio is brought to {target} ({peak}): {', '.join(there)}.")
    return tuple(others)


class _Meter:
    """Runs ffmpeg to measure, whatever comes of it."""

    def __init__(self, toolchain: Toolchain, control: Control, duration: float) -> None:
        self.toolchain = toolchain
        self.control = control
        self.duration = duration

    def measure_files(self, files: Mapping[int, Path]) -> dict[int, Loudness]:
        """Return what each of *files*, which hold one track, measures."""
        inputs = [word for path in files.values() for word in input_options(path, "mp4")]
        chains = {place: f"[{number}:0]anull" for number, place in enumerate(files)}
        return self.measure(inputs, chains, lambda _: None)

    def measure(
        self,
        inputs: Sequence[str],
        chains: Mapping[int, str],
        tell: Callable[[EncodeProgress], None],
    ) -> dict[int, Loudness]:
        """Return the loudness at the end of each of *chains*, by its key."""
        graph = ";".join(
            f"{chain},ebur128@m{place}=peak=true:framelog=quiet[o{place}]"
            for place, chain in chains.items()
        )
        reader = LoudnessReader()
        command = [
            str(self.toolchain.ffmpeg), *FFMPEG_OPTIONS,
            # The summaries are information.
            "-loglevel", "info",
            *PROGRESS_OPTIONS,
            "-max_error_rate", "1",
            *inputs,
            "-filter_complex", graph,
        ]  # fmt: skip
        for place in chains:
            command += ["-map", f"[o{place}]", "-f", "null", "-"]
        try:
            run(
                command,
                limits=Limits(
                    wall_seconds=300 + 2 * len(chains) * self.duration,
                    stall_seconds=300,
                    memory_bytes=8 << 30,
                    file_bytes=1 << 20,
                    niceness=BACKGROUND,
                ),
                on_line=ProgressReader(tell),
                on_error_line=reader,
                cancelled=self.control.cancelled,
            )
        except ProcessError:
            return {}
        found = {place: reader.measured(place) for place in chains}
        return {place: one for place, one in found.items() if one is not None}
