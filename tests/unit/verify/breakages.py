"""One way, at least, to break each rule: (rule, what is done to the good folder)."""

import struct

from tests.unit.verify.streams import edit, patch

VIDEO = "video-h264-180p"
OTHER = "video-h264-90p"
SOUND = "audio-en"


def text(name, before, after, count=1):
    return lambda folder: edit(folder / name, before, after, count)


def media(before, after, count=1):
    return text(f"{VIDEO}.m3u8", before, after, count)


def master(before, after, count=1):
    return text("master.m3u8", before, after, count)


def mpd(before, after, count=1):
    return text("manifest.mpd", before, after, count)


def boxes(kind, number, offset, data, name=VIDEO):
    return lambda folder: patch(folder / f"{name}.mp4", kind, number, offset, data)


def all_of(*steps):
    def do(folder):
        for step in steps:
            step(folder)

    return do


def gone(name):
    return lambda folder: (folder / name).unlink()


def cut(name, length):
    def do(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:length])

    return do


def raw(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def cues(*blocks):
    return raw("text-en.vtt", "\n\n".join(["WEBVTT", *blocks, ""]).encode())


ONE = "00:01.000 --> 00:03.000\nOne"
LIVE = all_of(media("#EXT-X-ENDLIST\n", ""), media("#EXT-X-PLAYLIST-TYPE:VOD\n", ""))
PART = '#EXT-X-PART:DURATION=1.0,URI="p.mp4"\n'
INFORMATION = "#EXT-X-PART-INF:PART-TARGET=1.0\n"
CONTROL = "#EXT-X-SERVER-CONTROL:"


def low_latency(control, parts=PART, information=INFORMATION):
    """A live playlist with parts: what *control* says and *parts* at its end."""
    head = f"#EXT-X-TARGETDURATION:4\n{information}{CONTROL}{control}\n"
    return all_of(
        LIVE,
        media("#EXT-X-TARGETDURATION:4\n", head),
        lambda folder: (folder / f"{VIDEO}.m3u8").write_text(
            (folder / f"{VIDEO}.m3u8").read_text() + parts
        ),
    )


GOOD_CONTROL = "CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.0"
TEMPLATE = 'media="thumbnails/$Number%05d$.jpg"'
SEGMENT_BASE = (
    '<SegmentBase timescale="25000"',
    '<SegmentTemplate media="x" timescale="25000"/><SegmentBase timescale="25000"',
)


def _second_rendition(folder, group, name="English"):
    line = f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{group}",NAME="{name}",URI="{SOUND}.m3u8"\n'
    edit(folder / "master.m3u8", "#EXT-X-MEDIA", line + "#EXT-X-MEDIA")


def _peaky(folder):
    """Say that the segments take longer than they do, but for one."""
    path = folder / f"{OTHER}.m3u8"
    edit(path, "#EXTINF:4,", "#EXTINF:1,")
    edit(path, "#EXTINF:4,", "#EXTINF:30,")
    edit(path, "#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:1")


def _without_initialization(folder):
    path = folder / "manifest.mpd"
    content = path.read_text()
    before, _, rest = content.partition("<Initialization ")
    path.write_text(before + rest.partition("/>")[2])


BREAKAGES = [
    ("hls.syntax", raw("master.m3u8", b"#EXT-X-VERSION:6\n")),
    ("hls.syntax", raw("master.m3u8", b"#EXTM3U\n\xff\xfe")),
    ("hls.syntax", media("#EXTINF:4", "#EXTINF:four")),
    ("hls.mixed-tags", master("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n")),
    ("hls.mixed-tags", lambda folder: (folder / f"{VIDEO}.m3u8").write_bytes(
        (folder / "master.m3u8").read_bytes())),
    ("hls.tag-once", media("#EXT-X-ENDLIST\n", "#EXT-X-ENDLIST\n#EXT-X-ENDLIST\n")),
    ("hls.tag-once", master("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-VERSION:7\n")),
    ("hls.tag-order", all_of(
        media("#EXT-X-MEDIA-SEQUENCE:0\n", ""),
        media("#EXT-X-ENDLIST\n", "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-ENDLIST\n"))),
    ("hls.version", media("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:3\n")),
    ("hls.resolves", gone(f"{VIDEO}.m3u8")),
    ("hls.resolves", gone("text-en/00002.vtt")),
    ("hls.resolves", gone(f"{VIDEO}.mp4")),
    ("hls.resolves", media(f"\n{VIDEO}.mp4", "\n../../other.mp4")),
    ("hls.resolves", media(f"\n{VIDEO}.mp4", "\nfile:///etc/hosts")),
    ("hls.byte-range", cut(f"{VIDEO}.mp4", 9000)),
    ("hls.byte-range", media("#EXT-X-BYTERANGE:", "#EXT-X-BYTERANGE:9")),
    ("hls.empty", raw(f"{VIDEO}.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-ENDLIST\n")),
    ("hls.target-duration", media("#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:3")),
    ("hls.end-list", media("#EXT-X-ENDLIST\n", "")),
    ("hls.playlist-type", media("#EXT-X-PLAYLIST-TYPE:VOD\n", "")),
    ("hls.map", lambda folder: (folder / f"{VIDEO}.m3u8").write_text("".join(
        line for line in (folder / f"{VIDEO}.m3u8").read_text().splitlines(keepends=True)
        if not line.startswith("#EXT-X-MAP")))),
    ("hls.duration", media("#EXTINF:2,", "#EXTINF:2.2,")),
    ("hls.independent", boxes("trun", 2, 12, struct.pack(">I", 0x01010000))),
    ("hls.independent-said", master("#EXT-X-INDEPENDENT-SEGMENTS\n", "")),
    ("hls.image-tiles", text("thumbnails.m3u8", "#EXT-X-TILES", "#EXT-X-TILED")),
    ("hls.i-frames", boxes("trun", 1, 12, struct.pack(">I", 0x01010000))),
    ("hls.i-frames", text(f"{VIDEO}-iframes.m3u8", "#EXT-X-BYTERANGE:", "#EXT-X-BYTERANGE:1@1\n#")),
    ("hls.i-frame-playlists", all_of(
        master("#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-OWN", 2))),
    ("hls.live-window", all_of(LIVE, media("#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:9"))),
    ("hls.live-date-time", LIVE),
    ("hls.codecs", master('CODECS="avc1.64000c,mp4a.40.2,wvtt",', "")),
    ("hls.codecs-true", master("avc1.64000c,mp4a.40.2,wvtt", "avc1.64001f,mp4a.40.2,wvtt")),
    ("hls.codecs-true", master("avc1.64000c,mp4a.40.2,wvtt", "avc1.64000c,wvtt")),
    ("hls.codecs-true", master("avc1.64000c,mp4a.40.2,wvtt", "avc1.64000c,mp4a.40.2,ec-3")),
    ("hls.resolution", master("RESOLUTION=320x180,F", "RESOLUTION=640x360,F")),
    ("hls.resolution", master("RESOLUTION=320x180,F", "F")),
    ("hls.frame-rate", master("FRAME-RATE=25.000,", "")),
    ("hls.frame-rate-true", master("FRAME-RATE=25.000", "FRAME-RATE=24.000")),
    ("hls.bandwidth", master("#EXT-X-STREAM-INF:BANDWIDTH=", "#EXT-X-STREAM-INF:BANDWIDTH=1")),
    ("hls.bandwidth", master("#EXT-X-STREAM-INF:BANDWIDTH=", "#EXT-X-STREAM-INF:BANDWIDTH=9,X=")),
    ("hls.average-bandwidth", master(",AVERAGE-BANDWIDTH=", ",AVERAGE-BANDWIDTH=1", 9)),
    ("hls.peak-ratio", _peaky),
    ("hls.group", master('AUDIO="audio-aac-stereo",', 'AUDIO="audio-none",')),
    ("hls.group-members", master("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO")),
    ("hls.group-members", master("TYPE=AUDIO", "TYPE=AUDIO,FORCED=YES")),
    ("hls.group-members", lambda folder: _second_rendition(folder, "audio-aac-stereo")),
    ("hls.group-sets", lambda folder: _second_rendition(folder, "audio-other", "Another")),
    ("hls.language", master('LANGUAGE="en",', "")),
    ("hls.channels", master('CHANNELS="2",', "")),
    ("hls.stereo", master('CHANNELS="2",', 'CHANNELS="6",')),
    ("hls.alignment", boxes("tfdt", 2, 4, struct.pack(">Q", 4 * 25_000 + 5000))),
    ("hls.target-equal", text(f"{SOUND}.m3u8", "DURATION:4", "DURATION:6")),
    ("llhls.part-information", low_latency(GOOD_CONTROL, information="")),
    ("llhls.part-target", low_latency(GOOD_CONTROL, PART.replace("1.0", "1.1"))),
    ("llhls.short-part", low_latency(GOOD_CONTROL, PART.replace("1.0", "0.8") + PART)),
    ("llhls.part-hold-back", low_latency("CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.9")),
    ("llhls.part-hold-back", low_latency("CAN-BLOCK-RELOAD=YES")),
    ("llhls.part-hold-back-three", low_latency("CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=2.5")),
    ("llhls.hold-back", low_latency(f"{GOOD_CONTROL},HOLD-BACK=11")),
    ("llhls.skip", low_latency(f"{GOOD_CONTROL},CAN-SKIP-UNTIL=23")),
    ("llhls.skip", low_latency(f"{GOOD_CONTROL},CAN-SKIP-DATERANGES=YES")),
    ("llhls.block-reload", low_latency("PART-HOLD-BACK=3")),
    ("llhls.old-parts", all_of(
        low_latency(GOOD_CONTROL),
        media("#EXTINF:4,", f"{PART}#EXTINF:4,"),
        media("#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:1"))),
    ("llhls.rendition-reports", low_latency(GOOD_CONTROL)),
    ("llhls.preload-hint", low_latency(GOOD_CONTROL)),
    ("dash.syntax", raw("manifest.mpd", b"<MPD")),
    ("dash.syntax", mpd('profiles="', 'profile="')),
    ("dash.schema", mpd('contentType="video"', 'contentType="film"')),
    ("dash.profiles", mpd('profiles="', 'profiles="none" x="')),
    ("dash.ids", mpd('<AdaptationSet id="2"', '<AdaptationSet id="1"')),
    ("dash.ids", mpd(f'<Representation id="{OTHER}"', f'<Representation id="{VIDEO}"')),
    ("dash.duration", mpd('tationDuration="PT10S"', 'tationDuration="PT12S"')),
    ("dash.duration", all_of(
        mpd(' mediaPresentationDuration="PT10S"', ""), mpd(' duration="PT10S"', ""))),
    ("dash.dynamic", mpd('type="static"', 'type="dynamic"')),
    ("dash.resolves", mpd(f"<BaseURL>{SOUND}.mp4", "<BaseURL>other.mp4")),
    ("dash.resolves", mpd(f"<BaseURL>{SOUND}.mp4", "<BaseURL>../../other.mp4")),
    ("dash.resolves", gone("thumbnails/00002.jpg")),
    ("dash.index", lambda folder: (folder / f"{SOUND}.mp4").write_bytes(
        (folder / f"{SOUND}.mp4").read_bytes() + b"\0\0\0\x08free")),
    ("dash.index", mpd('indexRange="', 'indexRange="1')),
    ("dash.initialization", _without_initialization),
    ("dash.segments", all_of(mpd(TEMPLATE, f'{TEMPLATE} endNumber="0"'))),
    ("dash.timeline", boxes("sidx", 0, 4 + 4 + 4 + 16 + 4 + 4, struct.pack(">I", 26_000))),
    ("dash.period-end", mpd('"PT10S"', '"PT30S"', 2)),
    ("dash.bandwidth", mpd('bandwidth="', 'bandwidth="1" x="')),
    ("dash.codecs", mpd("avc1.64000c", "avc1.64001f")),
    ("dash.resolution", mpd('width="320"', 'width="322"')),
    ("dash.alignment", boxes("tfdt", 2, 4, struct.pack(">Q", 4 * 25_000 + 5000))),
    ("dash.access-points", boxes("trun", 2, 12, struct.pack(">I", 0x01010000))),
    ("dash.trick-mode", mpd("<Role ", '<SupplementalProperty schemeIdUri="'
        'http://dashif.org/guidelines/trickmode" value="77"/><Role ')),
    ("dash.thumbnails", mpd("http://dashif.org/guidelines/thumbnail_tile", "urn:none")),
    ("cmaf.header", boxes("moov", 0, -4, b"free")),
    ("cmaf.header", boxes("mvex", 0, -4, b"free")),
    ("cmaf.brands", boxes("ftyp", 0, 0, b"isom\0\0\0\0isomiso6isom")),
    ("cmaf.boxes", boxes("trun", 2, 4, b"\xff\xff\xff\xff")),
    ("cmaf.fragments", boxes("tfhd", 2, 4, struct.pack(">I", 7))),
    ("cmaf.fragments", all_of(boxes("moof", 2, -4, b"free"), boxes("moof", 2, -4, b"free"))),
    ("cmaf.decode-time", boxes("tfdt", 2, -4, b"free")),
    ("cmaf.decode-time-continuous", boxes("tfdt", 2, 4, struct.pack(">Q", 4 * 25_000 + 1))),
    ("cmaf.decode-time-continuous", boxes("tfdt", 4, 4, struct.pack(">Q", 8 * 25_000 - 1))),
    ("cmaf.first-sync", boxes("trun", 2, 12, struct.pack(">I", 0x01010000))),
    ("cmaf.data", boxes("trun", 2, 8, struct.pack(">i", 0x4000))),
    ("text.readable", raw("text-en.vtt", b"<tt><body")),
    ("text.readable", raw("text-en/00002.vtt", b"<tt><body")),
    ("text.line-length", cues(f"00:01.000 --> 00:06.000\n{'x' * 43}")),
    ("text.lines", cues(f"{ONE}\ntwo\nthree")),
    ("text.reading-speed", cues(f"00:01.000 --> 00:02.000\n{'x' * 21}")),
    ("text.duration", cues("00:01.000 --> 00:01.100\nx")),
    ("text.gap", cues(ONE, "00:03.010 --> 00:05.000\nTwo")),
    ("text.overlap", cues(ONE, "00:02.900 --> 00:05.000\nTwo")),
    ("cmaf.boundaries", boxes("tfdt", 2, 4, struct.pack(">Q", 4 * 25_000 + 5000))),
]  # fmt: skip
