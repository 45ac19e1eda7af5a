"""LGEN011: the settings in force are those that were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.evidence.identities import Identity, equal_as_printed
from submission_checker.evidence.invariants import (
    equal_issue_min_query_count,
    min_sample_count,
    performance_sample_count,
)
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules.told import fault_of, first_fault, json_log, number, printed, whole

PAIRS = (
    "scenario", "test_mode", "min_duration_ms", "max_duration_ms", "max_query_count",
    "qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed", "accuracy_log_rng_seed",
    "accuracy_log_probability", "accuracy_log_sampling_target", "print_timestamps",
    "performance_issue_unique", "performance_issue_same", "performance_issue_same_index",
    "sample_concatenate_permutation",
)
"""Settings that LoadGen takes over as they are, in every scenario."""

SERVER_PAIRS = (("target_qps", "server_target_qps"),
                ("target_latency_percentile", "server_target_latency_percentile"))
EXPECTED = {"SingleStream": "requested_single_stream_expected_latency_ns",
            "MultiStream": "requested_multi_stream_expected_latency_ns"}


@rule(
    id="LGEN011", name="requested-equals-effective",
    title="The effective settings follow from the requested ones",
    level=Level.ERROR, scope=Scope.LOG, when=json_log,
    why="LoadGen derives its effective settings from the requested ones by fixed formulas and "
        "logs both; a pair that does not fit was edited, or LoadGen was changed",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source="mlcommons/inference loadgen/test_settings_internal.cc",
)
def requested_equals_effective(run: Run, context: Context) -> Iterator[Fault]:
    """Each ``effective_x`` is ``requested_x``, or what LoadGen makes of it.

    Offline has an effective minimum of one query; SingleStream in equal-issue mode raises the
    minimum to whole sets; a performance count of 0 means what the library reports; the rate of a
    stream is one over its expected latency.
    """
    yield from first_fault(_pairs(run))
    yield from first_fault(_derived(run))


def _pairs(run: Run) -> Iterator[Fault]:
    pairs = [(f"requested_{name}", f"effective_{name}") for name in PAIRS]
    if run.scenario == "Server":
        pairs += [(f"requested_{b}", f"effective_{a}") for a, b in SERVER_PAIRS]
    for requested, effective in pairs:
        if run.log is not None and (raw := run.log.raw(effective)) is not None and (
            raw == run.log.raw(requested)
        ):
            continue
        asked, have = run.record(requested), run.record(effective)
        if asked is None or have is None or asked.value == have.value:
            continue
        yield Fault(run.at(effective), f"{effective} {printed(have.value)}",
                    f"{printed(asked.value)}, as {requested} in line {asked.line} says",
                    subcode=effective)


def _derived(run: Run) -> Iterator[Fault]:
    for identity, key, because in (
        (_min_queries(run), "effective_min_query_count", "requested_min_query_count, 1 in "
         "Offline, raised to whole sets in equal-issue SingleStream"),
        (_samples(run), "effective_min_sample_count",
         "effective_min_query_count x effective_samples_per_query"),
        (_loaded(run), "effective_performance_sample_count",
         "requested_performance_sample_count_override, or qsl_reported_performance_count"),
        (_rate(run), "effective_target_qps", "10^9 / the expected latency"),
    ):
        if identity is not None and identity.holds is False:
            yield fault_of(run, identity, key, because)


def _min_queries(run: Run) -> Identity | None:
    have, asked = whole(run, "effective_min_query_count"), whole(run, "requested_min_query_count")
    if have is None or asked is None:
        return None
    if run.scenario == "Offline":
        return min_sample_count(have, 1, 1)
    if have == asked or run.scenario != "SingleStream":
        return min_sample_count(have, asked, 1)
    duration, rate = whole(run, "effective_min_duration_ms"), number(run, "effective_target_qps")
    reported = whole(run, "qsl_reported_performance_count")
    if duration is None or rate is None or reported is None:
        return None
    return equal_issue_min_query_count(have, asked, duration, rate, reported)


def _samples(run: Run) -> Identity | None:
    have, queries = whole(run, "effective_min_sample_count"), whole(
        run, "effective_min_query_count")
    each = whole(run, "effective_samples_per_query")
    if have is None or queries is None or each is None:
        return None
    return min_sample_count(have, queries, each)


def _loaded(run: Run) -> Identity | None:
    have = whole(run, "effective_performance_sample_count")
    asked = whole(run, "requested_performance_sample_count_override")
    reported = whole(run, "qsl_reported_performance_count")
    if have is None or asked is None or reported is None:
        return None
    return performance_sample_count(have, asked, reported)


def _rate(run: Run) -> Identity | None:
    key = EXPECTED.get(run.scenario or "")
    latency = number(run, key) if key is not None else None
    rate = number(run, "effective_target_qps")
    if rate is None or latency is None or not latency > 0:
        return None
    return equal_as_printed("target-rate", rate, 1e9 / latency, 1e-5)
