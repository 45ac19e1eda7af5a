"""The power metric of a result: mean power or energy per query, from the analyzer's samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from submission_checker.model.power import PowerPart
from submission_checker.model.report import PublishedNumber, Step
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Round
from submission_checker.rules.measured import power_time
from submission_checker.rules.published import printed

STREAMS = ("SingleStream", "MultiStream")


class PowerMetric(NamedTuple):
    """The metric, its derivation, and the samples it was made from."""

    number: PublishedNumber
    steps: tuple[Step, ...]
    samples: int


def window(run: Run, power: PowerPart, round_: Round) -> tuple[float, float] | None:
    """Return begin and end of the run in the analyzer's clock, as seconds since the epoch."""
    begin, end = power_time(run, "power_begin"), power_time(run, "power_end")
    if begin is None or end is None:
        return None
    shift = 0.0
    if _metric(round_).get("clock") == "offset":
        shift = _offset(power.client) - _offset(power.server)
    return begin.timestamp() + shift, end.timestamp() + shift


def _offset(document: Any) -> float:
    value = document.get("timezone") if document is not None else None
    return float(value) if isinstance(value, (int, float)) else 0.0


def _metric(round_: Round) -> Mapping[str, Any]:
    found = round_.power.get("metric", {})
    return found if isinstance(found, Mapping) else {}


def power_metric(result: Result, round_: Round) -> PowerMetric | None:
    """Return the power metric of a result, None where it cannot be computed."""
    power, run = result.power, result.run
    spec = _metric(round_)
    if power is None or power.spl is None or run is None or not spec:
        return None
    span = window(run, power, round_)
    if span is None:
        return None
    used = power.spl.samples.between(*span)
    if spec["positive_only"]:
        used = used.where([watts > 0 for watts in used.watts])
    if not used:
        return None
    mean = sum(used.watts) / len(used)
    at = Step(power.spl.path, used.lines[0], "Watts", printed(mean),
              f"mean of {len(used)} samples between power_begin and power_end")
    if run.scenario not in STREAMS or result.scenario not in STREAMS:
        unit = str(spec["rate_unit"])
        return PowerMetric(PublishedNumber(mean, unit, printed(mean)), (*_window_steps(run), at),
                           len(used))
    return _energy(result, run, mean, span, at, len(used), round_)


def _energy(
    result: Result, run: Run, mean: float, span: tuple[float, float], at: Step, samples: int,
    round_: Round,
) -> PowerMetric | None:
    """Return the energy per query: mean power x time / queries."""
    spec = _metric(round_)
    seconds = span[1] - span[0]
    queries, key = _queries(run, seconds, str(spec["stream_queries"]))
    if not queries:
        return None
    factor = spec["stream_factor"]
    value = mean * seconds * factor / queries
    formula = f"mean x {seconds:g} s x {factor} / {key}"
    streams = round_.scenarios.get("MultiStream")
    if streams and result.scenario == "MultiStream" and run.scenario == "SingleStream":
        per_query = streams.samples_per_query or 1
        value *= per_query
        formula += f" x {per_query} samples per query"
    step = Step(at.path, at.line, "power", printed(value), formula)
    number = PublishedNumber(value, str(spec["stream_unit"]), printed(value))
    inputs = [*_window_steps(run), at, *_query_steps(run, str(spec["stream_queries"]))]
    return PowerMetric(number, (*inputs, step), samples)


def _window_steps(run: Run) -> Iterator[Step]:
    """Yield where begin and end of the measured window stand."""
    for key in ("power_begin", "power_end"):
        if (found := run.text(key)) is not None:
            yield Step(found.at.path, found.at.line, key, found.value, "read from the detail log")


def _query_steps(run: Run, how: str) -> Iterator[Step]:
    """Yield where the counts stand that `_queries` takes."""
    if how == "result_query_count":
        keys: tuple[str, ...] = ("result_query_count",)
    elif run.scenario == "MultiStream":
        keys = ("generated_query_count", "generated_samples_per_query")
    else:
        keys = ("result_qps_with_loadgen_overhead",)
    for key in keys:
        if (found := run.number(key)) is not None:
            yield Step(found.at.path, found.at.line, key, f"{found.value:.10g}",
                       "read from the detail log")


def _queries(run: Run, seconds: float, how: str) -> tuple[float, str]:
    """Return (queries, how they were counted)."""
    if how == "result_query_count":
        found = run.integer("result_query_count")
        return (found.value if found is not None else 0, "result_query_count")
    if run.scenario == "MultiStream":
        count, each = run.integer("generated_query_count"), run.integer(
            "generated_samples_per_query")
        total = count.value * each.value if count is not None and each is not None else 0
        return total, "generated samples"
    rate = run.number("result_qps_with_loadgen_overhead")
    return (rate.value * seconds if rate is not None else 0,
            "(result_qps_with_loadgen_overhead x time)")
