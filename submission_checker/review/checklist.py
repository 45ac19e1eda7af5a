"""The reviewer's checklist: each technique with what rules saw of it, else "reviewer"."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from submission_checker.model.report import Report, RuleCount
from submission_checker.model.tables import Column, Row, Table

REVIEWER = "reviewer"


@cache
def techniques() -> list[dict[str, Any]]:
    """Return the techniques with the rules that see something of them."""
    text = Path(__file__).with_name("techniques.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["technique"]
    return found


def checklist(report: Report) -> Table:
    """Return what is allowed and prohibited, each with the rules that judged and their findings."""
    judged = {count.id: count for count in report.rules}
    places: dict[str, Counter[str]] = {}
    for finding in report.findings:
        places.setdefault(finding.rule, Counter())[finding.location.path] += 1
    rows = tuple(_row(item, judged, places) for item in techniques())
    columns = ("technique", "decided by", "passed", "failed", "files with findings")
    return Table("checklist", "Techniques that the rules allow and prohibit",
                 (Column("group"), *map(Column, columns)), rows, 1, (
                     "a rule that passed saw no sign of a breach; it does not prove that there "
                     f"is none, so every line is for the {REVIEWER} in the end",))


def _row(
    item: dict[str, Any], judged: dict[str, RuleCount], places: dict[str, Counter[str]]
) -> Row:
    counts = [judged[rule] for rule in item["rules"] if rule in judged]
    asked = [count for count in counts if count.passed or count.failed or count.bounded]
    files = sorted({path for count in asked for path in places.get(count.id, ())})
    by = ", ".join(count.id for count in asked)
    return ("allowed" if item["allowed"] else "prohibited", item["name"], by or REVIEWER,
            sum(count.passed + count.bounded for count in asked) if asked else None,
            sum(count.failed for count in asked) if asked else None, ", ".join(files))
