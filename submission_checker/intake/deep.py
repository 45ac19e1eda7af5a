"""How much ``--deep`` has to draw: counted in the logs before anything is judged."""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from submission_checker.intake.reading import DETAIL_LOG
from submission_checker.model.files import FileTable
from submission_checker.sources.base import Source, Unreadable

if TYPE_CHECKING:
    from submission_checker.evidence.rng import WordStream

VALUES = re.compile(
    rb'"key": "(generated_query_count|generated_samples_per_query|effective_scenario'
    rb"|effective_target_qps|effective_schedule_rng_seed|effective_test_mode"
    rb'|effective_accuracy_log_sampling_target|effective_accuracy_log_probability)"'
    rb', "value": "?([^",]{1,40})'
)
TEXT_VALUES = re.compile(
    rb': *(Scenario|Test mode|target_qps|schedule_rng_seed|accuracy_log_sampling_target'
    rb"|accuracy_log_probability) : ([^\r\n]{1,40})"
)
TEXT_COUNTS = re.compile(
    rb'GeneratedQueries: "queries" : (\d{1,18}), "samples per query" : (\d{1,18})')
TEXT_NAMES = {b"Scenario": b"effective_scenario", b"Test mode": b"effective_test_mode"}
NUMBER = re.compile(rb"\d{1,18}")
SPEED_BLOCK, SPEED_BLOCKS = 1 << 16, 9
"""Numbers that are drawn to see how fast this machine is."""


@dataclass(frozen=True, slots=True)
class DeepWork:
    """What ``--deep`` replays: runs, their queries (equal runs once), samples of audits."""

    runs: int
    queries: int
    samples: int

    def seconds(self) -> float:
        """Return about how many seconds of one core that takes on this machine."""
        per_query, per_sample = speed()
        return self.queries * per_query + self.samples * per_sample

    def sentence(self) -> str:
        """Return what will be replayed and about how long it takes."""
        return (f"--deep replays {self.queries:,} queries of {self.runs:,} Server runs and "
                f"{self.samples:,} samples of audits: at most about "
                f"{math.ceil(self.seconds()):,} s of one core").replace(",", " ")


def deep_work(source: Source, table: FileTable) -> DeepWork:
    """Return what has to be drawn for the detail logs of a tree; unreadable ones count nothing."""
    queries: set[tuple[bytes, bytes, int]] = set()
    samples: set[tuple[bytes, int]] = set()
    runs = 0
    for data in _logs(source, table):
        values, count, each = _values(data)
        scenario = values.get(b"effective_scenario", b"")
        if not values.get(b"effective_test_mode", b"").startswith((b"Perf", b"Subm")):
            continue
        if scenario.strip() == b"Server":
            runs += 1
            queries.add((values.get(b"effective_schedule_rng_seed", b""),
                         values.get(b"effective_target_qps", b""), count))
        sampling = [values.get(b"effective_accuracy_log_" + key, b"0").strip()
                    for key in (b"sampling_target", b"probability")]
        if any(value not in (b"0", b"") for value in sampling):
            samples.add((scenario, count * each))
    return DeepWork(runs, sum(n for _, _, n in queries), sum(n for _, n in samples))


def _logs(source: Source, table: FileTable) -> Iterator[bytes]:
    for path in sorted(table.entries):
        if path.rpartition("/")[2] == DETAIL_LOG and table.follow(path) is not None:
            try:
                yield source.read(path)
            except Unreadable:
                continue  # the check itself reports it


def _values(data: bytes) -> tuple[dict[bytes, bytes], int, int]:
    """Return settings, and the last generated queries and samples per query, of either log form."""
    values: dict[bytes, bytes] = {}
    if data.startswith(b'"pid"'):
        for name, value in TEXT_VALUES.findall(data):
            values[TEXT_NAMES.get(name, b"effective_" + name)] = value
        count, each = (TEXT_COUNTS.findall(data) or [(b"0", b"0")])[-1]
        return values, int(count), int(each)
    values.update(VALUES.findall(data))
    numbers = [values.get(key, b"0") for key in (b"generated_query_count",
                                                 b"generated_samples_per_query")]
    count, each = (n if NUMBER.fullmatch(n) else b"0" for n in numbers)
    return values, int(count), int(each)


def speed() -> tuple[float, float]:
    """Return seconds per Server query and per audit sample, measured now on a few of them."""
    from submission_checker.evidence.rng import (
        WordStream,
        canonicals,
        interarrivals_ns,
        survivals,
        unit_exponentials,
    )

    def schedule(stream: WordStream) -> None:
        survival = survivals(stream, SPEED_BLOCK)
        interarrivals_ns(unit_exponentials(survival), survival, 1000.0).cumsum()

    def sample(stream: WordStream) -> None:
        canonicals(stream, SPEED_BLOCK)

    return _per_number(schedule, WordStream(1)), _per_number(sample, WordStream(1))


def _per_number(draw: Callable[[WordStream], None], stream: WordStream) -> float:
    """Return seconds per number of the middle one of a few blocks: the first ones warm up."""
    times = []
    for _ in range(SPEED_BLOCKS):
        begin = time.perf_counter()
        draw(stream)
        times.append(time.perf_counter() - begin)
    return statistics.median(times) / SPEED_BLOCK
