"""The settings of a LoadGen run that its random choices depend on, and what versions differ in.

Field names follow the ``effective_`` keys of the detail log
(mlcommons/inference@v5.1:loadgen/test_settings_internal.cc).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

SINGLE_STREAM = "SingleStream"
MULTI_STREAM = "MultiStream"
MULTI_STREAM_FREE = "MultiStreamFree"
SERVER = "Server"
OFFLINE = "Offline"
PERFORMANCE = "PerformanceOnly"
ACCURACY = "AccuracyOnly"
SUBMISSION = "SubmissionRun"

SCENARIOS = (SINGLE_STREAM, MULTI_STREAM, MULTI_STREAM_FREE, SERVER, OFFLINE)
MODES = (PERFORMANCE, ACCURACY, SUBMISSION)

YES, NO, NO_THEN_YES, YES_THEN_NO = (True,), (False,), (False, True), (True, False)
VERSION = re.compile(r"(\d{0,3})\.(\d{1,3})")


class Certainty(Enum):
    """How far a check went."""

    EXACT = "exact"
    BOUNDED = "bounded"
    NOT_ATTEMPTED = "not attempted"


class Traits(NamedTuple):
    """What differs between versions of LoadGen: for each point the truths to try, likeliest first.

    Attributes:
        draws_equal_issue: the equal-issue shuffles are drawn before the samples (2.0 on, but for
            its first revisions).
        pads_queries: equal-issue mode rounds the number of queries up to whole data sets (4.0 on).
        server_equal_issue: equal-issue order reaches Server too, not only SingleStream (4.0 on).
        offline_repeats: an equal-issue Offline query that needs no padding is generated once per
            sample of the set (4.0 and 4.1).
        same_counts_as_unique: ``performance_issue_same`` issues one query per sample (to 2.0).
        sampling_floor: the expected number of samples that a sampling target is divided by is at
            least the configured minimum (1.0 on).
    """

    draws_equal_issue: tuple[bool, ...] = NO_THEN_YES
    pads_queries: tuple[bool, ...] = YES_THEN_NO
    server_equal_issue: tuple[bool, ...] = YES_THEN_NO
    offline_repeats: tuple[bool, ...] = NO_THEN_YES
    same_counts_as_unique: tuple[bool, ...] = NO_THEN_YES
    sampling_floor: tuple[bool, ...] = YES_THEN_NO


class Settings(NamedTuple):
    """Effective settings of a run; counts as integers, durations in ms, rates per second.

    Attributes:
        scenario, mode: as in the JSON log, see `SCENARIOS` and `MODES`.
        total_count: samples of the data set (``qsl_reported_total_count``).
        performance_count: ``effective_performance_sample_count``.
        accuracy_count: ``effective_accuracy_sample_count``, None where the log has no such key.
        concatenates: ``effective_sample_concatenate_permutation``, None where not logged; then
            both truths are tried.
        target_qps: as printed, with six digits.
        expected_latency_ns: ``requested_{single,multi}_stream_expected_latency_ns`` as printed.
    """

    scenario: str
    mode: str
    total_count: int
    performance_count: int
    samples_per_query: int
    min_query_count: int
    min_sample_count: int
    target_duration_ms: int
    min_duration_ms: int
    target_qps: float
    qsl_rng_seed: int
    sample_index_rng_seed: int
    schedule_rng_seed: int
    accuracy_log_rng_seed: int = 0
    accuracy_log_probability: float = 0.0
    accuracy_log_sampling_target: int = 0
    issue_unique: bool = False
    issue_same: bool = False
    same_index: int = 0
    concatenates: bool | None = None
    accuracy_count: int | None = None
    expected_latency_ns: float | None = None
    traits: Traits = Traits()

    @property
    def is_multi_stream(self) -> bool:
        """Whether queries hold several consecutive samples."""
        return self.scenario in (MULTI_STREAM, MULTI_STREAM_FREE)

    @property
    def concatenations(self) -> tuple[bool, ...]:
        """The truths of equal-issue mode to try, likeliest first."""
        return NO_THEN_YES if self.concatenates is None else (self.concatenates,)


def version_of(text: str) -> tuple[int, int] | None:
    """Return the two leading numbers of ``5.1.0 @ b9ed3c7fec``; ``.5a1`` is (0, 5)."""
    found = VERSION.match(text.strip()[:64])
    return None if found is None else (int(found[1] or 0), int(found[2]))


def traits_of(version: tuple[int, int] | None, *, text_log: bool = False) -> Traits:
    """Return what a version of LoadGen does; an unknown version leaves all truths to try.

    Args:
        version: see `version_of`. Every source up to the start of 1.1 calls itself ``.5a1``.
        text_log: the detail log is in the form before the JSON lines.

    Source: mlcommons/inference@{r0.5,v0.7,v1.0.1,v2.0,v2.1,v4.0,v4.1,v5.0}:loadgen/loadgen.cc,
    loadgen/test_settings_internal.cc.
    """
    if version is None:
        return Traits()
    if version < (2, 0):
        return Traits(
            draws_equal_issue=NO, pads_queries=NO, server_equal_issue=NO, offline_repeats=NO,
            same_counts_as_unique=YES,
            sampling_floor=(False, True) if text_log else (True, False),
        )
    if version < (4, 0):
        return Traits(
            draws_equal_issue=YES_THEN_NO if version == (2, 0) else YES, pads_queries=NO,
            server_equal_issue=NO, offline_repeats=NO,
            same_counts_as_unique=YES if version == (2, 0) else NO, sampling_floor=YES,
        )
    return Traits(
        draws_equal_issue=YES, pads_queries=YES, server_equal_issue=YES,
        offline_repeats=NO_THEN_YES if version < (5, 0) else NO,
        same_counts_as_unique=NO, sampling_floor=YES,
    )
