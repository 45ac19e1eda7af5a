"""A report that may leave the house: names replaced, and nothing quoted from the submission."""

from __future__ import annotations

import re
from typing import Any

from submission_checker.model.report import Report
from submission_checker.render.escape import printable
from submission_checker.render.json_v1 import as_data

SHOWN = ("rule", "level", "subcode", "location", "subject", "fingerprint", "absent")
"""What is told of a finding; texts quote the submission."""
CRASH_SHOWN = (*SHOWN, "found", "evidence")
ROW_SHOWN = ("location", "division", "submitter", "system", "benchmark", "model", "scenario",
             "verdict", "reason", "inferred", "deciding")


def anonymous(report: Report) -> tuple[dict[str, Any], int]:
    """Return (the report as plain values without names and quotes, how many names it had)."""
    data = as_data(report)
    kept = {key: data[key] for key in (
        "schema_version", "tool", "round", "round_reason", "profile", "options", "partial",
        "summary", "rules", "not_judged", "digest")}
    kept["results"] = [{key: row[key] for key in ROW_SHOWN} for row in data["results"]]
    kept["findings"] = [
        {key: finding[key] for key in
         (CRASH_SHOWN if finding["subcode"] == "crashed" else SHOWN)}
        for finding in data["findings"]
    ]
    names = replacements(report)
    return replaced(kept, names), len(names)


def replacements(report: Report) -> dict[str, str]:
    """Return name of a submitter or system -> the word that stands for it."""
    subjects = [row.subject for row in report.results]
    subjects += [row.subject for row in report.systems]
    subjects += [finding.subject for finding in report.findings]
    found: dict[str, str] = {}
    for word, names in (("submitter", {s.submitter for s in subjects}),
                        ("system", {s.system for s in subjects})):
        for number, name in enumerate(sorted(names - {""}), start=1):
            found.setdefault(name, f"{word}-{number}")
    return found


def replaced(value: Any, names: dict[str, str]) -> Any:
    """Return plain values in whose texts every name is replaced, whatever its case."""
    if not names:
        return value
    words = {name.casefold(): word for name, word in names.items()}
    longest = sorted(names, key=lambda name: (-len(name), name))
    pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)

    def text(match: re.Match[str]) -> str:
        return words.get(match[0].casefold(), "name")

    def inside(item: Any) -> Any:
        if isinstance(item, str):
            return printable(pattern.sub(text, item))
        if isinstance(item, dict):
            return {key: inside(below) for key, below in item.items()}
        return [inside(below) for below in item] if isinstance(item, list) else item

    return inside(value)
