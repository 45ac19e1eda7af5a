"""The stricter verdicts: what the official procedures miss, each from runs that were made.

Every function takes finished runs and returns a verdict with the numbers behind it. Nothing here
starts anything; ``campaign`` decides which runs are made and when enough is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from compliance_tests import streaming
from compliance_tests.records import Verdict
from compliance_tests.runner import measures, tokens
from compliance_tests.runner.locate import ACCURACY
from compliance_tests.runner.session import Done
from compliance_tests.runner.wording import answers_numbers, answers_said
from submission_checker.evidence.paired import Comparison, Decision

LOAD_RATIO = 5.0
LEAST_LOAD_S = 0.001
"""A load that is shorter cannot be told from nothing on a shared host."""

ANSWER_SHARE = 0.05
"""A load that takes less than this share of an answer's time holds no answers."""

HELD_BACK = 0.05
"""Later tokens that together take less than this share of the first were not generated later."""

SURE = 2.3263478740408408
"""One-sided 99 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Strict:
    """A stricter verdict."""

    name: str
    verdict: Verdict
    said: str
    numbers: Mapping[str, object] = field(default_factory=dict)
    more: str = ""
    """What would settle an undecided one."""


def log_of(done: Done) -> Path:
    """Return the accuracy log of a run."""
    return done.logs / ACCURACY


def broken(name: str, done: Sequence[Done]) -> Strict | None:
    """Return the verdict where a run that it needs failed."""
    fatal = next(((item, item.fatal) for item in done if item.fatal is not None), None)
    if fatal is None:
        return None
    return Strict(name, Verdict.UNDECIDED, f"{fatal[0].spec.name}: {fatal[1]}")


def answers(name: str, run: Done, accuracy: Path, control: Path | None = None) -> Strict:
    """Compare the whole payload of all logged answers with the accuracy run.

    ``control`` is a second accuracy run: where it differs from the first, the system does not
    always answer alike, and only a share of differences above its own fails.
    """
    bad = broken(name, [run])
    if bad is not None:
        return bad
    found = streaming.compare_files(log_of(run), accuracy)
    numbers = answers_numbers(found)
    if found.problems or not found.compared:
        return Strict(name, Verdict.UNDECIDED, f"{'; '.join(found.problems) or 'nothing logged'}: "
                      "not every answer can be compared", numbers, "a whole accuracy log")
    if found.unknown or not found.differing or control is None:
        return Strict(name, found.verdict, answers_said(found), numbers)
    own = streaming.compare_files(control, accuracy)
    numbers["differing_between_accuracy_runs"] = own.differing
    if not own.differing or not own.compared:
        return Strict(name, Verdict.FAIL, f"{answers_said(found)}; two accuracy runs agree in all "
                      f"{own.compared}", numbers)
    mine, usual = found.differing / found.compared, own.differing / own.compared
    noise = math.sqrt(usual * (1 - usual) * (1 / found.compared + 1 / own.compared))
    verdict = Verdict.FAIL if mine - usual > SURE * noise else Verdict.PASS
    return Strict(name, verdict, f"{mine:.2%} of the answers differ from the accuracy run; two "
                  f"accuracy runs differ in {usual:.2%}", numbers)


def pairs(name: str, what: str, comparison: Comparison) -> Strict:
    """Return the verdict of interleaved runs."""
    low, middle, high = (math.exp(value) for value in (
        comparison.low, comparison.median, comparison.high))
    count = len(comparison.ratios)
    numbers: dict[str, object] = {
        "pairs": count, "median_ratio": middle, "low": low, "high": high,
        "confidence": comparison.confidence, "threshold_ratio": math.exp(comparison.threshold),
        "ratios": [math.exp(value) for value in comparison.ratios],
    }
    if comparison.achievable is not None:
        numbers["achievable"] = comparison.achievable
    said = (f"{what} by a factor of {middle:.3f} in the median of {count} "
            f"pair{'s' if count > 1 else ''} ({low:.3f} to {high:.3f} at "
            f"{comparison.confidence:.0%}), allowed {math.exp(comparison.threshold):.3f}")
    verdict = {Decision.WITHIN: Verdict.PASS, Decision.BEYOND: Verdict.FAIL,
               Decision.UNDECIDED: Verdict.UNDECIDED}[comparison.decision]
    more = ""
    if verdict is Verdict.UNDECIDED:
        spread = comparison.spread
        noise = "one pair shows no noise"
        if spread:
            noise = f"noise of {math.expm1(spread):.1%} per pair"
        need = comparison.more_pairs
        more = f"{noise}; " + (f"about {need} more pairs settle it" if need else "run more pairs")
    return Strict(name, verdict, said, numbers, more)


def load(name: str, performance: Sequence[Done], accuracy: Sequence[Done]) -> Strict:
    """Compare the time to load a sample in performance and in accuracy mode.

    Loading is not timed by LoadGen, so answers could be computed there. The quickest run of either
    mode counts, so that no stall of the host decides where there are two.
    """
    bad = broken(name, [*performance, *accuracy])
    if bad is not None:
        return bad
    timed, usual = measures.load_seconds(performance), measures.load_seconds(accuracy)
    if not timed or not usual:
        return Strict(name, Verdict.UNDECIDED, "loads were not timed", {}, "a driven SUT (--sut)")
    samples = min(int(item.told["loads"][0][0]) for item in performance if item.told.get("loads"))
    mine, other = min(timed), max(min(usual), 1e-9)
    numbers: dict[str, object] = {
        "performance_s_per_sample": mine, "accuracy_s_per_sample": other, "samples": samples,
        "ratio": mine / other,
        "may_hold_answers": any(mine > ANSWER_SHARE * (measures.seconds_per_answer(item) or 0)
                                for item in accuracy),
    }
    much = mine / other > LOAD_RATIO and mine * samples > LEAST_LOAD_S
    return Strict(name, Verdict.FAIL if much else Verdict.PASS,
                  f"loading a sample takes {mine * 1e6:.2f} us in performance mode and "
                  f"{other * 1e6:.2f} us in accuracy mode (ratio {mine / other:.1f}, allowed "
                  f"{LOAD_RATIO:g})", numbers)


def token_report(name: str, run: Done) -> Strict:
    """Check every logged answer of a token model, and the times of its tokens."""
    bad = broken(name, [run])
    if bad is not None:
        return bad
    offline = run.run.scenario == "Offline"
    found = tokens.examine(log_of(run), first_tokens=not offline)
    numbers = found.numbers()
    if not found.entries:
        return Strict(name, Verdict.UNDECIDED, "no answer was logged", numbers)
    faults = []
    if found.wrong_count or found.first_differs or found.repeated_end:
        faults.append(found.said())
    if found.first_empty:
        faults.append(f"{found.first_empty} answers reported a first token without any bytes")
    share = None if offline else measures.held_back(run.run, found.mean_tokens)
    if share is not None:
        numbers["later_tokens_share_of_first"] = share
        if share < HELD_BACK:
            faults.append(f"all later tokens of an answer take {share:.1%} of the time of the "
                          "first: it was held back until all were there")
    return Strict(name, Verdict.FAIL if faults else Verdict.PASS,
                  "; ".join(faults) or found.said(), numbers)
