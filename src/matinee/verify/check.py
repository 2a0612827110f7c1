"""The door: finds the manifests of a target, and runs every check on them."""

import time
from pathlib import Path
from urllib.parse import urlsplit

from matinee.errors import InputError, NotFoundError
from matinee.formats.captions import Cue
from matinee.model.progress import Control, Progress
from matinee.model.report import Report
from matinee.toolchain import Toolchain
from matinee.verify import decode, hls, text
from matinee.verify.content import Content
from matinee.verify.dash import check as check_dash
from matinee.verify.findings import Findings
from matinee.verify.options import VerifyOptions
from matinee.verify.reader import Body, FolderReader, Reader
from matinee.verify.rules import RULES
from matinee.verify.tracks import Track
from matinee.verify.web import HttpReader

_MANIFESTS = ("master.m3u8", "manifest.mpd")


def verify(
    target: str, *, options: VerifyOptions, toolchain: Toolchain | None, control: Control
) -> Report:
    """Check a stream against the rules of HLS, DASH and CMAF.

    Args:
        target: the URL of a playlist or MPD, a local manifest file, or a folder that holds
            `master.m3u8`, `manifest.mpd` or both.
        options: how far to look.
        toolchain: what decodes the first and last segment of each track; None: nothing does.
        control: whom to tell, and whether to stop.

    Raises:
        NotFoundError: there is no such folder, file or URL.
        InputError: *target* is no manifest at all, or an address that may not be read.
        UpstreamError: the server or the disk failed at the first manifest.
        CancelledError: *control* said so.
    """
    begun = time.monotonic()
    findings = Findings()
    reader, addresses = _open(target, options)
    try:
        content = Content(reader, findings, options, control)
        bodies = [(address, content.document(address)) for address in addresses]
        tracks: list[Track] = []
        for address, body in bodies:
            tracks += _check(address, body, content)
        _texts(tracks, findings)
        if toolchain is not None:
            control.report(Progress(stage="verify", fraction=0.9, detail="decoding"))
            decode.check(tracks, content, toolchain)
    finally:
        reader.close()
    findings.count("rules", len(RULES))
    control.report(Progress(stage="verify", fraction=1.0))
    return Report(
        target=target,
        findings=findings.all(),
        checked=findings.checked,
        seconds=round(time.monotonic() - begun, 3),
    )


def _texts(tracks: list[Track], findings: Findings) -> None:
    """Report texts that cannot be read, and what an editor would say of the others.

    A text that both manifests list is looked at once where its cues are the same.
    """
    told: set[tuple[Cue, ...]] = set()
    for track in tracks:
        cues: list[Cue] = []
        for cut in track.cuts:
            if cut.facts is not None:
                cues += cut.facts.cues
                if cut.facts.text_problem:
                    where = f"{track.place}, {cut.name}"
                    findings.add("text.readable", where, cut.facts.text_problem)
        same = tuple(sorted(set(cues), key=lambda one: (one.start, one.end, one.payload)))
        if same and same not in told:
            told.add(same)
            text.advise(track.place, same, findings)


def _open(target: str, options: VerifyOptions) -> tuple[Reader, list[str]]:
    scheme = urlsplit(target).scheme if "://" in target else ""
    if scheme in {"http", "https"}:
        return HttpReader(options, target), [target]
    if scheme:
        raise InputError(f"{target!r} is neither http nor https", fix="Give a URL or a folder.")
    path = Path(target)
    if path.is_file():
        return FolderReader(path.parent), [path.name]
    if not path.is_dir():
        raise NotFoundError(f"There is no {target}.", fix="Give a URL, a folder or a manifest.")
    found = [name for name in _MANIFESTS if (path / name).is_file()]
    if not found:
        raise NotFoundError(
            f"{target} holds neither master.m3u8 nor manifest.mpd.",
            fix="Give the path of the manifest itself.",
        )
    return FolderReader(path), found


def _check(address: str, body: Body, content: Content) -> list[Track]:
    head = body.data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"#EXTM3U"):
        return hls.check(address, body, content)
    if head.startswith(b"<"):
        return check_dash(address, body, content)
    name = hls.shown(address)
    if name.endswith((".m3u8", ".m3u")):
        return hls.check(address, body, content)
    if name.endswith(".mpd"):
        return check_dash(address, body, content)
    raise InputError(f"{name} is neither a playlist nor an MPD.", fix="Give one of these.")
