"""The report as one HTML page: no network, readable without script, data rendered on demand."""

from __future__ import annotations

from submission_checker.model.report import Report


def render(report: Report) -> str:
    """Return the report as one self-contained HTML page."""
    from submission_checker.render.html.page import page

    return page(report)
