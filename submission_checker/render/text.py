"""The report for a terminal or a pipe: verdict first, findings grouped by rule, results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from submission_checker.model.exceptions_rules import ENTRY_RULES
from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import Report, Verdict
from submission_checker.render.escape import printable, without_commands
from submission_checker.render.statistics import statistics, totals
from submission_checker.render.style import DEFAULT_WIDTH, Style, exceptions_option
from submission_checker.render.text_results import ROWS_SHOWN, results
from submission_checker.render.to_do import PROFILE, ToDo, is_to_do, to_do
from submission_checker.render.width import columns, cut, padded

__all__ = ["DEFAULT_WIDTH", "Style", "render", "verdict_line"]

PLACES_SHOWN = 3
PLACES_SHOWN_OF_OTHERS = 1
"""Below error level one place per rule is shown, so that errors do not drown."""
SUPPRESSED_SHOWN = 10
NOT_JUDGED_SHOWN = 5


def render(report: Report, style: Style | None = None, tasks: Sequence[ToDo] = ()) -> str:
    """Return the report as text; ``tasks`` is what is still to be done for a complete one."""
    look = style or Style()
    parts = [
        "\n".join(_head(report, look)),
        "\n".join(_overview(report, look)),
        "\n".join(_findings(report, look)),
        "\n".join(results(report, look, missing_told=bool(tasks))),
        "\n".join(to_do(tasks, look)),
        "\n".join(_unseen(report, look)),
        "\n".join(_bounded(report, look)),
        "\n".join(statistics(report, look)) if look.statistics else "",
        "\n".join(_next_steps(report, look, tasks)),
        "\n".join(_last(report, look)),
    ]
    return without_commands("\n\n".join(part for part in parts if part) + "\n")


def verdict_line(report: Report) -> str:
    """Return the one line that says how it stands."""
    verdicts, levels = report.verdicts(), report.levels()
    counts = ", ".join(
        f"{verdicts[v]} {v.value.replace('_', ' ')}" for v in Verdict if verdicts[v]
    ) or "no results"
    found = ", ".join(
        f"{levels[level]} {level.label}{'s' if levels[level] != 1 else ''}"
        for level in (Level.ERROR, Level.WARNING)
    )
    return f"{_word(report)}  {counts}; {found}"


def _word(report: Report) -> str:
    if report.levels()[Level.ERROR]:
        return "FAILED"
    if not report.results:
        return "NOTHING TO JUDGE"
    return "UNFINISHED" if report.verdicts()[Verdict.INCOMPLETE] else "PASSED"


def _verdict(report: Report, style: Style) -> Iterator[str]:
    colour = {"FAILED": "error", "PASSED": "good"}.get(_word(report), "warning")
    word = _word(report)
    lines = list(style.wrap(verdict_line(report).removeprefix(f"{word}  "), f"{word}  "))
    yield style.paint(word, colour) + lines[0][len(word):]
    yield from lines[1:]


def _head(report: Report, style: Style) -> Iterator[str]:
    yield style.paint(f"submission-checker {report.tool_version}, round {report.round}", "bold")
    yield from style.wrap(f"round: {report.round_reason}", "  ")
    if report.profile != "submit":
        yield f"  profile: {report.profile}"
    for name, value in report.options:
        yield from style.wrap(f"{name}: {value}", "  ")
    if report.partial:
        yield "  PARTIAL: only the part named above was judged"
    yield from _verdict(report, style)


def _groups(report: Report, style: Style) -> list[list[Finding]]:
    """Return the findings that are shown, by rule: worst first, the whole tree before parts."""
    shown = [f for f in report.findings if f.suppressed is None and f.level >= style.level
             and not is_to_do(f, report)]
    return [list(group) for _, group in groupby(
        shown, key=lambda f: (-f.level, bool(f.subject.division), f.rule)
    )]


def _overview(report: Report, style: Style) -> Iterator[str]:
    """Yield a line per rule that fails: how often, and whose; nothing where one block says all."""
    groups = [group for group in _groups(report, style) if group[0].level is Level.ERROR]
    if len(groups) < 2:
        return
    yield style.paint("What fails", "bold") + ": rule, findings, whose"
    names = _names(report)
    heads = [f"{group[0].rule} {names.get(group[0].rule, '')}" for group in groups]
    width = max(map(columns, heads))
    for head, group in zip(heads, groups, strict=True):
        begin = f"  {padded(head, width)}  {len(group):>5}  "
        yield begin + cut(_owners(group, report), max(style.room - columns(begin), 12))


def _names(report: Report) -> dict[str, str]:
    """Return the short name of every rule, of those about the exceptions file too."""
    entries = {rule.id: rule.name for rule in ENTRY_RULES}
    return {**entries, **{rule.id: rule.name for rule in report.rules}}


def _is_one(report: Report) -> bool:
    """Return whether the tree is of one submitter, who asks, and not a round under review."""
    return len({(row.subject.division, row.subject.submitter) for row in report.results}) < 2


def _owners(group: Sequence[Finding], report: Report) -> str:
    """Return whose findings these are: submitters, or results where there is one submitter."""
    one = _is_one(report)
    names = Counter(
        " ".join(filter(None, (f.subject.benchmark, f.subject.scenario))) or f.subject.system
        if one else f.subject.submitter for f in group
    )
    known = [printable(name) for name in names if name]
    return ", ".join(known) or "the whole tree"


def _findings(report: Report, style: Style) -> Iterator[str]:
    names = _names(report)
    first = True
    for findings in _groups(report, style):
        if not first:
            yield ""
        first = False
        yield from _group(findings, names.get(findings[0].rule, ""), style)
    hidden = Counter(
        f.level.label for f in report.findings if f.suppressed is None and f.level < style.level
        and not is_to_do(f, report)
    )
    if hidden:
        if not first:
            yield ""
        counts = ", ".join(f"{n} {label}" for label, n in hidden.items())
        yield style.paint(f"not shown: {counts} (--level info)", "dim")


def _group(findings: Sequence[Finding], name: str, style: Style) -> Iterator[str]:
    """Yield one block per rule: its places with what was found, then why and how to fix."""
    head = findings[0]
    times = f" x {len(findings)}" if len(findings) > 1 else ""
    yield f"{style.paint(f'{head.level.label} {head.rule}', head.level.label)} {name}{times}"
    most = PLACES_SHOWN if head.level is Level.ERROR else PLACES_SHOWN_OF_OTHERS
    shown = findings if style.everything else findings[:most]
    for (found, required), same in groupby(shown, key=lambda f: (f.found, f.required)):
        yield from (f"  {_place(finding)}" for finding in same)
        yield from style.wrap(found, "    ", "found")
        yield from style.wrap(required, "    ", "needs")
    if len(findings) > len(shown):
        yield f"  and {len(findings) - len(shown)} more (--show all)"
    for why in dict.fromkeys(f.why for f in shown):
        yield from style.wrap(why, "    ", "why")
    for fix in dict.fromkeys(f.fix for f in shown):
        yield from style.wrap(fix, "    ", "fix")


def _place(finding: Finding) -> str:
    at = finding.location
    line = f":{at.line}" if at.line is not None else ""
    pointer = f" {at.pointer}" if at.pointer and at.line is None else ""
    return f"{printable(at.path) or '(the whole tree)'}{line}{printable(pointer)}"


def _unseen(report: Report, style: Style) -> Iterator[str]:
    """Yield what an exception answers for, and what no rule could judge."""
    suppressed = [f for f in report.findings if f.suppressed is not None]
    if suppressed:
        yield f"Suppressed ({len(suppressed)}) by the exceptions file"
        for finding in suppressed[: None if style.everything else SUPPRESSED_SHOWN]:
            reason = finding.suppressed.reason if finding.suppressed else ""
            yield from style.wrap(f"{finding.rule} {finding.location.path}: {reason}", "  ")
    if report.not_judged:
        yield f"Not judged ({len(report.not_judged)})"
        for part in report.not_judged[: None if style.everything else NOT_JUDGED_SHOWN]:
            yield from style.wrap(f"{part.path}: {part.reason}", "  ")
        rest = len(report.not_judged) - NOT_JUDGED_SHOWN
        if rest > 0 and not style.everything:
            yield f"  and {rest} more (--show all)"


def _bounded(report: Report, style: Style) -> Iterator[str]:
    """Yield which checks hold within bounds only; they are not exact and not counted as such."""
    if not report.bounded:
        return
    yield f"Checked within bounds only ({len(report.bounded)}); --deep checks exactly"
    for rule, same in groupby(report.bounded, key=lambda b: b.rule):
        checks = list(same)
        yield f"  {rule} {_names(report).get(rule, '')}  {len(checks)}"
        if style.everything:
            for check in checks:
                line = f":{check.at.line}" if check.at.line is not None else ""
                yield from style.wrap(f"{check.at.path}{line}: {check.reason}", "    ")


def _next_steps(report: Report, style: Style, tasks: Sequence[ToDo]) -> Iterator[str]:
    """Yield the commands that bring somebody further who sees this for the first time."""
    groups = {group[0].rule: group for group in _groups(report, style)
              if group[0].level is Level.ERROR}
    steps: list[tuple[str, str]] = []
    if groups:
        steps += _steps_after_errors(report, style, groups)
    elif report.results and not report.partial and not tasks:
        steps.append(("make the upload", f"pack {{path}} DEST --round {report.round}"
                                         f"{exceptions_option(style.exceptions)}"))
    if not steps:
        return
    yield style.paint("Next steps", "bold")
    for what, command in steps:
        yield from style.wrap(what, "  ")
        yield f"    {style.command(command)}"


def _steps_after_errors(
    report: Report, style: Style, groups: dict[str, list[Finding]]
) -> Iterator[tuple[str, str]]:
    """Yield (what, command): where to begin, all its places, what is missing, everything."""
    rule, decided = _worst(report, groups)
    check = f"check {{path}} --round {report.round}{exceptions_option(style.exceptions)}"
    results = f", by which {decided} result{'s are' if decided != 1 else ' is'} not valid"
    yield (f"begin with {rule}{results if decided else ''}: why it is, its limit, how to fix it",
           f"explain {rule} --round {report.round}")
    if len(groups[rule]) > PLACES_SHOWN and not style.everything:
        yield f"every place of {rule}", f"{check} --select {rule} --show all"
    if report.verdicts()[Verdict.INCOMPLETE] and report.profile == "submit" and _is_one(report):
        yield "what is still missing, as a list of things to do", f"{check} --profile {PROFILE}"
    if len(report.results) > ROWS_SHOWN:
        yield "filter and sort it all in a browser", f"{check} -o html:report.html"


def _worst(report: Report, groups: dict[str, list[Finding]]) -> tuple[str, int]:
    """Return (the rule to begin with, results that it decides).

    Rules about a result itself go before those about what follows from it elsewhere.
    """
    errors = {f.fingerprint: f for group in groups.values() for f in group}
    counts = Counter[tuple[bool, str]]()
    for row in report.results:
        found = (errors[mark] for mark in row.deciding if mark in errors)
        counts.update({(bool(f.subject.scenario), f.rule) for f in found})
    if not counts:
        return next(iter(groups)), 0
    own, rule = max(counts, key=lambda key: (key[0], counts[key], key[1]))
    return rule, counts[own, rule]


def _last(report: Report, style: Style) -> Iterator[str]:
    if outcomes := totals(report):
        yield from (style.paint(line, "dim") for line in style.wrap(outcomes, ""))
    yield from _verdict(report, style)
    yield style.paint(f"digest {report.digest}", "dim")
