"""Vectors of real LoadGen behaviour, and settings made of the keys of a detail log."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from submission_checker.evidence.settings import Settings, Traits, traits_of, version_of

DATA = Path(__file__).parent / "data"
EXPECTED_LATENCY = {
    "SingleStream": "requested_single_stream_expected_latency_ns",
    "MultiStream": "requested_multi_stream_expected_latency_ns",
}
LOADGEN_6 = traits_of((6, 0))


@functools.cache
def vectors() -> dict[str, Any]:
    """Return the vectors; their origin stands in them."""
    found: dict[str, Any] = json.loads((DATA / "vectors.json").read_text(encoding="utf-8"))
    return found


def settings_of(log: Mapping[str, Any], traits: Traits | None = None) -> Settings:
    """Return the settings that a log's keys hold."""
    latency = EXPECTED_LATENCY.get(log["effective_scenario"], "")
    if traits is None:
        traits = traits_of(version_of(log.get("loadgen_version", "")))
    return Settings(
        scenario=log["effective_scenario"],
        mode=log["effective_test_mode"],
        total_count=log["qsl_reported_total_count"],
        performance_count=log["effective_performance_sample_count"],
        samples_per_query=log["effective_samples_per_query"],
        min_query_count=log["effective_min_query_count"],
        min_sample_count=log["effective_min_sample_count"],
        target_duration_ms=log["effective_target_duration_ms"],
        min_duration_ms=log["effective_min_duration_ms"],
        target_qps=float(log["effective_target_qps"]),
        qsl_rng_seed=log["effective_qsl_rng_seed"],
        sample_index_rng_seed=log["effective_sample_index_rng_seed"],
        schedule_rng_seed=log["effective_schedule_rng_seed"],
        accuracy_log_rng_seed=log["effective_accuracy_log_rng_seed"],
        accuracy_log_probability=log["effective_accuracy_log_probability"],
        accuracy_log_sampling_target=log["effective_accuracy_log_sampling_target"],
        issue_unique=log["effective_performance_issue_unique"],
        issue_same=log["effective_performance_issue_same"],
        same_index=log["effective_performance_issue_same_index"],
        concatenates=log.get("effective_sample_concatenate_permutation"),
        accuracy_count=log.get("effective_accuracy_sample_count"),
        expected_latency_ns=log.get(latency),
        traits=traits,
    )


def made(scenario: str = "Server", mode: str = "PerformanceOnly", **changes: Any) -> Settings:
    """Return small settings with some of them changed."""
    base: dict[str, Any] = {
        "scenario": scenario, "mode": mode, "total_count": 50, "performance_count": 16,
        "samples_per_query": 1, "min_query_count": 20, "min_sample_count": 20,
        "target_duration_ms": 100, "min_duration_ms": 100, "target_qps": 500.0,
        "qsl_rng_seed": 11, "sample_index_rng_seed": 22, "schedule_rng_seed": 33,
        "concatenates": False, "traits": LOADGEN_6,
    }
    return Settings(**{**base, **changes})
