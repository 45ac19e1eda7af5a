"""A table about a report: named columns, rows of plain values, and what its numbers count."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the unit of its numbers, and whether they are shown as bars too."""

    name: str
    unit: str = ""
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in their order; equal values in the first ``groups`` columns make a section."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    groups: int = 0
    notes: tuple[str, ...] = ()
    """How rows and numbers are defined."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a table with equal first columns; columns without any value are left out."""

    heading: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def sections(table: Table) -> tuple[Section, ...]:
    """Return the sections of a table in the order of their first rows."""
    parts: dict[Row, list[Row]] = {}
    for row in table.rows:
        parts.setdefault(row[: table.groups], []).append(row[table.groups:])
    return tuple(_section(heading, table.columns[table.groups:], rows)
                 for heading, rows in parts.items())


def _section(heading: Row, columns: tuple[Column, ...], rows: list[Row]) -> Section:
    kept = [n for n in range(len(columns)) if any(row[n] not in (None, "") for row in rows)]
    return Section(
        tuple(str(value) for value in heading if value not in (None, "")),
        tuple(columns[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in rows),
    )


def number_text(value: float) -> str:
    """Return a number for people: counts and large values whole, others with six digits."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.0f}" if WHOLE_FROM <= abs(value) < WHOLE_TO else f"{value:.6g}"


WHOLE_FROM, WHOLE_TO = 1e6, 1e15
"""Six digits of such a number would need an exponent, which nobody reads in a table."""
