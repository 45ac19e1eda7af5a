"""The exceptions file: findings that somebody answered for, until a date.

An entry never hides a finding: the finding keeps its place and level, is marked, and does not
count for the exit code. Entries that match nothing or are out of date are findings themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from submission_checker.engine.selection import did_you_mean
from submission_checker.model.errors import WrongUse
from submission_checker.model.exceptions_rules import (
    BROAD,
    DOUBLED,
    EXPIRED,
    NOT_POSSIBLE,
    OTHER_ROUND,
    REPEATS,
    UNUSED,
    EntryRule,
)
from submission_checker.model.exceptions_rules import SOON as ENDS_SOON
from submission_checker.model.findings import (
    Finding,
    Level,
    Location,
    Subject,
    Suppression,
    fingerprint,
)
from submission_checker.model.report import AppliedException

FILE_NAME = "submission-exceptions.toml"
KEYS = {
    "rule", "subject", "subcode", "fingerprint", "reason", "approved_by", "link", "created",
    "expires", "round",
}
REQUIRED = ("rule", "subject", "reason", "created", "expires", "round")
MIN_REASON_CHARS = 20
MAX_DAYS = 180
MAX_CHARS = 1 << 18
"""A thousand entries; the reader of TOML takes quadratic time for some texts."""
BROAD_MATCHES = 20
SOON = timedelta(days=14)
ROOT = "."
"""Subject of findings about the whole tree, whose path is empty."""
HEADER = re.compile(r"^[ \t]*\[\[[ \t]*exception[ \t]*\]\]", re.MULTILINE)


class Entry(NamedTuple):
    """One exception, as the file states it."""

    rule: str
    subject: str
    reason: str
    approved_by: str
    created: date
    expires: date
    round: str
    subcode: str = ""
    fingerprint: str = ""
    number: int = 0
    file: str = FILE_NAME
    line: int | None = None

    @property
    def meaning(self) -> tuple[str, ...]:
        """What the entry answers for; two entries with the same meaning are one too many."""
        return self.rule, self.subject, self.subcode, self.fingerprint, self.round

    def fits(self, finding: Finding) -> bool:
        """Return whether the entry means this finding."""
        return (
            finding.rule == self.rule
            and (not self.subcode or finding.subcode == self.subcode)
            and (not self.fingerprint or finding.fingerprint == self.fingerprint)
            and path_fits(self.subject, finding.location.path)
        )


def path_fits(pattern: str, path: str) -> bool:
    """Return whether a path fits; ``*`` stands for (a part of) one name, never for several."""
    wanted, have = pattern.split("/"), (path or ROOT).split("/")
    return len(wanted) == len(have) and all(
        fnmatchcase(name, part) for part, name in zip(wanted, have, strict=True)
    )


def read_exceptions(text: str, name: str, rules: Iterable[str]) -> tuple[Entry, ...]:
    """Return the entries of an exceptions file; raises ``WrongUse`` naming the first mistake."""
    if len(text) > MAX_CHARS:
        raise WrongUse(f"{name}: {len(text)} characters, more than {MAX_CHARS} are not read")
    if not text:
        return ()
    import tomllib  # only here: most checks have no file of exceptions

    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongUse(f"{name}: {error}") from None
    items = data.get("exception", [])
    if set(data) - {"exception"} or not isinstance(items, list):
        raise WrongUse(f"{name}: only [[exception]] entries are known")
    known = set(rules)
    lines = entry_lines(text, len(items))
    return tuple(
        _entry(item, number, name, known)._replace(file=name, line=line)
        for number, (item, line) in enumerate(zip(items, lines, strict=True), start=1)
    )


def entry_lines(text: str, count: int) -> list[int | None]:
    """Return the line at which each of ``count`` entries begins, None where it cannot be told."""
    found: list[int | None] = [text.count("\n", 0, m.end()) + 1 for m in HEADER.finditer(text)]
    return found if len(found) == count else [None] * count


def _entry(item: Any, number: int, name: str, rules: set[str]) -> Entry:
    def wrong(text: str) -> WrongUse:
        return WrongUse(f"{name}: exception {number}: {text}")

    if not isinstance(item, Mapping):
        raise wrong("not a table")
    unknown = sorted(set(item) - KEYS)
    missing = [key for key in REQUIRED if key not in item]
    if unknown or missing:
        raise wrong(f"unknown {', '.join(unknown)}" if unknown else f"no {', '.join(missing)}")
    if item["rule"] not in rules:
        raise wrong(f"no rule {item['rule']!r}{did_you_mean(str(item['rule']), rules)}")
    if any(not isinstance(item[key], date) or isinstance(item[key], datetime)
           for key in ("created", "expires")):
        raise wrong("created and expires are dates, such as 2026-08-05")
    if item["expires"] < item["created"]:
        raise wrong("expires before it was created")
    if item["expires"] - item["created"] > timedelta(days=MAX_DAYS):
        raise wrong(f"expires more than {MAX_DAYS} days after it was created")
    if len(str(item["reason"]).strip()) < MIN_REASON_CHARS:
        raise wrong(f"a reason has at least {MIN_REASON_CHARS} characters")
    approved = str(item.get("approved_by") or item.get("link") or "")
    if not approved:
        raise wrong("approved_by or link says who stands for it")
    if "**" in str(item["subject"]) or not str(item["subject"]).strip("/*?[]"):
        raise wrong("subject is a path; * stands for one name, ** is not allowed")
    return Entry(
        item["rule"], str(item["subject"]).strip("/"), str(item["reason"]), approved,
        item["created"], item["expires"], str(item["round"]), str(item.get("subcode", "")),
        str(item.get("fingerprint", "")), number,
    )


class Exceptions(NamedTuple):
    """The entries that a check is given, with all that decides which of them count."""

    entries: tuple[Entry, ...]
    round: str
    today: date | None
    """Day by which entries expire; without it none of them counts."""
    unsuppressible: frozenset[str]
    judged: frozenset[str]
    """Rules that judge the whole tree: only of these can an entry be unused."""
    strict: bool
    """An unused entry is an error."""

    def mark(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return findings with the entries that answer for them."""
        return self.applied(findings)[0]

    def applied(
        self, findings: Sequence[Finding]
    ) -> tuple[list[Finding], list[AppliedException], list[Finding]]:
        """Return (findings with their suppressions, state of each entry, findings about entries).

        The states are right only where these are all findings of the tree.
        """
        marked = list(findings)
        states: list[AppliedException] = []
        own: list[Finding] = []
        if self.today is None:
            return marked, states, own
        first: dict[tuple[str, ...], Entry] = {}
        for entry in self.entries:
            earlier = first.setdefault(entry.meaning, entry)
            matches, repeats = self._mark(marked, entry, self.today)
            state = self._state(entry, matches, self.today)
            if earlier is not entry:
                state = "duplicate"
            states.append(AppliedException(
                entry.rule, entry.subject, entry.reason, entry.approved_by,
                entry.expires.isoformat(), state, matches))
            own += _about(entry, state, matches, self.today, strict=self.strict)
            if earlier is not entry:
                own.append(_base(entry, DOUBLED, "stands there twice",
                                 required=f"one entry; the first is number {earlier.number}"))
            if repeats:
                own.append(_base(entry, REPEATS, "the reason repeats the finding"))
        return marked, states, own

    def _mark(self, findings: list[Finding], entry: Entry, today: date) -> tuple[int, bool]:
        """Mark in place; return how many findings an entry fits and whether it repeats one."""
        usable = self._unusable(entry, today) is None
        mark = Suppression(entry.reason, entry.approved_by, entry.expires.isoformat())
        reason = entry.reason.casefold().strip(" .")
        matches, repeats = 0, False
        for index, finding in enumerate(findings):
            if entry.fits(finding):
                matches += 1
                repeats = repeats or reason in (
                    finding.found.casefold(), finding.required.casefold(),
                    finding.why.casefold(), finding.fix.casefold())
                if usable and finding.suppressed is None:
                    findings[index] = finding._replace(suppressed=mark)
        return matches, repeats

    def _unusable(self, entry: Entry, today: date) -> str | None:
        if entry.expires < today:
            return "expired"
        if entry.round != self.round:
            return "wrong-round"
        return "not-suppressible" if entry.rule in self.unsuppressible else None

    def _state(self, entry: Entry, matches: int, today: date) -> str:
        used = "used" if matches else "unused" if entry.rule in self.judged else "not judged"
        return self._unusable(entry, today) or used


def _about(
    entry: Entry, state: str, matches: int, today: date, *, strict: bool
) -> Iterable[Finding]:
    texts = {
        "expired": (EXPIRED, f"expired on {entry.expires}"),
        "unused": (UNUSED, "matches no finding"),
        "wrong-round": (OTHER_ROUND, f"is for {entry.round}"),
        "not-suppressible": (NOT_POSSIBLE, f"{entry.rule} cannot be excepted"),
    }
    if state in texts:
        rule, found = texts[state]
        level = Level.ERROR if rule is UNUSED and strict else rule.level
        yield _base(entry, rule, found, level=level)
    elif matches > BROAD_MATCHES:
        yield _base(entry, BROAD, f"matches {matches} findings",
                    required=f"at most {BROAD_MATCHES}, so that every one is meant")
    if state == "used" and entry.expires - today <= SOON:
        yield _base(entry, ENDS_SOON, f"expires on {entry.expires}")


def _base(
    entry: Entry, rule: EntryRule, found: str, *, required: str = "", level: Level | None = None,
) -> Finding:
    subcode = " ".join(filter(None, (entry.rule, entry.subject, entry.subcode)))
    at = Location(entry.file, entry.line)
    return Finding(
        rule=rule.id, level=rule.level if level is None else level, location=at,
        subject=Subject(), subcode=subcode,
        found=f"exception {entry.number}, {entry.rule} for {entry.subject}: {found}",
        required=required or rule.required, why=rule.why, fix=rule.fix, evidence=(),
        fingerprint=fingerprint(rule.id, subcode, Subject(), at),
    )
