"""PERF022, 034, 035: how LoadGen issued the queries, and that log and summary say the same."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run, SummaryLine
from submission_checker.rules.texts import count, ms, quote
from submission_checker.rules.texts import counted as number_of

LOADGEN = "mlcommons/inference loadgen"
INTERVALS_KEY = "result_99.00_percentile_num_intervals_between_queries"
BOUND_KEY = "latency_bound_ms.MultiStream"
PARAMETERS = "Test Parameters Used"
UNITS = {" (ns)": "_ns", " (ms)": "_ms"}


@rule(
    id="PERF022", name="issue-intervals", title="MultiStream queries came at their interval",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="a system that skips intervals serves fewer streams than it claims",
    fix="lower samples_per_query until at most 1 % of the queries skip an interval, and rerun",
    source="MLPerf Inference paper, section III-C and table III", key="models.*.latency_bound_ms",
)
def issue_intervals(run: Run, context: Context) -> Iterator[Fault]:
    """The interval is the model's, and the 99th percentile of intervals between queries is 1."""
    spec = context.round.scenarios.get("MultiStream")
    if run.scenario != "MultiStream" or spec is None or spec.samples_per_query is not None:
        raise Skip("only for MultiStream at a fixed interval")
    bound_ms = context.limit(context.model.latency_bound_ms.get("MultiStream"),
                             context.model_key(BOUND_KEY))
    rate = run.number("effective_target_qps")
    # LoadGen takes a rate, the rules give whole milliseconds: 15 queries per second are 66 ms.
    if rate is not None and rate.value > 0 and int(1000 / rate.value + 1e-6) > bound_ms:
        yield Fault(rate.at, f"effective_target_qps {rate.value:g}, one query in "
                    f"{ms(1000 / rate.value)}", f"one query in {ms(bound_ms)} "
                    f"({context.cite(context.model_key(BOUND_KEY))})", subcode="interval")
    skipped = run.number(INTERVALS_KEY)
    if skipped is None:
        yield Fault(run.at(), "no 99th percentile of the intervals between queries",
                    "1 interval", subcode="absent")
    elif skipped.value != 1:
        yield Fault(skipped.at, f"{number_of(int(skipped.value), 'interval')} at the 99th "
                    "percentile", "1: at most 1 % of the queries skip an interval")


@rule(
    id="PERF034", name="queries-in-flight", title="The limit on queries in flight is LoadGen's own",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="the limit decides how hard the system is driven, and explains odd latencies",
    fix="remove max_async_queries from user.conf if it was not meant",
    source=f"{LOADGEN}/test_settings_internal.cc",
)
def queries_in_flight(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_max_async_queries`` is 0 (no limit) in Server and 1 elsewhere."""
    have = run.integer("effective_max_async_queries")
    if have is None:
        raise Skip("the log does not name the limit")
    usual = 0 if run.scenario == "Server" else 1
    if have.value != usual:
        yield Fault(have.at, f"effective_max_async_queries {count(have.value)}",
                    f"{usual} in {run.scenario}")


@rule(
    id="PERF035", name="settings-told-once", title="Log and summary name the same settings",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="LoadGen writes both from one set of settings; where they differ, one was edited",
    fix="submit log and summary of the same run, byte for byte",
    source=f"{LOADGEN}/loadgen.cc and test_settings_internal.cc of the round",
)
def settings_told_once(run: Run, context: Context) -> Iterator[Fault]:
    """Each line below "Test Parameters Used" is the log's effective setting of that name."""
    if run.summary is None:
        raise Skip("the summary is absent")
    lines = parameters(run)
    if not lines:
        raise Skip("the summary names no settings")
    for line in lines:
        record = run.log.first(effective_name(line.name)) if run.log is not None else None
        if record is not None and written(record.value) != line.value:
            yield Fault(Location(run.summary.path, line.line), f"{line.name} {quote(line.value)}",
                        f"{written(record.value)}, line {record.line} of "
                        f"{run.detail_path.rpartition('/')[2]}", subcode=line.name)


def parameters(run: Run) -> tuple[SummaryLine, ...]:
    """Return the summary's lines below its heading of settings."""
    lines = run.summary.lines if run.summary is not None else ()
    names = [line.name for line in lines]
    return lines[names.index(PARAMETERS) + 1:] if PARAMETERS in names else ()


def effective_name(name: str) -> str:
    """Return the log's key of a setting of the summary."""
    for unit, suffix in UNITS.items():
        name = name.replace(unit, suffix)
    return f"effective_{name}"


def written(value: object) -> str:
    """Return a setting as LoadGen writes it into the summary."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)
