"""Tables as JSON (``schemas/tables.schema.json``); fields are only ever added within a version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from submission_checker.model.report import Report
from submission_checker.model.tables import Table

SCHEMA_VERSION = 1


def render(report: Report, tables: Sequence[Table]) -> str:
    """Return the tables as JSON text with a line end."""
    return json.dumps({
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "submission-checker", "version": report.tool_version},
        "round": report.round,
        "partial": report.partial,
        "digest": report.digest,
        "tables": [_table(table) for table in tables],
    }, indent=1, ensure_ascii=True) + "\n"


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name, "title": table.title, "notes": list(table.notes),
        "groups": table.groups,
        "columns": [{"name": c.name, "unit": c.unit} for c in table.columns],
        "rows": [list(row) for row in table.rows],
    }
