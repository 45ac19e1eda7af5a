"""The sentences in which LoadGen prints its early-stopping decision, read and compared.

Source: mlcommons/inference@v5.1:loadgen/results.cc (EarlyStopping). Newlines of the sentences
became blanks in the detail log, with their indentation, so texts are compared with white space
collapsed. Percentiles are printed without decimals up to LoadGen 4.0 and with one afterwards.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from submission_checker.evidence.early_stopping import (
    MAX_COUNT,
    MULTI_STREAM_PERCENTILE,
    ServerDecision,
    StreamDecision,
    min_total,
    tolerated,
)

MAX_TEXT = 4096
"""Characters of a text that are looked at; the longest real one has about 250."""

SUCCESS = "* Run successful."
NUMBER = r"(\d{1,30})"
FAILURE = re.compile(
    rf"\* Run unsuccessful\. \* Processed {NUMBER} queries\. \* Would need to run at least "
    rf"{NUMBER} more queries, with the run being successful if every additional query were "
    r"under latency\."
)
TOO_SHORT = re.compile(
    rf"\* Only processed {NUMBER} queries\. \* Need to process at least {NUMBER} queries for "
    r"early stopping\."
)
PERCENT = r"(\d{1,3}(?:\.\d)?)th"
ESTIMATE = re.compile(
    rf"\* Processed at least {NUMBER} queries \({NUMBER}\)\. \* Would discard {NUMBER} highest "
    rf"latency queries\. \* Early stopping {PERCENT} percentile estimate: {NUMBER}"
    rf"(?: \* Early stopping {PERCENT} percentile estimate: {NUMBER}"
    rf"| \* Not enough queries processed for {PERCENT} percentile early stopping estimate "
    rf"\(would need to process at least {NUMBER} total queries\)\.)?"
)
MORE_TOLERANCE = 1e-8
"""LoadGen's log-gamma differences lose the last digits above about 5e8 queries."""


class TextCheck(NamedTuple):
    """Whether a printed text is the one that LoadGen writes for the decision.

    ``expected`` is that text with its white space collapsed (for a number printed with a
    tolerance, the exact number), ``found`` the printed one.
    """

    agrees: bool
    found: str
    expected: str
    tolerance: int = 0


class StreamText(NamedTuple):
    """Numbers in the text of a SingleStream or MultiStream run; latencies in ns.

    ``second_estimate`` is the 99th percentile that only SingleStream estimates, 0 where the text
    says that there were too few queries for it, None where the text has no such part.
    """

    queries: int
    needed: int
    discarded: int | None
    estimate: int | None
    second_estimate: int | None


def collapsed(text: str) -> str:
    """Return a text with every stretch of white space as one blank, cut at 4096 characters."""
    return " ".join(text[:MAX_TEXT].split())


def differing(found: str, expected: str) -> tuple[str, str]:
    """Return the sentences (from one ``*`` to the next) that differ between two texts."""
    one, two = found.split(" * "), expected.split(" * ")
    while one and two and one[0] == two[0]:
        one, two = one[1:], two[1:]
    while one and two and one[-1] == two[-1]:
        one, two = one[:-1], two[:-1]
    return " * ".join(one), " * ".join(two)


def more_tolerance(needed: int) -> int:
    """Return by how many queries LoadGen's own arithmetic may be off at a total of ``needed``."""
    return max(1, int(MORE_TOLERANCE * needed))


def compare_server_text(text: str, decision: ServerDecision) -> TextCheck:
    """Return whether a Server text says what was decided.

    The number of missing queries may be off by the larger of one and 1e-8 of the total needed.
    """
    found = collapsed(text)
    if decision.met:
        return TextCheck(found == SUCCESS, found, SUCCESS)
    expected = (
        f"* Run unsuccessful. * Processed {decision.queries} queries. * Would need to run at "
        f"least {decision.more} more queries, with the run being successful if every additional "
        "query were under latency."
    )
    tolerance = more_tolerance(decision.needed)
    match = FAILURE.fullmatch(found)
    agrees = match is not None and int(match[1]) == decision.queries and (
        abs(int(match[2]) - decision.more) <= tolerance
    )
    return TextCheck(agrees, found, expected, tolerance)


def over_from_text(text: str, queries: int, percentile: float) -> int | None:
    """Return the count over the target that the ``would need`` number of a Server text implies.

    None where the text is of another kind, names other queries or too many, or no count gives
    that number.

    Raises:
        ValueError: the percentile is no fraction.
    """
    match = FAILURE.fullmatch(collapsed(text))
    if match is None or int(match[1]) != queries:
        return None
    needed = queries + int(match[2])
    if needed + more_tolerance(needed) > MAX_COUNT:
        return None
    over = tolerated(needed + more_tolerance(needed), percentile)
    near = abs(min_total(over, percentile) - needed) <= more_tolerance(needed)
    return over if near else None


def is_success(text: str) -> bool:
    """Return whether a Server text says that the run passed."""
    return collapsed(text) == SUCCESS


def is_failure(text: str) -> bool:
    """Return whether a Server text says that the run did not pass."""
    return FAILURE.fullmatch(collapsed(text)) is not None


def read_stream_text(text: str) -> StreamText | None:
    """Return the numbers of a SingleStream or MultiStream text, None for any other text."""
    short = collapsed(text)
    if (match := TOO_SHORT.fullmatch(short)) is not None:
        return StreamText(int(match[1]), int(match[2]), None, None, None)
    if (match := ESTIMATE.fullmatch(short)) is None:
        return None
    second = int(match[7]) if match[7] else 0 if match[8] else None
    return StreamText(int(match[2]), int(match[1]), int(match[3]), int(match[5]), second)


def stream_text(
    decision: StreamDecision, percentile: float, estimate: int | None, *,
    second: StreamDecision | None = None, second_estimate: int | None = None, decimals: int = 1,
) -> str:
    """Return LoadGen's text, white space collapsed, for a decision and its estimates (ns).

    Args:
        decision: at the run's own percentile.
        percentile: that percentile as a fraction.
        estimate: latency at ``decision.estimate_index``, None where there is none.
        second: decision at the 99th percentile, for SingleStream only.
        second_estimate: latency at its index.
        decimals: of the printed percentiles: 0 up to LoadGen 4.0, 1 afterwards.
    """
    if not decision.met:
        return (
            f"* Only processed {decision.queries} queries. * Need to process at least "
            f"{decision.needed} queries for early stopping."
        )
    text = (
        f"* Processed at least {decision.needed} queries ({decision.queries}). * Would discard "
        f"{decision.discarded} highest latency queries. * Early stopping "
        f"{percentile * 100:.{decimals}f}th percentile estimate: {estimate}"
    )
    if second is None:
        return text
    percent = f"{MULTI_STREAM_PERCENTILE * 100:.{decimals}f}th percentile"
    if not second.met:
        return text + (
            f" * Not enough queries processed for {percent} early stopping estimate (would need "
            f"to process at least {second.needed} total queries)."
        )
    return text + f" * Early stopping {percent} estimate: {second_estimate}"


def compare_stream_text(
    text: str, decision: StreamDecision, percentile: float, estimate: int | None, *,
    second: StreamDecision | None = None, second_estimate: int | None = None,
) -> TextCheck:
    """Return whether a text says what was decided; arguments as for `stream_text`.

    An estimate given as None is taken from the text itself, for texts whose estimate no key
    holds (the first of two token latencies).
    """
    found = collapsed(text)
    read = read_stream_text(found)
    if estimate is None and read is not None:
        estimate = read.estimate
    if second_estimate is None and read is not None:
        second_estimate = read.second_estimate
    expected = [
        stream_text(decision, percentile, estimate, second=second,
                    second_estimate=second_estimate, decimals=decimals)
        for decimals in (1, 0)
    ]
    return TextCheck(found in expected, found, expected[0])
