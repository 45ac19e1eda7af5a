"""The latency percentiles of a result's run, each with the bound it must meet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.model.report import LatencyPoint
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Model, Round

LOGGED = re.compile(
    r"result_(first_token_|time_per_output_token_|)(\d+\.\d+)_percentile(?:_latency)?_ns"
)
SUMMARISED = re.compile(r"(\d+\.\d+) percentile latency \(ns\)")
KINDS = {"": "query", "first_token_": "first token", "time_per_output_token_": "output token"}
TOKEN_PERCENTILE = 99.0
"""The percentile that the limits of first and output token are about."""
WITHOUT_LATENCY = "Offline"
"""All samples are one query there: its percentiles say when samples ended, not how long they took.
"""


def latency_points(result: Result, round_: Round) -> tuple[LatencyPoint, ...]:
    """Return the percentiles that the first run logs, in the order of the log, in ns.

    A bound stands beside the percentile that the round judges, None beside the others.
    """
    run = result.run
    model = round_.models.get(result.model or "")
    if run is None or run.scenario in (None, WITHOUT_LATENCY):
        return ()
    points: dict[tuple[str, float], Point] = {}
    for point in tuple(_logged(run)) or _summarised(run):
        points.setdefault(point[:2], point)
    bounds = _bounds(model, result.scenario) if model is not None else {}
    return tuple(
        LatencyPoint(kind, percentile, value_ns, bounds.get((kind, percentile)), path, line)
        for kind, percentile, value_ns, path, line in points.values()
    )


Point = tuple[str, float, float, str, int | None]


def _logged(run: Run) -> Iterator[Point]:
    for key in run.log.keys("result_") if run.log is not None else ():
        found = LOGGED.fullmatch(key)
        value = run.number(key) if found else None
        if found and value is not None and value.value > 0:
            yield (KINDS[found[1]], float(found[2]), value.value, value.at.path, value.at.line)


def _summarised(run: Run) -> Iterator[Point]:
    """Yield what the summary says, for logs that hold no results."""
    for line in run.summary.lines if run.summary is not None else ():
        found = SUMMARISED.fullmatch(line.name.strip())
        if found and run.summary is not None and line.value.strip().isdecimal():
            yield "query", float(found[1]), float(line.value), run.summary.path, line.line


def _bounds(model: Model, scenario: str | None) -> dict[tuple[str, float], float]:
    """Return (kind, percentile) -> bound in ns."""
    name = scenario or ""
    if name in model.ttft_ms or name in model.tpot_ms:
        limits = (("first token", model.ttft_ms), ("output token", model.tpot_ms))
        return {(kind, TOKEN_PERCENTILE): table[name] * 1e6
                for kind, table in limits if name in table}
    bound_ms, share = model.latency_bound_ms.get(name), model.target_latency_percentile.get(name)
    if bound_ms is None or share is None:
        return {}
    return {("query", round(share * 100, 4)): bound_ms * 1e6}
