"""The tables by name; each is a pure function of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from submission_checker.model.report import Report
from submission_checker.model.tables import Table
from submission_checker.review.checklist import checklist
from submission_checker.review.compared import efficiency, ratios, relative, spread
from submission_checker.review.counts import counts, coverage, deviations, frameworks
from submission_checker.review.published import published, ranking
from submission_checker.review.records import Record, left_out, records_of

OF_RECORDS: dict[str, Callable[[Sequence[Record]], Table]] = {
    "results": published, "ranking": ranking, "coverage": coverage, "counts": counts,
    "frameworks": frameworks, "ratios": ratios, "spread": spread, "relative": relative,
    "power": efficiency, "open": deviations,
}
CHECKLIST = "checklist"
NAMES = (*OF_RECORDS, CHECKLIST)


def tables_of(report: Report, names: Sequence[str] = NAMES, *, everything: bool = False
              ) -> tuple[Table, ...]:
    """Return tables of a report; ``everything`` counts results that are not valid, too."""
    records = records_of(report, everything=everything)
    note = left_out(report, records)
    make: dict[str, Callable[[], Table]] = {
        name: partial(_noted, table, records, note) for name, table in OF_RECORDS.items()}
    make[CHECKLIST] = partial(checklist, report)
    return tuple(make[name]() for name in names)


def _noted(table: Callable[[Sequence[Record]], Table], records: Sequence[Record], note: str
           ) -> Table:
    made = table(records)
    return replace(made, notes=(note, *made.notes))
