"""From a run to the small record that rules across results work on."""

from __future__ import annotations

from datetime import datetime

from submission_checker.model.endpoints import EndpointsPart, Series
from submission_checker.model.run import Datum, Run
from submission_checker.model.run_facts import RunFacts
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Round
from submission_checker.rules.measured import power_time
from submission_checker.rules.published import of_run

LATENCIES = tuple(
    f"result_{name}_latency_ns" for name in (
        "min", "max", "mean", "50.00_percentile", "90.00_percentile", "95.00_percentile",
        "97.00_percentile", "99.00_percentile", "99.90_percentile",
    )
)
"""What LoadGen writes of the latencies in every scenario with latencies (logging.cc)."""


def run_facts(run: Run, result: Result, round_: Round) -> RunFacts:
    """Return the facts of a performance run."""
    date = run.record("test_datetime")
    target = run.number("effective_target_qps")
    number = of_run(run, result, round_)
    return RunFacts(
        path=run.detail_path,
        line=date.line if date is not None else None,
        identity=run.detail_identity,
        date=_text(run, "test_datetime"),
        pid=date.pid if date is not None else None,
        build=_text(run, "loadgen_build_date_local"),
        begin=_text(run, "power_begin"),
        begin_s=_seconds(power_time(run, "power_begin")),
        end_s=_seconds(power_time(run, "power_end")),
        latencies_ns=latencies(run),
        mean_latency_ns=_mean(run),
        target_qps=target.value if target is not None else None,
        value=number.number.value if number is not None else None,
        version=_text(run, "loadgen_version"),
    )


def endpoints_run_facts(part: EndpointsPart, value: float | None) -> RunFacts | None:
    """Return the facts of a run of the endpoints harness, None where it left no summary.

    Its summary stands for the log: equal bytes are one run, equal latencies one measurement.
    """
    summary = part.summary
    if summary is None:
        return None
    return RunFacts(
        path=part.summary_path, line=None, identity=part.summary_sha256,
        latencies_ns=_series_latencies(summary.latency), value=value,
    )


def _series_latencies(series: Series | None) -> tuple[float, ...]:
    """Return minimum, maximum, mean and percentiles; an empty tuple where one is absent."""
    if series is None or not series.percentiles:
        return ()
    ends = [_value(series.minimum), _value(series.maximum), _value(series.mean)]
    known = [value for value in ends if value is not None]
    ordered = [series.percentiles[at].value for at in sorted(series.percentiles)]
    return (*known, *ordered) if len(known) == len(ends) else ()


def _value(datum: Datum[float] | None) -> float | None:
    return None if datum is None else datum.value


def latencies(run: Run) -> tuple[float, ...]:
    """Return the latencies of a log, an empty tuple where one is absent."""
    found = [run.number(key) for key in LATENCIES]
    values = tuple(item.value for item in found if item is not None)
    return values if len(values) == len(LATENCIES) else ()


def _mean(run: Run) -> float | None:
    found = run.number("result_mean_latency_ns")
    return None if found is None else found.value


def _text(run: Run, key: str) -> str | None:
    found = run.text(key)
    return None if found is None else found.value


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
