"""The presentations of the golden folders, built in code so that each says only what is odd."""

from datetime import UTC, datetime
from functools import partial

from msgspec.structs import replace

from matinee.model.media import Colour, Ratio
from matinee.model.presentation import (
    ByteRange,
    CaptionChannel,
    IFrame,
    Period,
    Presentation,
    Segment,
    SelectionSet,
    SwitchingSet,
    TileGrid,
    Track,
)
from matinee.model.time import MediaTime

SECONDS = 10
HEADER, INDEX = 800, 200


def _segments(key, timescale, rate, *, seconds=SECONDS, nominal=4, first=HEADER + INDEX):
    found, offset, start = [], first, 0
    end = seconds * timescale
    number = 1
    while start < end:
        duration = min(nominal * timescale, end - start)
        length = rate * duration // (8 * timescale) + number * 11
        found.append(
            Segment(
                number=number,
                start=start,
                duration=duration,
                key=key,
                range=ByteRange(offset, length),
            )
        )
        offset, start, number = offset + length, start + duration, number + 1
    return tuple(found)


def video(name, width, height, rate, codec="avc1.64001f", **more):
    track_id = f"video-{more.pop('family', 'h264')}-{name}"
    segments = _segments(f"{track_id}.mp4", 90_000, rate, seconds=more.pop("seconds", SECONDS))
    iframes = []
    for one in segments:
        half = 2 * 90_000
        for start in range(one.start, one.start + one.duration, half):
            duration = min(half, one.start + one.duration - start)
            offset = one.range.offset + (start - one.start) * one.range.length // one.duration
            span = ByteRange(offset, one.range.length // 5)
            iframes.append(IFrame(start=start, duration=duration, range=span))
    return Track(
        **{
            "id": track_id,
            "kind": "video",
            "codec": codec,
            "mime_type": "video/mp4",
            "timescale": 90_000,
            "bandwidth": rate * 11 // 10,
            "average_bandwidth": rate,
            "key": f"{track_id}.mp4",
            "size": segments[-1].range.last + 1,
            "init": ByteRange(0, HEADER),
            "index": ByteRange(HEADER, INDEX),
            "segments": segments,
            "iframes": tuple(iframes),
            "width": width,
            "height": height,
            "frame_rate": Ratio(25),
            "colour": Colour(),
            **more,
        }
    )


def audio(track_id, rate=128_000, channels=2, codec="mp4a.40.2"):
    segments = _segments(f"{track_id}.mp4", 48_000, rate)
    return Track(
        id=track_id,
        kind="audio",
        codec=codec,
        mime_type="audio/mp4",
        timescale=48_000,
        bandwidth=rate * 102 // 100,
        average_bandwidth=rate,
        key=f"{track_id}.mp4",
        size=segments[-1].range.last + 1,
        init=ByteRange(0, HEADER),
        index=ByteRange(HEADER, INDEX),
        segments=segments,
        sample_rate=48_000,
        channels=channels,
    )


def text(track_id):
    segments = tuple(
        Segment(
            number=number,
            start=start * 1000,
            duration=min(4, SECONDS - start) * 1000,
            key=f"{track_id}/{number:05d}.vtt",
        )
        for number, start in enumerate(range(0, SECONDS, 4), start=1)
    )
    return Track(
        id=track_id,
        kind="text",
        codec="wvtt",
        mime_type="text/vtt",
        timescale=1000,
        bandwidth=300,
        average_bandwidth=250,
        key=f"{track_id}.vtt",
        size=300,
        segments=segments,
    )


def thumbnails():
    return Track(
        id="thumbnails",
        kind="image",
        codec="jpeg",
        mime_type="image/jpeg",
        timescale=1000,
        bandwidth=9000,
        average_bandwidth=8000,
        segments=tuple(
            Segment(
                number=number,
                start=start * 1000,
                duration=min(8, SECONDS - start) * 1000,
                key=f"thumbnails/{number:05d}.jpg",
            )
            for number, start in enumerate(range(0, SECONDS, 8), start=1)
        ),
        width=640,
        height=180,
        tiles=TileGrid(columns=2, rows=1, tile_duration=MediaTime(4, 1), count=3),
    )


def selection(name, tracks, **more):
    sets = more.pop("sets", None) or (SwitchingSet(id=name, tracks=tuple(tracks)),)
    return SelectionSet(id=name, kind=sets[0].tracks[0].kind, switching_sets=sets, **more)


def presentation(*selections, seconds=SECONDS, **more):
    period = Period(
        id="1",
        start=MediaTime(0, 90_000),
        duration=MediaTime(seconds * 90_000, 90_000),
        selection_sets=selections,
    )
    return Presentation(**{"id": "t1", "version": 1, "periods": (period,), **more})


def rungs():
    return (
        video("720p", 1280, 720, 2_400_000),
        video("360p", 640, 360, 700_000, codec="avc1.64001e"),
    )


def english(**more):
    more = {"language": "en", "label": "English", "default": True, **more}
    return selection("audio-en", [audio("audio-en-stereo")], **more)


def trick(main, name="360p"):
    of = next(one for one in main if one.id.endswith(name))
    segments = tuple(
        Segment(
            number=number,
            start=one.start,
            duration=one.duration,
            key=f"trick-{name}.mp4",
            range=ByteRange(1000 + number * 5000, 5000),
        )
        for number, one in enumerate(of.iframes, start=1)
    )
    return replace(
        of,
        id=f"trick-{name}",
        key=f"trick-{name}.mp4",
        segments=segments,
        iframes=(),
        frame_rate=Ratio(1, 2),
        bandwidth=20_000,
        average_bandwidth=20_000,
    )


def plain():
    return presentation(selection("video", rungs()), english(), title='The "plain" one & only')


def two_languages():
    surround = audio("audio-en-surround", 384_000, 6)
    dub = selection(
        "audio-de",
        [audio("audio-de-stereo")],
        language="de",
        label="Deutsch",
        roles=("dub",),
    )
    described = selection(
        "audio-en-description",
        [audio("audio-en-description")],
        language="en",
        label="English, described",
        roles=("alternate", "description"),
        accessibility=("description",),
    )
    original = selection(
        "audio-en",
        [audio("audio-en-stereo"), surround],
        sets=(
            SwitchingSet(id="audio-en-stereo", tracks=(audio("audio-en-stereo"),)),
            SwitchingSet(id="audio-en-surround", tracks=(surround,)),
        ),
        language="en",
        label="English",
        default=True,
    )
    return presentation(
        selection("video", rungs()),
        original,
        dub,
        described,
        selection(
            "text-en",
            [text("text-en")],
            language="en",
            label="English",
            roles=("caption",),
            accessibility=("caption",),
        ),
        selection(
            "text-de", [text("text-de")], language="de", label="Deutsch", roles=("subtitle",)
        ),
        selection(
            "text-de-forced",
            [text("text-de-forced")],
            language="de",
            label="Deutsch (nur Fremdsprache)",
            roles=("forced-subtitle",),
            forced=True,
        ),
    )


def audio_only():
    return presentation(english())


def no_audio():
    return presentation(selection("video", rungs()))


def portrait():
    return presentation(
        selection("video", [video("720p", 720, 1280, 2_400_000, frame_rate=Ratio(24_000, 1001))]),
        english(language=None, label=""),
    )


def second_codec(kept="PQ", *, sdr=True):
    hdr = Colour(
        primaries="bt2020",
        transfer={"PQ": "smpte2084", "HLG": "arib-std-b67", "SDR": "bt2020-10"}[kept],
        matrix="bt2020nc",
        bit_depth=10,
        video_range=kept,
    )
    hevc = video("720p", 1280, 720, 1_500_000, codec="hvc1.2.4.L93.B0", family="h265", colour=hdr)
    sets = (
        SwitchingSet(id="video-h264", tracks=rungs()),
        SwitchingSet(id="video-h265", tracks=(hevc,)),
    )
    return presentation(selection("video", (), sets=sets if sdr else sets[1:]), english())


def cmaf_text(form, codec):
    segments = _segments(f"text-en-{form}.mp4", 90_000, 1000)
    return Track(
        id=f"text-en-{form}",
        kind="text",
        codec=codec,
        mime_type="application/mp4",
        timescale=90_000,
        bandwidth=1400,
        average_bandwidth=1000,
        key=f"text-en-{form}.mp4",
        size=segments[-1].range.last + 1,
        init=ByteRange(0, HEADER),
        index=ByteRange(HEADER, INDEX),
        segments=segments,
    )


def captions_in_pictures():
    """Copied pictures keep their captions; the text made of them is IMSC for DASH."""
    channels = (
        CaptionChannel(channel="CC1", language="en", label="English (CC1)"),
        CaptionChannel(channel="CC3", label="Unknown (CC3)"),
        CaptionChannel(channel="SERVICE1", language="en", label="English (SERVICE1)"),
    )
    text_set = selection(
        "text-en",
        (),
        sets=(
            SwitchingSet(id="text-en-wvtt", tracks=(text("text-en"),)),
            SwitchingSet(id="text-en-cmaf-stpp", tracks=(cmaf_text("imsc", "stpp.ttml.im1t"),)),
        ),
        language="en",
        label="English (CC)",
        roles=("caption",),
        accessibility=("caption",),
    )
    return presentation(selection("video", rungs(), captions=channels), english(), text_set)


def captions_unknown():
    """Nothing is said where captions were seen in the pictures, and nothing more is known."""
    return presentation(selection("video", rungs(), captions=None), english())


def thumbnails_and_trick():
    main = rungs()
    sets = (
        SwitchingSet(id="video", tracks=main),
        SwitchingSet(id="trick", tracks=(trick(main),), trick_play_of="video"),
    )
    return presentation(
        selection("video", (), sets=sets), english(), selection("thumbnails", [thumbnails()])
    )


def growing(*, ended=False):
    """Two of three segments of each track, every one an object; or all of them, at the end."""
    count = 3 if ended else 2

    def objects(track):
        return replace(
            track,
            key=None,
            init=None,
            index=None,
            init_key=f"{track.id}/init.mp4",
            iframes=(),
            segments=tuple(
                replace(one, key=f"{track.id}/{one.number:05d}.m4s", range=None)
                for one in track.segments[:count]
            ),
        )

    quick = video("360p", 640, 360, 700_000, codec="avc1.64001e")
    sound = objects(audio("audio-en-stereo"))
    whole = presentation(
        selection("video", [objects(quick)]),
        selection("audio-en", [sound], language="en", label="English", default=True),
        title="A film that grows",
        mode="growing",
        ended=ended,
        target_duration=MediaTime(4250, 1000),
        availability_start=datetime(2026, 11, 26, 9, 59, 40, tzinfo=UTC),
        updated_at=datetime(2026, 11, 26, 11, 0, 4, 250_000, tzinfo=UTC),
        expected_duration=MediaTime(SECONDS * 1000, 1000),
    )
    if ended:
        return whole
    return replace(whole, periods=(replace(whole.periods[0], duration=None),))


CASES = {
    "plain": plain,
    "two-languages-subtitles": two_languages,
    "audio-only": audio_only,
    "no-audio": no_audio,
    "portrait": portrait,
    "second-codec-hdr": second_codec,
    "thumbnails-trick": thumbnails_and_trick,
    "captions-in-pictures": captions_in_pictures,
    "captions-unknown": captions_unknown,
    "growing": growing,
    "growing-ended": partial(growing, ended=True),
}
