"""JUnit XML: a suite per result, a case per rule that found something there.

Rules that found nothing anywhere stand in a suite of their own, skipped ones with the reason. Only
errors are failures; warnings and notes are the output of a case that passed.

There is no official schema. Jenkins' xunit plugin refuses whole files for one attribute that its
schema ``junit-10.xsd`` does not name, so that ``junit`` keeps to it; ``junit-gitlab`` adds the
attributes ``file`` and ``line`` of a case, which GitLab and others read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from submission_checker.model.findings import Finding, Level, Subject
from submission_checker.model.report import Report, ResultRow, RuleCount, Verdict
from submission_checker.render.escape import cut, xml
from submission_checker.render.places import WHOLE_TREE, counted, inside, message, parts, words

SHOWN_PER_CASE, TEXT_CHARS, MOST_CASES = 20, 1000, 25_000


@dataclass(slots=True)
class Case:
    """One case: its attributes, and the element that says how it ended (none: passed)."""

    family: str
    name: str
    outcome: str = ""
    summary: str = ""
    text: str = ""
    file: str = ""
    line: int | None = None

    def xml(self, *, places: bool) -> Iterator[str]:
        """Yield the lines of the case; ``places`` adds where it is."""
        place = (f' file="{xml(self.file)}" line="{self.line or 1}"'
                 if places and self.file else "")
        head = f'  <testcase classname="{xml(self.family)}" name="{xml(self.name)}" time="0"{place}'
        if not self.outcome:
            yield f"{head}/>"
            return
        yield f"{head}>"
        tag = self.outcome
        if tag == "system-out":
            yield f"   <system-out>{self.text}</system-out>"
        elif tag == "skipped":
            yield f'   <skipped message="{xml(self.summary)}"/>'
        else:
            yield f'   <{tag} type="{xml(self.family)}" message="{xml(self.summary)}">{self.text}'\
                  f"</{tag}>"
        yield "  </testcase>"


@dataclass(slots=True)
class Suite:
    """Cases about one subject."""

    name: str
    properties: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Count the cases by how they ended."""
        return Counter(case.outcome for case in self.cases)

    def xml(self, *, places: bool) -> Iterator[str]:
        """Yield the lines of the suite."""
        ends = self.counts()
        yield (f' <testsuite name="{xml(self.name)}" {_numbers(ends, len(self.cases))} '
               f'skipped="{ends["skipped"]}">')
        if self.properties:
            yield "  <properties>"
            for name, value in self.properties.items():
                yield f'   <property name="{xml(name)}" value="{xml(value)}"/>'
            yield "  </properties>"
        for case in self.cases:
            yield from case.xml(places=places)
        yield " </testsuite>"


def render(report: Report, base: str = "", *, places: bool = False) -> str:
    """Return the report as JUnit XML; ``base`` is the path of the input in the repository."""
    suites = [_rules(report), *_subjects(report, base)]
    total: Counter[str] = Counter()
    for suite in suites:
        total += suite.counts()
    cases = sum(len(suite.cases) for suite in suites)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>',
             f'<testsuites name="submission-checker" {_numbers(total, cases)}>']
    for suite in suites:
        lines += suite.xml(places=places)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def render_with_places(report: Report, base: str = "") -> str:
    """Return the report with file and line of every case."""
    return render(report, base, places=True)


def _numbers(ends: Counter[str], cases: int) -> str:
    return (f'tests="{cases}" failures="{ends["failure"]}" errors="{ends["error"]}" '
            'time="0"')


def _rules(report: Report) -> Suite:
    """Return the suite about the run: what was judged, and the rules that found nothing."""
    verdicts, levels = report.verdicts(), report.levels()
    about = {
        "version": report.tool_version, "round": report.round, "profile": report.profile,
        "partial": str(report.partial).lower(), "digest": report.digest,
        **{f"option {name}": value for name, value in report.options},
        **{f"results {v.value}": str(verdicts[v]) for v in Verdict},
        **{f"findings {level.label}": str(levels[level]) for level in reversed(Level)},
        "findings suppressed": str(sum(1 for f in report.findings if f.suppressed is not None)),
    }
    found = {finding.rule for finding in report.findings} | {rule for rule, _ in report.passes}
    return Suite("rules", about, [_quiet(c) for c in report.rules if c.id not in found])


def _quiet(count: RuleCount) -> Case:
    case = Case(count.id.rstrip("0123456789"), f"{count.id} {count.name}".strip())
    if count.skipped and not count.passed:
        case.outcome = "skipped"
        case.summary = "; ".join(f"{reason} ({times} times)"
                                 for reason, times in count.skip_reasons) or "not applicable"
    elif not count.passed:
        case.outcome, case.summary = "skipped", "nothing to judge"
    return case


def _subjects(report: Report, base: str) -> Iterator[Suite]:
    """Yield a suite per result, and one per other subject that has findings."""
    names = counted(report)
    groups, left = _grouped(report.findings)
    passes = _passes(report, names)
    for row in report.results:
        suite = Suite(row.location, _about(row), [_verdict(row, base)])
        suite.cases += _cases(groups.pop(row.subject, {}), names, base)
        suite.cases += passes.pop(row.subject, ())
        yield suite
    for owner in sorted({*groups, *passes}):
        yield Suite("/".join(parts(owner)) or WHOLE_TREE, {},
                    [*_cases(groups.get(owner, {}), names, base), *passes.get(owner, ())])
    if left:
        text = f"{left} more findings are in the JSON report"
        yield Suite("not shown", {}, [Case("rules", text, "system-out", text=text)])


def _grouped(
    findings: Sequence[Finding],
) -> tuple[dict[Subject, dict[str, list[Finding]]], int]:
    """Return findings by subject and rule for ``MOST_CASES`` cases, and how many are left."""
    groups: dict[Subject, dict[str, list[Finding]]] = {}
    cases = left = 0
    for finding in findings:
        owner = _owner(finding.subject)
        rules = groups.get(owner)
        if rules is None or finding.rule not in rules:
            if cases == MOST_CASES:
                left += 1
                continue
            cases += 1
            rules = groups.setdefault(owner, {})
        rules.setdefault(finding.rule, []).append(finding)
    return groups, left


def _owner(subject: Subject) -> Subject:
    """Return the subject whose suite tells of this one: a result tells of its runs."""
    return subject._replace(run="")


def _passes(report: Report, names: dict[str, RuleCount]) -> dict[Subject, list[Case]]:
    """Return the cases of what passed, where the report keeps it, by suite."""
    cases: dict[Subject, list[Case]] = {}
    for rule, subject in report.passes:
        title = f"{_title(rule, names)} {words(subject)}"
        cases.setdefault(_owner(subject), []).append(Case(rule.rstrip("0123456789"), title))
    return cases


def _title(rule: str, names: dict[str, RuleCount]) -> str:
    return f"{rule} {names[rule].name}" if rule in names else rule


def _about(row: ResultRow) -> dict[str, str]:
    number = f"{row.result.printed} {row.result.unit}" if row.result else ""
    return {"verdict": row.verdict.value, "reason": row.reason, "result": number,
            "inferred": str(row.inferred).lower()}


def _verdict(row: ResultRow, base: str) -> Case:
    case = Case("verdict", f"verdict {words(row.subject)}", file=inside(base, row.location))
    if row.verdict is Verdict.NOT_JUDGED:
        case.outcome, case.summary = "skipped", row.reason or "not judged"
    elif row.verdict is not Verdict.VALID:
        case.outcome = "failure"
        case.summary = f"{row.verdict.value}: {row.reason}"
    return case


def _cases(
    by_rule: dict[str, list[Finding]], names: dict[str, RuleCount], base: str
) -> Iterable[Case]:
    for rule in sorted(by_rule):
        yield _case(rule, _title(rule, names), by_rule[rule], base)


def _case(rule: str, title: str, findings: Sequence[Finding], base: str) -> Case:
    still = [finding for finding in findings if finding.suppressed is None]
    first = (still or findings)[0]
    case = Case(rule.rstrip("0123456789"), f"{title} {words(first.subject)}",
                file=inside(base, first.location.path), line=first.location.line)
    if not still:
        case.outcome = "skipped"
        case.summary = f"exception: {first.suppressed.reason if first.suppressed else ''}"
        return case
    crashed = any(finding.subcode == "crashed" for finding in still)
    failed = any(finding.level is Level.ERROR for finding in still)
    case.outcome = "error" if crashed else "failure" if failed else "system-out"
    more = f" (and {len(still) - 1} more)" if len(still) > 1 else ""
    case.summary = cut(first.found, TEXT_CHARS) + more
    case.text = "\n".join(_lines(still))
    return case


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings[:SHOWN_PER_CASE]:
        line = f":{finding.location.line}" if finding.location.line else ""
        yield xml(f"{finding.level.label} {cut(finding.location.path, TEXT_CHARS)}{line}: "
                  f"{cut(message(finding), TEXT_CHARS)}")
    if len(findings) > SHOWN_PER_CASE:
        yield f"and {len(findings) - SHOWN_PER_CASE} more"
