"""The results as a CSV table: one row per result, in order of location."""

from __future__ import annotations

import csv
import io

from submission_checker.model.report import Report
from submission_checker.render.escape import cell

COLUMNS = (
    "location", "division", "submitter", "system", "system_type", "category", "benchmark",
    "model", "scenario", "verdict", "reason", "inferred", "result", "unit", "accuracy",
    "power", "power_unit", "nameplate_power", "nameplate_power_unit", "digest",
)
"""``digest`` is that of the whole judgement, the same in every row."""


def render(report: Report) -> str:
    """Return the results table as CSV text (RFC 4180 with LF line ends)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in report.results:
        subject = row.subject
        accuracy = "; ".join(f"{a.metric}: {a.value:.10g}" for a in row.accuracy)
        writer.writerow([cell(str(text)) for text in (
            row.location, subject.division, subject.submitter, subject.system, row.system_type,
            row.category, subject.benchmark, row.model or "", row.scenario, row.verdict.value,
            row.reason, int(row.inferred), row.result.printed if row.result else "",
            row.result.unit if row.result else "", accuracy,
            row.power.printed if row.power else "", row.power.unit if row.power else "",
            row.nameplate.printed if row.nameplate else "",
            row.nameplate.unit if row.nameplate else "",
            report.digest,
        )])
    return out.getvalue()
