"""MEAS016-019: user.conf and mlperf.conf, against LoadGen's keys, the log and the round."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.formats.conf import conf_number
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.submission import ConfFile, Result
from submission_checker.rules.texts import count, quote, suggestion
from submission_checker.tree.names import near

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
    "accuracy_log_probability", "accuracy_log_sampling_target", "target_duration",
    "performance_sample_count",
})
REQUESTED = {
    "min_query_count": ("requested_min_query_count", 1.0),
    "min_duration": ("requested_min_duration_ms", 1.0),
    "performance_sample_count_override": ("requested_performance_sample_count_override", 1.0),
}
TARGETS = {
    ("Server", "target_qps"): "requested_server_target_qps",
    ("Offline", "target_qps"): "requested_offline_expected_qps",
}
LATENCIES = {
    "SingleStream": "requested_single_stream_expected_latency_ns",
    "MultiStream": "requested_multi_stream_expected_latency_ns",
}
FORBIDDEN = (
    "qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed", "performance_issue_unique",
    "performance_issue_same", "performance_issue_same_index", "accuracy_log_probability",
    "accuracy_log_sampling_target",
)
LOOSER_IF_ABOVE = ("target_latency", "ttft_latency", "tpot_latency")
LOOSER_IF_BELOW = ("target_latency_percentile", "min_duration", "sample_concatenate_permutation",
                   "use_token_latencies")
EFFECTIVE = {
    "target_latency": ("effective_target_latency_ns", 1e6),
    "ttft_latency": ("requested_server_ttft_latency", 1e6),
    "tpot_latency": ("requested_server_tpot_latency", 1e6),
    "target_latency_percentile": ("effective_target_latency_percentile", 0.01),
    "min_duration": ("effective_min_duration_ms", 1.0),
}
TOLERANCE = 2e-5
"""Floating values in logs have six digits."""


def conf_of(result: Result) -> ConfFile:
    """Return user.conf, or skip the rule."""
    if result.measurements.user_conf is None:
        raise Skip("no user.conf")
    return result.measurements.user_conf


@rule(
    id="MEAS016", name="conf-syntax", title="user.conf is read as it is meant",
    level=Level.WARNING, scope=Scope.RESULT,
    why="LoadGen silently ignores lines and keys that it does not know",
    fix="write `model.Scenario.key = value` with blanks around the equals sign",
    source=LOADGEN,
)
def conf_syntax(result: Result, context: Context) -> Iterator[Fault]:
    """Every line is a setting with a key that LoadGen knows."""
    conf = conf_of(result)
    for line, text in conf.odd_lines[:3]:
        yield Fault(Location(conf.path, line), quote(text), "model.Scenario.key = value")
    for setting in conf.settings:
        at = Location(conf.path, setting.line)
        if setting.key not in KNOWN:
            yield Fault(at, f"key {quote(setting.key)}",
                        f"a key of LoadGen{suggestion(near(setting.key, KNOWN))}",
                        subcode=setting.key)
        elif conf_number(setting.value) is None:
            yield Fault(at, f"{setting.key} = {quote(setting.value)}", "a number",
                        subcode=setting.key)


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
    if run is None or run.scenario is None or result.model is None:
        raise Skip("no performance run")
    names = {line.model for line in conf.settings} - {"*"}
    own = context.model.mlperf_conf_model
    model = own if own in names else next(iter(names), "*")
    if len(names) > 1 and own not in names:
        raise Skip("user.conf holds settings for several models")
    for key, log_key, factor in _compared(run):
        line = conf.lookup(model, run.scenario, key)
        value = conf_number(line.value) if line is not None else None
        have = run.number(log_key)
        if line is None or value is None or have is None:
            continue
        if abs(value * factor - have.value) > TOLERANCE * max(1.0, abs(have.value)):
            yield Fault(Location(conf.path, line.line),
                        f"{line.model}.{line.scenario}.{key} = {line.value}",
                        f"{have.value:.10g} / {factor:g}, as {log_key} in "
                        f"{have.at.path}:{have.at.line}" if factor != 1 else
                        f"{have.value:.10g}, as {log_key} in {have.at.path}:{have.at.line}",
                        subcode=key)


def _compared(run: Run) -> Iterator[tuple[str, str, float]]:
    """Yield (conf key, log key, factor from conf to log)."""
    for key, (log_key, factor) in REQUESTED.items():
        if run.scenario != "Offline" or key != "min_query_count":
            yield key, log_key, factor
    for (scenario, key), log_key in TARGETS.items():
        if scenario == run.scenario:
            yield key, log_key, 1.0
    if run.scenario in LATENCIES:
        yield "target_latency", LATENCIES[run.scenario], 1e6


@rule(
    id="MEAS018", name="conf-override", title="user.conf does not loosen the rules",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT, requires=("PERF001",),
    why="the closed division runs under the official settings",
    fix="remove the line and rerun",
    source=f"{LOADGEN}; mlperf.conf of the round", key="mlperf_conf",
)
def conf_override(result: Result, context: Context) -> Iterator[Fault]:
    """No setting is looser than the official one; an error where the log shows its effect."""
    conf, run = conf_of(result), result.run
    if run is None or run.scenario is None:
        raise Skip("no performance run")
    for setting in conf.settings:
        value = conf_number(setting.value)
        if value is None or setting.scenario not in ("*", run.scenario):
            continue
        at = Location(conf.path, setting.line)
        if setting.key in FORBIDDEN and value != 0:
            official = _official(context, run.scenario, setting.key)
            if official is None or official != value:
                yield Fault(at, f"{setting.key} = {setting.value}",
                            "not set by a submitter", subcode=setting.key, level=Level.WARNING)
            continue
        official = _official(context, run.scenario, setting.key)
        if official is None or not _looser(setting.key, value, official, run.scenario):
            continue
        effective = _effect(run, setting.key)
        took_effect = effective is not None and _looser(
            setting.key, effective, official, run.scenario
        )
        yield Fault(at, f"{setting.key} = {setting.value}",
                    f"{count(official)} ({context.cite('mlperf_conf')})", subcode=setting.key,
                    level=None if took_effect else Level.WARNING)


def _official(context: Context, scenario: str, key: str) -> float | None:
    conf = context.round.mlperf_conf
    model = context.model.mlperf_conf_model or "*"
    if context.scenario == "Interactive" and f"{model}-interactive.{scenario}.{key}" in conf:
        model = f"{model}-interactive"
    for name in (f"{model}.{scenario}.{key}", f"*.{scenario}.{key}", f"{model}.*.{key}",
                 f"*.*.{key}"):
        if name in conf:
            return conf[name]
    return None


def _looser(key: str, value: float, official: float, scenario: str) -> bool:
    if key == "target_latency" and scenario != "Server":
        return False
    if key in LOOSER_IF_ABOVE:
        return official > 0 and value > official * (1 + TOLERANCE)
    return key in LOOSER_IF_BELOW and value < official * (1 - TOLERANCE)


def _effect(run: Run, key: str) -> float | None:
    if key not in EFFECTIVE:
        return None
    log_key, factor = EFFECTIVE[key]
    have = run.number(log_key)
    return None if have is None else have.value / factor


@rule(
    id="MEAS019", name="official-mlperf-conf", title="mlperf.conf is the official one",
    level=Level.WARNING, scope=Scope.RESULT,
    why="the file documents the official settings under which a run was made",
    fix="submit the mlperf.conf of the round unchanged",
    source="mlperf.conf of the round", key="mlperf_conf",
)
def official_mlperf_conf(result: Result, context: Context) -> Iterator[Fault]:
    """Each setting that the round's file has, has the same value."""
    conf = result.measurements.mlperf_conf
    if conf is None:
        raise Skip("no mlperf.conf")
    different = []
    for setting in conf.settings:
        name = f"{setting.model}.{setting.scenario}.{setting.key}"
        official = context.round.mlperf_conf.get(name)
        value = conf_number(setting.value)
        if official is not None and value is not None and value != official:
            different.append((setting, official))
    if different:
        setting, official = different[0]
        yield Fault(Location(conf.path, setting.line),
                    f"{len(different)} settings differ; the first: {setting.model}."
                    f"{setting.scenario}.{setting.key} = {setting.value}",
                    f"{official} ({context.cite('mlperf_conf')})")
