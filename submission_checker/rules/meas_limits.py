"""MEAS018-019: settings of user.conf and mlperf.conf against the official ones."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.formats.conf import conf_number
from submission_checker.model.documents import ConfLine
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rules.meas_conf import LOADGEN, TOLERANCE, conf_of, model_in, settings_of
from submission_checker.rules.texts import count, counted

CONF = "mlperf.conf of the round"
SEEDS = ("qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed")
AUDIT_KEYS = (
    "performance_issue_unique", "performance_issue_same", "performance_issue_same_index",
    "accuracy_log_probability", "accuracy_log_sampling_target",
)
MODE, PERFORMANCE_MODE = "mode", 2
LOOSER_IF_ABOVE = ("target_latency", "ttft_latency", "tpot_latency",
                   "token_latency_scaling_factor")
LOOSER_IF_BELOW = ("target_latency_percentile", "min_duration", "min_query_count",
                   "sample_concatenate_permutation", "use_token_latencies", "samples_per_query")
LOOSER_IF_OTHER = ("infer_token_latencies",)
EFFECTIVE = {
    "target_latency": ("effective_target_latency_ns", 1e6),
    "ttft_latency": ("requested_server_ttft_latency", 1e6),
    "tpot_latency": ("requested_server_tpot_latency", 1e6),
    "target_latency_percentile": ("effective_target_latency_percentile", 0.01),
    "min_duration": ("effective_min_duration_ms", 1.0),
    "min_query_count": ("requested_min_query_count", 1.0),
    "samples_per_query": ("effective_samples_per_query", 1.0),
    "sample_concatenate_permutation": ("effective_sample_concatenate_permutation", 1.0),
    "use_token_latencies": ("requested_use_token_latencies", 1.0),
    "accuracy_log_probability": ("effective_accuracy_log_probability", 0.01),
}
"""Setting -> key of the detail log that shows what counted, and how many of its units make one."""

OWN_CHOICE = (("SingleStream", "target_latency"), ("MultiStream", "target_latency"))
"""Expectations that only size a run; target_qps is one in every scenario."""


@rule(
    id="MEAS018", name="conf-override", title="user.conf does not loosen the rules",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT, requires=("PERF001",),
    why="the closed division runs under the official settings",
    fix="remove the line and rerun",
    source=f"{LOADGEN}; {CONF}", key="mlperf_conf",
)
def conf_override(result: Result, context: Context) -> Iterator[Fault]:
    """No setting is looser than the official one; an error where the log shows its effect."""
    conf, run = conf_of(result), result.run
    if run is None or run.scenario is None:
        raise Skip("no performance run")
    own = {model_in(conf, context), "*"}
    for name, setting in settings_of(conf).items():
        value = conf_number(setting.value)
        if value is None or setting.scenario not in ("*", run.scenario) or setting.model not in own:
            continue
        official = official_value(context, run.scenario, setting.key)
        if not loosens(setting.key, value, official, run.scenario, context):
            continue
        took_effect = _took_effect(run, setting, official, context)
        wanted = f"{PERFORMANCE_MODE}, the performance mode" if setting.key == MODE else (
            "not set by a submitter" if official is None
            else f"{_plain(setting.key, official)} ({context.cite('mlperf_conf')})"
        )
        yield Fault(Location(conf.path, setting.line), f"{setting.key} = {setting.value}", wanted,
                    subcode=name, level=None if took_effect else Level.WARNING)


def _plain(key: str, value: float) -> str:
    return str(value) if key in SEEDS else count(value)


def official_value(context: Context, scenario: str, key: str) -> float | None:
    """Return the round's value by LoadGen's lookup order; Interactive has models of its own."""
    conf = context.round.mlperf_conf
    model = context.model.mlperf_conf_model or "*"
    judged = context.judged.scenario or ""
    fast = f"{model}-{judged.casefold()}"
    if judged != scenario and any(name.startswith(f"{fast}.") for name in conf):
        model = fast
    for name in (f"{model}.{scenario}.{key}", f"*.{scenario}.{key}", f"{model}.*.{key}",
                 f"*.*.{key}"):
        if name in conf:
            return conf[name]
    return None


def loosens(
    key: str, value: float, official: float | None, scenario: str, context: Context
) -> bool:
    """Return whether a value asks less of a run than the official one, or what only audits set."""
    if key == MODE:
        return value != PERFORMANCE_MODE
    if key in SEEDS:
        return value != official
    if key in AUDIT_KEYS:
        return value != (official or 0)
    if official is None or (key == "target_latency" and scenario != "Server"):
        return False
    if key == "min_query_count" and scenario in context.round.early_stopping.scenarios:
        return False
    spec = context.round.scenarios.get(scenario)
    if key == "samples_per_query" and (
        scenario != "MultiStream" or spec is None or spec.samples_per_query is None
    ):
        return False  # where the round fixes none, the number of streams is the result itself
    if key in LOOSER_IF_ABOVE:
        return official > 0 and value > official * (1 + TOLERANCE)
    if key in LOOSER_IF_OTHER:
        return value != official
    return key in LOOSER_IF_BELOW and value < official * (1 - TOLERANCE)


def _took_effect(
    run: Run, setting: ConfLine, official: float | None, context: Context
) -> bool:
    """Return whether the log shows the setting's own looseness."""
    if setting.key in SEEDS:
        seed = run.integer(f"effective_{setting.key}")
        return seed is not None and seed.value == conf_number(setting.value)
    log_key, factor = EFFECTIVE.get(setting.key, (f"effective_{setting.key}", 1.0))
    flag, number = run.flag(log_key), run.number(log_key)
    have = float(flag.value) if flag is not None else number.value if number is not None else None
    return have is not None and loosens(
        setting.key, have / factor, official, run.scenario or "", context
    )


@rule(
    id="MEAS019", name="official-mlperf-conf", title="mlperf.conf is the official one",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    why="the file documents the official settings under which a run was made",
    fix="submit the mlperf.conf of the round unchanged",
    source=CONF, key="mlperf_conf",
)
def official_mlperf_conf(result: Result, context: Context) -> Iterator[Fault]:
    """Each setting that the round's file has, has the same value.

    An error only where a looser value of this model and scenario shows in the log.
    """
    conf, run = result.measurements.mlperf_conf, result.run
    if conf is None:
        raise Skip("no mlperf.conf")
    changed = [line for line in conf.settings if _differs(line, context)]
    if not changed:
        return
    counts = next((line for line in changed if _counts(line, run, context)), None)
    chosen = all((line.scenario, line.key) in OWN_CHOICE or line.key == "target_qps"
                 for line in changed)
    first = counts or changed[0]
    official = context.round.mlperf_conf[f"{first.model}.{first.scenario}.{first.key}"]
    yield Fault(Location(conf.path, first.line),
                f"{counted(len(changed), 'setting')} changed; "
                f"{'it counted in this run' if counts else 'the first'}: {first.model}."
                f"{first.scenario}.{first.key} = {first.value}",
                f"{_plain(first.key, official)} ({context.cite('mlperf_conf')})",
                level=None if counts else Level.INFO if chosen else Level.WARNING)


def _differs(line: ConfLine, context: Context) -> bool:
    official = context.round.mlperf_conf.get(f"{line.model}.{line.scenario}.{line.key}")
    value = conf_number(line.value)
    return official is not None and value is not None and value != official


def _counts(line: ConfLine, run: Run | None, context: Context) -> bool:
    """Return whether a changed line is looser for this model and scenario and shows in the log."""
    if run is None or run.scenario is None or context.judged.model is None:
        return False
    own = (context.model.mlperf_conf_model or "*", "*")
    value = conf_number(line.value)
    if line.model not in own or line.scenario not in ("*", run.scenario) or value is None:
        return False
    official = official_value(context, run.scenario, line.key)
    return loosens(line.key, value, official, run.scenario, context) and _took_effect(
        run, line, official, context
    )
