"""Verdict texts of the audit scripts: their deciding lines and the numbers they print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from compliance_tests.records import (
    Case,
    QuotedNumber,
    QuotedScore,
    Score,
    SpeedCheck,
    TextCheck,
    Verdict,
)
from submission_checker.model.documents import TextFile
from submission_checker.model.findings import Location

NUMBER = r"([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2}(?![0-9]))?)"
SCORE_TOLERANCE = 2e-3
"""Texts print two decimals or six digits of a score; a quoted one this close is the same."""

REFERENCE_NAMES = ("reference score",)
TEST_NAMES = ("test score",)


def verdicts(case: Case) -> tuple[TextCheck, ...]:
    """Return what every verdict text of an audit says; absent texts are left out."""
    return case.once("verdicts", _verdicts)


def _verdicts(case: Case) -> tuple[TextCheck, ...]:
    return tuple(
        verdict_of(text, case.spec.pass_lines[file], case.spec.fail_lines.get(file, ()))
        for file in case.spec.pass_lines
        if (text := case.audit.texts.get(file)) is not None
    )


def verdict_of(
    text: TextFile, groups: Sequence[Sequence[str]], failing: Sequence[str]
) -> TextCheck:
    """Return what a text says: a line counts where it starts with the words of the verdict.

    Every group needs one of its lines; a failing line anywhere decides against the text.
    """
    lines = [(at, line.strip()) for at, line in enumerate(text.lines, start=1)]
    passing = [_last(lines, group) for group in groups]
    missing = tuple(
        tuple(group) for group, found in zip(groups, passing, strict=True) if found is None
    )
    failed = _last(lines, failing)
    found = [item for item in passing if item is not None]
    deciding = failed or (found[-1] if found and not missing else None)
    verdict = Verdict.UNDECIDED if missing else Verdict.PASS
    if failed is not None:
        verdict = Verdict.FAIL
    return TextCheck(
        text.path.rpartition("/")[2], verdict,
        Location(text.path, deciding[0] if deciding else None),
        deciding[1] if deciding else "", failed is not None and not missing, missing,
    )


def _last(lines: Iterable[tuple[int, str]], words: Sequence[str]) -> tuple[int, str] | None:
    """Return the last line that starts with one of the words."""
    found = None
    for at, line in lines:
        if words and line.startswith(tuple(words)):
            found = (at, line)
    return found


def quoted(
    text: TextFile | None, names: Sequence[str], *, last: bool = False
) -> QuotedNumber | None:
    """Return the first (or last) number that a text gives under a name, as ``name = x``."""
    if text is None:
        return None
    pattern = _named_number(tuple(names))
    lines = list(enumerate(text.lines, start=1))
    for at, line in reversed(lines) if last else lines:
        found = pattern.match(line)
        if found:
            return QuotedNumber(
                found[1], float(found[2]), _half_step(found[2]), Location(text.path, at)
            )
    return None


@lru_cache(maxsize=64)
def _named_number(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"\s*({'|'.join(re.escape(name) for name in names)})\s*[=:]\s*{NUMBER}", re.IGNORECASE
    )


def _half_step(printed: str) -> float:
    """Return half a unit of the last printed digit."""
    mantissa, _, exponent = printed.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def scores(
    text: TextFile | None, names: Sequence[str], expected: Sequence[Score], *, as_rates: bool
) -> QuotedScore | None:
    """Return the score that a text quotes beside those of the logs; any of them may be meant.

    ``as_rates``: the script turned latencies into rates, 1e9 / latency in ns.
    """
    number = quoted(text, names)
    if number is None or not expected:
        return None
    agrees = any(
        abs(number.value - value) <= max(SCORE_TOLERANCE * abs(value), number.step)
        for item in expected
        for value in _forms(item, as_rates)
    )
    return QuotedScore(number, tuple(expected), agrees)


def _forms(item: Score, as_rates: bool) -> tuple[float, ...]:
    if as_rates and item.lower_is_better:
        return (1e9 / item.value, item.value)
    return (item.value,)


def said_passes(case: Case, file: str) -> bool:
    """Return whether a verdict text of the audit says that it passed."""
    return any(
        check.file == file and check.verdict is Verdict.PASS for check in verdicts(case)
    )


def quoted_scores(
    case: Case, file: str, checks: Sequence[SpeedCheck], *, as_rates: bool = False,
    names: tuple[Sequence[str], Sequence[str]] = (REFERENCE_NAMES, TEST_NAMES),
) -> tuple[QuotedScore, ...]:
    """Return the reference and test scores that a performance text quotes."""
    text = case.audit.texts.get(file)
    found = (
        scores(text, names[0], [check.reference for check in checks], as_rates=as_rates),
        scores(text, names[1], [check.test for check in checks], as_rates=as_rates),
    )
    return tuple(item for item in found if item is not None)
