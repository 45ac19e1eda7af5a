"""The report: one object of which every output format is a view."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from submission_checker.model.findings import Finding, Level, Location, Subject


class Verdict(enum.Enum):
    """What is decided about a result."""

    VALID = "valid"
    INVALID = "invalid"
    INCOMPLETE = "incomplete"
    NOT_JUDGED = "not_judged"


class Step(NamedTuple):
    """One step of a derivation: where a number stands and what is done with it."""

    path: str
    line: int | None
    key: str
    value: str
    formula: str


class PublishedNumber(NamedTuple):
    """The number that a round publishes for a result; ``printed`` is its usual text."""

    value: float
    unit: str
    printed: str


class AccuracyValue(NamedTuple):
    """One quality metric as accuracy.txt gives it, with the range it must lie in."""

    metric: str
    value: float
    required: str
    unit: str
    line: int | None
    path: str = ""
    lower: float | None = None
    upper: float | None = None


class LatencyPoint(NamedTuple):
    """A latency percentile of a run (of queries, first or output tokens) and its bound, if any."""

    kind: str
    percentile: float
    value_ns: float
    bound_ns: float | None
    path: str
    line: int | None


class ResultRow(NamedTuple):
    """A result of the submission with its verdict and how its number follows from the logs."""

    location: str
    subject: Subject
    model: str | None
    system_type: str
    category: str
    scenario: str
    verdict: Verdict
    reason: str
    inferred: bool
    result: PublishedNumber | None
    accuracy: tuple[AccuracyValue, ...]
    power: PublishedNumber | None
    derivation: tuple[Step, ...]
    deciding: tuple[str, ...]
    """Fingerprints of the findings that decide the verdict."""
    latencies: tuple[LatencyPoint, ...] = ()
    weight_types: str = ""
    """Data types of the weights as the measurements give them."""
    code: str = ""
    """Path of the code of the benchmark, where it is there."""
    nameplate: PublishedNumber | None = None
    """What the supplies of a system with power results can deliver, where the round wants it."""


class SystemRow(NamedTuple):
    """What tables tell of a system: fields of its description as text, by name."""

    subject: Subject
    path: str
    fields: tuple[tuple[str, str], ...]
    private_id: str = ""


class RuleCount(NamedTuple):
    """How often a rule passed, failed, was skipped, suppressed or crashed."""

    id: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    suppressed: int = 0
    crashed: int = 0
    skip_reasons: tuple[tuple[str, int], ...] = ()
    name: str = ""
    title: str = ""
    level: str = ""
    """The declared level, before a round or division changes it."""
    why: str = ""
    fix: str = ""
    source: str = ""
    bounded: int = 0
    """Subjects in which nothing was found, but only bounds could be checked; not in ``passed``."""


class BoundedCheck(NamedTuple):
    """What a rule could check within bounds only; it holds there and counts as no exact pass."""

    rule: str
    at: Location
    subject: Subject
    reason: str


class NotJudged(NamedTuple):
    """A part of the input that no rule could judge, with the reason."""

    path: str
    reason: str


class AppliedException(NamedTuple):
    """An entry of the exceptions file with its effect in this run."""

    rule: str
    subject: str
    reason: str
    approved_by: str
    expires: str
    state: str
    matches: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found out, in a stable order."""

    tool_version: str
    round: str
    round_reason: str
    profile: str
    options: tuple[tuple[str, str], ...]
    partial: bool
    results: tuple[ResultRow, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleCount, ...]
    not_judged: tuple[NotJudged, ...]
    exceptions: tuple[AppliedException, ...]
    files: int
    bytes: int
    digest: str
    unreadable: bool
    crashed: bool
    undecidable: tuple[str, ...] = field(default=())
    """What files cannot show; listed once."""
    systems: tuple[SystemRow, ...] = ()
    bounded: tuple[BoundedCheck, ...] = ()
    stand_ins: tuple[tuple[str, str], ...] = ()
    """(path of a finding that is no file, nearest file) for hosts that show files only."""
    passes: tuple[tuple[str, Subject], ...] = ()
    """(rule, subject) of all that passed; empty unless asked for."""

    def verdicts(self) -> Counter[Verdict]:
        """Count the results by verdict."""
        return Counter(row.verdict for row in self.results)

    def levels(self, *, suppressed: bool = False) -> Counter[Level]:
        """Count the findings by level, without those that an exception suppressed unless asked."""
        return Counter(f.level for f in self.findings if suppressed or f.suppressed is None)
