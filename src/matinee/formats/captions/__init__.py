"""Subtitles and captions: SubRip, WebVTT and TTML to `Cue`s, `Cue`s to WebVTT."""

from matinee.formats.captions.cue import Cue
from matinee.formats.captions.detect import Format, decode, detect, parse

__all__ = ["Cue", "Format", "decode", "detect", "parse"]
