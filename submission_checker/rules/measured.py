"""What a log says happened: counts, durations, spans. Shared by the rules about runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Skip
from submission_checker.logs.power import seconds_of
from submission_checker.model.run import Datum, Run, Summary

NO_ERRORS = re.compile(r"No errors encountered")
SOME_ERRORS = re.compile(r"^\s*(\d+) ERRORS? encountered")


def queries_done(run: Run) -> Datum[int] | None:
    """Return the queries issued; the generated ones where the log does not count them."""
    return run.integer("result_query_count") or (
        None if run.scenario == "SingleStream" else run.integer("generated_query_count")
    )


def offline_samples_done(run: Run) -> Datum[float] | None:
    """Return the samples an Offline run processed: rate times the time of its one query."""
    rate = run.number("result_samples_per_second")
    latency = run.number("result_max_latency_ns")
    if rate is None or latency is None:
        return None
    return Datum(rate.key, rate.value * latency.value / 1e9, rate.at)


def duration(run: Run) -> Datum[float] | None:
    """Return the run's duration in seconds, from rates and latencies; ``key`` says from which.

    Offline: the latency of the one query. Server: time to the last scheduled query. SingleStream:
    time to issue all queries. MultiStream: the clock, else count times mean (a lower bound).
    """
    queries = run.integer("result_query_count") or run.integer("generated_query_count")
    scenario = run.scenario
    if scenario == "Offline":
        latency = run.number("result_max_latency_ns")
        return None if latency is None else Datum(latency.key, latency.value / 1e9, latency.at)
    if scenario == "MultiStream":
        clock = power_span(run)
        mean = run.number("result_mean_query_latency_ns")
        if clock is not None or mean is None or queries is None:
            return clock
        value = queries.value * mean.value / 1e9
        return Datum(f"{queries.key} x {mean.key}", value, mean.at)
    key = {
        "Server": "result_scheduled_samples_per_sec",
        "SingleStream": "result_qps_with_loadgen_overhead",
    }.get(scenario or "")
    rate = run.number(key) if key else None
    done = run.integer("result_query_count")
    if done is None and scenario == "Server":
        done = queries
    if rate is None or done is None or rate.value <= 0:
        return None
    return Datum(f"({done.key} - 1) / {rate.key}", (done.value - 1) / rate.value, rate.at)


def power_time(run: Run, key: str) -> datetime | None:
    """Return power_begin or power_end as a time without zone (UTC by contract).

    A SubmissionRun writes the accuracy part's stamps before those of the performance part.
    """
    records = run.log.all(key) if run.log is not None else ()
    if not records or not isinstance(records[0].value, str):
        return None
    mode = run.text("effective_test_mode")
    both = mode is not None and mode.value == "SubmissionRun"
    seconds = seconds_of(str(records[-1 if both else 0].value))
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def power_span(run: Run) -> Datum[float] | None:
    """Return the seconds between power_begin and power_end."""
    begin, end = power_time(run, "power_begin"), power_time(run, "power_end")
    if begin is None or end is None:
        return None
    return Datum("power_end - power_begin", (end - begin).total_seconds(), run.at("power_end"))


def minimum_duration_ms(context: Context) -> float:
    """Return the round's minimum duration of the result's scenario; skips exempt models."""
    if context.judged.model is not None and context.model.min_duration_exempt:
        raise Skip("the model is exempt from the minimum duration")
    scenario = context.scenario
    return context.limit(context.round.durations_ms.get(scenario), f"durations_ms.{scenario}")


def latency_bound_ms(context: Context) -> float:
    """Return the Server bound in ms; models with token limits have none."""
    if context.scenario in context.model.ttft_ms:
        raise Skip("the model has token latency limits instead")
    bound = context.model.latency_bound_ms.get(context.scenario)
    return context.limit(bound, context.model_key(f"latency_bound_ms.{context.scenario}"))


def summary_error_count(summary: Summary) -> tuple[int, int] | None:
    """Return (errors, line) as the summary counts them, None where it does not."""
    for line in summary.lines:
        if NO_ERRORS.search(line.value) or NO_ERRORS.search(line.name):
            return 0, line.line
        found = SOME_ERRORS.match(line.value) or SOME_ERRORS.match(line.name)
        if found:
            return int(found[1]), line.line
    return None
