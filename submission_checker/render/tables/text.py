"""Tables as text: columns where they fit, else the row's cells one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from submission_checker.model.report import Report
from submission_checker.model.tables import Cell, Column, Section, Table, number_text, sections
from submission_checker.render.escape import cut, printable, without_commands
from submission_checker.render.style import Style
from submission_checker.render.width import columns as width_of
from submission_checker.render.width import cut as shorten
from submission_checker.render.width import padded

GAP = "  "
CELL_CHARS = 200
MOST_COLUMN = 44
"""What is longer is cut where the table has columns, and whole where it has lines."""


def render(report: Report, tables: Sequence[Table], style: Style) -> str:
    """Return the tables as text."""
    lines = [f"submission-checker {report.tool_version}, round {printable(report.round)}"]
    told: set[str] = set()
    for table in tables:
        lines += ["", style.paint(table.title, "bold")]
        for note in new_notes(table, told):
            lines += style.wrap(note, "  ")
        if not table.rows:
            lines.append("  no rows")
        for section in sections(table):
            lines += _section(section, style)
    return without_commands("\n".join((*lines, f"digest {report.digest}")) + "\n")


def new_notes(table: Table, told: set[str]) -> list[str]:
    """Return the notes of a table that no table before it had; ``told`` keeps them."""
    notes = [note for note in table.notes if note not in told]
    told.update(notes)
    return notes


def _section(section: Section, style: Style) -> Iterator[str]:
    if section.heading:
        yield ""
        yield style.paint(f"  {' / '.join(cut(text, CELL_CHARS) for text in section.heading)}",
                          "bold")
    heads = [head(column) for column in section.columns]
    cells = [[cell_text(value) for value in row] for row in section.rows]
    short = [[shorten(text, MOST_COLUMN) for text in row] for row in cells]
    widths = [max(map(width_of, (name, *(row[n] for row in short))))
              for n, name in enumerate(heads)]
    if sum(widths) + len(GAP) * (len(widths) + 1) > style.room:
        yield from _one_below_the_other(heads, cells)
        return
    right = [all(not isinstance(row[n], str) for row in section.rows)
             for n in range(len(heads))]
    for row in (heads, *short):
        yield (GAP + GAP.join(
            _aligned(text, width, to_right) for text, width, to_right
            in zip(row, widths, right, strict=True))).rstrip()


def _aligned(text: str, width: int, to_right: bool) -> str:
    return " " * (width - width_of(text)) + text if to_right else padded(text, width)


def _one_below_the_other(heads: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    width = max(map(width_of, heads))
    for number, row in enumerate(cells):
        if number:
            yield ""
        for name, text in zip(heads, row, strict=True):
            if text:
                yield f"  {padded(name, width)}  {text}"


def head(column: Column) -> str:
    """Return the name of a column with its unit."""
    name = printable(column.name)
    return f"{name} [{column.unit}]" if column.unit else name


def cell_text(value: Cell) -> str:
    """Return a cell as text; an absent value is empty."""
    if value is None:
        return ""
    return cut(value, CELL_CHARS) if isinstance(value, str) else number_text(value)
