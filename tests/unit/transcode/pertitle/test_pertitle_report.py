import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from matinee.errors import InputError
from matinee.transcode.ladder import built_in
from matinee.transcode.pertitle.points import Chosen, Comparison, Point, RungPoint, Window
from matinee.transcode.pertitle.report import read_report, report_json, report_svg

LADDER = built_in()["standard"]
CHOSEN = Chosen(
    ladder=LADDER,
    hull=(
        Point(height=720, crf=21, rate=1.5e6, vmaf=95, on_hull=True),
        Point(height=720, crf=28, rate=7e5, vmaf=85, on_hull=True),
        Point(height=240, crf=28, rate=1.8e5, vmaf=40),
    ),
    fixed=(RungPoint(name="720p", height=720, crf=23, max_rate=3, rate=1.2e6, vmaf=93),),
    rungs=(RungPoint(name="720p", height=720, crf=22, max_rate=3, rate=1.4e6, vmaf=94),),
    samples=(Window(start=3, seconds=2, bits=100),),
    reference=(1280, 720),
    search_cpu_seconds=6,
    encode_cpu_seconds=30,
    saving=-20.0,
    notes=("a & b",),
)
SPACE = "{http://www.w3.org/2000/svg}"


def test_the_table_reads_back_and_states_the_share():
    text = report_json(CHOSEN)
    assert read_report(text) == CHOSEN
    assert msgspec.json.decode(text)["search_share"] == pytest.approx(0.2)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"[" * 5000, b"\xff"])
def test_other_text_is_refused(text):
    with pytest.raises(InputError):
        read_report(text)


def test_the_picture_shows_every_point_with_words():
    tree = etree.fromstring(report_svg(CHOSEN))
    text = " ".join(tree.itertext())
    for words in (
        "measured", "convex hull", "fixed ladder", "chosen rungs", "1 Mb/s", "200 kb/s",
        "VMAF, 0 to 100", "average bit rate (logarithmic)", "720p, CRF 22, 1.4 Mb/s, VMAF 94.0",
    ):  # fmt: skip
        assert words in text
    assert "prefers-color-scheme:dark" in text
    assert len(tree.findall(f".//{SPACE}g")) == 5
    assert not tree.findall(f".//{SPACE}script")


@pytest.mark.parametrize("chosen", [Chosen(ladder=LADDER, notes=("too short & <so>",))])
def test_without_measurements_the_picture_says_why(chosen):
    tree = etree.fromstring(report_svg(chosen))
    assert "too short & <so>" in " ".join(tree.itertext())


@given(
    st.lists(
        st.builds(
            Point,
            height=st.just(720),
            crf=st.floats(18, 40),
            rate=st.floats(1, 1e9),
            vmaf=st.floats(0, 100),
            on_hull=st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_mark_lies_inside_the_axes(points):
    chosen = msgspec.structs.replace(CHOSEN, hull=tuple(points))
    tree = etree.fromstring(report_svg(chosen))
    for circle in tree.iter(f"{SPACE}circle"):
        assert 60 <= float(circle.get("cx")) <= 740
        assert 15 <= float(circle.get("cy")) <= 400


def test_the_classic_ladder_is_drawn_where_it_was_compared():
    rung = RungPoint(name="720p-3000k", height=720, crf=None, max_rate=6, rate=3e6, vmaf=97)
    compared = Comparison(
        against="classic", words="fixed sizes", rungs=(rung,), bd_rate=-30.0, top=None, storage=None
    )
    chosen = msgspec.structs.replace(CHOSEN, comparisons=(compared,), reasons=("why",))
    assert read_report(report_json(chosen)) == chosen
    tree = etree.fromstring(report_svg(chosen))
    text = " ".join(tree.itertext())
    assert "classic ladder" in text
    assert "720p-3000k, 3 Mb/s, VMAF 97.0" in text
    assert len(tree.findall(f".//{SPACE}polygon[@class='classic']")) == 2


def test_a_report_from_before_the_comparisons_still_reads():
    old = msgspec.json.decode(report_json(CHOSEN))
    for name in ("comparisons", "reasons", "saving_error"):
        del old["chosen"][name]
    for rung in old["chosen"]["rungs"] + old["chosen"]["fixed"]:
        del rung["preset"], rung["vmaf_phone"]
    assert read_report(msgspec.json.encode(old)) == CHOSEN
