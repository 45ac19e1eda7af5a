"""What results of the endpoints harness give: their number, their quality, their percentiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Skip
from submission_checker.model.documents import JsonFile
from submission_checker.model.endpoints import Accuracy, Config, EndpointsPart, Score, Summary
from submission_checker.model.findings import Location
from submission_checker.model.report import AccuracyValue, PublishedNumber, Step
from submission_checker.model.run import Datum
from submission_checker.model.submission import ENDPOINTS, Result
from submission_checker.rounds.types import EndpointsGoal, EndpointsMetric, EndpointsSpec, Round
from submission_checker.rules.published import Published, printed

HARNESS = "mlcommons/endpoints"
RULES = "inference_policies inference_rules.adoc"
CHECKER = "submission checker of the round"
"""Where rules about these results come from."""

ANY = "any"
PERCENT = "%"
FRACTION = "fraction"
NUMBERS: dict[str, Callable[[Summary], Datum[float] | None]] = {
    "qps": lambda summary: summary.qps,
    "tps": lambda summary: summary.tps,
    "latency.avg": lambda summary: summary.latency.mean if summary.latency else None,
}
"""Key of the round data -> value of the summary."""


def not_endpoints(result: Result, context: Context) -> str | None:
    """Return why a rule about results of the endpoints harness does not apply."""
    if result.harness != ENDPOINTS:
        return "the result was measured with LoadGen"
    return None


def part_of(result: Result) -> EndpointsPart:
    """Return the files of the harness, or skip the rule."""
    if result.endpoints is None:
        raise Skip("no files of the endpoints harness")
    return result.endpoints


def config_of(result: Result) -> Config:
    """Return the configuration, or skip the rule."""
    config = part_of(result).config
    if config is None or not config.file.readable:
        raise Skip("no readable config.yaml")
    return config


def summary_of(result: Result) -> Summary:
    """Return the summary, or skip the rule."""
    summary = part_of(result).summary
    if summary is None or not summary.file.readable:
        raise Skip("no readable result_summary.json")
    return summary


def accuracy_of(result: Result) -> Accuracy:
    """Return the accuracy file, or skip the rule."""
    accuracy = part_of(result).accuracy
    if accuracy is None or not accuracy.file.readable:
        raise Skip("no readable accuracy_results.json")
    return accuracy


def missing(file: JsonFile, pointer: str) -> Location:
    """Return where a value that is absent should stand."""
    return Location(file.path, file.lines.get(pointer.rpartition("/")[0]), pointer)


def metric_of(result: Result, round_: Round) -> EndpointsMetric | None:
    """Return where the published number of a result stands, None where the round has none."""
    spec, scenario = round_.endpoints, result.scenario or ""
    own = spec.metrics_by_model.get(result.model or "", {})
    return own.get(scenario) or spec.metrics.get(scenario)


def counts_tokens(result: Result, round_: Round) -> bool:
    """Return whether results of this model and scenario are published in tokens."""
    model = round_.models.get(result.model or "")
    key = model.metric_key_overrides.get(result.scenario or "", "") if model is not None else ""
    return "tokens_per_second" in key


def endpoints_number(result: Result, round_: Round) -> Published | None:
    """Return the published number of a result of the endpoints harness with its derivation."""
    metric = metric_of(result, round_)
    summary = result.endpoints.summary if result.endpoints is not None else None
    if metric is None or summary is None:
        return None
    key, unit = metric.key, metric.unit
    if metric.token_key and counts_tokens(result, round_):
        key, unit = metric.token_key, metric.token_unit or unit
    datum = NUMBERS[key](summary)
    if datum is None or datum.value <= 0:
        return None
    value = datum.value / metric.divisor
    read = Step(datum.at.path, datum.at.line, key, printed(datum.value),
                "read from the summary of the endpoints harness")
    steps = (read,) if metric.divisor == 1 else (
        read, Step(datum.at.path, datum.at.line, "result", printed(value),
                   f"{key} / {metric.divisor:g}"),
    )
    return Published(PublishedNumber(value, unit, printed(value)), steps)


class Quality(NamedTuple):
    """A quality value on the scale of its target; ``value`` is None where there is none."""

    goal: EndpointsGoal
    value: float | None
    at: Location
    found: str
    evidence: tuple[str, ...] = ()


def goals_of(model: str, scenario: str | None, spec: EndpointsSpec) -> tuple[EndpointsGoal, ...]:
    """Return the quality targets of a model for a scenario."""
    own = spec.goals_by_scenario.get(model, {})
    return own.get(scenario or "") or spec.goals.get(model, ())


def qualities(accuracy: Accuracy, goals: tuple[EndpointsGoal, ...]) -> list[Quality]:
    """Return the value of each target: of a name in a score, else of all plain scores."""
    scores = accuracy.counting()
    found = []
    for goal in goals:
        named = _named(goal, scores)
        if named is not None:
            value, words = on_scale(named.value, goal.unit)
            found.append(Quality(goal, value, named.at, f"{named.key} {words}"))
        elif goal.keys and len(goals) > 1:
            words = f"no {' or '.join(goal.keys)} in any score or breakdown"
            found.append(Quality(goal, None, Location(accuracy.file.path), words))
        else:
            found.append(_combined(accuracy, goal, scores))
    return found


def _named(goal: EndpointsGoal, scores: Iterable[Score]) -> Datum[float] | None:
    return next((score.named[key] for key in goal.keys for score in scores if key in score.named),
                None)


def _combined(accuracy: Accuracy, goal: EndpointsGoal, scores: tuple[Score, ...]) -> Quality:
    """Combine plain scores: correct answers of all data sets over their distinct samples."""
    whole = Location(accuracy.file.path, accuracy.file.lines.get("/accuracy_scores"),
                     "/accuracy_scores")
    if not scores:
        return Quality(goal, None, whole, "no score of a data set")
    total, weights, evidence = 0.0, 0, []
    for score in scores:
        if score.value is None:
            at = missing(accuracy.file, f"{score.at.pointer}/score")
            at = Location(at.path, accuracy.file.lines.get(at.pointer or "", at.line), at.pointer)
            return Quality(goal, None, at, f"score {score.given} of data set {score.dataset!r}")
        weight = score.unit_samples.value if score.unit_samples is not None else 0
        if not weight and len(scores) > 1:
            at = missing(accuracy.file, f"{score.at.pointer}/unit_samples")
            return Quality(goal, None, at, f"no unit_samples of data set {score.dataset!r}")
        value, words = on_scale(score.value.value, goal.unit)
        total, weights = total + value * (weight or 1), weights + (weight or 1)
        evidence.append(f"{score.dataset}: {words}, {weight} samples")
    if len(scores) == 1 and scores[0].value is not None:
        return Quality(goal, total / weights, scores[0].value.at,
                       f"score {on_scale(scores[0].value.value, goal.unit)[1]}")
    words = f"{printed(total / weights)} over the {weights} samples of {len(scores)} data sets"
    return Quality(goal, total / weights, whole, words, tuple(evidence))


def on_scale(value: float, unit: str) -> tuple[float, str]:
    """Return a score on the scale of its target, and in words what the file gives.

    Revisions of the harness write fractions or percent; a value up to 1 is a fraction.
    """
    if unit == PERCENT and value <= 1:
        return value * 100, f"{printed(value)} (a fraction, {printed(value * 100)} %)"
    if unit == FRACTION and value > 1:
        return value / 100, f"{printed(value)} (percent, {printed(value / 100)} as a fraction)"
    return value, printed(value)


def bounds(goal: EndpointsGoal) -> str:
    """Return the range of a target in words."""
    lower = f">= {goal.lower:.10g}" if goal.lower is not None else ""
    upper = f"<= {goal.upper:.10g}" if goal.upper is not None else ""
    return " and ".join(part for part in (lower, upper) if part)


def endpoints_accuracy(result: Result, round_: Round) -> tuple[AccuracyValue, ...]:
    """Return the quality values of a result for the report."""
    accuracy = result.endpoints.accuracy if result.endpoints is not None else None
    if accuracy is None or result.model is None:
        return ()
    goals = goals_of(result.model, result.scenario, round_.endpoints)
    return tuple(
        AccuracyValue(quality.goal.metric, quality.value, bounds(quality.goal),
                      quality.goal.unit, quality.at.line, quality.at.path, quality.goal.lower,
                      quality.goal.upper)
        for quality in qualities(accuracy, goals) if quality.value is not None
    )


def percentile_of(context: Context) -> float:
    """Return the percentile that the round judges in this scenario, 99 for 0.99."""
    share = context.model.target_latency_percentile.get(context.scenario)
    return context.limit(share, context.model_key("target_latency_percentile")) * 100
