"""The published number of a result and how it follows from the logs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from submission_checker.model.report import PublishedNumber, Step
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Inference, Round, ScenarioSpec

TOKENS_UNIT = "Tokens/s"


class Published(NamedTuple):
    """A number with its derivation; ``inference`` is set where another scenario's log gave it."""

    number: PublishedNumber
    steps: tuple[Step, ...]
    inference: Inference | None = None


def metric_names(result: Result, round_: Round) -> tuple[str, ...]:
    """Return the names under which the number is looked for, for messages."""
    spec = round_.scenarios.get(result.scenario or "")
    if spec is None:
        return ("the scenario's metric",)
    return (metric_key(result, spec, round_) or spec.summary_line,)


def metric_key(result: Result, spec: ScenarioSpec, round_: Round) -> str | None:
    """Return the detail-log key of a result's number, None where only the summary has it."""
    model = round_.models.get(result.model or "")
    if model is not None and spec.name in model.metric_key_overrides:
        return model.metric_key_overrides[spec.name]
    return spec.metric_key


def published(result: Result, round_: Round) -> Published | None:
    """Return the number of a result: of its one run, or the worst of several required runs."""
    spec = round_.scenarios.get(result.scenario or "")
    if spec is None or not result.performance:
        return None
    wanted = result.performance[: round_.layout.runs_of(spec.name)]
    found = [number for run in wanted if (number := of_run(run, result, round_)) is not None]
    if not found:
        return None
    if len(wanted) == 1:
        return found[0]
    pick = max if spec.lower_is_better else min
    worst = pick(found, key=lambda item: item.number.value)
    step = Step(worst.steps[0].path, worst.steps[0].line, worst.steps[0].key,
                worst.number.printed, f"{pick.__name__}imum of {len(found)} runs")
    return Published(worst.number, (*worst.steps, step), worst.inference)


def of_run(run: Run, result: Result, round_: Round) -> Published | None:
    """Return the number that one run gives for the result's scenario."""
    spec = round_.scenarios.get(result.scenario or "")
    logged = run.scenario
    if spec is None or logged is None:
        return None
    measured = round_.log_scenarios.get(spec.name, spec.name)
    if logged == measured:
        return _measured(run, result, spec, round_)
    for inference in round_.inference:
        if (inference.base, inference.inferred) == (logged, spec.name):
            return _inferred(run, result, inference, spec, round_)
    return None


def offers(result: Result, round_: Round) -> dict[str, float]:
    """Return the numbers that a measured result gives for other scenarios by inference."""
    run, measured = result.run, round_.log_scenarios.get(result.scenario or "", result.scenario)
    if run is None or run.scenario is None or run.scenario != measured:
        return {}
    found = {}
    for inference in round_.inference:
        spec = round_.scenarios.get(inference.inferred)
        if inference.base == run.scenario and spec is not None:
            number = _inferred(run, result, inference, spec, round_)
            if number is not None:
                found[spec.name] = number.number.value
    return found


def _measured(run: Run, result: Result, spec: ScenarioSpec, round_: Round) -> Published | None:
    key = metric_key(result, spec, round_)
    step = _value(run, key, spec.summary_line)
    if step is None:
        return None
    raw, at = step
    divisor = _divisor(result, spec, round_)
    value = raw / divisor
    unit = _unit(result, spec, key, round_)
    formula = f"{at.key} / {divisor:g}" if divisor != 1 else at.key
    steps = (at,) if divisor == 1 else (
        at, Step(at.path, at.line, "result", printed(value), formula),
    )
    return Published(PublishedNumber(value, unit, printed(value)), steps)


def _divisor(result: Result, spec: ScenarioSpec, round_: Round) -> float:
    model = round_.models.get(result.model or "")
    own = model.published_divisor_overrides if model is not None else {}
    return own.get(spec.name, spec.divisor)


def _unit(result: Result, spec: ScenarioSpec, key: str | None, round_: Round) -> str:
    model = round_.models.get(result.model or "")
    if model is not None and spec.name in model.published_unit_overrides:
        return model.published_unit_overrides[spec.name]
    if key is not None and "tokens_per_second" in key:
        return spec.token_published_unit or TOKENS_UNIT
    return spec.published_unit


def _value(run: Run, key: str | None, summary_line: str) -> tuple[float, Step] | None:
    """Return a number of the detail log, or of the summary where the log has no results."""
    datum = run.number(key) if key else None
    if datum is not None:
        return datum.value, Step(datum.at.path, datum.at.line, datum.key,
                                 _as_logged(run, datum.key), "read from the detail log")
    if key is not None or run.summary is None:
        return None
    line = run.summary.first(summary_line)
    try:
        value = float(line.value) if line is not None else math.nan
    except ValueError:
        return None
    if line is None or not math.isfinite(value):
        return None
    return value, Step(run.summary.path, line.line, line.name, line.value,
                       "read from the summary")


def _as_logged(run: Run, key: str) -> str:
    record = run.record(key)
    return "" if record is None else str(record.value)


def printed(value: float) -> str:
    """Return a number without the noise of binary fractions."""
    return f"{value:.10g}"


Formula = Callable[[Run, Result, Round], tuple[float, tuple[Step, ...]] | None]


def _inferred(
    run: Run, result: Result, inference: Inference, spec: ScenarioSpec, round_: Round
) -> Published | None:
    formula = FORMULAS.get(inference.formula)
    found = formula(run, result, round_) if formula is not None else None
    if found is None:
        return None
    value, steps = found
    number = PublishedNumber(value, _unit(result, spec, None, round_), printed(value))
    return Published(number, steps, inference)


def _step(run: Run, key: str) -> tuple[float, Step] | None:
    return _value(run, key, "")


def _qps_without_overhead(
    run: Run, result: Result, round_: Round
) -> tuple[float, tuple[Step, ...]] | None:
    """Offline from SingleStream: samples per second = 1e9 / mean latency, LoadGen's own figure."""
    key = "result_qps_without_loadgen_overhead"
    found = _step(run, key) or _value(run, None, "QPS w/o loadgen overhead")
    return None if found is None else (found[0], (found[1],))


def _eight_times_p99_estimate(
    run: Run, result: Result, round_: Round
) -> tuple[float, tuple[Step, ...]] | None:
    """MultiStream from SingleStream: samples per query x 99th percentile estimate, in ms."""
    spec = round_.scenarios["MultiStream"]
    samples = spec.samples_per_query
    found = _step(run, "early_stopping_latency_ms")
    if found is None or found[0] <= 0:
        found = _step(run, "result_99.00_percentile_latency_ns")
    if found is None or samples is None:
        return None
    value = samples * found[0] / spec.divisor
    formula = f"{samples} x {found[1].key} / {spec.divisor:g}"
    return value, (found[1], Step(found[1].path, found[1].line, "result", printed(value), formula))


def _samples_over_mean_query_latency(
    run: Run, result: Result, round_: Round
) -> tuple[float, tuple[Step, ...]] | None:
    """Offline from MultiStream: samples per query / mean latency of a query in seconds."""
    mean = _step(run, "result_mean_query_latency_ns")
    samples = _step(run, "effective_samples_per_query")
    if mean is None or samples is None or mean[0] <= 0:
        return None
    value = samples[0] * 1e9 / mean[0]
    formula = f"{samples[1].key} x 1e9 / {mean[1].key}"
    at = mean[1]
    return value, (samples[1], at, Step(at.path, at.line, "result", printed(value), formula))


def _streams_within_bound(
    run: Run, result: Result, round_: Round
) -> tuple[float, tuple[Step, ...]] | None:
    """MultiStream (streams) from SingleStream: latency bound / 99th percentile, rounded down."""
    model = round_.models.get(result.model or "")
    bound = model.latency_bound_ms.get("MultiStream") if model is not None else None
    found = _step(run, "result_99.00_percentile_latency_ns")
    if bound is None or found is None or found[0] <= 0:
        return None
    value = float(math.floor(bound * 1e6 / found[0]))
    formula = f"floor({bound:g} ms / {found[1].key})"
    return value, (found[1], Step(found[1].path, found[1].line, "result", printed(value), formula))


FORMULAS: dict[str, Formula] = {
    "qps_without_overhead": _qps_without_overhead,
    "eight_times_p99_estimate": _eight_times_p99_estimate,
    "samples_over_mean_query_latency": _samples_over_mean_query_latency,
    "streams_within_bound": _streams_within_bound,
}
