"""The community checker's log beside our report: what each of its lines is here, who is right, why.

Lines are known by their words (``community_log.toml``); a line nobody knows is listed as such.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from submission_checker.model.findings import Finding, Level, Subject
from submission_checker.model.report import Report

LEVEL = re.compile(r"\b(ERROR|CRITICAL|WARNING|INFO|DEBUG)\b[\]:]?\s*(?:\w+:)?\s*")
HEAD_CHARS, LINE_CHARS = 200, 4000
TABLE = "location,code"
CRASH = "Traceback (most recent call last)"
PLACE = re.compile(r"[^\s'\"(),=]+/[^\s'\"(),]+")
PARTS = 5
"""Division, submitter, system, benchmark, scenario."""
ROLES = ("results", "measurements", "compliance", "systems", "audit")

AGREE, MILDER, OURS, THEIRS_ALONE, FOLLOWS, NO_FAULT, UNKNOWN = (
    "both find it", "we find it, not as an error", "ours is right", "they find it, we do not",
    "repeats another line", "tells of no fault", "not known")
ORDER = (THEIRS_ALONE, OURS, MILDER, AGREE, FOLLOWS, NO_FAULT, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of line: the words it has, our rules about the same, and what is known of it."""

    code: str
    has: tuple[str, ...]
    rules: tuple[str, ...]
    follows: bool
    theirs_wrong: bool
    no_fault: bool
    remark: str
    source: str


@dataclass(frozen=True, slots=True)
class Said:
    """A line of their log: its number, the level, the place in the tree, and the words."""

    number: int
    level: str
    text: str
    code: str
    key: tuple[str, ...]


@dataclass(slots=True)
class Group:
    """Lines of one kind that end the same way."""

    state: str
    known: Known | None
    why: str
    lines: list[Said] = field(default_factory=list)


@cache
def known_lines() -> tuple[Known, ...]:
    """Return the kinds of lines, the more special ones first."""
    text = Path(__file__).with_name("community_log.toml").read_text(encoding="utf-8")
    return tuple(_known(item) for item in tomllib.loads(text)["line"])


def _known(item: dict[str, Any]) -> Known:
    return Known(item.get("code", ""), tuple(item["has"]), tuple(item["rules"]),
                 item.get("follows", False), item.get("theirs_wrong", False),
                 item.get("no_fault", False), item.get("remark", ""), item.get("source", ""))


def read_log(lines: Iterable[str], divisions: Sequence[str]) -> tuple[list[Said], Counter[str]]:
    """Return (lines of level warning or above, count of the lines of each level)."""
    numbered = enumerate((line.rstrip("\r\n")[:LINE_CHARS] for line in lines), start=1)
    said: list[Said] = []
    levels: Counter[str] = Counter()
    table = False
    for number, line in numbered:
        if number == 1 and line.startswith(TABLE):
            table = True
            continue
        found = _from_table(number, line, divisions) if table else _from_log(
            number, line, divisions)
        if found is None:
            continue
        levels[found.level] += 1
        if found.level not in ("INFO", "DEBUG"):
            said.append(found)
    return said, levels


def _from_table(number: int, line: str, divisions: Sequence[str]) -> Said | None:
    cells = next(csv.reader([line]), [])
    if len(cells) < 2:
        return None
    text = " ".join((cells[0], cells[1], *cells[2:3]))
    return Said(number, "ERROR", text, cells[1], key_of(cells[0], divisions))


def _from_log(number: int, line: str, divisions: Sequence[str]) -> Said | None:
    if line.startswith(CRASH):
        return Said(number, "CRITICAL", line, "", ())
    match = LEVEL.search(line[:HEAD_CHARS])
    if match is None:
        return None
    text = line[match.end():]
    place = PLACE.search(text)
    key = key_of(place[0], divisions) if place is not None else ()
    return Said(number, match[1], text, "", key)


def key_of(path: str, divisions: Sequence[str]) -> tuple[str, ...]:
    """Return division, submitter, system, benchmark, scenario of a path, as far as it names them.

    What stands before the division (a folder above the tree) is cut off.
    """
    parts = [part for part in path.strip(":").split("/") if part not in ("", ".")]
    start = next((n for n, part in enumerate(parts) if part in divisions), None)
    if start is None:
        return ()
    parts = parts[start:]
    if len(parts) > 2 and parts[2] in ROLES:
        del parts[2]
    elif len(parts) > 2:
        parts = parts[:2]
    if len(parts) == 3:
        parts[2] = parts[2].removesuffix(".json")
    return tuple(part.casefold() for part in parts[:PARTS])


def _subject_key(subject: Subject) -> tuple[str, ...]:
    parts = (subject.division, subject.submitter, subject.system, subject.benchmark,
             subject.scenario)
    stop = next((n for n, part in enumerate(parts) if not part), PARTS)
    return tuple(part.casefold() for part in parts[:stop])


class Ours:
    """Our findings by rule and place, for quick look-ups."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.exact: dict[tuple[str, tuple[str, ...]], Level] = {}
        self.below: dict[tuple[str, tuple[str, ...]], Level] = {}
        for finding in findings:
            key = _subject_key(finding.subject)
            _raise(self.exact, (finding.rule, key), finding.level)
            for length in range(len(key) + 1):
                _raise(self.below, (finding.rule, key[:length]), finding.level)

    def level(self, rule: str, key: tuple[str, ...]) -> Level | None:
        """Return the worst level of a rule's findings at, below or around a place."""
        found = [self.below.get((rule, key))]
        found += [self.exact.get((rule, key[:length])) for length in range(len(key))]
        return max((level for level in found if level is not None), default=None)


def _raise(
    levels: dict[tuple[str, tuple[str, ...]], Level], key: tuple[str, tuple[str, ...]],
    level: Level,
) -> None:
    levels[key] = max(level, levels.get(key, level))


def explain_difference(lines: Iterable[str], report: Report) -> tuple[list[Group], Counter[str]]:
    """Return (groups of their lines with who is right and why, count of lines by level)."""
    divisions = sorted({row.subject.division for row in report.results}
                       | {f.subject.division for f in report.findings} - {""})
    said, levels = read_log(lines, divisions)
    ours = Ours(report.findings)
    judged = {count.id for count in report.rules if count.passed or count.failed}
    groups: dict[tuple[object, ...], Group] = {}
    for line in said:
        known = kind_of(line)
        state, why = _decide(line, known, ours, judged)
        group = groups.setdefault((state, known, why), Group(state, known, why))
        group.lines.append(line)
    ordered = sorted(groups.values(), key=lambda g: (ORDER.index(g.state), g.lines[0].number))
    return ordered, levels


def kind_of(line: Said) -> Known | None:
    """Return the first kind whose code or words a line has."""
    for known in known_lines():
        if line.code:
            if line.code == known.code:
                return known
        elif all(words in line.text for words in known.has):
            return known
    return None


def _decide(line: Said, known: Known | None, ours: Ours, judged: set[str]) -> tuple[str, str]:
    """Return who is right about a line, and why."""
    if known is None:
        return UNKNOWN, "no rule is known for this line; read it yourself"
    remark = f"{known.remark} ({known.source})" if known.remark else ""
    if known.follows:
        return FOLLOWS, "the line before it says what was found"
    if known.no_fault:
        return NO_FAULT, remark
    found = {rule: level for rule in known.rules if (level := ours.level(rule, line.key))}
    if found:
        worst = max(found.values())
        names = ", ".join(sorted(found))
        if worst is Level.ERROR:
            return AGREE, "; ".join(filter(None, (f"{names}, error", remark)))
        return MILDER, "; ".join(filter(None, (
            f"{names} is {worst.label} level in this round and division", remark)))
    if known.theirs_wrong:
        return OURS, remark
    asked = [rule for rule in known.rules if rule in judged]
    if not asked:
        return THEIRS_ALONE, "; ".join(filter(None, (
            f"{', '.join(known.rules)} did not judge this tree", remark)))
    return THEIRS_ALONE, "; ".join(filter(None, (
        f"{', '.join(asked)} judged and found nothing here: explain {asked[0]} names the limit "
        "and its source", remark)))


def ours_alone(groups: Sequence[Group], report: Report) -> Iterator[tuple[str, int]]:
    """Yield (rule, number of results and places) of errors of which their log says nothing."""
    told = {(rule, line.key) for group in groups if group.known is not None
            for rule in group.known.rules for line in group.lines}
    spoken = {(rule, key[:n]) for rule, key in told for n in range(len(key) + 1)}
    counts: Counter[str] = Counter()
    for finding in report.findings:
        if finding.level is not Level.ERROR or finding.suppressed is not None:
            continue
        key = _subject_key(finding.subject)
        around = {(finding.rule, key[:n]) for n in range(1, len(key) + 1)}
        if (finding.rule, key) not in spoken and not around & told:
            counts[finding.rule] += 1
    yield from sorted(counts.items())
