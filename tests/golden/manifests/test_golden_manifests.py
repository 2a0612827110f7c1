"""One folder a case: `presentation.json` and every manifest it must render to, byte for byte."""

from pathlib import Path

import msgspec
import pytest
from tests.golden.manifests.cases import CASES

from matinee.formats import dash, hls
from matinee.formats.dash import grammar
from matinee.manifests import folder
from matinee.model.presentation import Presentation

HERE = Path(__file__).parent


@pytest.mark.parametrize("case", sorted(CASES))
def test_renders_the_golden_folder(case, update_golden):
    where = HERE / case
    if update_golden:
        where.mkdir(exist_ok=True)
        p = CASES[case]()
        content = msgspec.json.format(msgspec.json.encode(p), indent=1) + b"\n"
        (where / "presentation.json").write_bytes(content)
        for old in [*where.glob("*.m3u8"), *where.glob("*.mpd")]:
            old.unlink()
        for name, text in folder(p).items():
            (where / name).write_bytes(text)
    p = msgspec.json.decode((where / "presentation.json").read_bytes(), type=Presentation)
    expected = {
        one.name: one.read_text() for one in where.iterdir() if one.name != "presentation.json"
    }
    assert {name: text.decode() for name, text in folder(p).items()} == expected


@pytest.mark.parametrize("case", sorted(CASES))
def test_golden_presentations_are_those_of_the_code(case):
    stored = (HERE / case / "presentation.json").read_bytes()
    assert msgspec.json.decode(stored, type=Presentation) == CASES[case]()


@pytest.mark.parametrize("case", sorted(CASES))
def test_golden_manifests_read_back(case):
    for path in (HERE / case).iterdir():
        if path.suffix == ".m3u8":
            text = path.read_text()
            assert hls.render(hls.parse(text)) == text
        elif path.suffix == ".mpd":
            assert dash.render(dash.parse(path.read_bytes())) == path.read_bytes()
            assert grammar.violations(path.read_bytes()) == ()
