"""MEAS016-017: user.conf, against LoadGen's way to read it and against the log."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.formats.conf import conf_number
from submission_checker.model.documents import ConfFile, ConfLine
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Datum, Run
from submission_checker.model.submission import Result
from submission_checker.rules.texts import quote, suggestion
from submission_checker.rules.values import misspelt

LOADGEN = "mlcommons/inference loadgen/test_settings_internal.cc"
KNOWN = frozenset({
    "mode", "min_duration", "max_duration", "min_query_count", "max_query_count", "target_qps",
    "target_latency", "target_latency_percentile", "samples_per_query", "max_async_queries",
    "coalesce_queries", "performance_sample_count_override", "accuracy_sample_count_override",
    "sample_concatenate_permutation", "use_token_latencies", "ttft_latency", "tpot_latency",
    "infer_token_latencies", "token_latency_scaling_factor", "print_timestamps", "qsl_rng_seed",
    "sample_index_rng_seed", "schedule_rng_seed", "test05", "test05_qsl_rng_seed",
    "test05_sample_index_rng_seed", "test05_schedule_rng_seed", "performance_issue_unique",
    "performance_issue_same", "performance_issue_same_index", "accuracy_log_rng_seed",
    "accuracy_log_probability", "accuracy_log_sampling_target",
})
ODD_LINES_SHOWN = 3
REFUSED = "LoadGen refuses the whole file because of this line and keeps its defaults"
IGNORED = "LoadGen silently ignores this line"
LAST_COUNTS = "LoadGen takes the last of several values"
NS_PER_MS = 1e6

REQUESTED = {
    "min_query_count": "requested_min_query_count",
    "min_duration": "requested_min_duration_ms",
    "performance_sample_count_override": "requested_performance_sample_count_override",
    "Server.target_qps": "requested_server_target_qps",
    "Server.max_async_queries": "requested_server_max_async_queries",
    "Server.coalesce_queries": "requested_server_coalesce_queries",
    "Offline.target_qps": "requested_offline_expected_qps",
    "SingleStream.target_latency": "requested_single_stream_expected_latency_ns",
    "MultiStream.target_latency": "requested_multi_stream_expected_latency_ns",
}
"""Setting, with its scenario where it has one of its own, -> key of the detail log."""

RATES = ("target_qps",)
"""Settings that LoadGen reads as floating numbers in every version."""

TOLERANCE = 2e-5
"""Floating values in logs have six digits."""


def conf_of(result: Result) -> ConfFile:
    """Return user.conf, or skip the rule."""
    if result.measurements.user_conf is None:
        raise Skip("no user.conf")
    return result.measurements.user_conf


def settings_of(conf: ConfFile) -> dict[str, ConfLine]:
    """Return ``model.Scenario.key`` -> its setting; the last of several counts."""
    return {f"{line.model}.{line.scenario}.{line.key}": line for line in conf.settings}


def conf_integer(text: str) -> int | None:
    """Return the whole number that LoadGen reads where it wants one: 600000.5 is 600000."""
    if conf_number(text) is None:
        return None
    digits = re.match(r"[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)", text)
    whole = conf_number(digits[0]) if digits is not None else 0
    return None if whole is None else int(whole)


def fate_of(line: str) -> str:
    """Return what LoadGen makes of a line that is no plain setting."""
    words = line.split()
    if len(words) > 1 and words[1] != "=":
        return REFUSED
    if any(conf_number(word) is None for word in words[2:]):
        return REFUSED
    return LAST_COUNTS if len(words) > 3 else IGNORED


@rule(
    id="MEAS016", name="conf-syntax", title="user.conf is read as it is meant",
    level=Level.WARNING, scope=Scope.RESULT,
    why="LoadGen silently ignores keys that it does not know",
    fix="write `model.Scenario.key = value` with blanks around the equals sign",
    source=LOADGEN,
)
def conf_syntax(result: Result, context: Context) -> Iterator[Fault]:
    """Every line is a setting with a number and a key that LoadGen knows."""
    conf = conf_of(result)
    for line, text in conf.odd_lines[:ODD_LINES_SHOWN]:
        yield Fault(Location(conf.path, line), quote(text), "model.Scenario.key = value",
                    subcode=quote(text), why=fate_of(text))
    known = KNOWN | {name.rpartition(".")[2] for name in context.round.mlperf_conf}
    have = {line.key for line in conf.settings}
    for name, setting in settings_of(conf).items():
        at = Location(conf.path, setting.line)
        if conf_number(setting.value) is None:
            yield Fault(at, f"{setting.key} = {quote(setting.value)}", "a number",
                        subcode=name, why=REFUSED)
        elif setting.key not in known:
            meant = misspelt(setting.key, known) or _longer(setting.key, known)
            yield Fault(at, f"key {quote(setting.key)}", f"a key of LoadGen{suggestion(meant)}",
                        subcode=name, level=Level.INFO if meant in have else None)


def _longer(key: str, known: frozenset[str] | set[str]) -> str | None:
    """Return the known key that a key is the beginning or the end of."""
    longer = [k for k in known if k.startswith(f"{key}_") or key.endswith(f"_{k}")]
    return max(longer, key=len, default=None)


@rule(
    id="MEAS017", name="conf-agrees-with-log", title="user.conf is that of the run",
    level=Level.WARNING, scope=Scope.RESULT, requires=("PERF001",),
    why="a configuration that the log contradicts does not let others repeat the run",
    fix="submit the user.conf that the run used",
    source=LOADGEN,
)
def conf_agrees(result: Result, context: Context) -> Iterator[Fault]:
    """Values that LoadGen would take from user.conf equal the requested ones in the log."""
    conf, run = conf_of(result), result.run
    if run is None or run.scenario is None:
        raise Skip("no performance run")
    model = model_in(conf, context)
    for name, log_key in REQUESTED.items():
        scenario, _, key = name.rpartition(".")
        if scenario not in ("", run.scenario):
            continue
        line = conf.lookup(model, run.scenario, key)
        have = _requested(run, log_key)
        if line is None or have is None or _same(line, have):
            continue
        other = result.measurements.mlperf_conf
        later = other.lookup(model, run.scenario, key) if other is not None else None
        if later is not None and _same(later, have):
            continue
        yield Fault(Location(conf.path, line.line),
                    f"{line.model}.{line.scenario}.{line.key} = {line.value}",
                    f"{_shown(have)}, as {log_key} in {have.at.path}:{have.at.line}", subcode=key)


def model_in(conf: ConfFile, context: Context) -> str:
    """Return the model's name in a conf; skips the rule where it holds several others."""
    own = context.model.mlperf_conf_model
    names = dict.fromkeys(line.model for line in conf.settings if line.model != "*")
    if own is not None and own in names:
        return own
    if len(names) > 1:
        raise Skip("user.conf holds settings for several models")
    return next(iter(names), own or "*")


def _requested(run: Run, key: str) -> Datum[float] | None:
    flag = run.flag(key)
    return Datum(key, float(flag.value), flag.at) if flag is not None else run.number(key)


def _same(line: ConfLine, have: Datum[float]) -> bool:
    """Return whether LoadGen makes of a setting what the log says; older builds cut to integers."""
    value = conf_number(line.value)
    if value is None:
        return True
    readings = [value] if line.key in RATES else [value, conf_integer(line.value) or 0]
    factor = NS_PER_MS if have.key.endswith("_ns") else 1.0
    if line.key == "coalesce_queries":
        readings = [float(value != 0)]
    return any(abs(reading * factor - have.value) <= TOLERANCE * max(1e-3, abs(have.value))
               for reading in readings)


def _shown(have: Datum[float]) -> str:
    if have.key.endswith("_ns"):
        return f"{have.value / NS_PER_MS:.10g} ms"
    return f"{have.value:.10g}"
