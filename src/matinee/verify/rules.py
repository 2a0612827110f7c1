"""Every rule we check: id, severity, where it is written, and what it says.

Sections of `bis` are of RFC 8216bis (HLS 2nd edition); `Apple` is the HLS Authoring Specification
for Apple Devices; DASH is ISO/IEC 23009-1, CMAF is ISO/IEC 23000-19, ISOBMFF is ISO/IEC 14496-12.
"""

import msgspec

from matinee.model.report import Severity


class Rule(msgspec.Struct, frozen=True):
    """One rule. Its id is stable: reports and tests name it."""

    id: str
    severity: Severity
    section: str
    text: str


_E: Severity = "error"
_W: Severity = "warning"
_I: Severity = "info"
_BIS = "RFC 8216bis §"
_APPLE = "Apple HLS Authoring Specification"
_DASH = "ISO/IEC 23009-1 §"
_CMAF = "ISO/IEC 23000-19 §"
_BOX = "ISO/IEC 14496-12 §"

_EDITORIAL = "Editorial guidelines (docs/how-to/captions.md), "

_ALL = (
    Rule("http.ranges", _E, "RFC 9110 §14.2", "the server answers byte ranges"),
    Rule("http.media-type", _W, f"{_BIS}4", "playlists have the media type of their format"),
    Rule("hls.syntax", _E, f"{_BIS}4.1", "the playlist can be read"),
    Rule("hls.mixed-tags", _E, f"{_BIS}4.1", "media and multivariant tags do not mix"),
    Rule("hls.tag-once", _E, f"{_BIS}4.4", "a tag that may stand once does"),
    Rule("hls.tag-order", _E, f"{_BIS}4.4.3", "sequence numbers go before the first segment"),
    Rule("hls.version", _E, f"{_BIS}8", "EXT-X-VERSION covers the features used"),
    Rule("hls.resolves", _E, f"{_BIS}6.2.1", "every URI leads to its object"),
    Rule("hls.byte-range", _E, f"{_BIS}4.4.4.2", "byte ranges lie within their object"),
    Rule("hls.empty", _E, f"{_BIS}4.4.4", "a playlist lists something"),
    Rule("hls.target-duration", _E, f"{_BIS}4.4.3.1", "EXTINF rounded is at most TARGETDURATION"),
    Rule("hls.end-list", _E, f"{_BIS}4.4.3.5", "a VOD playlist has ended"),
    Rule("hls.playlist-type", _I, f"{_APPLE}, 7", "an ended playlist says that it is VOD"),
    Rule("hls.map", _E, f"{_BIS}3.1.2", "fragmented MP4 segments have an EXT-X-MAP"),
    Rule("hls.duration", _E, f"{_BIS}4.4.4.1", "EXTINF is the duration of the media"),
    Rule("hls.independent", _E, f"{_BIS}4.4.2.1", "EXT-X-INDEPENDENT-SEGMENTS is true"),
    Rule("hls.independent-said", _W, f"{_APPLE}, 3", "EXT-X-INDEPENDENT-SEGMENTS is there"),
    Rule("hls.image-tiles", _E, "Roku image playlists", "image segments have EXT-X-TILES"),
    Rule("hls.i-frames", _E, f"{_BIS}4.4.3.6", "I-frame segments are independent pictures"),
    Rule("hls.i-frame-playlists", _W, f"{_APPLE}, 6", "every video rung has an I-frame playlist"),
    Rule("hls.live-window", _E, f"{_BIS}6.2.2", "a live playlist lasts three target durations"),
    Rule("hls.live-date-time", _W, f"{_APPLE}, 8", "live playlists have a date and time"),
    Rule("hls.codecs", _E, f"{_BIS}4.4.6.2", "every variant says its CODECS"),
    Rule("hls.codecs-true", _E, f"{_BIS}4.4.6.2", "CODECS names what the renditions hold"),
    Rule("hls.resolution", _E, f"{_BIS}4.4.6.2", "RESOLUTION is that of the video"),
    Rule("hls.frame-rate", _W, f"{_APPLE}, 9", "video variants say their FRAME-RATE"),
    Rule("hls.frame-rate-true", _E, f"{_BIS}4.4.6.2", "FRAME-RATE is that of the video"),
    Rule("hls.bandwidth", _E, f"{_APPLE}, 9", "the measured peak is within 10 % of BANDWIDTH"),
    Rule("hls.average-bandwidth", _E, f"{_APPLE}, 9", "the average is within 10 % of its claim"),
    Rule("hls.peak-ratio", _W, f"{_APPLE}, 1", "the peak is at most twice the average"),
    Rule("hls.group", _E, f"{_BIS}4.4.6.2.1", "groups that variants name exist"),
    Rule("hls.group-members", _E, f"{_BIS}4.4.6.1.1", "renditions of a group are well-formed"),
    Rule("hls.group-sets", _E, f"{_BIS}4.4.6.2.1", "groups of a type offer the same renditions"),
    Rule("hls.language", _W, f"{_APPLE}, 2", "audio and subtitles say their LANGUAGE"),
    Rule("hls.channels", _W, f"{_APPLE}, 2", "audio renditions say their CHANNELS"),
    Rule("hls.stereo", _W, f"{_APPLE}, 2", "stereo AAC is always offered"),
    Rule("hls.alignment", _E, f"{_BIS}6.2.4", "segments of all variants begin together"),
    Rule("hls.target-equal", _W, f"{_BIS}6.2.4", "all playlists have one target duration"),
    Rule("llhls.part-information", _E, f"{_BIS}4.4.3.7", "a playlist with parts has PART-INF"),
    Rule("llhls.part-target", _E, f"{_BIS}4.4.4.9", "parts last at most PART-TARGET"),
    Rule("llhls.short-part", _E, f"{_BIS}4.4.4.9", "but for the last, parts last 85 % of it"),
    Rule("llhls.part-hold-back", _E, f"{_BIS}4.4.3.8", "PART-HOLD-BACK is at least two parts"),
    Rule("llhls.part-hold-back-three", _W, f"{_BIS}4.4.3.8", "PART-HOLD-BACK is three parts"),
    Rule("llhls.hold-back", _E, f"{_BIS}4.4.3.8", "HOLD-BACK is three target durations"),
    Rule("llhls.skip", _E, f"{_BIS}4.4.3.8", "CAN-SKIP-UNTIL is six target durations"),
    Rule("llhls.block-reload", _E, f"{_BIS}4.4.3.8", "a low-latency server can block reloads"),
    Rule("llhls.old-parts", _W, f"{_BIS}6.2.2", "parts go three target durations from the end"),
    Rule("llhls.rendition-reports", _W, f"{_BIS}6.2.5.1", "all other renditions are reported"),
    Rule("llhls.preload-hint", _W, f"{_BIS}6.2.6", "the next part is hinted"),
    Rule("dash.syntax", _E, f"{_DASH}5.2", "the MPD can be read"),
    Rule("dash.schema", _E, f"{_DASH}Annex B", "the MPD obeys its schema"),
    Rule("dash.profiles", _E, f"{_DASH}5.3.1.2", "@profiles names a profile"),
    Rule("dash.ids", _E, f"{_DASH}5.3", "ids are unique"),
    Rule("dash.duration", _E, f"{_DASH}5.3.2.1", "the duration is the sum of the periods"),
    Rule("dash.dynamic", _E, f"{_DASH}5.3.1.2", "a dynamic MPD can be timed"),
    Rule("dash.resolves", _E, f"{_DASH}5.6", "every URL leads to its object"),
    Rule("dash.index", _E, f"{_DASH}6.2.3", "indexRange holds the index of the file"),
    Rule("dash.initialization", _E, f"{_DASH}5.3.9.4", "there is an initialization segment"),
    Rule("dash.segments", _E, f"{_DASH}5.3.9", "every Representation is addressed"),
    Rule("dash.timeline", _E, f"{_DASH}5.3.9.6", "the timeline has no gaps or overlaps"),
    Rule("dash.period-end", _W, f"{_DASH}5.3.2.1", "media lasts as long as its period"),
    Rule("dash.bandwidth", _E, f"{_DASH}5.3.5.2", "@bandwidth is enough for the media"),
    Rule("dash.codecs", _E, f"{_DASH}5.3.7.2", "@codecs names what the file holds"),
    Rule("dash.resolution", _E, f"{_DASH}5.3.7.2", "@width and @height are the video's"),
    Rule("dash.alignment", _E, f"{_DASH}5.3.3.2", "segments of a set begin together"),
    Rule("dash.access-points", _E, f"{_DASH}5.3.3.2", "segments start as the MPD says"),
    Rule("dash.trick-mode", _E, "DASH-IF IOP v4.3 §3.2.9", "trick modes name their main set"),
    Rule("dash.thumbnails", _E, "DASH-IF IOP v4.3 §6.2.6", "thumbnails have tiles"),
    Rule("cmaf.header", _E, f"{_CMAF}7.3.1", "the header can be read and allows fragments"),
    Rule("cmaf.brands", _W, f"{_CMAF}7.2", "files have a CMAF brand"),
    Rule("cmaf.one-track", _E, f"{_CMAF}7.3.2", "a file holds one track"),
    Rule("cmaf.boxes", _E, f"{_BOX}8.8", "segments can be read"),
    Rule("cmaf.fragments", _E, f"{_CMAF}7.3.3", "segments hold fragments of their track"),
    Rule("cmaf.decode-time", _E, f"{_BOX}8.8.12", "fragments have a tfdt"),
    Rule("cmaf.decode-time-continuous", _E, f"{_CMAF}7.3.2", "tfdt has no gaps or overlaps"),
    Rule("cmaf.first-sync", _E, f"{_CMAF}7.3.2.3", "segments start with a sync sample"),
    Rule("cmaf.data", _E, f"{_BOX}8.8.8", "samples fill their mdat"),
    Rule("cmaf.boundaries", _E, f"{_CMAF}7.3.4", "tracks of a switching set are cut alike"),
    Rule("text.readable", _E, "ISO/IEC 14496-30 §6, §7; WebVTT §4.1", "texts can be read"),
    Rule("text.line-length", _I, f"{_EDITORIAL}lines", "lines have at most 42 characters"),
    Rule("text.lines", _I, f"{_EDITORIAL}lines", "cues have at most two lines"),
    Rule("text.reading-speed", _I, f"{_EDITORIAL}speed", "20 characters a second are the most"),
    Rule("text.duration", _I, f"{_EDITORIAL}timing", "cues are shown for 0.83 s to 7 s"),
    Rule("text.gap", _I, f"{_EDITORIAL}timing", "between cues are two frames"),
    Rule("text.overlap", _I, f"{_EDITORIAL}timing", "cues of one place follow each other"),
    Rule("decode.segment", _E, "the codec's own specification", "segments decode"),
    Rule("decode.remark", _W, "the codec's own specification", "segments decode without a word"),
    Rule("decode.encrypted", _I, "ISO/IEC 23001-7", "encrypted segments are not decoded"),
)

RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}
