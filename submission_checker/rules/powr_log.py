"""POWR016-018: what the analyzer's daemon logged during the measurement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.power import PtdLine
from submission_checker.model.submission import Result
from submission_checker.rules.power_metric import window
from submission_checker.rules.powr import CHECKER, limit_of, limits_of, no_power, power_of
from submission_checker.rules.texts import counted, quote, seconds

UNCERTAINTY = re.compile(r"Uncertainty (\d{1,6}(?:\.\d{1,6})?)%")


@rule(
    id="POWR016", name="ptd-errors", title="PTDaemon reported no error while it mattered",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR002",),
    why="an error of the analyzer leaves samples in doubt",
    fix="measure again",
    source=CHECKER,
)
def ptd_errors(result: Result, context: Context) -> Iterator[Fault]:
    """No ``ERROR:`` line stands in the testing phase, but for those of the USB interface."""
    power = power_of(result)
    if power.ptd is None:
        raise Skip("no ptd_logs.txt")
    testing = False
    bad = []
    for line in power.ptd.lines:
        if "Go with mark" in line.text:
            testing = "_testing" in line.text
        elif "Completed test" in line.text:
            testing = False
        elif "ERROR:" in line.text and testing and "USB." not in line.text:
            bad.append(line)
    if bad:
        yield Fault(Location(power.ptd.path, bad[0].line),
                    f"{counted(len(bad), 'error')} during testing; the first: "
                    f"{quote(bad[0].text)}", "none")


@rule(
    id="POWR017", name="ptd-warnings", title="The uncertainty stayed low during the run",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR002", "PERF001"),
    why="samples with a high uncertainty do not show the power",
    fix="choose better ranges and measure again",
    source=CHECKER, key="power.limits.uncertainty_percent",
)
def ptd_warnings(result: Result, context: Context) -> Iterator[Fault]:
    """No ``WARNING:`` line stands between power_begin and power_end.

    A high uncertainty is an error where the round's checker looks: inside of its edges.
    """
    power, run = power_of(result), result.run
    span = window(run, power, context.round) if run is not None else None
    if power.ptd is None or span is None:
        raise Skip("no ptd_logs.txt or no power window")
    bad = [line for line in power.ptd.lines if "WARNING:" in line.text
           and line.time_s is not None and span[0] <= line.time_s <= span[1]]
    limit = limit_of(context, "uncertainty_percent")
    edge_s = limits_of(context).get("uncertainty_error_edge_s")
    inside = [] if edge_s is None else [
        line for line in bad if line.time_s is not None and uncertainty_percent(line) > limit
        and span[0] + edge_s < line.time_s < span[1] - edge_s]
    if inside:
        worst = max(map(uncertainty_percent, inside))
        yield Fault(Location(power.ptd.path, inside[0].line),
                    f"{counted(len(inside), 'sample')} with an uncertainty above {limit:g} %, up "
                    f"to {worst:g} %; the first: {quote(inside[0].text)}",
                    f"at most {limit:g} % from {edge_s:g} s after the begin to {edge_s:g} s before "
                    f"the end ({context.cite('power.limits.uncertainty_error_edge_s')})",
                    subcode="uncertainty")
    rest = [line for line in bad if line not in inside]
    if rest:
        yield Fault(Location(power.ptd.path, rest[0].line),
                    f"{counted(len(rest), 'warning')} during the run; the first: "
                    f"{quote(rest[0].text)}", f"none within {seconds(span[1] - span[0])}",
                    level=Level.WARNING)


def uncertainty_percent(line: PtdLine) -> float:
    """Return the uncertainty that a line of the analyzer's daemon gives, 0 where it gives none."""
    found = UNCERTAINTY.search(line.text)
    return float(found[1]) if found is not None else 0.0


@rule(
    id="POWR018", name="uncertainty-check", title="The uncertainty check was on",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR002",),
    why="without it high uncertainty stays unnoticed",
    fix="start PTDaemon with the uncertainty check and measure again",
    source=CHECKER,
)
def uncertainty_check(result: Result, context: Context) -> Iterator[Fault]:
    """The log says that uncertainty checking is activated."""
    power = power_of(result)
    if power.ptd is None:
        raise Skip("no ptd_logs.txt")
    if not any("ncertainty checking" in line.text and "activated" in line.text
               for line in power.ptd.lines):
        yield Fault(Location(power.ptd.path), "no line about uncertainty checking",
                    "Uncertainty checking ... is activated")
