"""POWR012-027: the analyzer's samples against the runs of the session."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, MissingRoundData, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import Result
from submission_checker.rules.measured import power_span
from submission_checker.rules.power_metric import power_metric, window
from submission_checker.rules.powr import CHECKER, limit_of, limits_of, no_power, power_of
from submission_checker.rules.texts import count, counted, quote, seconds

COVERAGE, EDGES, MAX_GAP_S = 0.98, 2, 5.0
"""Published sessions have a sample each second, but for two that lack 4 of 690 (gaps of 3 s)."""

RELATIVE, ABSOLUTE_W, SHARE = 0.02, 1.0, 0.05


@rule(
    id="POWR012", name="testing-duration", title="Testing was not much shorter than ranging",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="a much shorter testing run can avoid the heat that the ranging run reached",
    fix="measure again with equal settings in both runs",
    source=CHECKER, key="power.limits",
)
def testing_duration(result: Result, context: Context) -> Iterator[Fault]:
    """The durations of ranging and testing run differ by no more than the round allows."""
    power, run = power_of(result), result.run
    ranging = power_span(power.ranging) if power.ranging is not None else None
    testing = power_span(run) if run is not None else None
    if ranging is None or testing is None or ranging.value <= 0:
        raise Skip("one of the two runs has no power stamps")
    shortfall = (ranging.value - testing.value) / ranging.value
    most = limit_of(context, "duration_shortfall_error")
    found = f"testing {seconds(testing.value)}, ranging {seconds(ranging.value)}"
    if shortfall > most:
        yield Fault(testing.at, found, f"at most {most * 100:g} % shorter "
                    f"({context.cite('power.limits')})")
        return
    longer = limits_of(context).get("duration_excess_warning")
    if longer is not None and (testing.value - ranging.value) / testing.value > longer:
        yield Fault(testing.at, found, f"at most {longer * 100:g} % of it longer "
                    f"({context.cite('power.limits.duration_excess_warning')})",
                    level=Level.WARNING)
    try:
        warn = limit_of(context, "duration_shortfall_warning")
    except MissingRoundData:
        return
    if shortfall > warn:
        yield Fault(testing.at, found, f"at most {warn * 100:g} % shorter", level=Level.WARNING)


@rule(
    id="POWR013", name="testing-power", title="Testing did not draw less power than ranging",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="the same load draws the same power",
    fix="measure again with equal settings in both runs",
    source=CHECKER, key="power.limits.power_drop_percent",
)
def testing_power(result: Result, context: Context) -> Iterator[Fault]:
    """Mean power of the testing run is within a few percent of the ranging run's."""
    power, run = power_of(result), result.run
    if None in (power.spl, power.ranging_spl, power.ranging, run):
        raise Skip("samples of one of the two runs are absent")
    assert power.spl and power.ranging_spl and power.ranging and run
    means = []
    for spl, log in ((power.spl, run), (power.ranging_spl, power.ranging)):
        span = window(log, power, context.round)
        watts = [w for w in spl.samples.between(*span).watts if w > 0] if span else []
        if not watts:
            raise Skip("no positive samples in one of the two windows")
        means.append(sum(watts) / len(watts))
    drop = limit_of(context, "power_drop_percent")
    if means[0] < means[1] * (1 - drop / 100):
        yield Fault(Location(power.spl.path), f"testing {means[0]:.2f} W, ranging {means[1]:.2f} W",
                    f"at most {drop:g} % less "
                    f"({context.cite('power.limits.power_drop_percent')})")


@rule(
    id="POWR021", name="samples-cover-run", title="The samples cover the run",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR001", "PERF001"),
    why="mean power over a part of the run is not the power of the run",
    fix="submit the complete spl.txt of the session",
    source="own; measured on the published results",
)
def samples_cover_run(result: Result, context: Context) -> Iterator[Fault]:
    """There is a sample each second, but for 2 %, and no gap of more than five seconds."""
    power, run = power_of(result), result.run
    span = window(run, power, context.round) if run is not None else None
    if power.spl is None or span is None:
        raise Skip("no samples or no power window")
    used = power.spl.samples.between(*span)
    length = span[1] - span[0]
    at = Location(power.spl.path, used.lines[0] if used else None)
    if not used:
        yield Fault(at, "no sample between power_begin and power_end",
                    f"one a second over {seconds(length)}")
        return
    if len(used) < COVERAGE * length - EDGES:
        yield Fault(at, f"{count(len(used))} samples", f"at least {COVERAGE:.0%} of "
                    f"{seconds(length)}", subcode="coverage", level=Level.WARNING)
    times = sorted(used.times_s)
    gap = max((b - a for a, b in pairwise(times)), default=0.0)
    if gap > MAX_GAP_S:
        yield Fault(at, f"a gap of {seconds(gap)}", f"at most {seconds(MAX_GAP_S)}",
                    subcode="gap", level=Level.WARNING)


@rule(
    id="POWR022", name="sample-form", title="Every sample has the usual form",
    level=Level.WARNING, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="a line of another form, order or mark was not written by this session",
    fix="submit spl.txt as PTDaemon wrote it",
    source="SPEC PTDaemon; mlcommons/inference#1581",
)
def sample_form(result: Result, context: Context) -> Iterator[Fault]:
    """Lines are records in order of time that carry the mark of the session."""
    power = power_of(result)
    if power.spl is None:
        raise Skip("no samples")
    spl = power.spl
    if spl.bad_count:
        line, text = spl.bad_lines[0]
        yield Fault(Location(spl.path, line), f"{counted(spl.bad_count, 'line')} of another form; "
                    f"the first: {quote(text)}", "Time,...,Watts,...,Volts,...,Amps,...,PF,...",
                    subcode="form")
    samples = spl.samples
    if not samples.in_order:
        late = next(at for at, (before, after) in enumerate(pairwise(samples.times_s), 1)
                    if after < before)
        yield Fault(Location(spl.path, samples.lines[late]),
                    "a sample earlier than the one before it", "samples in order of time",
                    subcode="order")
    name = power.server.get("session_name") if power.server is not None else None
    if isinstance(name, str):
        own = ("", f"{name}_testing")
        odd = next((at for at, mark in enumerate(samples.marks)
                    if mark not in own and not samples.many_channels[at]), None)
        if odd is not None:
            yield Fault(Location(spl.path, samples.lines[odd]), f"mark {quote(samples.marks[odd])}",
                        quote(own[1]), subcode="mark")


@rule(
    id="POWR023", name="watts-plausible", title="Watts follow from volts and amps",
    level=Level.WARNING, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="watts that do not follow from the other readings were not measured",
    fix="submit spl.txt as PTDaemon wrote it",
    source="own; measured on the published results",
)
def watts_plausible(result: Result, context: Context) -> Iterator[Fault]:
    """Watts equal volts x amps x power factor in nearly all samples of one channel."""
    power = power_of(result)
    if power.spl is None or not power.spl.samples:
        raise Skip("no samples")
    samples = power.spl.samples
    odd = [
        line for line, watts, volts, amps, factor, many in zip(
            samples.lines, samples.watts, samples.volts, samples.amps, samples.power_factors,
            samples.many_channels, strict=True)
        if not many and volts is not None and amps is not None
        and factor is not None and watts >= 0
        and abs(watts - volts * amps * factor) > max(RELATIVE * abs(watts), ABSOLUTE_W)
    ]
    if len(odd) > SHARE * len(samples):
        yield Fault(Location(power.spl.path, odd[0]),
                    f"{count(len(odd))} of {count(len(samples))} samples differ",
                    "watts = volts x amps x power factor")


@rule(
    id="POWR024", name="power-metric", title="The power metric can be computed",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR001", "PERF001"),
    why="a power result without its number cannot be published",
    fix="submit the complete logs of the power session",
    source=CHECKER, key="power.metric",
)
def power_metric_known(result: Result, context: Context) -> Iterator[Fault]:
    """Samples in the window and a query count above 0 give the metric."""
    power = power_of(result)
    if power_metric(result, context.round) is None:
        at = Location(power.spl.path) if power.spl is not None else Location(result.path)
        yield Fault(at, "no usable samples or no query count",
                    f"mean power or energy per query ({context.cite('power.metric')})")


@rule(
    id="POWR026", name="ranging-run", title="The ranging run is of the same kind",
    level=Level.WARNING, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="ranges found with another load do not fit the measured one",
    fix="measure again with equal settings in both runs",
    source=CHECKER,
)
def ranging_run(result: Result, context: Context) -> Iterator[Fault]:
    """Scenario and LoadGen version of both runs are equal."""
    power, run = power_of(result), result.run
    if power.ranging is None or run is None:
        raise Skip("no ranging run")
    for key in ("effective_scenario", "loadgen_version"):
        mine, other = power.ranging.text(key), run.text(key)
        if mine is not None and other is not None and mine.value != other.value:
            yield Fault(mine.at, f"{key} {quote(mine.value)}", f"{quote(other.value)}, as in the "
                        "testing run", subcode=key)
