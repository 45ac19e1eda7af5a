"""What verifying an audit gives: frozen records with both values, the tolerance and the places."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from compliance_tests.verdict import Verdict as Verdict
from submission_checker.model.accuracy import AccuracyRun
from submission_checker.model.derived import Derives
from submission_checker.model.findings import Location
from submission_checker.model.run import Run
from submission_checker.model.submission import Audit
from submission_checker.rounds.types import AuditSpec, Model, Round


@dataclass(frozen=True, slots=True)
class Case(Derives):
    """Everything one audit is judged from: its own files and those of the result it belongs to."""

    audit: Audit
    spec: AuditSpec
    round: Round
    model: Model
    scenario: str
    """The official scenario of the result."""
    references: tuple[Run, ...]
    """The performance runs of the result."""
    accuracy: AccuracyRun | None
    audits: Mapping[str, Audit]
    """All audits of the result, for tests that compare two of them."""
    _derived: dict[Hashable, Any] = field(
        default_factory=dict, init=False, compare=False, repr=False)

    @property
    def log_scenario(self) -> str:
        """The scenario that LoadGen ran in the audit, the result's where the log names none."""
        logged = self.audit.run.scenario if self.audit.run is not None else None
        return logged or self.round.log_scenarios.get(self.scenario, self.scenario)


class Score(NamedTuple):
    """The number by which the audit scripts compare two runs."""

    value: float
    key: str
    at: Location
    scenario: str
    lower_is_better: bool


class SpeedCheck(NamedTuple):
    """Two scores compared; bounds are inclusive and None where that side is free.

    ``verdict`` is by the looser reading of the sources, ``strict`` by the stricter one.
    """

    reference: Score
    test: Score
    least: float | None
    most: float | None
    tolerance: float
    verdict: Verdict
    strict_tolerance: float
    strict: Verdict

    @property
    def ratio(self) -> float:
        """Score of the audit run divided by that of the reference."""
        return self.test.value / self.reference.value


class TextCheck(NamedTuple):
    """What a verdict text says."""

    file: str
    verdict: Verdict
    """``UNDECIDED`` where it holds neither a passing nor a failing line."""
    at: Location
    said: str
    """The line that decides, empty where there is none."""
    contradictory: bool
    missing: tuple[tuple[str, ...], ...]
    """Groups of passing lines of which none is there."""


class QuotedNumber(NamedTuple):
    """A number as a text prints it; ``step`` is half a unit of its last printed digit."""

    name: str
    value: float
    step: float
    at: Location


class QuotedScore(NamedTuple):
    """A score quoted by a text, beside the scores of the logs it should have come from."""

    quoted: QuotedNumber
    expected: tuple[Score, ...]
    agrees: bool


class AnswersCheck(NamedTuple):
    """The counters of a text about sampled answers (TEST01, TEST08)."""

    at: Location
    said: Verdict
    verdict: Verdict
    """What the counters themselves say."""
    counters: Mapping[str, QuotedNumber]


class DeltaCheck(NamedTuple):
    """A quality metric on the sampled answers of the accuracy run and of the audit run."""

    metric: str
    baseline: float | None
    compliance: float | None
    delta_percent: float | None
    allowed_percent: float
    at: Location
    verdict: Verdict


class LimitCheck(NamedTuple):
    """A number of a text against a limit of the round."""

    name: str
    found: float | None
    least: float | None
    most: float | None
    at: Location
    key: str
    """Key of the round data below the test's thresholds."""
    verdict: Verdict


class SettingCheck(NamedTuple):
    """A setting of the audit's configuration against what was in force in its log."""

    setting: str
    key: str
    wanted: str
    found: str | None
    at: Location
    verdict: Verdict
    harmless: bool = False
    """A difference that makes the audit no weaker, such as more logged answers."""


class Mismatch(NamedTuple):
    """One visible answer that differs; ``what`` says in which respect."""

    what: str
    seq_id: int
    qsl_idx: int
    found: str
    wanted: str


class EntriesCheck(NamedTuple):
    """Answers compared one by one, as far as they are visible."""

    compared: int
    mismatches: tuple[Mismatch, ...]
    at: Location

    @property
    def verdict(self) -> Verdict:
        """Pass where at least one answer was compared and none differs."""
        if self.mismatches:
            return Verdict.FAIL
        return Verdict.PASS if self.compared else Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class Verification:
    """All that re-judging one audit gives; parts that a test does not have are empty."""

    test: str
    texts: tuple[TextCheck, ...] = ()
    speed: tuple[SpeedCheck, ...] = ()
    scores: tuple[QuotedScore, ...] = ()
    answers: AnswersCheck | None = None
    deltas: tuple[DeltaCheck, ...] = ()
    limits: tuple[LimitCheck, ...] = ()
    entries: EntriesCheck | None = None
    settings: tuple[SettingCheck, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The recomputed verdict, texts aside: fail if any part fails."""
        parts = [
            *(check.verdict for check in self.speed),
            *(check.verdict for check in self.limits),
            *(check.verdict for check in self.settings if not check.harmless),
        ]
        deltas = [check.verdict for check in self.deltas]
        if deltas:
            parts += deltas
        elif self.answers is not None:
            parts.append(self.answers.verdict)
        if self.entries is not None and not deltas:
            parts.append(self.entries.verdict)
        if Verdict.FAIL in parts:
            return Verdict.FAIL
        return Verdict.PASS if parts and set(parts) == {Verdict.PASS} else Verdict.UNDECIDED
