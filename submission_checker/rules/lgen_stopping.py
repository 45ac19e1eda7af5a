"""LGEN018: early stopping, recomputed from counts and percentiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence import early_stopping as stopping
from submission_checker.evidence import early_stopping_texts as texts
from submission_checker.evidence.binomial import LARGEST_PERCENTILE
from submission_checker.evidence.order_statistics import OrderStatistic, fits, over_bounds
from submission_checker.evidence.settings import version_of
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules.texts import count, quote
from submission_checker.rules.told import (
    first_fault,
    number,
    places,
    truth,
    whole,
    with_results,
)

MET = "early_stopping_met"
RESULT = "early_stopping_result"
TPOT = ("per-token", "requested_server_tpot_latency", "early_stopping_tpot_result")
TTFT = ("first-token", "requested_server_ttft_latency", "early_stopping_ttft_result")
SECOND_KEY = "early_stopping_latency_ms"


@rule(
    id="LGEN018", name="early-stopping-recomputed",
    title="Early stopping follows from counts and percentiles",
    level=Level.ERROR, scope=Scope.LOG, when=with_results,
    why="early stopping says whether the run was long enough to trust its tail latency; it follows "
        "from numbers that stand in the log, so that another verdict was edited",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it; where a run falls short, let it issue "
        "more queries or lower the load",
    source="inference_policies inference_rules.adoc, appendix Early Stopping; mlcommons/inference "
           "loadgen/early_stopping.cc, loadgen/results.cc", key="early_stopping",
)
def early_stopping_recomputed(run: Run, context: Context) -> Iterator[Fault]:
    """``early_stopping_met``, the text and the estimate follow from n, percentile and latencies.

    Of n queries, t were above the target. The run passes when a system whose true share of slow
    queries is just the allowed one (10 % at the 90th percentile, 1 % at the 99th) would show so few
    with a probability below 1 %. So a Server run needs h(t) + t queries: 459 with no slow query at
    the 99th percentile, 662 with one, about 100 t + 233 sqrt(t) with many. SingleStream and
    MultiStream have no target: the latency that passes with the largest tolerable t is the
    published estimate, and the least run has 64 queries at the 90th or 662 at the 99th percentile.

    P[Binomial(n, 1 - percentile) <= t] < 0.01 decides. Server: t is the count of slow queries; with
    token latencies it is bounded by the printed percentiles, first of the time per output token,
    then of the first token. Streams: t* is the largest passing count, t* - 1 queries are discarded,
    and the estimate lies between the printed percentiles around place n - t*.
    """
    met, queries = truth(run, MET), whole(run, "result_query_count")
    percentile = number(run, "effective_target_latency_percentile")
    if met is None or queries is None:
        raise Skip("the log has no early stopping")
    if run.scenario == "Offline":
        yield from first_fault(_offline(run, met))
        return
    if not _fraction(percentile) or not 0 < queries <= stopping.MAX_COUNT or percentile is None:
        yield _unusable(run, percentile, queries)
        return
    case = _Case(run, met, queries, percentile)
    tokens = bool(truth(run, "requested_use_token_latencies"))
    if run.scenario == "Server":
        yield from first_fault(_server_tokens(case) if tokens else _server(case))
    elif run.scenario in ("SingleStream", "MultiStream"):
        yield from first_fault(_streams(case, tokens))
    else:
        raise Skip("no early stopping in this scenario")


def _fraction(percentile: float | None) -> bool:
    return percentile is not None and 0 < percentile <= LARGEST_PERCENTILE


def _unusable(run: Run, percentile: float | None, queries: int) -> Fault:
    if _fraction(percentile):
        key, found = "result_query_count", str(queries)
        required = f"from 1 to {stopping.MAX_COUNT} queries"
    else:
        key, found = "effective_target_latency_percentile", str(percentile)
        required = f"a fraction between 0 and {LARGEST_PERCENTILE}"
    return Fault(run.at(key), f"{key} {found}", required, subcode="inputs")


class _Case(NamedTuple):
    run: Run
    met: bool
    queries: int
    percentile: float


def _said(run: Run, key: str) -> str:
    found = run.text(key)
    return "" if found is None else found.value


def _offline(run: Run, met: bool) -> Iterator[Fault]:
    if not met:
        yield Fault(run.at(MET), f"{MET} false", "true: Offline has no early stopping",
                    subcode="met")
    if texts.collapsed(_said(run, RESULT)):
        yield Fault(run.at(RESULT), quote(_said(run, RESULT)), "nothing in Offline",
                    subcode="text")


def _wrong_met(case: _Case, follows: bool, because: str) -> Iterator[Fault]:
    if case.met != follows:
        yield Fault(case.run.at(MET), f"{MET} {str(case.met).lower()}",
                    f"{str(follows).lower()}: {because}", subcode="met")


def _server(case: _Case) -> Iterator[Fault]:
    run, over = case.run, whole(case.run, "result_overlatency_query_count")
    if over is None:
        raise Skip("the log does not count queries above the target")
    if not 0 <= over <= case.queries:
        yield Fault(run.at("result_overlatency_query_count"),
                    f"result_overlatency_query_count {count(over)}",
                    f"from 0 to {count(case.queries)}, the number of queries", subcode="inputs")
        return
    decision = stopping.decide_server(case.queries, over, case.percentile)
    yield from _wrong_met(
        case, decision.met,
        f"{count(over)} of {count(case.queries)} queries above the target need "
        f"{count(decision.needed)} queries at percentile {case.percentile:g}",
    )
    check = texts.compare_server_text(_said(run, RESULT), decision)
    if not check.agrees:
        yield _wrong_text(run, RESULT, check)


def _wrong_text(run: Run, key: str, check: texts.TextCheck) -> Fault:
    found, expected = texts.differing(check.found, check.expected)
    return Fault(run.at(key), f"{key}: {quote(found)}", quote(expected), subcode="text")


def _server_tokens(case: _Case) -> Iterator[Fault]:
    """TPOT is decided first; TTFT only where it passed. The slow count is known within bounds."""
    passed = True
    for series, limit_key, text_key in (TPOT, TTFT):
        text, limit = _said(case.run, text_key), whole(case.run, limit_key)
        known = places(case.run, series, case.queries)
        if limit is None or not known:
            return
        if not passed:
            if texts.collapsed(text):
                yield Fault(case.run.at(text_key), quote(text),
                            "nothing: TTFT is not judged where TPOT failed", subcode=text_key)
            break
        said = texts.is_success(text)
        least, most = over_bounds(case.queries, limit, known)
        decision = stopping.decide_tokens(case.queries, least, most, case.percentile)
        if not decision.allows(said) or not (said or texts.is_failure(text)):
            yield Fault(
                case.run.at(text_key), f"{text_key} {quote(texts.collapsed(text))}",
                f"{'a failure' if said else texts.SUCCESS}: by the percentiles of this log "
                f"{count(decision.least_over)} to {count(decision.most_over)} of "
                f"{count(case.queries)} queries are above {count(limit)} ns", subcode=text_key,
            )
        elif not said:
            yield from _missing(case, text, text_key, least, most)
        passed = passed and said
    yield from _wrong_met(case, passed, "as the texts for TPOT and TTFT say")


def _missing(case: _Case, text: str, key: str, least: int, most: int) -> Iterator[Fault]:
    """A failure names the queries that are missing, which imply the count of slow ones."""
    over = texts.over_from_text(text, case.queries, case.percentile)
    if over is None or not least - 1 <= over <= most + 1:
        implied = "no count" if over is None else count(over)
        yield Fault(case.run.at(key), f"{quote(texts.collapsed(text))} implies {implied} above the "
                    "limit", f"{count(least)} to {count(most)}, by the percentiles of this log",
                    subcode=key)


def _streams(case: _Case, tokens: bool) -> Iterator[Fault]:
    """SingleStream with tokens decides TPOT, then TTFT; the keys hold the values of the last."""
    run = case.run
    if run.scenario == "MultiStream":
        yield from _stream(case, "query", RESULT, SECOND_KEY, None)
    elif not tokens:
        yield from _stream(case, "sample", RESULT, "early_stopping_latency_ss", SECOND_KEY)
    else:
        yield from _stream(case, "per-token", TPOT[2], None, None)
        yield from _stream(case, "first-token", TTFT[2], "early_stopping_latency_ss", SECOND_KEY)


def _stream(
    case: _Case, series: str, text_key: str, key: str | None, second_key: str | None,
) -> Iterator[Fault]:
    run, text = case.run, _said(case.run, text_key)
    decision = stopping.decide_stream(case.queries, case.percentile)
    second = None if run.scenario == "MultiStream" else stopping.decide_stream(
        case.queries, stopping.MULTI_STREAM_PERCENTILE)
    estimate = whole(run, key) if key is not None else None
    other = whole(run, second_key) if second_key is not None else None
    yield from _wrong_met(
        case, decision.met, f"{count(case.queries)} queries, of {count(decision.needed)} needed at "
        f"percentile {case.percentile:g}")
    told = list(_keys_told(case, text, text_key, ((key, 1), (second_key, 2))))
    yield from told
    if told:
        return
    check = texts.compare_stream_text(
        text, decision, case.percentile, estimate, second=second, second_estimate=other)
    if not check.agrees and _first_revision(run):
        early = stopping.undiscarding(decision)
        tried = texts.compare_stream_text(text, early, case.percentile, estimate, second=second,
                                          second_estimate=other)
        if tried.agrees:
            decision, check = early, tried
    if not check.agrees:
        yield _wrong_text(run, text_key, check)
        return
    read, known = texts.read_stream_text(text), places(run, series, case.queries)
    if read is None or not known:
        return
    yield from _estimate(case, read.estimate, decision, known, key or text_key)
    if second is not None:
        yield from _estimate(case, read.second_estimate, second, known, second_key or text_key)


def _keys_told(
    case: _Case, text: str, text_key: str, keys: tuple[tuple[str | None, int], ...],
) -> Iterator[Fault]:
    """The estimates stand twice: in the text and under a key of their own."""
    read = texts.read_stream_text(text)
    for key, which in keys:
        value = whole(case.run, key) if key is not None else None
        said = None if read is None else read.estimate if which == 1 else read.second_estimate
        if key is not None and value is not None and said is not None and said != value:
            yield Fault(case.run.at(key), f"{key} {count(value)}",
                        f"{count(said)}, as {text_key} in line {case.run.at(text_key).line} says",
                        subcode=key)


def _estimate(
    case: _Case, value: int | None, decision: stopping.StreamDecision,
    known: tuple[OrderStatistic, ...], key: str,
) -> Iterator[Fault]:
    index = decision.estimate_index
    if value is None or index is None or fits(index, value, known):
        return
    around = [s for s in known if (s.index <= index) != (s.value <= value) or s.index == index]
    shown = around[0] if around else known[0]
    yield Fault(
        case.run.at(key), f"{key}: estimate {count(value)} ns",
        f"the latency at place {count(index)} of {count(case.queries)}, while place "
        f"{count(shown.index)} has {count(shown.value)} ns", subcode="estimate",
    )


def _first_revision(run: Run) -> bool:
    """Return whether a log may be of the first revisions with early stopping."""
    version = run.text("loadgen_version")
    return version is not None and version_of(version.value) == (2, 0)
