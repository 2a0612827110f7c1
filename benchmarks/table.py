"""What a benchmark says, on a terminal and in docs/benchmarks.md."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Table:
    """Measured figures; `name` is the marker in docs/benchmarks.md."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    """How it was measured: machine, sizes, rounds."""

    def text(self) -> str:
        """The table for a terminal: first column to the left, figures to the right."""
        lines = (self.columns, *self.rows)
        widths = [max(len(line[n]) for line in lines) for n in range(len(self.columns))]
        drawn = [
            "  ".join(
                cell.ljust(width) if n == 0 else cell.rjust(width)
                for n, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join((self.title, "", drawn[0], rule, *drawn[1:], "", self.note)).rstrip()

    def markdown(self) -> str:
        """The same as a Markdown table."""
        aligned = "|".join(("---", *("---:" for _ in self.columns[1:])))
        rows = ("| " + " | ".join(row) + " |" for row in (self.columns, *self.rows))
        head = next(rows)
        return "\n".join((f"### {self.title}", "", head, f"|{aligned}|", *rows, "", self.note))


def write(table: Table, document: Path = DOCUMENT) -> None:
    """Put *table* between its markers in the document, at the end where it has none yet."""
    begin, end = f"<!-- bench:{table.name} -->", f"<!-- /bench:{table.name} -->"
    block = f"{begin}\n{table.markdown()}\n{end}"
    text = document.read_text() if document.is_file() else "# Benchmarks\n"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: block, text)
    else:
        text = f"{text.rstrip()}\n\n{block}\n"
    document.parent.mkdir(exist_ok=True)
    document.write_text(text)


def ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}x" if theirs else "-"
