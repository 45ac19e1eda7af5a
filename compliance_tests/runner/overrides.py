"""Change LoadGen's settings inside the process that runs the test.

Since LoadGen 5.0 seeds, ``accuracy_log_probability`` and ``test05`` in audit.config are silently
ignored; here they are set on the settings object itself. This file imports nothing of the project:
a copy of it is put in front of a Python harness (``shim``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MILLISECOND_NS = 1_000_000
PLAIN = (
    "qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed", "accuracy_log_rng_seed",
    "accuracy_log_sampling_target", "min_query_count", "max_query_count",
    "performance_issue_same_index", "performance_sample_count_override",
    "accuracy_sample_count_override",
)
FLAGS = ("performance_issue_unique", "performance_issue_same", "sample_concatenate_permutation",
         "test05", "use_token_latencies", "print_timestamps")
DURATIONS = ("min_duration", "max_duration")
PER_SCENARIO = {
    ("SingleStream", "target_latency"): ("single_stream_expected_latency_ns", MILLISECOND_NS),
    ("MultiStream", "target_latency"): ("multi_stream_expected_latency_ns", MILLISECOND_NS),
    ("Server", "target_latency"): ("server_target_latency_ns", MILLISECOND_NS),
    ("Server", "target_qps"): ("server_target_qps", 1),
    ("Offline", "target_qps"): ("offline_expected_qps", 1),
}
MODES = {1: "AccuracyOnly", 2: "PerformanceOnly"}
SEEDS = ("qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed")


class UnknownSetting(ValueError):
    """A setting that cannot be changed in the process."""


def apply(settings: Any, scenario: str, values: Mapping[str, float], modes: Any) -> None:
    """Set each value (by its name in conf files) on a TestSettings object.

    Args:
        settings: the TestSettings.
        scenario: LoadGen's name of the scenario.
        values: key of a conf file -> value; latencies and durations in ms.
        modes: the enumeration TestMode.

    Raises:
        UnknownSetting: LoadGen has no such setting in the scenario.
    """
    for key, value in values.items():
        if key == "mode":
            settings.mode = getattr(modes, MODES[int(value)])
        elif key in PLAIN:
            setattr(settings, key, int(value))
        elif key in FLAGS:
            setattr(settings, key, bool(value))
        elif key in DURATIONS:
            setattr(settings, f"{key}_ms", int(value))
        elif key == "accuracy_log_probability":
            settings.accuracy_log_probability = float(value) / 100
        elif (scenario, key) in PER_SCENARIO:
            name, factor = PER_SCENARIO[scenario, key]
            kind = type(getattr(settings, name))
            setattr(settings, name, kind(value * factor))
        else:
            raise UnknownSetting(f"{key} cannot be set in {scenario}")
