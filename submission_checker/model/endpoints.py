"""A result of the endpoints harness: its configuration, summary, accuracy and audits, typed.

A value that is absent or has another form is None; ``odd`` says what had another form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from submission_checker.model.documents import JsonFile, Problem
from submission_checker.model.findings import Location
from submission_checker.model.run import Datum


class Config(NamedTuple):
    """config.yaml: the resolved configuration of the run."""

    file: JsonFile
    odd: tuple[Problem, ...]
    type: Datum[str] | None
    """``offline``, ``online``, ``eval`` or ``submission``."""
    benchmark_mode: Datum[str] | None
    version: Datum[str] | None
    min_duration_ms: Datum[float] | None
    sample_seed: Datum[int] | None
    """``dataloader_random_seed``, the seed that chooses samples."""
    schedule_seed: Datum[int] | None
    """``scheduler_random_seed``, the seed of the arrivals."""
    load_pattern: Datum[str] | None
    target_qps: Datum[float] | None
    target_concurrency: Datum[int] | None
    streaming: Datum[str] | None
    """``on``, ``off`` or ``auto``."""
    secrets: tuple[Datum[str], ...]
    """Keys named like a secret that hold a value; the value itself is not kept."""

    @property
    def kind(self) -> Datum[str] | None:
        """What the run was: its type, or the mode of a ``submission``."""
        own = self.type is not None and self.type.value == "submission"
        return self.benchmark_mode or self.type if own else self.type


class Series(NamedTuple):
    """Statistics of one quantity over the samples; latencies in nanoseconds."""

    name: str
    at: Location
    total: Datum[float] | None
    minimum: Datum[float] | None
    maximum: Datum[float] | None
    median: Datum[float] | None
    mean: Datum[float] | None
    percentiles: Mapping[float, Datum[float]]
    early_stopping: Mapping[float, Datum[float] | None] | None
    """Percentile -> estimate, None where the harness gives null; None where there is no map."""
    counts: Datum[int] | None
    """Sum of the histogram's counts."""
    histogram: tuple[tuple[float, float, int], ...] | None = None
    """(begin, end, count) of each bucket, None where its buckets are no pairs of numbers."""


class Summary(NamedTuple):
    """performance/result_summary.json."""

    file: JsonFile
    odd: tuple[Problem, ...]
    version: Datum[str] | None
    revision: Datum[str] | None
    issued: Datum[int] | None
    completed: Datum[int] | None
    failed: Datum[int] | None
    duration_ns: Datum[float] | None
    window_ns: Datum[float] | None
    """Window of the rates where the harness counts as LoadGen does."""
    state: Datum[str] | None
    complete: Datum[bool] | None
    qps: Datum[float] | None
    tps: Datum[float] | None
    ttft: Series | None
    tpot: Series | None
    latency: Series | None
    output_lengths: Series | None
    input_lengths: Series | None
    pattern_run: Datum[str] | None
    """Load pattern that the run itself recorded."""
    sample_seed_run: Datum[int] | None
    schedule_seed_run: Datum[int] | None

    def series(self) -> tuple[Series, ...]:
        """Return the series that are there."""
        every = (self.ttft, self.tpot, self.latency, self.output_lengths, self.input_lengths)
        return tuple(one for one in every if one is not None)


class Score(NamedTuple):
    """One entry of ``accuracy_scores``."""

    dataset: str
    at: Location
    counts: bool
    """Whether the entry is about accuracy; others repeat samples of the performance part."""
    value: Datum[float] | None
    """The score where it is one number."""
    given: str
    """The score as the file gives it, for messages."""
    named: Mapping[str, Datum[float]]
    """The numbers of a score that is a map, and of the breakdown."""
    unit_samples: Datum[int] | None
    repeats: Datum[int] | None
    total: Datum[int] | None
    complete: Datum[bool] | None
    responses: Mapping[str, Datum[int]]
    """``issued``, ``scored``, ``empty``, ``missing``."""


class Accuracy(NamedTuple):
    """accuracy/accuracy_results.json."""

    file: JsonFile
    odd: tuple[Problem, ...]
    scores: tuple[Score, ...]
    average: Datum[float] | None = None
    """``average_accuracy``, the mean over the plain scores."""

    def counting(self) -> tuple[Score, ...]:
        """Return the entries that are about accuracy."""
        return tuple(score for score in self.scores if score.counts)


class AuditFile(NamedTuple):
    """audit/audit_NAME.json."""

    name: str
    file: JsonFile
    odd: tuple[Problem, ...]
    test: Datum[str] | None
    passed: Datum[bool] | None
    threshold: Datum[float] | None
    numbers: Mapping[str, Datum[float]]
    """``ref_qps``, ``audit_qps`` and how many samples each phase asked for and completed."""


class EndpointsPart(NamedTuple):
    """What the endpoints harness left in a scenario folder; absent files are None."""

    config_path: str
    summary_path: str
    accuracy_path: str
    config: Config | None
    summary: Summary | None
    accuracy: Accuracy | None
    audits: Mapping[str, AuditFile]
    audit_folder: str
    elsewhere: Mapping[str, str]
    """Name of a file that is absent -> where one of that name lies below the result."""
    own: tuple[str, ...]
    """Those of the three paths at which there is a file, read or not."""
    extra: tuple[str, ...]
    """Paths in ``performance`` and ``accuracy`` that the harness's submission does not have."""
    artefacts: Mapping[str, tuple[str, ...]]
    """Sub-folder of ``accuracy/`` -> names of its files."""
    summary_sha256: str | None = None
    """Hash of the summary's bytes, which identifies the run."""
