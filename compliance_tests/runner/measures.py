"""Numbers of a run by which two runs are compared, robust against the noise of a shared host."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from compliance_tests.runner.session import Done
from submission_checker.model.run import Run

P50, RATE = "result_50.00_percentile_latency_ns", "result_samples_per_second"
FIRST_LEAST = "result_first_token_min_latency_ns"
PER_TOKEN = "result_time_per_output_token_50.00_percentile_ns"


@dataclass(frozen=True, slots=True)
class Speed:
    """The number of a run: the median latency in ns, or in Offline the rate in samples/s."""

    key: str
    value: float
    lower_is_better: bool


def speed(run: Run) -> Speed | None:
    """Return the number by which runs are compared; None where the log has none above 0.

    The median has less than half the noise of the official 90 or 99 % estimates, and the score of
    Server is set by its schedule, not by the system.
    """
    offline = run.scenario == "Offline"
    key = RATE if offline else P50
    found = run.number(key)
    return Speed(key, found.value, not offline) if found is not None and found.value > 0 else None


def slower(run: Run, reference: Run) -> float | None:
    """Return ln of how many times slower a run is than the reference."""
    mine, other = speed(run), speed(reference)
    if mine is None or other is None or mine.key != other.key:
        return None
    ratio = math.log(mine.value / other.value)
    return ratio if mine.lower_is_better else -ratio


def load_seconds(done: Sequence[Done]) -> list[float]:
    """Return the seconds per sample of the first load of each run that a driver timed.

    Time in which the loading thread waited for a CPU belongs to the host and is left out.
    """
    found = []
    for item in done:
        for samples, seconds, waited in (item.told.get("loads") or [])[:1]:
            if samples:
                found.append(max(0.0, seconds - waited) / samples)
    return found


def seconds_per_answer(done: Done) -> float | None:
    """Return the wall time of a run per sample that it loaded; None where no driver timed it."""
    samples = sum(loaded[0] for loaded in done.told.get("loads") or [])
    return done.told["wall_s"] / samples if samples else None


def held_back(run: Run, mean_tokens: float) -> float | None:
    """Return the time of all later tokens of an answer as a share of the least time to the first.

    Near nothing, the first token was reported when all were there. None where the log has no
    token times.
    """
    per_token, first = run.number(PER_TOKEN), run.number(FIRST_LEAST)
    if per_token is None or first is None or first.value <= 0 or mean_tokens <= 1:
        return None
    return per_token.value * (mean_tokens - 1) / first.value
