"""What rules about LoadGen's logs share: when they apply, plain numbers, faults of identities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault
from submission_checker.evidence.identities import Identity, Number, Relation
from submission_checker.evidence.order_statistics import OrderStatistic, order_statistics
from submission_checker.model.run import TEXT_LOG, Run
from submission_checker.rules.texts import count, quote

FRACTIONS = (0.5, 0.9, 0.95, 0.97, 0.99, 0.999)
"""Percentiles that LoadGen prints of every series of latencies (results.cc)."""

WORDS = {Relation.EQUAL: "", Relation.AT_MOST: "at most ", Relation.AT_LEAST: "at least "}


def readable(run: Run, context: Context) -> str | None:
    """Return why a rule about a log does not apply: there is none that could be read."""
    if run.log is None or not run.log.records_count:
        return "no detail log that could be read"
    return None if run.log.first("effective_scenario") else "a log without effective settings"


def json_log(run: Run, context: Context) -> str | None:
    """Return why a rule about the records of JSON logs does not apply."""
    if run.log is not None and run.log.generation == TEXT_LOG:
        return "a log of the form before the JSON records"
    return readable(run, context)


def with_results(run: Run, context: Context) -> str | None:
    """Return why a rule about the results in a JSON log does not apply."""
    reason = json_log(run, context)
    return reason or (None if run.has("result_validity") else "a log without results")


WORD = 1 << 64
"""LoadGen counts in 64 bits; what is larger is no number of a log (LGEN010 says so)."""


WORD_DIGITS = 20
"""Shorter integers are below 2^64."""

NUMBER = re.compile(rb"-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]\d{1,2})?")


def whole(run: Run, key: str) -> int | None:
    """Return an integer of the log, None where it has none of 64 bits under that key."""
    raw = run.log.raw(key) if run.log is not None else None
    if raw is not None and raw.isdigit() and len(raw) < WORD_DIGITS:
        return int(raw)
    found = run.integer(key)
    return None if found is None or abs(found.value) >= WORD else found.value


FLAGS = {b"true": True, b"false": False}


def number(run: Run, key: str) -> float | None:
    """Return a finite number of the log, None where it has none under that key."""
    raw = run.log.raw(key) if run.log is not None else None
    if raw is not None and NUMBER.fullmatch(raw):
        return float(raw)
    found = run.number(key)
    return None if found is None else found.value


def truth(run: Run, key: str) -> bool | None:
    """Return a boolean of the log, None where it has none under that key."""
    raw = run.log.raw(key) if run.log is not None else None
    if raw is not None and raw in FLAGS:
        return FLAGS[raw]
    found = run.flag(key)
    return None if found is None else found.value


def planned(run: Run, key: str) -> int | None:
    """Return a ``generated_*`` number of the performance part.

    A SubmissionRun writes those of its accuracy part first.
    """
    mode = run.text("effective_test_mode")
    if run.log is None or mode is None or mode.value == "PerformanceOnly":
        return whole(run, key)
    if run.log.count(key) < 2:
        return whole(run, key)
    value = run.log.all(key)[-1].value
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < WORD
    return value if fits else None


def shown(value: Number) -> str:
    """Return a number of an identity as it is printed."""
    if isinstance(value, bool):
        return str(value).lower()
    return count(value)


def printed(value: object) -> str:
    """Return a value of a record as it stands in the log."""
    if isinstance(value, (bool, type(None))):
        return "null" if value is None else str(value).lower()
    text = str(value) if not isinstance(value, int) or abs(value) < WORD else hex(value)
    return text if isinstance(value, (int, float)) and abs(value) < WORD else quote(text)


def fault_of(run: Run, identity: Identity, key: str, because: str) -> Fault:
    """Return the fault of an identity that does not hold; ``because`` says what it follows from."""
    doubt = f" (+- {identity.tolerance:.3g})" if identity.tolerance else ""
    return Fault(
        run.at(key), f"{key} {shown(identity.claimed)}",
        f"{WORDS[identity.relation]}{shown(identity.expected)}{doubt}: {because}",
        subcode=identity.name,
    )


def broken(*checks: tuple[Run, Identity | None, str, str]) -> Iterator[Fault]:
    """Yield a fault for each check (run, identity, key, because) that does not hold."""
    for run, identity, key, because in checks:
        if identity is not None and identity.holds is False:
            yield fault_of(run, identity, key, because)


def first_fault(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield the first fault, with the others as its evidence: one cause is one finding."""
    found = list(faults)
    if found:
        first, others = found[0], found[1:]
        more = tuple(
            f"line {fault.at.line}: {fault.found}; required: {fault.required}" for fault in others
        )
        yield Fault(
            first.at, first.found, first.required, first.subcode, first.level, first.absent,
            first.why, first.fix, (*first.evidence, *more[:SHOWN]), first.subject,
            first.confidence,
        )


SHOWN = 5
"""Further disagreements that a finding quotes."""


SERIES = {
    "sample": ("result_min_latency_ns", "result_{}_percentile_latency_ns",
               "result_max_latency_ns", "result_mean_latency_ns"),
    "query": ("result_min_query_latency_ns", "result_{}_percentile_per_query_latency_ns",
              "result_max_query_latency_ns", "result_mean_query_latency_ns"),
    "first-token": ("result_first_token_min_latency_ns",
                    "result_first_token_{}_percentile_latency_ns",
                    "result_first_token_max_latency_ns", "result_first_token_mean_latency_ns"),
    "per-token": ("result_time_to_output_token_min",
                  "result_time_per_output_token_{}_percentile_ns",
                  "result_time_to_output_token_max", "result_time_to_output_token_mean"),
}
"""Series of latencies -> keys of minimum, percentiles, maximum and mean."""


@cache
def percentile_key(pattern: str, fraction: float) -> str:
    """Return the key of a percentile, such as ``result_99.90_percentile_latency_ns``."""
    return pattern.format(f"{fraction * 100:.2f}")


@cache
def series_keys(name: str) -> tuple[str, ...]:
    """Return the keys of a series that have to rise: minimum, percentiles, maximum."""
    low, pattern, high, _ = SERIES[name]
    return (low, *(percentile_key(pattern, fraction) for fraction in FRACTIONS), high)


def places(run: Run, name: str, queries: int) -> tuple[OrderStatistic, ...]:
    """Return the printed values of a series (ns) with their places among ``queries`` values."""
    low, pattern, high, _ = SERIES[name]
    known = (
        (fraction, whole(run, percentile_key(pattern, fraction))) for fraction in FRACTIONS
    )
    return order_statistics(
        queries, whole(run, low), whole(run, high),
        [(fraction, value) for fraction, value in known if value is not None],
    )
