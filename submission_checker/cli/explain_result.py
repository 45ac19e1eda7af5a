"""``submission-checker explain --result LOCATION PATH``: how a result's number follows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from submission_checker.check import check
from submission_checker.engine.near_paths import did_you_mean_path
from submission_checker.engine.rule import Scope
from submission_checker.engine.selection import Selection
from submission_checker.model.errors import WrongUse
from submission_checker.model.findings import Finding, Subject
from submission_checker.model.report import Report, ResultRow
from submission_checker.options import Options
from submission_checker.render.escape import printable
from submission_checker.rules.registry import all_rules

WIDTH = 100
SCOPES = (Scope.RUN, Scope.LOG, Scope.RESULT)
"""Rules that judge one result by itself; the others are told by their findings."""


def result_page(path: str, location: str, round_name: str | None) -> Iterator[str]:
    """Return the lines of a result's page, from a check of the whole tree.

    The rules that judged the result itself are counted by a second check of it alone.

    Raises:
        WrongUse: no result of the tree stands there.
    """
    report = check(path, round_name)
    wanted = location.strip("/")
    row = next((row for row in report.results if row.location == wanted), None)
    if row is None:
        names = [row.location for row in report.results]
        raise WrongUse(f"no result {location!r} in this tree{did_you_mean_path(wanted, names)}")
    return _lines(row, report, _alone(path, row.subject, report))


def _alone(path: str, subject: Subject, report: Report) -> Report:
    """Return the report about one result."""
    selection = Selection(
        (), (), (subject.division,), (subject.submitter,), (subject.system,), (subject.benchmark,),
        (subject.scenario,),
    )
    return check(path, report.round, options=Options(selection=selection, jobs=1))


def _lines(row: ResultRow, report: Report, alone: Report) -> Iterator[str]:
    yield f"{printable(row.location)}  {row.verdict.value}, round {report.round}"
    if row.reason:
        yield f"  {printable(row.reason)}"
    yield ""
    number = row.result
    yield f"Result  {number.printed} {number.unit}" if number is not None else "Result  none"
    yield from _steps(row)
    for value in row.accuracy:
        yield ""
        needs = f", required {value.required}" if value.required else ""
        yield f"Accuracy  {printable(value.metric)} {value.value:.10g}{needs}"
        yield f"  {_place(value.path, value.line)}"
    if row.power is not None:
        yield ""
        yield f"Power  {row.power.printed} {row.power.unit} (its steps stand under the result)"
    yield ""
    yield from _decided(row, report)
    yield from _rules(row, report, alone)


def _steps(row: ResultRow) -> Iterator[str]:
    """Yield each step of the derivation: value, formula, place."""
    for number, step in enumerate(row.derivation, start=1):
        yield f"  {number}. {printable(step.key)} = {printable(step.value)}"
        yield f"     {printable(step.formula)}"
        yield f"     {_place(step.path, step.line)}"
    if not row.derivation:
        yield "  no log gives it"


def _place(path: str, line: int | None) -> str:
    return printable(path) + ("" if line is None else f":{line}")


def _decided(row: ResultRow, report: Report) -> Iterator[str]:
    """Yield the findings that decide the verdict; where there are none, that nothing speaks."""
    deciding = [f for f in report.findings if f.fingerprint in row.deciding]
    if not deciding:
        yield "Decided by  no finding at error level"
        return
    yield "Decided by"
    for finding in deciding:
        yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    at = finding.location
    yield f"  {finding.level.label} {finding.rule}  {_place(at.path, at.line)}"
    for name, text in (("found", finding.found), ("needs", finding.required)):
        yield from _wrapped(text, f"    {name} ", " " * 10)


def _rules(row: ResultRow, report: Report, alone: Report) -> Iterator[str]:
    """Yield which rules about the result found something, passed, or had nothing to judge."""
    own = {rule.id for rule in all_rules() if rule.scope in SCOPES}
    about = [f for f in report.findings if f.subject.scenario and f.subject.covers(row.subject)]
    found = {f.rule: f.level.label for f in sorted(about, key=lambda f: f.level)}
    bounded = {check.rule for check in alone.bounded}
    passed = {c.id for c in alone.rules if c.passed and c.id in own} - found.keys() - bounded
    rest = own.intersection(c.id for c in alone.rules) - found.keys() - bounded - passed
    for name, ids in (
        ("Found something", [f"{rule} ({level})" for rule, level in sorted(found.items())]),
        ("Hold within bounds", sorted(bounded - found.keys())),
        ("Passed", sorted(passed)), ("Had nothing to judge", sorted(rest)),
    ):
        if ids:
            yield from _wrapped(f"{name} ({len(ids)})  {', '.join(ids)}", "", "  ")
    for held in alone.bounded:
        place = _place(held.at.path, held.at.line)
        yield from _wrapped(f"{held.rule} {place}: {held.reason}", "  ", "    ")


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(printable(text), WIDTH, initial_indent=first, subsequent_indent=later,
                         break_on_hyphens=False, break_long_words=False)
