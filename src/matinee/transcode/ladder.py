"""Ladders as TOML: the built-in ones, and those that people write.

The names of the fields are those of `matinee.model.ladder`; docs/how-to/ladders.md explains them.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import msgspec

from matinee.errors import InputError
from matinee.model.ladder import DEFAULT_LADDER, AudioRung, Ladder, Rung
from matinee.transcode.codecs import CODECS, PRESETS

AUDIO_CODECS = ("aac", "opus")
CROPS = ("none", "auto")
CHANNELS = (1, 2, 6)
SAMPLE_RATES = (44_100, 48_000)
OPUS_SAMPLE_RATE = 48_000
OPUS_MOST_RATE = 256_000
"""Bits a second of one channel, beyond which libopus refuses."""

_BUILT_IN = (DEFAULT_LADDER, "standard", "fast", "high", "source", "modern", "hdr")
_MOST_TEXT = 64 * 1024
_MOST_RUNGS = 12
_MOST_AUDIO_RUNGS = 4
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def load(text: str) -> Ladder:
    """Return the built-in ladder named *text*, or the one that *text* spells out in TOML.

    Text that holds a line break is TOML, everything else a name.

    Raises:
        InputError: there is no such ladder, or it has faults; the message lists all of them, each
            with its path (`video[1].max_rate`).
    """
    if "\n" in text or "\r" in text:
        return _parse(text)
    ladders = built_in()
    found = ladders.get(text)
    if found is None:
        raise InputError(
            f"There is no ladder named {text[:64]!r}.",
            fix=f"Name one of {', '.join(ladders)}, or give a TOML file.",
            code="no-such-ladder",
        )
    return found


@cache
def _built_in() -> tuple[Ladder, ...]:
    folder = resources.files("matinee.transcode") / "ladders"
    return tuple(_parse((folder / f"{name}.toml").read_text("utf-8")) for name in _BUILT_IN)


def built_in() -> dict[str, Ladder]:
    """Return the ladders that come with Matinee by name, the default one first."""
    return {ladder.name: ladder for ladder in _built_in()}


def to_toml(ladder: Ladder) -> str:
    """Return *ladder* as TOML that `load` reads back to an equal value."""
    lines = _written(ladder)
    for rung in ladder.video:
        lines += ["", "[[video]]", *_written(rung)]
    for audio_rung in ladder.audio:
        lines += ["", "[[audio]]", *_written(audio_rung)]
    return "\n".join(lines) + "\n"


def _written(value: Ladder | Rung | AudioRung) -> list[str]:
    """Return the plain fields of *value* as TOML lines; TOML has no null, so None is left out."""
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    return [
        f"{name} = {_literal(field)}"
        for name, field in fields.items()
        if field is not None and not isinstance(field, tuple)
    ]


def _literal(value: object) -> str:
    # A JSON string is a TOML basic string, save that TOML wants DEL escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _parse(text: str) -> Ladder:
    if len(text) > _MOST_TEXT:
        raise _refusal([f"it is longer than {_MOST_TEXT} characters"])
    try:
        values = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refusal([f"it is not TOML: {error}"]) from error
    faults: list[str] = []
    rungs = _tables(values.pop("video", []), Rung, "video", faults)
    audio = _tables(values.pop("audio", [{}]), AudioRung, "audio", faults)
    shared = _fields(values, Ladder, "", faults)
    if faults:
        raise _refusal(faults)
    ladder = Ladder(**{**shared, "video": rungs, "audio": audio})
    if faults := list(_faults(ladder)):
        raise _refusal(faults)
    return ladder


def _refusal(faults: list[str]) -> InputError:
    return InputError(
        f"The ladder cannot be used: {'; '.join(faults)}.",
        fix="Mend the TOML; docs/how-to/ladders.md explains each field.",
        code="bad-ladder",
    )


def _tables(value: object, kind: type[Any], path: str, faults: list[str]) -> tuple[Any, ...]:
    """Read an array of tables, adding what is wrong with it to *faults*."""
    most = _MOST_RUNGS if kind is Rung else _MOST_AUDIO_RUNGS
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        faults.append(f"{path}: must be an array of tables, written [[{path}]]")
        return ()
    if len(value) > most:
        faults.append(f"{path}: at most {most} rungs")
        return ()
    before = len(faults)
    read = [_fields(one, kind, f"{path}[{place}].", faults) for place, one in enumerate(value)]
    return tuple(kind(**fields) for fields in read) if len(faults) == before else ()


def _fields(
    values: dict[str, Any], kind: type[Any], prefix: str, faults: list[str]
) -> dict[str, Any]:
    """Read the fields of one table by their types, adding every fault and not only the first."""
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    faults += [f"{prefix}{name[:64]}: there is no such field" for name in values.keys() - known]
    read: dict[str, Any] = {}
    for name, field in known.items():
        if kind is Ladder and name in {"video", "audio"}:
            continue
        if name not in values:
            if field.required:
                faults.append(f"{prefix}{name}: is missing")
            continue
        try:
            read[name] = msgspec.convert(values[name], field.type)
        except msgspec.ValidationError as error:
            faults.append(f"{prefix}{name}: {str(error)[:1].lower()}{str(error)[1:]}")
    if kind is Rung and "crf" not in values:
        # TOML has no null: an average rate alone puts the default crf off.
        codec = CODECS.get(read.get("codec", "h264"))
        read["crf"] = None if "rate" in values or codec is None else codec.usual_crf
    return read


def _faults(ladder: Ladder) -> Iterator[str]:
    """Yield what is wrong with the values of *ladder*."""
    yield from _name_faults(ladder.name)
    if ladder.preset not in PRESETS:
        yield f"preset: must be one of {', '.join(PRESETS)}"
    yield from _outside("gop_seconds", ladder.gop_seconds, 0.5, 10)
    yield from _outside("segment_seconds", ladder.segment_seconds, 1, 20)
    gop, segment = _exact(ladder.gop_seconds), _exact(ladder.segment_seconds)
    if gop > 0 and (segment < gop or segment % gop):
        yield (
            f"segment_seconds: must be a whole number of GOPs of {ladder.gop_seconds:g} s, "
            f"not {ladder.segment_seconds:g}"
        )
    if ladder.loudness is not None:
        yield from _outside("loudness", ladder.loudness, -36, -8)
    yield from _outside("true_peak", ladder.true_peak, -9, 0)
    if ladder.crop not in CROPS:
        yield f"crop: must be one of {', '.join(CROPS)}"
    if not ladder.video:
        yield "video: there must be a rung at least"
    yield from _repeated("video", [rung.name for rung in ladder.video])
    yield from _repeated("audio", [rung.name for rung in ladder.audio])
    yield from _order_faults(ladder.video)
    yield from _codec_faults(ladder)
    for place, rung in enumerate(ladder.video):
        yield from (f"video[{place}].{fault}" for fault in _rung_faults(rung))
    for place, audio_rung in enumerate(ladder.audio):
        yield from (f"audio[{place}].{fault}" for fault in _audio_faults(audio_rung))
    if not any(rung.channels == 2 and rung.codec == "aac" for rung in ladder.audio):
        yield "audio: there must be a stereo AAC rung, which every player can take"


def _order_faults(rungs: tuple[Rung, ...]) -> Iterator[str]:
    """Yield rungs that are out of order among those that a player switches between."""
    for kind in dict.fromkeys((rung.codec, rung.bit_depth) for rung in rungs):
        alike = [
            (place, rung)
            for place, rung in enumerate(rungs)
            if (rung.codec, rung.bit_depth) == kind
        ]
        for (_, above), (place, rung) in pairwise(alike):
            if rung.height >= above.height:
                yield f"video[{place}].height: must be less than that of the rung before it"
            if rung.max_rate >= above.max_rate:
                yield f"video[{place}].max_rate: must be less than that of the rung before it"


def _codec_faults(ladder: Ladder) -> Iterator[str]:
    codecs = {rung.codec for rung in ladder.video}
    if ladder.video and "h264" not in codecs:
        yield "video: there must be an H.264 rung, which every player can take"
    if ladder.per_title and codecs != {"h264"}:
        yield "per_title: is for ladders of H.264 alone"


def _name_faults(name: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield "name: must be lower-case letters, digits and hyphens, at most 32"


def _exact(value: float) -> Fraction:
    return Fraction(str(value)) if abs(value) < 1e9 else Fraction(0)


def _repeated(path: str, names: list[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield f"{path}[{place}].name: {name!r} is there already"


def _outside(path: str, value: float, least: float, most: float) -> Iterator[str]:
    if not least <= value <= most:  # false for NaN too
        yield f"{path}: must be from {least:g} to {most:g}, not {value:g}"


def _rung_faults(rung: Rung) -> Iterator[str]:
    yield from _name_faults(rung.name)
    yield from _outside("height", rung.height, 64, 4320)
    if rung.height % 2:
        yield "height: must be even"
    yield from _outside("max_rate", rung.max_rate, 50_000, 200_000_000)
    if rung.crf is not None:
        most = CODECS[rung.codec].most_crf if rung.codec in CODECS else 51
        yield from _outside("crf", rung.crf, 1, most)
        if rung.rate is not None:
            yield "rate: is for a rung without crf"
    if rung.rate is not None:
        yield from _outside("rate", rung.rate, 50_000, rung.max_rate)
    if rung.passes is not None:
        yield from _outside("passes", rung.passes, 1, 2)
        if rung.rate is None:
            yield "passes: is for a rung with rate"
    if rung.crf is None and rung.rate is None:
        yield "rate: is missing, and there is no crf either"
    yield from _codec_field_faults(rung)
    if rung.preset is not None and rung.preset not in PRESETS:
        yield f"preset: must be one of {', '.join(PRESETS)}"
    yield from _outside("max_frame_rate", rung.max_frame_rate, 1, 120)
    yield from _outside("buffer_seconds", rung.buffer_seconds, 0.5, 10)


def _codec_field_faults(rung: Rung) -> Iterator[str]:
    codec = CODECS.get(rung.codec)
    if codec is None:
        yield f"codec: must be one of {', '.join(CODECS)}"
        return
    if rung.profile is not None and rung.profile not in codec.profiles:
        choice = ", ".join(codec.profiles)
        yield f"profile: must be one of {choice}" if choice else "profile: is for h264"
    if rung.bit_depth is not None and rung.bit_depth not in codec.bit_depths:
        yield f"bit_depth: must be {' or '.join(map(str, codec.bit_depths))} for {rung.codec}"
    if rung.rate is not None and not codec.average_rates:
        yield f"rate: is not for {rung.codec}, give crf"
    yield from _outside("film_grain", rung.film_grain, 0, 50)
    if rung.film_grain and not codec.film_grain:
        yield "film_grain: is for av1"
    if rung.trellis and not codec.steering:
        yield "trellis: is for h264"
    if rung.lookahead is not None:
        yield from _outside("lookahead", rung.lookahead, 0, 250)
        if not codec.steering:
            yield "lookahead: is for h264"


def _audio_faults(rung: AudioRung) -> Iterator[str]:
    yield from _name_faults(rung.name)
    if rung.codec not in AUDIO_CODECS:
        yield f"codec: must be one of {', '.join(AUDIO_CODECS)}"
    if rung.channels not in CHANNELS:
        yield f"channels: must be one of {', '.join(map(str, CHANNELS))}"
    if rung.sample_rate not in SAMPLE_RATES:
        yield f"sample_rate: must be one of {', '.join(map(str, SAMPLE_RATES))}"
    yield from _outside("rate", rung.rate, 32_000, 512_000)
    if rung.codec == "opus":
        if rung.sample_rate != OPUS_SAMPLE_RATE:
            yield f"sample_rate: Opus has {OPUS_SAMPLE_RATE} only"
        if rung.rate > OPUS_MOST_RATE * rung.channels:
            yield f"rate: Opus takes at most {OPUS_MOST_RATE} a channel"
