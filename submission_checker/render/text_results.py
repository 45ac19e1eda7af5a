"""The results in the text: those that are not valid one by one, many valid ones counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from submission_checker.model.report import Report, ResultRow, Verdict
from submission_checker.render.escape import printable
from submission_checker.render.style import Style
from submission_checker.render.width import columns, padded, wrapped

WORDS = {
    Verdict.VALID: "valid", Verdict.INVALID: "INVALID", Verdict.INCOMPLETE: "INCOMPLETE",
    Verdict.NOT_JUDGED: "not judged",
}
COLOURS = {
    Verdict.VALID: "good", Verdict.INVALID: "error", Verdict.INCOMPLETE: "error",
    Verdict.NOT_JUDGED: "warning",
}
ROWS_SHOWN = 24
"""A tree with no more results than a screen has lines is shown whole."""
USUAL_NAME, USUAL_NUMBER = 27, 16
"""Columns that most names and numbers need, so that systems with short ones line up."""
WIDEST_NAME = 40
LEAST_REASON = 12
"""Columns that the rules need beside a row; with less they stand on a line of their own."""


def results(report: Report, style: Style, *, missing_told: bool = False) -> Iterator[str]:
    """Yield the table of results, grouped by system.

    With ``missing_told`` incomplete results name no rules: a list beside says what is missing.
    """
    rows: Sequence[ResultRow] = report.results
    if missing_told:
        rows = [row._replace(reason="") if row.verdict is Verdict.INCOMPLETE else row
                for row in rows]
    whole = style.everything or len(rows) <= ROWS_SHOWN
    shown = [row for row in rows if whole or row.verdict is not Verdict.VALID]
    if shown:
        title = "Results" if whole else f"Not valid ({len(shown)} of {len(rows)} results)"
        yield style.paint(title, "bold")
        yield from _table(shown, style)
    if not whole:
        if shown:
            yield ""
        yield from _counted([row for row in rows if row.verdict is Verdict.VALID], style)


def _counted(rows: Sequence[ResultRow], style: Style) -> Iterator[str]:
    """Yield a line per submitter with its number of valid results."""
    if not rows:
        return
    yield style.paint(f"Valid ({len(rows)} results; --show all lists them)", "bold")
    owners = Counter((row.subject.division, row.subject.submitter) for row in rows)
    systems = Counter(
        key[:2] for key in {(r.subject.division, r.subject.submitter, r.subject.system)
                            for r in rows}
    )
    names = {owner: printable("/".join(owner)) for owner in owners}
    width = min(WIDEST_NAME, max(columns(name) for name in names.values()))
    for owner, count in owners.items():
        kinds = f"{systems[owner]} system{'s' if systems[owner] != 1 else ''}"
        yield f"  {padded(names[owner], width)}  {count:>4} on {kinds}"


def _table(rows: Sequence[ResultRow], style: Style) -> Iterator[str]:
    for owner, group in groupby(
        rows, key=lambda row: (row.subject.division, row.subject.submitter, row.subject.system)
    ):
        yield f"  {printable('/'.join(owner))}"
        yield from _system(list(group), style)


def _system(rows: Sequence[ResultRow], style: Style) -> Iterator[str]:
    """Yield the rows of a system in columns, each on two lines where the columns do not fit."""
    names = [printable(f"{row.subject.benchmark} {row.scenario}") for row in rows]
    numbers = [_number(row) for row in rows]
    widths = (
        max(USUAL_NAME, *map(columns, names)), max(USUAL_NUMBER, *map(columns, numbers)),
        max(len(WORDS[row.verdict]) for row in rows),
    )
    reason = LEAST_REASON if any(row.reason for row in rows) else 0
    fits = 4 + sum(widths) + 2 * len(widths) + reason <= style.room
    for row, name, number in zip(rows, names, numbers, strict=True):
        yield from _row(row, name, number, widths if fits else None, style)


def _number(row: ResultRow) -> str:
    if row.result is None:
        return "-"
    number = f"{row.result.printed} {row.result.unit}"
    return f"{number} (inferred)" if row.inferred else number


def _row(
    row: ResultRow, name: str, number: str, widths: tuple[int, int, int] | None, style: Style
) -> Iterator[str]:
    """Yield a row in columns, or on two lines where the columns do not fit."""
    word = WORDS[row.verdict]
    if widths is None:
        yield f"    {name}"
        head = f"      {number}  "
    else:
        head = f"    {padded(name, widths[0])}  {padded(number, widths[1])}  "
    shown = padded(word, widths[2]) if widths and row.reason else word
    rest = " " * (columns(head) + len(shown) + 2)
    if widths is None:
        rest = " " * 8
    lines = list(wrapped(printable(row.reason), f"{head}{shown}  ", rest, style.room))
    lines[0] = head + style.paint(word, COLOURS[row.verdict]) + lines[0][len(head) + len(word):]
    yield from (line.rstrip() for line in lines)
