import pytest

from matinee.errors import InputError
from matinee.formats.hls import variables

HEAD = "#EXTM3U\n"


def test_references_in_uris_and_quoted_values_are_replaced():
    text = (
        HEAD + '#EXT-X-DEFINE:NAME="host",VALUE="http://h"\n#EXT-X-DEFINE:QUERYPARAM="t"\n'
        '#EXT-X-DEFINE:IMPORT="up"\n#EXT-X-MAP:URI="{$host}/i.mp4?{$t}"\n'
        "# a comment of {$host}\n#EXTINF:4,{$host}\n{$host}/{$up}/1.mp4\n"
    )
    found, defined = variables.substitute(text, "http://x/p.m3u8?t=9&a=1", {"up": "deep"})
    assert defined == {"host": "http://h", "t": "9", "up": "deep"}
    assert found.splitlines()[4:] == [
        '#EXT-X-MAP:URI="http://h/i.mp4?9"',
        "# a comment of {$host}",
        "#EXTINF:4,{$host}",
        "http://h/deep/1.mp4",
    ]


def test_a_text_without_definitions_is_left_alone():
    text = HEAD + "{$a}.mp4\n"
    assert variables.substitute(text) == (text, {})


@pytest.mark.parametrize(
    "lines",
    [
        '#EXT-X-DEFINE:NAME="a"\n',
        "#EXT-X-DEFINE:NAME=a\n",
        '#EXT-X-DEFINE:IMPORT="a"\n',
        '#EXT-X-DEFINE:QUERYPARAM="a"\n',
        '#EXT-X-DEFINE:NAME="a",VALUE="b"\n#EXT-X-DEFINE:NAME="a",VALUE="c"\n',
        '#EXT-X-DEFINE:NAME="a",VALUE="b"\n{$c}\n',
    ],
)
def test_broken_definitions_and_references_are_refused(lines):
    with pytest.raises(InputError, match=r"^line [23]: "):
        variables.substitute(HEAD + lines)


def test_growth_is_bounded(monkeypatch):
    monkeypatch.setattr(variables, "MAX_CHARACTERS", 1000)
    text = HEAD + f'#EXT-X-DEFINE:NAME="a",VALUE="{"x" * 100}"\n' + "{$a}{$a}\n" * 10
    with pytest.raises(InputError, match="grows"):
        variables.substitute(text)
