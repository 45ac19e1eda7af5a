"""The steps of ``audit run``: which runs, their verdicts, their place in the submission."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from compliance_tests import test04
from compliance_tests.records import Verdict
from compliance_tests.runner import campaign, official, specs
from compliance_tests.runner import reference as results
from compliance_tests.runner.accuracy_script import AccuracyScript
from compliance_tests.runner.layout import PERFORMANCE_FOLDER, Filed, file_audit
from compliance_tests.runner.locate import ACCURACY, DETAIL
from compliance_tests.runner.problems import Refused
from compliance_tests.runner.reading import sha256
from compliance_tests.runner.session import (
    LOGS_FOLDER,
    Command,
    Done,
    Driven,
    Session,
    Spec,
)
from compliance_tests.runner.specs import Target
from compliance_tests.runner.strict import Strict
from submission_checker.cli.audit_plan import shown
from submission_checker.cli.audit_request import Place
from submission_checker.engine.selection import did_you_mean
from submission_checker.rules.audits.cases import required_tests

NEEDS_PROCESS = (campaign.QUIET, campaign.SEEDS)
REPORT = "audit.json"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    target: Target
    how: Driven | Command
    result: Path
    place: Place | None
    work: Path
    tests: tuple[str, ...] = ()
    strict: bool = False
    pairs: int = 8
    gross: bool = False
    custom_sut: str | None = None
    duration_s: float | None = None
    limit_s: float | None = None
    accuracy_command: str | None = None
    echo: bool = False


@dataclass(slots=True)
class Audits:
    """Carries an order out."""

    order: Order
    tell: Say
    reference: official.Reference = field(init=False)
    official_tests: tuple[str, ...] = field(init=False)
    strict_names: tuple[str, ...] = field(init=False)
    script: AccuracyScript | None = field(init=False)
    left_out: dict[str, str] = field(default_factory=dict)
    """Stricter verdicts that cannot be had, with the reason."""

    def __post_init__(self) -> None:
        self.official_tests, wanted = self._chosen()
        self.strict_names = tuple(name for name in wanted if self._possible(name))
        self.reference = results.load(self.order.result, self.order.target)
        command = self.order.accuracy_command
        self.script = None if command is None else AccuracyScript(command, self.order.limit_s)
        for test in self.official_tests:
            problem = specs.same_index_problem(
                self.order.target, self._spec(test), self.reference.runs[0])
            if problem is not None:
                raise Refused(f"{test}: {problem}")

        self._free()

    def _free(self) -> None:
        """Assert before hours are spent that no other run lies where an audit would be filed."""
        for test in self.official_tests:
            folder = self._folder(test)
            theirs = folder / PERFORMANCE_FOLDER / DETAIL
            ours = self.order.work / test / LOGS_FOLDER / DETAIL
            if theirs.exists() and not (ours.exists() and sha256(ours) == sha256(theirs)):
                raise Refused(f"{folder} holds an audit already; nothing is overwritten. Move it "
                              "away to run it again")

    def _folder(self, test: str) -> Path:
        """Return where an audit is filed: beside its result, else in the work folder."""
        place = self.order.place
        folder = None if place is None else place.folder(
            self.order.target.round, "compliance", test=test)
        return folder or self.order.work / "filed" / test

    def _chosen(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        order, target = self.order, self.order.target
        known = [*target.round.audits, *campaign.NAMES]
        for name in order.tests:
            if name not in known:
                raise Refused(f"no audit {name!r} in {target.round.name}"
                              f"{did_you_mean(name, known)}")
        strict = tuple(name for name in campaign.NAMES if name in order.tests)
        tests = tuple(test for test in target.round.audits if test in order.tests)
        if not order.tests:
            tests = required_tests(target.model, target.scenario)
            strict = campaign.NAMES if order.strict else ()
        elif order.strict:
            strict = campaign.NAMES
        if not tests and not strict:
            raise Refused(f"{target.model.name} {target.scenario} needs no audit in "
                          f"{target.round.name}; name one with --test, or --strict")
        for test in tests:
            if not target.round.audits[test].settings:
                raise Refused(f"{test} has no audit.config in {target.round.name}: it runs the "
                              "benchmark over custom data. Use --test data with --custom-sut")
        return tests, strict

    def _possible(self, name: str) -> bool:
        how = self.order.how
        reason = ""
        if name in NEEDS_PROCESS and isinstance(how, Command) and not how.shim:
            reason = "needs settings in the process: --sut, or --shim for a Python harness"
        elif name == campaign.LOAD and isinstance(how, Command):
            reason = "needs --sut: only there loads are timed"
        elif name == campaign.DATA and (isinstance(how, Command) or not self.order.custom_sut):
            reason = "needs --sut and --custom-sut (docs/audits.md)"
        elif name == campaign.TOKENS and not self.order.target.model.use_token_latencies:
            reason = "the model reports no tokens"
        if reason:
            self.left_out[name] = reason
        return not reason

    def _spec(self, test: str) -> Spec:
        inside = isinstance(self.order.how, Driven) or self.order.how.shim
        about = specs.estimate_s(self.order.target, test, self.reference.runs[0])
        return specs.official(self.order.target, test, in_process=inside, about_s=about)

    def _plan(self) -> campaign.Plan:
        order, target = self.order, self.order.target
        about = order.duration_s or specs.seconds_of(self.reference.runs[0])
        threshold = None if order.gross else campaign.threshold_of(
            target.round, [*required_tests(target.model, target.scenario), *target.round.audits])
        return campaign.Plan(
            self.strict_names, threshold, order.pairs,
            None if order.duration_s is None else int(order.duration_s * 1000),
            order.custom_sut, about, target.model.use_token_latencies,
        )

    def plan_lines(self) -> Iterator[str]:
        """Yield the plan: runs and about how long they take."""
        order = self.order
        yield (f"{order.target.round.name} {order.target.model.name} {order.target.scenario}, "
               f"compared with {order.result}; runs are kept in {order.work}")
        total = 0.0
        for test in self.official_tests:
            spec = self._spec(test)
            total += spec.about_s or 0
            yield f"  {test}: 1 run{_about(spec.about_s)}"
        plan = self._plan()
        for name in self.strict_names:
            yield f"  {name}: {campaign.PURPOSE[name]}"
        runs = campaign.runs_wanted(plan) if self.strict_names else []
        for kind, number in runs:
            most = "at most " if number > 1 else ""
            total += number * (plan.about_s or 0)
            yield f"    {kind}: {most}{number} run{'s' if number > 1 else ''}{_about(plan.about_s)}"
        for name, reason in self.left_out.items():
            yield f"  {name}: left out, {reason}"
        yield f"  about {shown(total)} in all, start-up of the system aside"

    def _session(self, work: Path) -> Session:
        order = self.order
        return Session(order.how, work, order.target.log_scenario,
                       reference=self.reference.runs[0], official=order.result.resolve(),
                       limit_s=order.limit_s, tell=self.tell, echo=order.echo)

    def carry_out(self, say: Say) -> int:
        """Make the runs, print and keep the verdicts; return the exit code."""
        self.order.work.mkdir(parents=True, exist_ok=True)
        done, judged = self._official()
        filed = {test: self._filed(judged[test], done[test]) for test in judged}
        strict: list[Strict] = []
        if self.strict_names:
            session = self._session(self.order.work / "strict")
            strict = campaign.Campaign(session, self._plan()).verdicts()
        self._report(done, judged, filed, strict)
        for line in self._lines(judged, filed, strict):
            say(line)
        broken = any(item.fatal is not None for item in done.values())
        verdicts = [item.verdict for item in judged.values()] + [item.verdict for item in strict]
        good = set(verdicts) <= {Verdict.PASS}
        return 0 if good else 3 if broken else 1

    def _official(self) -> tuple[dict[str, Done], dict[str, official.Judged]]:
        session = self._session(self.order.work)
        done: dict[str, Done] = {}
        for test in self.official_tests:
            done[test] = session.run(self._spec(test))
        return done, {test: official.judge(self.order.target, test, done, self.reference,
                                           self.script) for test in done}

    def _filed(self, judged: official.Judged, done: Done) -> Filed | None:
        """File an audit whose run is whole, whatever its verdict; part B beside part A."""
        if done.fatal is not None or (not judged.texts and judged.test != test04.PART_B):
            return None
        spec = self.order.target.round.audits[judged.test]
        return file_audit(spec, judged, done, self._folder(judged.test), self._quality(done))

    def _quality(self, done: Done) -> str | None:
        """Return what the benchmark's accuracy script says about the sampled answers."""
        log = done.logs / ACCURACY
        if self.script is None or not done.spec.expected.answers or not log.is_file():
            return None
        return self.script.output(log)

    def _report(
        self, done: dict[str, Done], judged: dict[str, official.Judged],
        filed: dict[str, Filed | None], strict: list[Strict],
    ) -> None:
        order = self.order
        report = {
            "round": order.target.round.name, "benchmark": order.target.model.name,
            "scenario": order.target.scenario, "result": str(order.result),
            "official": [{
                "test": test, "verdict": item.verdict.value, "why": item.why,
                "numbers": item.numbers, "logs": str(done[test].logs),
                "problems": [str(problem) for problem in done[test].problems],
                "filed": str(place.folder) if (place := filed[test]) is not None else None,
                "sha256": dict(place.hashes) if place is not None else {},
                "in_process": dict(done[test].spec.in_process),
            } for test, item in judged.items()],
            "strict": [{"name": item.name, "verdict": item.verdict.value, "said": item.said,
                        "numbers": item.numbers, "more": item.more} for item in strict],
            "left_out": self.left_out,
        }
        (order.work / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")

    def _lines(
        self, judged: dict[str, official.Judged], filed: dict[str, Filed | None],
        strict: list[Strict],
    ) -> Iterator[str]:
        for test, item in judged.items():
            why = f"  {item.why}" if item.why else ""
            yield f"{item.verdict.value:<9} {test}{why}"
            for line in _numbers(item):
                yield f"          {line}"
            place = filed[test]
            if place is not None:
                yield f"          filed in {place.folder}"
                if place.missing:
                    yield f"          still wanted there: {', '.join(place.missing)}"
        for found in strict:
            more = f"; {found.more}" if found.more else ""
            yield f"{found.verdict.value:<9} {found.name}: {found.said}{more}"
        yield f"numbers and hashes: {self.order.work / REPORT}"


def _numbers(item: official.Judged) -> Iterator[str]:
    speed = item.numbers.get("performance")
    if isinstance(speed, dict):
        yield f"{speed['key']} {speed['test']:.6g} against {speed['reference']:.6g}, ratio " \
              f"{speed['ratio']:.3f}"
    answers = item.numbers.get("answers")
    if isinstance(answers, dict):
        yield (f"{answers['compared']} of {answers['logged']} sampled answers compared, "
               f"{answers['differing']} differ")
    predictions = item.numbers.get("predictions")
    if isinstance(predictions, dict):
        yield (f"{predictions['compared']} of {predictions['logged']} sampled predictions "
               f"compared, {predictions['differing']} differ")
    tokens = item.numbers.get("tokens")
    if isinstance(tokens, dict):
        yield f"{tokens['answers']} answers, {tokens['mean_tokens']:.1f} tokens each"


def _about(seconds: float | None) -> str:
    return "" if seconds is None or not math.isfinite(seconds) else f", about {shown(seconds)}"
