"""LGEN008, 023, 024: the clocks of a log agree with each other and with the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from operator import le

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence import invariants_runs as runs
from submission_checker.evidence.identities import Identity
from submission_checker.evidence.invariants import STALE_MS, power_within_log
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.rules import measured
from submission_checker.rules.lgen_source import moment
from submission_checker.rules.told import WORDS, json_log, number, planned, whole, with_results

STEP_BACK_MS = 1.0
"""Threads that log at once step back by less (measured: at most 0.42 ms)."""

WRAP_MS = 2**64 / 1e6
ERROR_S = 1.0
"""A contradiction of the clock beyond this is an error, below it a warning."""

QUARTER_S = 900
WEST_S, EAST_S = -14 * 3600, 14 * 3600
LOADING_S = 14_400
"""Time zones by whole quarters of an hour, and time to load samples before the run begins."""

SUBMIT = "submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte"


@rule(
    id="LGEN008", name="time-order", title="The log's own clock never runs backwards",
    level=Level.WARNING, scope=Scope.LOG, when=json_log,
    why="LoadGen writes its records in order of time; a step back shows records that were moved "
        "or put in",
    fix=SUBMIT, source="mlcommons/inference loadgen/logging.cc",
)
def time_order(run: Run, context: Context) -> Iterator[Fault]:
    """``time_ms`` never falls by more than 1 ms, and not at all among the records of one thread.

    Times before the origin are 2^64 ns too large.
    """
    if run.log is None:
        raise Skip("no log")
    marks = run.log.marks()
    if marks.all_regular and _in_order(marks.times):
        return
    worst, before, where = STEP_BACK_MS, float("-inf"), None
    thread = None
    last: dict[bytes, float] = {}
    for mark in marks:
        try:
            time = float(mark.time_ms)
        except ValueError:
            continue
        if time > STALE_MS:
            time -= WRAP_MS
        if before - time > worst:
            worst, where = before - time, mark
        if thread is None and time < last.get(mark.tid, time):
            thread = (mark, last[mark.tid] - time)
        before = last[mark.tid] = time
    if where is not None:
        yield Fault(Location(run.detail_path, where.line),
                    f"{where.key} at {float(where.time_ms):g} ms, {worst:.3f} ms before the record "
                    "above it", f"no step back of more than {STEP_BACK_MS:g} ms")
    elif thread is not None:
        mark, back = thread
        yield Fault(Location(run.detail_path, mark.line),
                    f"{mark.key} at {mark.time_ms.decode()} ms, {back:.6f} ms before a record of "
                    "the same thread above it", "times that never fall within a thread",
                    subcode="thread")


def _in_order(texts: Sequence[bytes]) -> bool:
    """Return whether times are known not to fall: plain numbers, none before the origin."""
    try:
        times = list(map(float, texts))
    except ValueError:
        return False
    return max(times, default=0.0) <= STALE_MS and all(map(le, times, times[1:]))


@rule(
    id="LGEN023", name="clock", title="The clock agrees with the measured time",
    level=Level.ERROR, scope=Scope.LOG, when=with_results,
    why="power_begin and power_end are taken by the wall clock around the run, time_ms by the "
        "log's own clock, rates and latencies by LoadGen's timers: three witnesses of one time",
    fix=SUBMIT, source="mlcommons/inference loadgen/loadgen.cc, loadgen/results.cc",
)
def clock(run: Run, context: Context) -> Iterator[Fault]:
    """``power_end - power_begin`` fits latencies, rates, and ``time_ms`` of the records around.

    Offline: it is the latency of the query. Server: it ends after the last answer. SingleStream:
    it ends one query after the last issue. Beyond a second of contradiction it is an error.
    """
    span = measured.power_span(run)
    if span is None:
        raise Skip("the log has no power_begin and power_end")
    checks = [*_against_records(run, span.value), *_against_results(run, span.value)]
    broken = [check for check in checks if check.holds is False]
    if not broken:
        return
    worst = max(broken, key=_excess)
    level = None if _excess(worst) > ERROR_S else Level.WARNING
    yield Fault(
        span.at, f"{worst.claimed:.3f} s between power_begin and power_end",
        f"{WORDS[worst.relation]}{worst.expected:.3f} s, by {WITNESS[worst.name]}",
        subcode="clock", level=level,
    ) if worst.name != "power-gap" else Fault(
        span.at, f"{span.value:.3f} s between power_begin and power_end, {worst.claimed:.3f} s "
        "less than between the records around the run",
        f"at most {worst.expected:.3f} s less", subcode="clock", level=level,
    )


WITNESS = {
    "power-interval": "the latencies and rates of this log",
    "power-within-log": "time_ms of power_end and generated_query_duration",
}


def _excess(identity: Identity) -> float:
    return abs(identity.claimed - identity.expected) - identity.tolerance


def _against_records(run: Run, span_s: float) -> Iterator[Identity]:
    if run.log is None:
        return
    ends, planned_at = run.log.all("power_end"), run.log.all("generated_query_duration")
    if ends and planned_at:
        end, begin = ends[-1].time_ms, planned_at[-1].time_ms
        if end is not None and begin is not None and end < STALE_MS and begin < STALE_MS:
            yield from power_within_log(span_s, end, begin)


def _against_results(run: Run, span_s: float) -> Iterator[Identity]:
    low, high = whole(run, "result_min_latency_ns"), whole(run, "result_max_latency_ns")
    queries = whole(run, "result_query_count")
    if high is None or low is None:
        return
    if run.scenario == "Offline":
        yield runs.offline_power(span_s, high)
    elif run.scenario == "Server":
        queries = queries if queries is not None else planned(run, "generated_query_count")
        scheduled = number(run, "result_scheduled_samples_per_sec")
        completed = number(run, "result_completed_samples_per_sec")
        if queries is not None and scheduled and completed:
            yield from runs.server_power(span_s, queries, scheduled, completed, high)
    elif run.scenario == "SingleStream" and queries is not None:
        rate = number(run, "result_qps_with_loadgen_overhead")
        if rate:
            yield from runs.stream_power(span_s, queries, rate, low, high)


@rule(
    id="LGEN024", name="date-stamps", title="The dates of a run agree",
    level=Level.WARNING, scope=Scope.LOG, when=json_log,
    why="test_datetime and power_begin are taken in one run, with the loading of samples between "
        "them; only the time zone may differ",
    fix=SUBMIT, source="mlcommons/inference loadgen/loadgen.cc",
)
def date_stamps(run: Run, context: Context) -> Iterator[Fault]:
    """``power_begin`` follows ``test_datetime`` within four hours, up to a time zone.

    The zone is a whole number of quarters of an hour between -14 h and +14 h.
    """
    test, begin = run.text("test_datetime"), measured.power_time(run, "power_begin")
    at = moment(test.value) if test is not None else None
    if test is None or at is None or begin is None:
        raise Skip("the log has no dates")
    apart = (begin - at.replace(tzinfo=UTC)).total_seconds()
    if not WEST_S - QUARTER_S < apart < EAST_S + LOADING_S:
        yield Fault(run.at("power_begin"), f"power_begin {apart / 3600:.1f} h after test_datetime",
                    f"from {WEST_S // 3600} h to {(EAST_S + LOADING_S) // 3600} h, by time zones "
                    "and the loading of samples")
