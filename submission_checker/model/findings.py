"""Findings: what a rule saw, what is required, and where."""

from __future__ import annotations

import enum
import hashlib
from typing import NamedTuple


class Level(enum.IntEnum):
    """How much a finding weighs; an error decides the verdict of its subject."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The lower-case word used in every output."""
        return self.name.lower()


LEVEL_BY_NAME = {level.label: level for level in Level}


class Location(NamedTuple):
    """A place: path below the root, line from 1, JSON pointer. The path ``""`` is the root."""

    path: str
    line: int | None = None
    pointer: str | None = None


class Subject(NamedTuple):
    """What a finding is about; an empty part means that the finding is about all of them."""

    division: str = ""
    submitter: str = ""
    system: str = ""
    benchmark: str = ""
    scenario: str = ""
    run: str = ""

    def covers(self, other: Subject) -> bool:
        """Return whether every part that this subject names is the same in the other one."""
        return (
            self.division in ("", other.division)
            and self.submitter in ("", other.submitter)
            and self.system in ("", other.system)
            and self.benchmark in ("", other.benchmark)
            and self.scenario in ("", other.scenario)
        )


class Suppression(NamedTuple):
    """The exceptions entry that a finding matched."""

    reason: str
    approved_by: str
    expires: str


class Finding(NamedTuple):
    """One finding of one rule, complete: a reader needs nothing else to act on it."""

    rule: str
    level: Level
    location: Location
    subject: Subject
    subcode: str
    found: str
    required: str
    why: str
    fix: str
    evidence: tuple[str, ...]
    fingerprint: str
    absent: bool = False
    """True where the finding is about something that is not there (verdict ``incomplete``)."""
    confidence: str = "certain"
    suppressed: Suppression | None = None

    def sort_key(self) -> tuple[object, ...]:
        """Order: worst first, the whole tree before its parts, then rule, subject, path, line."""
        at = self.location
        return (-self.level, bool(self.subject.division), self.rule, self.subject, at.path,
                at.line or 0, at.pointer or "", self.subcode, self.found)


def fingerprint(rule: str, subcode: str, subject: Subject, location: Location) -> str:
    """Return an identity that survives reruns and moved lines: no line number, no found value."""
    parts = (rule, subcode, subject.division, subject.submitter, subject.system, subject.benchmark,
             subject.scenario, subject.run, location.path, location.pointer or "")
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
