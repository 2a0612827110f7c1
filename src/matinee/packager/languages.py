"""Names and codes of languages: BCP 47 tags to ISO 639-2/T (for `mdhd`) and to words for people."""

import re
from typing import NamedTuple

UNDETERMINED = "und"


class Language(NamedTuple):
    """A language's ISO 639-2/T code and its own English name."""

    code: str
    name: str


_TABLE = """
af afr Afrikaans|am amh Amharic|ar ara Arabic|az aze Azerbaijani|be bel Belarusian|bg bul Bulgarian
bn ben Bengali|bs bos Bosnian|ca cat Catalan|cs ces Czech|cy cym Welsh|da dan Danish|de deu German
el ell Greek|en eng English|eo epo Esperanto|es spa Spanish|et est Estonian|eu eus Basque
fa fas Persian|fi fin Finnish|fil fil Filipino|fr fra French|ga gle Irish|gl glg Galician
gu guj Gujarati|he heb Hebrew|hi hin Hindi|hr hrv Croatian|hu hun Hungarian|hy hye Armenian
id ind Indonesian|is isl Icelandic|it ita Italian|ja jpn Japanese|ka kat Georgian|kk kaz Kazakh
km khm Khmer|kn kan Kannada|ko kor Korean|ku kur Kurdish|la lat Latin|lb ltz Luxembourgish
lo lao Lao|lt lit Lithuanian|lv lav Latvian|mk mkd Macedonian|ml mal Malayalam|mn mon Mongolian
mr mar Marathi|ms msa Malay|mt mlt Maltese|my mya Burmese|nb nob Norwegian Bokmål|ne nep Nepali
nl nld Dutch|nn nno Norwegian Nynorsk|no nor Norwegian|pa pan Punjabi|pl pol Polish|ps pus Pashto
pt por Portuguese|ro ron Romanian|ru rus Russian|si sin Sinhala|sk slk Slovak|sl slv Slovenian
sq sqi Albanian|sr srp Serbian|sv swe Swedish|sw swa Swahili|ta tam Tamil|te tel Telugu|th tha Thai
tl tgl Tagalog|tr tur Turkish|uk ukr Ukrainian|ur urd Urdu|uz uzb Uzbek|vi vie Vietnamese
yue yue Cantonese|zh zho Chinese|zu zul Zulu
"""
_BY_TAG: dict[str, Language] = {}
for _entry in _TABLE.replace("\n", "|").strip("|").split("|"):
    _tag, _code, _name = _entry.split(" ", 2)
    _BY_TAG[_tag] = _BY_TAG[_code] = Language(_code, _name)
_BIBLIOGRAPHIC = {
    "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl",
    "fre": "fr", "geo": "ka", "ger": "de", "gre": "el", "ice": "is", "mac": "mk", "may": "ms",
    "per": "fa", "rum": "ro", "slo": "sk", "wel": "cy",
}  # fmt: skip
"""ISO 639-2/B codes, which many files use, to the tags of the table."""

_REGIONS = {
    "es-419": "Spanish (Latin America)", "pt-br": "Portuguese (Brazil)",
    "pt-pt": "Portuguese (Portugal)", "es-es": "Spanish (Spain)", "es-mx": "Spanish (Mexico)",
    "en-us": "English (United States)", "en-gb": "English (United Kingdom)",
    "fr-ca": "French (Canada)", "zh-hans": "Chinese (Simplified)",
    "zh-hant": "Chinese (Traditional)", "zh-cn": "Chinese (China)", "zh-tw": "Chinese (Taiwan)",
    "zh-hk": "Chinese (Hong Kong)", "sr-latn": "Serbian (Latin)",
}  # fmt: skip


def _find(tag: str | None) -> Language | None:
    primary = (tag or "").lower().split("-")[0]
    return _BY_TAG.get(_BIBLIOGRAPHIC.get(primary, primary))


def code(tag: str | None) -> str:
    """Return the three-letter code of a BCP 47 *tag*, `und` where there is none."""
    found = _find(tag)
    if found is not None:
        return found.code
    primary = (tag or "").lower().split("-")[0]
    return primary if re.fullmatch(r"[a-z]{3}", primary) else UNDETERMINED


def name(tag: str | None) -> str:
    """Return the English name of a BCP 47 *tag*; the tag itself where the table has none."""
    if not tag or tag.lower() == UNDETERMINED:
        return "Unknown"
    region = _REGIONS.get(tag.lower())
    if region is not None:
        return region
    found = _find(tag)
    if found is None:
        return tag
    rest = tag.split("-", 1)[1:]
    return f"{found.name} ({rest[0]})" if rest else found.name
