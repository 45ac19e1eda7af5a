"""Put the report together: what is said once, the verdicts, and what was not judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from submission_checker import __version__
from submission_checker.engine.exceptions import Exceptions
from submission_checker.engine.judge import Judgement
from submission_checker.engine.rule import Rule
from submission_checker.engine.tally import digest_of, fold_equal, rule_counts, stand_ins
from submission_checker.given import Described
from submission_checker.intake.described import system_row
from submission_checker.intake.rounds import laid_out_as
from submission_checker.model.files import FileTable, Kind
from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import NotJudged, Report, ResultRow, Verdict
from submission_checker.rounds.loader import load_round
from submission_checker.rules.outcome import Outcome, errors_by_system, row_of
from submission_checker.rules.rndx import said_alone, said_once, whole_tree_of
from submission_checker.rules.texts import counted
from submission_checker.tree.build import TreePaths

UNDECIDABLE = (
    "benchmark detection and data-set-aware optimisation",
    "caching by content or index, beyond what the audits show",
    "prediction of LoadGen's arrivals, sorting beyond data set borders",
    "ECC during the runs, untimed pre-processing, calibration data used",
    "the same code in accuracy and performance mode",
    "shipping and prices of available systems, replicability",
)
"""What the rules demand and files cannot show; people, audits and live runs decide it."""


class Said(NamedTuple):
    """What a report says: its findings in order, the rows, and what was not judged."""

    findings: list[Finding]
    rows: list[ResultRow]
    not_judged: list[NotJudged]


def report_of(
    described: Described, outcomes: Sequence[Outcome], judgement: Judgement,
    rules: Sequence[Rule], exceptions: Exceptions,
) -> Report:
    """Return the report on a judged tree; ``judgement`` is that of all its subjects."""
    given, table = described.given, described.table
    marked, states, own = exceptions.applied(judgement.findings)
    judgement.findings = marked + own
    findings, rows, not_judged = _said(described, outcomes, judgement.findings)
    return Report(
        tool_version=__version__,
        round=given.round.name,
        round_reason=given.reason,
        profile=given.options.profile,
        options=tuple(_options(described)),
        partial=described.partial or given.options.selection.limits_rules,
        results=tuple(rows),
        findings=tuple(findings),
        rules=tuple(rule_counts(rules, judgement)),
        not_judged=tuple(not_judged),
        exceptions=tuple(states),
        files=sum(1 for e in table.entries.values() if e.kind is Kind.FILE),
        bytes=sum(e.size_bytes for e in table.entries.values()),
        digest=digest_of(__version__, given.round, table, findings),
        unreadable=any(f.rule.startswith("INPUT") for f in findings),
        crashed=any(f.subcode == "crashed" for f in findings),
        undecidable=UNDECIDABLE,
        systems=tuple(system_row(system) for _, system in sorted(described.systems.items())),
        bounded=tuple(sorted(judgement.bounded, key=lambda b: (b.rule, b.at.path, b.reason))),
        passes=tuple(sorted(judgement.passes)),
        stand_ins=tuple(stand_ins(findings, given.table)),
    )


def _said(
    described: Described, outcomes: Sequence[Outcome], everything: list[Finding]
) -> Said:
    """Say once what follows from one cause, and decide the verdicts by all of it."""
    given = described.given
    findings, for_verdicts = said_once(everything)
    held = list(no_division(given.table, described.tree))
    held += [NotJudged(path, f"not changed since {given.options.since}")
             for path in described.untouched]
    other = whole_tree_of(
        findings, (o.facts.seeds for o in outcomes if o.facts.seeds), given.round)
    if other is not None and laid_out_as(given.table, load_round(other)):
        findings, for_verdicts, left_out = said_alone(
            findings, [outcome.facts.subject for outcome in outcomes])
        held.append(NotJudged("", f"{left_out} findings by the rules of {given.round.name} are "
                              f"left out, as this is a tree of {other}"))
    if given.options.profile == "self-check":
        findings = [as_to_do(finding) for finding in findings]
    findings, folded = fold_equal(findings)
    findings.sort(key=Finding.sort_key)
    errors = errors_by_system(for_verdicts)
    rows = sorted((row_of(outcome, errors, given.round, folded) for outcome in outcomes),
                  key=lambda row: row.location)
    undecided = [NotJudged(row.location, row.reason) for row in rows
                 if row.verdict is Verdict.NOT_JUDGED]
    return Said(findings, rows, undecided + held)


def _options(described: Described) -> Iterator[tuple[str, str]]:
    """Yield (name, meaning) of the options that change the judgement."""
    options, changes, before = described.given.options, described.given.changes, described.before
    yield from options.selection.described()
    if changes is not None:
        text = f"{options.since} ({counted(len(changes.changes), 'changed file')})"
        if not changes.ancestor:
            text += "; compared directly, as no common ancestor is in this clone"
        yield "since", text
    if before is not None:
        results = sum(len(system.results) for system in before.systems)
        unread = f"; {counted(before.unread, 'file')} of it could not be read"
        yield "previous", (f"{before.round} ({counted(results, 'result')})"
                           f"{unread if before.unread else ''}")
    if options.strict:
        yield "strict", "an exception that matches nothing is an error"
    if options.deep:
        yield "deep", "every run is replayed exactly"


def no_division(table: FileTable, tree: TreePaths) -> Iterator[NotJudged]:
    """Yield the folders beside the divisions, in which nothing is looked for."""
    for name in table.names(""):
        if table.is_folder(name) and name not in tree.divisions:
            yield NotJudged(name, "no division of the round")


def as_to_do(finding: Finding) -> Finding:
    """Return a finding about something absent as a to-do: at info level."""
    return finding._replace(level=Level.INFO) if finding.absent else finding
