import msgspec
import pytest

from matinee.model.ladder import Rung
from matinee.model.media import Area, Colour, Ratio
from matinee.transcode.filters import pad, video_graph
from matinee.transcode.ladder import built_in
from matinee.transcode.plan import plan

STANDARD = built_in()["standard"]


def graph(sources, ladder=STANDARD, **facts) -> str:
    return video_graph(plan(sources.film([sources.video(**facts)]), ladder).video)


def test_each_rung_is_scaled_from_the_next_larger_one(sources):
    chains = graph(sources, width=1920, height=1080).split(";")
    assert len(chains) == 5
    for place, chain in enumerate(chains[1:], start=1):
        assert chain.startswith(f"[next{place - 1}]scale=")
        assert "setsar=1" in chain
    assert chains[-1].endswith(pad(4))
    assert sum("fps=" in chain for chain in chains) == 1


def test_a_thinned_rung_between_others_feeds_whole_frames_on(sources):
    ladder = msgspec.structs.replace(
        STANDARD,
        video=(
            Rung(name="720p", height=720, max_rate=3_000_000),
            Rung(name="480p", height=480, max_rate=1_700_000, max_frame_rate=30),
            Rung(name="360p", height=360, max_rate=900_000),
        ),
    )
    chains = graph(sources, ladder, frame_rate=Ratio(60)).split(";")
    assert chains[1].endswith("split=2[take1][next1]")
    assert chains[2] == "[take1]framestep=2[rung1]"
    assert chains[3].startswith("[next1]scale=w=640:h=360")
    assert "framestep" not in chains[3]


def test_one_rung_needs_no_split(sources):
    assert "split" not in graph(sources, width=100, height=100)


@pytest.mark.parametrize(
    ("facts", "told", "untold"),
    [
        ({"field_order": "bff"}, "bwdif=mode=send_frame:parity=bff:deint=all", "zscale"),
        ({"field_order": "unknown"}, "fps=", "bwdif"),
        ({"colour": Colour(video_range="PQ")}, ":peak=10", "transfer"),
        (
            {"colour": Colour(video_range="PQ", content_light_level="1000,400")},
            "tonemap=tonemap=hable:desat=0,", ":peak",
        ),
        ({"colour": Colour(video_range="HLG")}, "tin=arib-std-b67", ":peak"),
        ({"colour": Colour(video_range="PQ", full_range=True)}, "rin=pc", "rin=tv"),
        ({"colour": Colour(matrix="gbr")}, ":out_color_matrix=bt709", "in_color_matrix"),
        ({"colour": Colour(matrix="smpte170m")}, "out_color_matrix=smpte170m", "zscale"),
    ],
)  # fmt: skip
def test_conversions(sources, facts, told, untold):
    made = graph(sources, **facts)
    assert told in made
    assert untold not in made


def test_telecined_film_is_matched_before_it_is_thinned(sources):
    made = graph(sources, frame_rate=Ratio(30_000, 1001), field_order="bff", telecined=True)
    assert (
        "fps=fps=30000/1001:start_time=0,fieldmatch=order=bff:mode=pc_n_ub:combmatch=full,"
        "bwdif=mode=send_frame:parity=bff:deint=interlaced,decimate,fps=fps=24000/1001:start_time=0"
    ) in made


def test_each_field_becomes_a_frame_by_choice(sources):
    ladder = msgspec.structs.replace(STANDARD, field_rate=True)
    made = graph(sources, ladder, frame_rate=Ratio(25), field_order="tff")
    assert "bwdif=mode=send_field:parity=tff:deint=all,fps=fps=50:" in made
    assert "bwdif" not in graph(sources, ladder, frame_rate=Ratio(25))


def test_bars_are_cut_off_by_choice(sources):
    area = Area(width=1280, height=536, x=0, y=92)
    ladder = msgspec.structs.replace(STANDARD, crop="auto")
    assert ",crop=1280:536:0:92,scale=w=1280:h=536:" in graph(sources, ladder, active=area)
    assert "crop" not in graph(sources, active=area)
    assert "crop" not in graph(sources, ladder)


def test_a_film_that_changes_is_fitted_and_not_begun_again(sources):
    made = graph(sources, changes=True, rotation=90, sample_aspect_ratio=Ratio(4, 3))
    assert "start_time" not in made
    assert "pad=720:1280:-1:-1,setsar=3/4," in made
    assert "dar/(2160/5120)" in made
