"""Tables as one HTML page: no script, no network; a bar beside the numbers that want one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from submission_checker.model.report import Report
from submission_checker.model.tables import Cell, Column, Section, Table, sections
from submission_checker.render.escape import printable
from submission_checker.render.tables.text import cell_text, head, new_notes

HERE = Path(__file__).resolve().parent
LONG = 30
"""Characters from which a cell is given room for several words a line."""


class Shown(NamedTuple):
    """A cell of the page: its class, and the length of its bar in percent, None for no bar."""

    text: str
    css: str
    share: str | None


def render(report: Report, tables: Sequence[Table]) -> str:
    """Return the tables as one self-contained HTML page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style = (HERE / "tables.css").read_text(encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["trusted"] = Markup
    told: set[str] = set()
    text: str = environment.get_template("tables.html.j2").render(
        report=report, style=style, policy=_policy(style),
        tables=[_table(table, told) for table in tables])
    return text


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _table(table: Table, told: set[str]) -> dict[str, Any]:
    return {"name": table.name, "title": table.title,
            "notes": [printable(note) for note in new_notes(table, told)],
            "sections": [_section(section) for section in sections(table)]}


def _section(section: Section) -> dict[str, Any]:
    tops = [_top(column, [row[n] for row in section.rows])
            for n, column in enumerate(section.columns)]
    return {
        "name": " / ".join(printable(text) for text in section.heading),
        "heads": [(head(column), _is_number(section, n))
                  for n, column in enumerate(section.columns)],
        "rows": [[_cell(value, top) for value, top in zip(row, tops, strict=True)]
                 for row in section.rows],
    }


def _is_number(section: Section, column: int) -> bool:
    return all(not isinstance(row[column], str) for row in section.rows)


def _top(column: Column, values: Sequence[Cell]) -> float | None:
    """Return the number whose bar is full, None where the column has no bars."""
    numbers = [value for value in values if isinstance(value, int | float)]
    return max(numbers, default=None) if column.bar else None


def _cell(value: Cell, top: float | None) -> Shown:
    if isinstance(value, str) or value is None:
        text = cell_text(value)
        return Shown(text, "long" if len(text) > LONG else "text", None)
    share = f"{value / top * 100:.1f}" if top is not None and top > 0 else None
    return Shown(cell_text(value), "number", share)
