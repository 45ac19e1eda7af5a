"""How often each rule passed, failed, was skipped, suppressed or crashed, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.model.findings import Level
from submission_checker.model.report import Report, RuleCount
from submission_checker.render.style import Style
from submission_checker.render.width import columns, cut, padded

ALWAYS = ("passed", "failed", "skipped")
OUTCOMES = ("passed", "failed", "skipped", "suppressed", "crashed")
WIDEST_NAME = 28


def totals(report: Report) -> str:
    """Return the outcomes of all rules on all subjects in words, "" where nothing was judged."""
    sums = {name: sum(getattr(rule, name) for rule in report.rules) for name in OUTCOMES}
    bounded = sum(rule.bounded for rule in report.rules)
    if not any(sums.values()):
        return ""
    words = [f"{sums[name]} {name}" for name in OUTCOMES if sums[name] or name in ALWAYS]
    if sums["failed"] and set(report.levels()) == {Level.INFO}:
        words[ALWAYS.index("failed")] += " at level info"
    if bounded:
        words.append(f"{bounded} within bounds")
    return f"outcomes of {len(report.rules)} rules: {', '.join(words)}"


def statistics(report: Report, style: Style) -> Iterator[str]:
    """Yield a row per rule that judged something, those that fail most first."""
    shown = sorted((rule for rule in report.rules if _judged(rule)),
                   key=lambda rule: (-rule.crashed, -rule.failed, -rule.suppressed, rule.id))
    if not shown:
        return
    yield style.paint("Rules", "bold")
    heads = {rule.id: f"{rule.id} {rule.name}" for rule in shown}
    widest = min(max(map(columns, heads.values())), WIDEST_NAME + 9)
    yield "  " + padded("", widest) + "".join(f"{name:>10}" for name in OUTCOMES[:4])
    for rule in shown:
        counts = "".join(f"{getattr(rule, name) or '-':>10}" for name in OUTCOMES[:4])
        crashed = f"  {rule.crashed} crashed" if rule.crashed else ""
        yield f"  {padded(cut(heads[rule.id], widest), widest)}{counts}{crashed}"
    idle = len(report.rules) - len(shown)
    if idle:
        yield f"  and {idle} rule{'s' if idle != 1 else ''} that had nothing to judge here"


def _judged(rule: RuleCount) -> bool:
    return bool(rule.passed or rule.failed or rule.suppressed or rule.crashed or rule.bounded)
