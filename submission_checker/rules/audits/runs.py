"""AUDT010, 011, 016-018, 022, 023, 030: the runs of audits and the settings they ran with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from compliance_tests import settings, test05
from compliance_tests.records import Case, SettingCheck, Verdict
from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Rule, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import Datum, Run
from submission_checker.model.submission import Result
from submission_checker.rules.audits.cases import (
    README,
    SCRIPTS,
    borrowed,
    logged,
    no_audit,
    of,
    place,
    settings_hold,
)
from submission_checker.rules.lgen_messages import SEVERAL_CONFS
from submission_checker.rules.perf import latency, length, log
from submission_checker.rules.perf import settings as perf_settings
from submission_checker.rules.texts import count, ms, ns_as_ms, quote

ENDS_EARLY = "Ran out of generated queries"
"""Error of runs that issue each sample once: they end when none is left, as they should."""

TIMED_RUN: tuple[Rule, ...] = (
    log.loadgen_says_valid, latency.performance_sample_count, latency.server_latency_met,
    latency.latency_bound_configured, latency.percentile_configured,
    latency.token_latencies_met, latency.token_limits_configured, latency.early_stopping_met,
    length.equal_issue_mode, perf_settings.multistream_samples,
)
"""What holds for an audit that is judged like the run of a result."""

LENGTH: tuple[Rule, ...] = (
    length.offline_samples, length.min_duration_configured, length.min_duration_happened,
)
"""What does not hold where the test itself sets durations or counts."""

DAYS_APART = 60
QPS_TOLERANCE = 0.10
"""Target rates of audit and result may differ by this share (rule AUDT022)."""


@rule(
    id="AUDT016", name="audit-run-valid", title="The run of an audit is itself a valid run",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="an audit shows something about the result only if it ran under the same rules",
    fix="run the audit again until LoadGen finds it valid",
    source=f"submission checker of the round; {SCRIPTS}", key="compliance.tests",
)
def audit_run_valid(result: Result, context: Context) -> Iterator[Fault]:
    """The rules about performance runs hold for the audit's run, as far as the test allows.

    An audit loads its own configuration beside user.conf; the error about that is no fault.
    """
    context = _with_two_files(context)
    for case, run in _runs(result, context):
        broken = list(borrowed(log.log_readable, run, context, case))
        yield from broken
        if any(f.level is Level.ERROR for f in broken):
            continue
        for wanted in _rules_for(case, run):
            yield from borrowed(wanted, run, context, case)


def _with_two_files(context: Context) -> Context:
    loadgen = context.round.loadgen
    allowed = loadgen._replace(errors_allowed=(*loadgen.errors_allowed, SEVERAL_CONFS))
    return context._replace(round=replace(context.round, loadgen=allowed))


def _rules_for(case: Case, run: Run) -> Iterator[Rule]:
    """Yield the rules that hold for an audit's run; short tests are judged by little."""
    yield log.performance_mode
    timed = case.spec.judged_as_performance_run
    errors = run.log.errors() if run.log is not None else ()
    if timed or any(ENDS_EARLY not in str(record.value) for record in errors):
        yield log.loadgen_errors
    if timed:
        yield from TIMED_RUN
        yield from () if settings.shortened(case) else LENGTH


def _runs(result: Result, context: Context) -> list[tuple[Case, Run]]:
    found = list(logged(result, context))
    if not found:
        raise Skip("no audit has a detail log")
    return found


@rule(
    id="AUDT010", name="audit-seeds-alternate", title="TEST05 ran with the alternate seeds",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="with the ordinary seeds the run repeats the result and shows nothing",
    fix="put the round's audit.config of TEST05 into LoadGen's working directory and run again",
    source=f"{README}, TEST05", key="seeds.audits.TEST05",
)
def audit_seeds_alternate(result: Result, context: Context) -> Iterator[Fault]:
    """A test with seeds of its own shows them in its log."""
    yield from _seeds(result, context, own=True)


@rule(
    id="AUDT011", name="audit-seeds-official", title="Other audits ran with the round's seeds",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="with other seeds the audit ran on other samples than the result",
    fix="use LoadGen of the round with its mlperf.conf and run the audit again",
    source=README, key="seeds",
)
def audit_seeds_official(result: Result, context: Context) -> Iterator[Fault]:
    """A test without seeds of its own shows the round's seeds in its log."""
    yield from _seeds(result, context, own=False)


def _seeds(result: Result, context: Context, *, own: bool) -> Iterator[Fault]:
    judged = False
    for case, _ in logged(result, context):
        if (case.audit.test in context.round.audit_seeds) is not own:
            continue
        judged = True
        if not own and _same_seeds(case, result):
            continue
        ordinary = {context.round.seeds.qsl, context.round.seeds.sample_index,
                    context.round.seeds.schedule}
        key = f"seeds.audits.{case.audit.test}" if own else "seeds"
        for check in _wrong(test05.seeds(case)):
            more = ", the ordinary seed" if own and int(check.found or 0) in ordinary else ""
            yield of(case, context, Fault(
                check.at, f"{check.key} {check.found}{more}",
                f"{check.wanted} ({context.cite(key)})", subcode=check.key,
            ))
    if not judged:
        raise Skip("no such audit with a detail log")


def _same_seeds(case: Case, result: Result) -> bool:
    """Whether audit and result share their seeds; wrong ones are the result's finding then."""
    one, two = case.audit.run, result.run
    if one is None or two is None:
        return False
    seeds = [(one.integer(check.key), two.integer(check.key)) for check in test05.seeds(case)]
    return bool(seeds) and all(a and b and a.value == b.value for a, b in seeds)


def _wrong(checks: tuple[SettingCheck, ...]) -> Iterator[SettingCheck]:
    return (check for check in checks if check.verdict is Verdict.FAIL)


@rule(
    id="AUDT017", name="audit-settings", title="The audit's settings were in force",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="without its settings an audit is an ordinary run",
    fix="put the round's audit.config of the test into LoadGen's working directory and run again",
    source=f"{README}, audit.config of the test", key="compliance.tests",
)
def audit_settings(result: Result, context: Context) -> Iterator[Fault]:
    """Each setting of the test's configuration is the effective one in the audit's log."""
    for case, _ in _runs(result, context):
        for check in _wrong(settings.in_force(case)):
            key = f"compliance.tests.{case.audit.test}.settings"
            yield of(case, context, Fault(
                check.at, f"{check.key} {check.found}", f"{check.wanted} ({context.cite(key)})",
                subcode=check.key, level=Level.INFO if check.harmless else None,
            ))


@rule(
    id="AUDT018", name="audit-config-read", title="LoadGen read the audit's configuration",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="LoadGen says where it finds an audit.config; without that record none was there",
    fix="put the round's audit.config of the test into LoadGen's working directory and run again",
    source=f"{README}; mlcommons/inference loadgen/loadgen.cc",
)
def audit_config_read(result: Result, context: Context) -> Iterator[Fault]:
    """A record says that an audit configuration was found; an error where settings lack too."""
    for case, run in _runs(result, context):
        if any(settings.config_messages(run)):
            continue
        holds = settings_hold(case) and not any(_wrong(test05.seeds(case)))
        yield of(case, context, Fault(
            run.at(), f"no record {quote(settings.FOUND_CONFIG)}", "one such record",
            subcode=case.audit.test, level=Level.WARNING if holds else None,
        ))


@rule(
    id="AUDT022", name="audit-conditions", title="The audit ran under the conditions of the result",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why="an audit of another setting says nothing about the result",
    fix="run the audit with the settings of the result",
    source=SCRIPTS, key="compliance.tests",
)
def audit_conditions(result: Result, context: Context) -> Iterator[Fault]:
    """Scenario, latency limits, sizes, rate and build of the audit are those of the result."""
    reference = result.run
    if reference is None or reference.log is None:
        raise Skip("no performance log")
    for case, run in _runs(result, context):
        for fault in _differences(run, reference, context):
            yield of(case, context, fault)


LATENCIES = (
    "effective_target_latency_ns", "requested_server_ttft_latency",
    "requested_server_tpot_latency",
)
SIZES = ("effective_performance_sample_count",)
STREAM_SIZES = ("effective_samples_per_query",)
BUILD = ("loadgen_version", "sut_name")


def _differences(run: Run, reference: Run, context: Context) -> Iterator[Fault]:
    if run.scenario != reference.scenario:
        yield _scenario(run, reference, context)
        return
    server = run.scenario == "Server"
    sizes = SIZES if run.scenario == "Offline" else (*SIZES, *STREAM_SIZES)
    for key in (*(LATENCIES if server else ()), *sizes):
        one, two = run.integer(key), reference.integer(key)
        if one is not None and two is not None and one.value != two.value:
            yield _other(one, two, None if key in LATENCIES else Level.WARNING)
    rate, wanted = run.number("effective_target_qps"), reference.number("effective_target_qps")
    if server and rate is not None and wanted is not None and wanted.value > 0 and (
        abs(rate.value / wanted.value - 1) > QPS_TOLERANCE
    ):
        yield Fault(rate.at, f"{rate.key} {rate.value:g}",
                    f"within {QPS_TOLERANCE * 100:g} % of {wanted.value:g} ({place(wanted.at)})",
                    subcode=rate.key, level=Level.WARNING)
    for key in BUILD:
        text, other = run.text(key), reference.text(key)
        if text is not None and other is not None and text.value != other.value:
            yield Fault(text.at, f"{key} {quote(text.value)}",
                        f"{quote(other.value)} ({place(other.at)})", subcode=key,
                        level=Level.INFO)


def _other(one: Datum[int], two: Datum[int], level: Level | None) -> Fault:
    show = ns_as_ms if one.key in LATENCIES else count
    return Fault(one.at, f"{one.key} {show(one.value)}",
                 f"{show(two.value)}, as in the result ({place(two.at)})", subcode=one.key,
                 level=level)


def _scenario(run: Run, reference: Run, context: Context) -> Fault:
    """An audit that was run for the base of an inferred result is a warning."""
    pair = {run.scenario, reference.scenario}
    allowed = any({i.base, i.inferred} == pair for i in context.round.inference)
    at = run.at("effective_scenario")
    return Fault(at, f"effective_scenario {run.scenario}",
                 f"{reference.scenario}, as in {place(reference.at('effective_scenario'))}",
                 subcode="effective_scenario", level=Level.WARNING if allowed else None)


@rule(
    id="AUDT023", name="audit-date", title="The audit ran at the time of the result",
    level=Level.INFO, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why="long after or before, hardware and software have often changed",
    fix="run audit and result on the same system in one campaign",
    source="policies submission_rules.adoc",
)
def audit_date(result: Result, context: Context) -> Iterator[Fault]:
    """Audit and performance run are at most 60 days apart."""
    base = _day(result.run)
    if base is None:
        raise Skip("the performance log has no test_datetime")
    for case, run in _runs(result, context):
        day = _day(run)
        if day is not None and abs((day - base).days) > DAYS_APART:
            yield of(case, context, Fault(
                run.at("test_datetime"), f"test_datetime {day}, {abs((day - base).days)} days away",
                f"within {DAYS_APART} days of the result's {base}", subcode=case.audit.test,
            ))


def _day(run: Run | None) -> date | None:
    found = run.text("test_datetime") if run is not None else None
    try:
        return date.fromisoformat(found.value[:10]) if found is not None else None
    except ValueError:
        return None


@rule(
    id="AUDT030", name="audit-interactive-limits", title="Audits ran with the folder's limits",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="Interactive and Server are one scenario for LoadGen; only the limits tell them apart",
    fix="run the audit with the settings of the Interactive result",
    source="submission checker of the round", key="models.*.ttft_ms",
)
def audit_interactive_limits(result: Result, context: Context) -> Iterator[Fault]:
    """Audits of a scenario that LoadGen runs under another name show that scenario's limits."""
    scenario = context.scenario
    if context.round.log_scenarios.get(scenario, scenario) == scenario:
        raise Skip("LoadGen runs this scenario under its own name")
    for case, run in _runs(result, context):
        for key, limits, name in (
            ("requested_server_ttft_latency", context.model.ttft_ms, "ttft_ms"),
            ("requested_server_tpot_latency", context.model.tpot_ms, "tpot_ms"),
        ):
            limit, have = limits.get(scenario), run.integer(key)
            if limit is not None and have is not None and have.value > limit * 1e6:
                cite = context.cite(context.model_key(name))
                yield of(case, context, Fault(
                    have.at, f"{key} {ns_as_ms(have.value)}", f"at most {ms(limit)} ({cite})",
                    subcode=key,
                ))
