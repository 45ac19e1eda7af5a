"""LGEN032: the trace of a run beside its log."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Absent, Bounded, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.rules.measured import queries_done
from submission_checker.rules.texts import count, ns_as_ms

BOTH = "SubmissionRun"
DIGITS = 1e-5
"""Relative room for numbers that LoadGen prints with six digits."""


@rule(
    id="LGEN032", name="trace", title="The trace shows the run of the log",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",), reads="traces",
    why="LoadGen writes both from the same events; a trace with other samples is of another run, "
        "or one of the two was edited",
    fix="submit log and trace of one run, byte for byte, or no trace at all",
    source="mlcommons/inference loadgen/logging.cc (TraceSample)",
)
def trace(run: Run, context: Context) -> Iterator[Fault | Bounded]:
    """Queries and samples are as many as in the log; no sample ends after the maximum latency.

    A trace that ends before the maximum is shown at info level. Of one that is cut only what is too
    much is judged.
    """
    found = run.trace
    if found is None or not found.size_bytes:
        raise Absent("no trace" if found is None else "the trace is empty, as tracing was off")
    if found.samples is None:
        raise Skip(f"the trace has more than {count(found.limit_bytes)} bytes, which are not read")
    if not found.samples:
        raise Skip("the trace holds no samples")
    mode = run.text("effective_test_mode")
    if mode is not None and mode.value == BOTH:
        raise Skip("the trace of a submission run holds its accuracy part as well")
    queries, each = queries_done(run), run.integer("generated_samples_per_query")
    if queries is None or each is None:
        raise Skip("the log does not say how many queries and samples there were")
    at = Location(found.path)
    for kind, have, want in (("queries", found.queries or 0, queries.value),
                             ("samples", found.samples, queries.value * each.value)):
        if have > want or (found.whole and have != want):
            yield Fault(at, f"{kind} traced: {count(have)}",
                        f"{count(want)}, as in the detail log", subcode=kind)
    latest = run.number("result_max_latency_ns")
    if latest is not None and found.longest_ns is not None:
        more = found.longest_ns > latest.value * (1 + DIGITS)
        if more or (found.whole and found.longest_ns < latest.value * (1 - DIGITS)):
            yield Fault(at, f"the last sample to end took {ns_as_ms(found.longest_ns)}",
                        f"{ns_as_ms(latest.value)} ({latest.key})", subcode="latency",
                        level=None if more else Level.INFO)
    if not found.whole:
        yield Bounded(at, "the trace is cut: only what is too much in it can be told")
