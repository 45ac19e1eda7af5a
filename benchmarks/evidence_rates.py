"""Count how published logs keep the rules that recompute: tried, agreements, disagreements.

    python -m benchmarks.evidence_rates [--family LGEN] NAME=ROUND=FOLDER ... > docs/measured.md

One column per tree: subjects that passed / findings that disagree (E error, W warning, I info).
A rule that no tree could try has no row figures; why stands in the notes below the table.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from submission_checker.check import check
from submission_checker.engine.selection import Selection
from submission_checker.model.findings import Level
from submission_checker.model.report import Report
from submission_checker.options import Options
from submission_checker.rules.registry import all_rules

LETTERS = {Level.ERROR: "E", Level.WARNING: "W", Level.INFO: "I"}
NOTES = Path(__file__).parent / "evidence_notes.md"


def rates(report: Report) -> dict[str, str]:
    """Return a cell per rule: subjects that passed, then findings by level."""
    found = Counter((finding.rule, finding.level) for finding in report.findings)
    cells = {}
    for rule in report.rules:
        levels = [f"{found[rule.id, level]} {letter}" for level, letter in LETTERS.items()
                  if found[rule.id, level]]
        if rule.passed or rule.failed:
            cells[rule.id] = " / ".join([str(rule.passed), *levels])
    return cells


def main() -> None:
    """Judge each tree and print the page."""
    parser = argparse.ArgumentParser(description="Count how logs keep the rules.")
    parser.add_argument("trees", nargs="+", metavar="NAME=ROUND=FOLDER")
    parser.add_argument("--family", default="LGEN")
    wanted = parser.parse_args()
    columns: dict[str, dict[str, str]] = {}
    for tree in wanted.trees:
        name, round_, folder = tree.split("=", 2)
        selection = Selection(select=(wanted.family,))
        columns[name] = rates(check(folder, options=Options(
            round=round_, selection=selection, jobs=1)))
    print("# What published logs keep\n")
    print("Subjects that passed / findings that disagree (E error, W warning, I info), by rule and "
          "tree.\nMade by `python -m benchmarks.evidence_rates`; trees as in the shared "
          "archives.\n")
    print(f"| rule | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for rule in all_rules():
        if rule.id.startswith(wanted.family):
            cells = [column.get(rule.id, "-") for column in columns.values()]
            print(f"| {rule.id} {rule.name} | {' | '.join(cells)} |")
    print(f"\n{NOTES.read_text()}", end="")


if __name__ == "__main__":
    main()
