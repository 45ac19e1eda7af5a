"""INFR: results inferred from the log of another scenario. Formulas: ``rules/published.py``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.subjects import ResultFacts, SystemSubject
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Inference, Round
from submission_checker.rules import published
from submission_checker.rules.texts import count, ns_as_ms, quote

RULES = "inference_policies inference_rules.adoc, inferred results"
EDGE = "edge"
EPS6 = 1e-5
"""LoadGen prints floating values with 6 significant digits."""

CENTS = 0.0051
"""Half a unit of the second decimal, with which summaries print rates."""


def measured_as(scenario: str, round_: Round) -> str:
    """Return the scenario that LoadGen names in a measured run of an official scenario."""
    return round_.log_scenarios.get(scenario, scenario)


def pair_of(logged: str | None, scenario: str | None, round_: Round) -> Inference | None:
    """Return the allowed inference of a folder's scenario from the log's."""
    return next(
        (i for i in round_.inference if (i.base, i.inferred) == (logged, scenario)), None
    )


def other_scenario(result: Result, context: Context) -> tuple[Run, str]:
    """Return the run and its scenario where it is not the folder's; skips the rule otherwise."""
    run = result.run
    logged = run.scenario if run is not None else None
    if run is None or logged is None:
        raise Skip("the log names no scenario")
    if logged == measured_as(context.scenario, context.round):
        raise Skip("the result is measured")
    return run, logged


def inferred(result: Result, context: Context) -> tuple[Run, Inference]:
    """Return run and inference of an inferred result; skips the rule otherwise."""
    run, logged = other_scenario(result, context)
    pair = pair_of(logged, context.scenario, context.round)
    if pair is None:
        raise Skip("the round allows no such inference")
    return run, pair


def by_formula(result: Result, context: Context, formula: str) -> Run:
    """Return the run of a result inferred by a formula; skips the rule otherwise."""
    run, pair = inferred(result, context)
    if pair.formula != formula:
        raise Skip("inferred by another formula")
    return run


@rule(
    id="INFR001", name="inference-allowed", title="Only edge systems infer results",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF005",),
    why="the rules let edge submitters infer scenarios; others measure each of them",
    fix="measure this scenario, or leave it out",
    source=RULES, key="inference",
)
def inference_allowed(result: Result, context: Context) -> Iterator[Fault]:
    """An inference for edge systems is used by a system whose type includes edge."""
    run, pair = inferred(result, context)
    if not pair.edge_only:
        return
    kind = result.system_type
    if kind is None or kind == "any":
        raise Skip("the system type is not known")
    if EDGE not in kind.split(","):
        yield Fault(run.at("effective_scenario"),
                    f"{pair.inferred} inferred from {pair.base}, system type {quote(kind)}",
                    f"a system type with {EDGE} ({context.cite('inference')})")


@rule(
    id="INFR003", name="inferred-multistream",
    title="MultiStream is inferred from a sound estimate",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF005", "PERF027"),
    why="an estimate with confidence is never below the plain percentile of the same run",
    fix="submit the log as LoadGen wrote it",
    source=f"{RULES}; mlcommons/inference loadgen/early_stopping.cc", key="inference",
)
def inferred_multistream(result: Result, context: Context) -> Iterator[Fault]:
    """The 99th-percentile estimate of the SingleStream log is not below its 99th percentile."""
    run = by_formula(result, context, "eight_times_p99_estimate")
    estimate = run.number("early_stopping_latency_ms")
    plain = run.number("result_99.00_percentile_latency_ns")
    if estimate is None or plain is None or estimate.value <= 0:
        raise Skip("the log holds no estimate or no percentile")
    if estimate.value < plain.value:
        yield Fault(estimate.at, f"{estimate.key} {ns_as_ms(estimate.value)}",
                    f"at least {ns_as_ms(plain.value)}, {plain.key} (line {plain.at.line})")


@rule(
    id="INFR004", name="inferred-offline-from-singlestream",
    title="Offline is inferred from the mean latency",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF005", "PERF027"),
    why="LoadGen prints the rate without overhead as one over the mean latency",
    fix="submit the log as LoadGen wrote it",
    source=RULES, key="inference",
)
def inferred_offline_from_singlestream(result: Result, context: Context) -> Iterator[Fault]:
    """Rate without overhead times mean latency is one second."""
    run = by_formula(result, context, "qps_without_overhead")
    rate = run.number("result_qps_without_loadgen_overhead")
    mean = run.number("result_mean_latency_ns")
    if rate is None or mean is None or mean.value <= 0:
        raise Skip("the log does not hold both rate and mean latency")
    want = 1e9 / mean.value
    if abs(rate.value - want) > max(EPS6 * want, CENTS if rate.value >= 1 else 0):
        yield Fault(rate.at, f"{rate.key} {rate.value:g}",
                    f"{want:.6g}, 1e9 / {mean.key} (line {mean.at.line})")


@rule(
    id="INFR005", name="inferred-offline-from-multistream",
    title="Offline is inferred from whole queries",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF005", "PERF027"),
    why="a query lasts as long as its slowest sample",
    fix="submit the log as LoadGen wrote it",
    source=RULES, key="inference",
)
def inferred_offline_from_multistream(result: Result, context: Context) -> Iterator[Fault]:
    """Queries hold the round's number of samples, and last at least as long as a sample."""
    run = by_formula(result, context, "samples_over_mean_query_latency")
    spec = context.round.scenarios.get("MultiStream")
    size = run.integer("effective_samples_per_query")
    if spec is not None and spec.samples_per_query is not None and size is not None and (
        size.value != spec.samples_per_query
    ):
        key = "scenarios.MultiStream.samples_per_query"
        yield Fault(size.at, f"{size.key} {count(size.value)}",
                    f"{spec.samples_per_query} ({context.cite(key)})", subcode=size.key)
    query = run.number("result_mean_query_latency_ns")
    sample = run.number("result_mean_latency_ns")
    if query is not None and sample is not None and query.value < sample.value:
        yield Fault(query.at, f"{query.key} {ns_as_ms(query.value)}",
                    f"at least {ns_as_ms(sample.value)}, {sample.key} (line {sample.at.line})",
                    subcode=query.key)


@rule(
    id="INFR006", name="enough-queries-to-infer", title="The base ran enough queries to infer from",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF005",),
    why="with fewer queries the 99th percentile is not known with confidence, and LoadGen writes 0",
    fix="rerun SingleStream with at least 662 queries",
    source=f"{RULES}, appendix Early Stopping", key="early_stopping",
)
def enough_queries_to_infer(result: Result, context: Context) -> Iterator[Fault]:
    """``early_stopping_latency_ms`` of the SingleStream log is above 0."""
    run = by_formula(result, context, "eight_times_p99_estimate")
    estimate = run.number("early_stopping_latency_ms")
    if estimate is None or estimate.value <= 0:
        done = run.integer("result_query_count")
        many = f" after {count(done.value)} queries" if done is not None else ""
        found = "no estimate" if estimate is None else f"{estimate.key} {estimate.value:g}"
        yield Fault(estimate.at if estimate is not None else run.at(), f"{found}{many}",
                    f"early_stopping_latency_ms above 0 ({context.cite('early_stopping')})")


@rule(
    id="INFR009", name="inferred-result",
    title="Inferred results are told apart from measured ones",
    level=Level.INFO, scope=Scope.RESULT, requires=("PERF005", "PERF027"),
    why="the number follows from another scenario's log; the report shows the formula",
    fix="nothing needs to be done",
    source=RULES, key="inference",
)
def inferred_result(result: Result, context: Context) -> Iterator[Fault]:
    """Base and number of an inferred result are named."""
    run, pair = inferred(result, context)
    number = published.of_run(run, result, context.round)
    if number is not None:
        yield Fault(run.at("effective_scenario"),
                    f"{pair.inferred} {number.number.printed} {number.number.unit}, inferred from "
                    f"{pair.base}: {number.steps[-1].formula}",
                    f"an allowed inference ({context.cite('inference')})")


@rule(
    id="INFR012", name="never-inferred", title="No result stands on an impossible log",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF001",),
    why="no rule infers this scenario from another one, so the log's number is another quantity",
    fix="measure this scenario",
    source=RULES, key="inference",
)
def never_inferred(result: Result, context: Context) -> Iterator[Fault]:
    """A scenario that the round infers from nothing has a log of its own."""
    run, logged = other_scenario(result, context)
    if not any(i.inferred == context.scenario for i in context.round.inference):
        yield Fault(run.at("effective_scenario"), f"effective_scenario {quote(logged)}",
                    f"{measured_as(context.scenario, context.round)}; {context.scenario} is never "
                    f"inferred ({context.cite('inference')})")


def only_open(result: Result, context: Context) -> str | None:
    """Return why a rule about the open division does not apply."""
    return "only for the open division" if context.closed else None


@rule(
    id="INFR014", name="open-inference", title="Open results are inferred by the same formulas",
    level=Level.WARNING, scope=Scope.RESULT, requires=("PERF001",), when=only_open,
    why="for another pair there is no formula, so the result has no number",
    fix="measure this scenario, or put the log into the folder of its scenario",
    source=RULES, key="inference",
)
def open_inference(result: Result, context: Context) -> Iterator[Fault]:
    """In the open division a log of another scenario is one of the round's pairs."""
    run, logged = other_scenario(result, context)
    if pair_of(logged, context.scenario, context.round) is None:
        allowed = [i.base for i in context.round.inference if i.inferred == context.scenario]
        wanted = " or ".join([measured_as(context.scenario, context.round), *allowed])
        yield Fault(run.at("effective_scenario"), f"effective_scenario {quote(logged)}",
                    f"{wanted} ({context.cite('inference')})")


def inferences(
    system: SystemSubject, context: Context
) -> Iterator[tuple[ResultFacts, Inference, ResultFacts | None]]:
    """Yield the inferred results of a system with the result they should be inferred from."""
    for facts in system.results:
        pair = pair_of(facts.log_scenario, facts.scenario, context.round)
        if pair is None or facts.scenario is None or (
            facts.log_scenario == measured_as(facts.scenario, context.round)
        ):
            continue
        same = [
            other for other in system.results
            if other.model == facts.model and other.scenario == pair.base
        ]
        own = [o for o in same if o.subject.benchmark == facts.subject.benchmark]
        yield facts, pair, next(iter(own or same), None)


@rule(
    id="INFR002", name="inference-base", title="An inferred result copies its base",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="the inferred number is one of the base's log; without it nobody can check the base",
    fix="submit the base result, and copies of its files in the inferred folder",
    source=f"{RULES}: copies of the directories", key="inference",
)
def inference_base(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The base result exists and its detail log is the same file."""
    for facts, pair, base in inferences(system, context):
        if base is None or not base.has_performance:
            yield Fault(Location(facts.path), f"no {pair.base} result of the same benchmark",
                        f"the {pair.base} result that {pair.inferred} is inferred from "
                        f"({context.cite('inference')})", subject=facts.subject, absent=True)
        elif base.detail_identity != facts.detail_identity:
            yield Fault(Location(facts.path), f"a detail log that differs from that of {base.path}",
                        "a copy of it", subcode="detail", subject=facts.subject)


@rule(
    id="INFR007", name="measured-base", title="The base of an inference is measured",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="a number inferred from an inferred number has lost its measurement",
    fix="infer from the measured scenario, or measure",
    source=f"{RULES}: measured MultiStream", key="inference",
)
def measured_base(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The base result's own log is of its scenario."""
    for facts, pair, base in inferences(system, context):
        if base is not None and base.log_scenario not in (None, pair.base):
            yield Fault(Location(facts.path),
                        f"{pair.inferred} inferred from {pair.base}, which {base.path} has from "
                        f"{base.log_scenario}", f"a measured {pair.base} "
                        f"({context.cite('inference')})", subject=facts.subject)


@rule(
    id="INFR008", name="accuracy-of-base", title="An inferred result has the accuracy of its base",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="speed and quality of an inferred result come from one measurement",
    fix="copy the accuracy files of the base result",
    source=RULES, key="inference",
)
def accuracy_of_base(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The accuracy logs of base and inferred result are the same file."""
    for facts, _, base in inferences(system, context):
        hashes = (facts.accuracy_identity, base.accuracy_identity if base is not None else None)
        if base is not None and None not in hashes and hashes[0] != hashes[1]:
            yield Fault(Location(facts.path),
                        f"an accuracy log that differs from that of {base.path}", "a copy of it",
                        subject=facts.subject)


@rule(
    id="INFR010", name="other-inference", title="Another base gives another number",
    level=Level.INFO, scope=Scope.SYSTEM,
    why="two measured scenarios lead to the same inferred one; the reader may want to know both",
    fix="nothing needs to be done",
    source="own; mlcommons/inference tools/submission/preprocess_submission.py", key="inference",
)
def other_inference(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """An inferred result could not have been inferred from another measured scenario too."""
    for facts, pair, _ in inferences(system, context):
        for other in system.results:
            value = other.offers.get(facts.scenario or "")
            if value is None or facts.value is None or other.log_scenario == pair.base:
                continue
            if (other.model, other.subject.benchmark) == (facts.model, facts.subject.benchmark):
                yield Fault(Location(facts.path),
                            f"{facts.value:.6g} {facts.unit}, inferred from {pair.base}",
                            f"{value:.6g} would follow from {other.path}",
                            subcode=other.log_scenario or "", subject=facts.subject)


@rule(
    id="INFR011", name="one-log-two-limits", title="Server and Interactive have runs of their own",
    level=Level.WARNING, scope=Scope.SYSTEM,
    why="one run can count for both only if it meets the limits of both",
    fix="check that the run meets both limits, or run each of them",
    source="policies submission_rules.adoc", key="log_scenarios",
)
def one_log_two_limits(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Two scenarios that LoadGen runs under one name have different logs."""
    for one, other in combinations(system.results, 2):
        if one.model != other.model or one.detail_identity is None or (
            one.detail_identity != other.detail_identity
        ) or None in (one.scenario, other.scenario) or one.scenario == other.scenario:
            continue
        names = {measured_as(item.scenario or "", context.round) for item in (one, other)}
        if len(names) == 1:
            later = max(one, other, key=lambda facts: facts.path)
            first = one if later is other else other
            yield Fault(Location(later.path), f"the detail log of {first.path}",
                        "a run with the limits of this scenario", subject=later.subject)


@rule(
    id="INFR013", name="variant-copied", title="Variants of a benchmark that share a run",
    level=Level.INFO, scope=Scope.SYSTEM,
    why="the low-accuracy variant may repeat the run of the high-accuracy one; the limits of both "
        "are judged",
    fix="nothing needs to be done",
    source="mlcommons/inference tools/submission/preprocess_submission.py",
)
def variant_copied(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Two variants of one benchmark have different detail logs."""
    for one, other in combinations(system.results, 2):
        if one.detail_identity is None or one.detail_identity != other.detail_identity or (
            one.scenario != other.scenario or one.model == other.model
        ):
            continue
        low, high = sorted((one, other), key=lambda facts: (len(facts.path), facts.path))
        if (low.model or "").rpartition("-")[0] == (high.model or "").rpartition("-")[0]:
            yield Fault(Location(low.path), f"the detail log of {high.path}",
                        "a run of its own, or this note", subject=low.subject)
