"""The filter graph of an encode: one decode, deinterlaced and timed once, scaled in a cascade."""

from collections.abc import Iterator, Sequence

from matinee.model.media import Area, Colour, Ratio
from matinee.transcode.chunks import Chunk
from matinee.transcode.colour import assumed_colour, is_wide
from matinee.transcode.hardware_arguments import upload_filters
from matinee.transcode.plan import VideoOutput, VideoPlan
from matinee.transcode.timing import constant_rate, is_interlaced

SCALER = "bicubic"
"""Measured on 8 s of Big Buck Bunny at 360p, veryfast, capped CRF 23: VMAF 83.1 against 84.4 of
Lanczos, which takes 2 % more bytes and 4 % more CPU of the whole encode, and 70.1 of bilinear."""
_PQ_PEAK = 10
"""1000 cd/m2 over the reference white of 100: what PQ is mastered for when it does not say."""


def pad(place: int) -> str:
    """Return the link of the graph that feeds output *place*."""
    return f"[rung{place}]"


def video_graph(video: VideoPlan, feed: str = "", chunk: Chunk | None = None) -> str:
    """Return the `-filter_complex` that turns the source track into one link for each output.

    *feed* is the link to take pictures from instead of the source track of the first input. With
    *chunk*, the input begins where its lead does, and only its frames come out. Outputs that keep
    HDR and those in SDR are two branches after what they share.
    """
    feed = feed or f"[0:{video.source.index}]{_moved(video)}"
    # A constant rate from time 0 on: a late start is filled with the first frame, gaps with the
    # frame before them, so that every rung has the same frames at the same ticks. Where the format
    # changes ffmpeg builds the graph anew, which must not begin at 0 again; it has done the start.
    start = "" if video.source.changes else ":start_time=0"
    shared = [
        *(_one_size(video) if video.source.changes else []),
        *_whole_pictures(video),
        f"fps=fps={video.frame_rate}{start}",
        *_held(video, chunk),
        *_only(chunk),
        *(_cropped(video.crop) if video.crop else []),
    ]
    branches: dict[str, list[int]] = {}
    for place, output in enumerate(video.outputs):
        branches.setdefault(output.colour.video_range, []).append(place)
    if len(branches) == 1:
        return ";".join(_cascade(video, range(len(video.outputs)), feed, shared))
    links = [f"[{name.lower()}]" for name in branches]
    chains = [f"{feed}{','.join(shared)},split={len(links)}{''.join(links)}"]
    for link, places in zip(links, branches.values(), strict=True):
        chains += _cascade(video, places, link, [])
    return ";".join(chains)


def _cascade(
    video: VideoPlan, places: Sequence[int], feed: str, shared: list[str]
) -> Iterator[str]:
    """Yield the chains that feed the outputs at *places*, which have one colour, from *feed*.

    Each is scaled from the next larger one, which costs less than scaling all from a large
    source, and looks the same (VMAF 83.1 against 83.3 of scaling from the source).
    """
    outputs = [video.outputs[place] for place in places]
    deepest = max(output.colour.bit_depth for output in outputs)
    for place, output in zip(places, outputs, strict=True):
        if place == places[0]:
            steps = [
                *shared,
                *_to_output_colour(video, output, "yuv420p10le" if deepest > 8 else "yuv420p"),
                "setsar=1",
                _marked(output.colour),
            ]
        else:
            steps = [*_scale(output), "setsar=1"]
        own = [f"framestep={output.frame_step}"] if output.frame_step > 1 else []
        own += ["format=yuv420p"] if output.colour.bit_depth < deepest else []
        own += upload_filters(output)
        if place == places[-1]:
            yield feed + ",".join([*steps, *own]) + pad(place)
            continue
        taken = f"[take{place}]" if own else pad(place)
        yield f"{feed}{','.join([*steps, 'split=2'])}{taken}[next{place}]"
        if own:
            yield f"{taken}{','.join(own)}{pad(place)}"
        feed = f"[next{place}]"


def _held(video: VideoPlan, chunk: Chunk | None) -> list[str]:
    if not video.held or (chunk is not None and chunk.frames is not None):
        return []
    return [f"tpad=stop_mode=clone:stop_duration={video.held:g}"]


def _only(chunk: Chunk | None) -> list[str]:
    if chunk is None:
        return []
    end = "" if chunk.frames is None else f":end_frame={chunk.lead + chunk.frames}"
    return [f"trim=start_frame={chunk.lead}{end}", "setpts=PTS-STARTPTS"]


def _cropped(area: Area) -> list[str]:
    return [f"crop={area.width}:{area.height}:{area.x}:{area.y}"]


def _one_size(video: VideoPlan) -> list[str]:
    """Return what fits pictures of other sizes and shapes into a picture of the source's first."""
    width, height = video.source.upright_size
    aspect = video.source.sample_aspect_ratio
    if video.source.rotation in {90, 270}:
        aspect = Ratio(aspect.denominator, aspect.numerator)
    # `dar` is what comes; it is evaluated anew each time that the graph is built.
    shown = f"{width * aspect.numerator}/{height * aspect.denominator}"
    same = f"lt(abs(dar/({shown})-1),0.01)"
    fitted = (
        f"scale=w='if({same},{width},2*trunc(min({width},{width}*dar/({shown}))/2))'"
        f":h='if({same},{height},2*trunc(min({height},{height}*({shown})/dar)/2))'"
    )
    return [fitted, f"pad={width}:{height}:-1:-1", f"setsar={aspect}"]


def _moved(video: VideoPlan) -> str:
    return f"setpts=PTS{video.moved:+.6f}/TB," if video.moved else ""


def _whole_pictures(video: VideoPlan) -> list[str]:
    """Return what makes whole pictures of fields."""
    source = video.source
    if source.telecined:
        return [
            # `decimate` counts frames and not time: without gaps, and from 0 on.
            f"fps=fps={constant_rate(source)}:start_time=0",
            # Fields of one picture are put together again. What does not fit, as where the film
            # was cut after it was telecined, is combed: that alone is deinterlaced.
            f"fieldmatch=order={source.field_order}:mode=pc_n_ub:combmatch=full",
            f"bwdif=mode=send_frame:parity={source.field_order}:deint=interlaced",
            "decimate",
        ]
    if not is_interlaced(source):
        return []
    # A frame for each frame: the rate stays the source's, unless the ladder asks for all motion.
    mode = "send_field" if video.each_field else "send_frame"
    return [f"bwdif=mode={mode}:parity={source.field_order}:deint=all"]


def _scale(output: VideoOutput, extra: str = "") -> list[str]:
    return [f"scale=w={output.width}:h={output.height}:flags={SCALER}{extra}"]


def _to_output_colour(video: VideoPlan, output: VideoOutput, pixels: str) -> list[str]:
    """Return scaling and conversion to the output's colour in *pixels*, a 4:2:0 format."""
    source = assumed_colour(video.source)
    shown = output.colour
    if source.video_range == "SDR" and not is_wide(video.source):
        target = shown.matrix
        matrix = f":in_color_matrix={source.matrix}" if source.matrix == target else ""
        conversion = f"{matrix}:out_color_matrix={target}:out_range=tv"
        return [*_scale(output, conversion), f"format={pixels}"]
    given = (
        f"zscale=w={output.width}:h={output.height}:filter=bicubic:pin={source.primaries}"
        f":tin={source.transfer}:min={source.matrix}:rin={'pc' if source.full_range else 'tv'}"
    )
    if source.video_range == "SDR":
        return [f"{given}:p=bt709:t=bt709:m=bt709:r=tv", f"format={pixels}"]
    if shown.video_range != "SDR":
        kept = f":p={shown.primaries}:t={shown.transfer}:m={shown.matrix}:r=tv"
        return [f"{given}{kept}", f"format={pixels}"]
    known = source.mastering_display or source.content_light_level
    peak = "" if known or source.video_range != "PQ" else f":peak={_PQ_PEAK}"
    return [
        # Tone mapping is done in linear light, on the size needed and not on the source's.
        f"{given}:t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=tonemap=hable:desat=0{peak}",
        "zscale=p=bt709:t=bt709:m=bt709:r=tv",
        f"format={pixels}",
    ]


def _marked(colour: Colour) -> str:
    """Write the colour on every frame; the encoder copies it into the stream (VUI)."""
    return (
        f"setparams=range=tv:color_primaries={colour.primaries}:color_trc={colour.transfer}"
        f":colorspace={colour.matrix}:field_mode=prog"
    )
