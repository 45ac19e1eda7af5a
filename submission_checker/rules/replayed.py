"""What rules that replay LoadGen share: the settings of a log, its sets, its generated queries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Skip
from submission_checker.evidence.settings import MODES, SCENARIOS, Settings, traits_of, version_of
from submission_checker.model.run import TEXT_LOG, ListText, RecordStore, Run

if TYPE_CHECKING:  # numpy is loaded when a rule runs, not when it is explained
    from submission_checker.evidence.loaded_set import LoadedSetCheck
    from submission_checker.evidence.rng import Library
    from submission_checker.evidence.schedule_check import Generated

LOADED = "loaded_qsl_set"
GENERATED = ("generated_query_count", "generated_samples_per_query", "generated_query_duration")
EXPECTED_LATENCY = {
    "SingleStream": "requested_single_stream_expected_latency_ns",
    "MultiStream": "requested_multi_stream_expected_latency_ns",
}
EVERYTHING = 1 << 62
"""Work limit of ``--deep``."""

INTEGER = re.compile(rb"0|[1-9][0-9]{0,18}")
MAX_LIST_BYTES = 64 << 20
"""Bytes of a logged set that are compared; real ones have a few million."""

SINCE_2 = (2, 0)
KEYS_SINCE_2 = ("early_stopping_met", "get_sut_name_duration_ns")
"""Keys that no LoadGen before 2.0 writes. A build that keeps an old generated version file, as
closed/Google of v3.1 did, names another version beside them."""

SOURCE = "mlcommons/inference loadgen/loadgen.cc"


def replayable(run: Run, context: Context) -> str | None:
    """Return why a log cannot be replayed at all."""
    if run.log is None or not run.log.records_count:
        return "no detail log that could be read"
    mode, scenario = run.text("effective_test_mode"), run.text("effective_scenario")
    if mode is None or scenario is None:
        return "a log without effective settings"
    if mode.value not in MODES or scenario.value not in SCENARIOS:
        return f"no recipe for {scenario.value} in mode {mode.value}"[:80]
    return None


def settings_of(run: Run) -> Settings:
    """Return the settings in force, from a log that is `replayable`.

    Raises:
        Skip: the log lacks a number that everything depends on, or it is of another type.
    """
    return run.once("replay settings", _settings)


def _settings(run: Run) -> Settings:
    scenario = run.scenario or ""
    latency = run.number(EXPECTED_LATENCY.get(scenario, ""))
    version = run.text("loadgen_version")
    text_log = run.log is not None and run.log.generation == TEXT_LOG
    concatenates = run.flag("effective_sample_concatenate_permutation")
    accuracy_count = run.integer("effective_accuracy_sample_count")
    return Settings(
        scenario=scenario,
        mode=_text(run, "effective_test_mode"),
        total_count=_whole(run, "qsl_reported_total_count"),
        performance_count=_whole(run, "effective_performance_sample_count"),
        samples_per_query=_whole(run, "effective_samples_per_query"),
        min_query_count=_whole(run, "effective_min_query_count"),
        min_sample_count=_whole(run, "effective_min_sample_count", 0),
        target_duration_ms=_whole(run, "effective_target_duration_ms"),
        min_duration_ms=_whole(run, "effective_min_duration_ms"),
        target_qps=_number(run, "effective_target_qps"),
        qsl_rng_seed=_whole(run, "effective_qsl_rng_seed"),
        sample_index_rng_seed=_whole(run, "effective_sample_index_rng_seed"),
        schedule_rng_seed=_whole(run, "effective_schedule_rng_seed"),
        accuracy_log_rng_seed=_whole(run, "effective_accuracy_log_rng_seed", 0),
        accuracy_log_probability=_number(run, "effective_accuracy_log_probability", 0.0),
        accuracy_log_sampling_target=_whole(run, "effective_accuracy_log_sampling_target", 0),
        issue_unique=_flag(run, "effective_performance_issue_unique"),
        issue_same=_flag(run, "effective_performance_issue_same"),
        same_index=_whole(run, "effective_performance_issue_same_index", 0),
        concatenates=None if concatenates is None else concatenates.value,
        accuracy_count=None if accuracy_count is None else accuracy_count.value,
        expected_latency_ns=None if latency is None else latency.value,
        traits=traits_of(
            version_of(version.value) if version is not None and not _is_stale(version.value, run)
            else None, text_log=text_log),
    )


def _is_stale(version: str, run: Run) -> bool:
    """Return whether a build names an older version than that of the keys which it writes."""
    named = version_of(version)
    return named is not None and named < SINCE_2 and any(run.has(key) for key in KEYS_SINCE_2)


def _lacks(key: str) -> Skip:
    return Skip(f"the log has no usable {key}")


def _text(run: Run, key: str) -> str:
    found = run.text(key)
    if found is None:
        raise _lacks(key)
    return found.value


def _whole(run: Run, key: str, absent: int | None = None) -> int:
    found = run.integer(key)
    if found is not None:
        return found.value
    if absent is None or run.has(key):
        raise _lacks(key)
    return absent


def _number(run: Run, key: str, absent: float | None = None) -> float:
    found = run.number(key)
    if found is not None:
        return found.value
    if absent is None or run.has(key):
        raise _lacks(key)
    return absent


def _flag(run: Run, key: str) -> bool:
    found = run.flag(key)
    return found is not None and found.value


def sets_of(run: Run) -> tuple[list[bytes], list[ListText]]:
    """Return the loaded sets of a log as text, and with their lines.

    Raises:
        Skip: the log names no set, or is so long that its lists were not kept.
    """
    lists = list(run.once(LOADED, _loaded_sets))
    if not lists:
        raise Skip(f"the log has no {LOADED}")
    texts = [item.text for item in lists if item.text is not None]
    if len(texts) < len(lists) or sum(map(len, texts)) > MAX_LIST_BYTES:
        raise Skip("the log is too long to keep its lists")
    return texts, lists


def _loaded_sets(run: Run) -> Sequence[ListText]:
    return run.log.lists(LOADED) if run.log is not None else ()


def sets_check(run: Run) -> LoadedSetCheck:
    """Return whether the loaded sets of a log follow from its seed.

    Raises:
        Skip: the log names no set or lacks a setting.
    """
    return run.once("loaded sets", _sets_check)


def _sets_check(run: Run) -> LoadedSetCheck:
    from submission_checker.evidence.loaded_set import check_loaded_sets

    settings = settings_of(run)
    texts, _ = sets_of(run)
    return check_loaded_sets(settings, texts)


def libraries_of(run: Run, settings: Settings) -> Iterator[Library]:
    """Yield the C++ libraries whose shuffle gives the logged sets, likeliest first.

    All that are known where the log has no set that one of them gives. Each is tried only when it
    is asked for: a check that the first one satisfies needs no other.
    """
    from submission_checker.evidence.loaded_set import LIBRARIES, agreeing_libraries

    try:
        likeliest = sets_check(run).libraries
        texts, _ = sets_of(run)
    except Skip:
        likeliest = ()
    if not likeliest:
        yield from LIBRARIES
        return
    yield likeliest[0]
    others = [library for library in LIBRARIES if library is not likeliest[0]]
    yield from agreeing_libraries(settings, texts, libraries=others)


def generated_of(run: Run) -> list[tuple[Generated, tuple[int, int]]]:
    """Return the generated queries of each loaded set, with the lines of count and duration.

    Raises:
        Skip: the log has none, or they are no integers.
    """
    from submission_checker.evidence.schedule_check import Generated

    assert run.log is not None
    counts, samples, durations = (_integers(run.log, key) for key in GENERATED)
    if not counts or len(counts) != len(durations):
        raise _lacks(GENERATED[0] if not counts else GENERATED[2])
    found = []
    for at, (queries, duration) in enumerate(zip(counts, durations, strict=True)):
        each = samples[at][0] if at < len(samples) else None
        found.append((Generated(queries[0], each, duration[0]), (queries[1], duration[1])))
    return found


def _integers(log: RecordStore, key: str) -> list[tuple[int, int]]:
    """Return every value of a key with its line; accuracy logs may have thousands.

    Raises:
        Skip: one is no integer.
    """
    if log.generation != TEXT_LOG and (marks := log.marks()).all_regular:
        columns = zip(marks.keys, marks.raws, marks.lines, strict=True)
        found = [(raw, line) for name, raw, line in columns if name == key]
        if all(INTEGER.fullmatch(raw) for raw, _ in found):
            return [(int(raw), line) for raw, line in found]
    records = log.all(key)
    if any(isinstance(r.value, bool) or not isinstance(r.value, int) for r in records):
        raise _lacks(GENERATED[0])
    return [(record.value, record.line) for record in records]


def exact_rates(context: Context) -> tuple[float, ...]:
    """Return the target rates that user.conf gives for the scenario that LoadGen ran."""
    conf = context.judged.measurements.user_conf
    if conf is None or context.result is None or context.result.scenario is None:
        return ()
    scenario = context.round.log_scenarios.get(context.scenario, context.scenario)
    line = conf.lookup(context.result.model or "*", scenario, "target_qps")
    try:
        return () if line is None else (float(line.value),)
    except ValueError:
        return ()


def odd_toolchain(run: Run) -> str:
    """Return why the C++ library behind a log cannot be one of those known, or an empty text."""
    version = run.text("loadgen_version")
    if version is None:
        return "the log names no version of LoadGen"
    if version_of(version.value) is None:
        return f"loadgen_version {version.value[:40]} is none of mlcommons/inference"
    return ""
