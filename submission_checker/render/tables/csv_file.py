"""One table as CSV: its groups are columns as well, numbers are written in full."""

from __future__ import annotations

import csv
import io

from submission_checker.model.report import Report
from submission_checker.model.tables import Cell, Table
from submission_checker.render.escape import cell
from submission_checker.render.tables.text import head

DIGEST = "digest"


def render(report: Report, table: Table) -> str:
    """Return a table as CSV text (RFC 4180 with LF line ends); the digest is the last column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell(head(column)) for column in table.columns] + [DIGEST])
    for row in table.rows:
        writer.writerow([_text(value) for value in row] + [report.digest])
    return out.getvalue()


def _text(value: Cell) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else repr(value)
