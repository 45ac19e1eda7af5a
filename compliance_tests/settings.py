"""Settings of an audit: what its configuration sets, and what its log says was in force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from compliance_tests.records import Case, SettingCheck, Verdict
from submission_checker.model.run import Run
from submission_checker.rounds.types import Model

FOUND_CONFIG = "Found Audit Config file"
MODES = {0: "SubmissionRun", 1: "AccuracyOnly", 2: "PerformanceOnly", 3: "FindPeakPerformance"}
"""Numbers of test modes in conf files (LoadGen, test_settings.h)."""

FLAGS = ("performance_issue_unique", "performance_issue_same", "sample_concatenate_permutation")
EXACT = ("accuracy_log_rng_seed", "performance_issue_same_index")
LOGGED_ANSWERS = ("accuracy_log_sampling_target", "accuracy_log_probability")
SHORTENED = ("min_duration", "min_query_count", "performance_issue_unique")
"""Settings that make an audit shorter than a result's run on purpose."""


def wanted(case: Case) -> dict[str, float]:
    """Return the settings that the test's configuration sets for the model and scenario.

    LoadGen reads the file for every model at once, so only lines with ``*`` as their model take
    effect; the file itself is chosen by model. Lines of the scenario win over those of ``*``.
    """
    chosen: dict[str, float] = {}
    lines = _file(case.spec.settings, case.model)
    for scenario in ("*", case.log_scenario):
        for key, value in lines.items():
            model, of_scenario, setting = _split(key)
            if model == "*" and of_scenario == scenario:
                chosen[setting] = value
    return chosen


def of_model(case: Case) -> dict[str, float]:
    """Return the settings that the configuration gives for this model alone.

    LoadGen does not apply them; a harness may.
    """
    return {
        setting: value
        for key, value in _file(case.spec.settings, case.model).items()
        for model, scenario, setting in (_split(key),)
        if model != "*" and _is_of(model, case.model) and scenario in ("*", case.log_scenario)
    }


def shortened(case: Case) -> bool:
    """Return whether the test's settings make its run shorter than a result's on purpose."""
    chosen = {**wanted(case), **of_model(case)}
    return any(chosen.get(key) is not None for key in SHORTENED[:2]) or bool(chosen.get(SHORTENED[2]))


def _split(key: str) -> tuple[str, str, str]:
    """Split ``model.Scenario.key``; the model's name may hold dots."""
    rest, _, setting = key.rpartition(".")
    model, _, scenario = rest.rpartition(".")
    return model, scenario, setting


def _file(files: Mapping[str, Mapping[str, float]], model: Model) -> Mapping[str, float]:
    """Return the configuration of a model: its own file, the one that its name starts with, or ``*``."""
    fitting = [name for name in files if name != "*" and _is_of(name, model)]
    if fitting:
        return files[max(fitting, key=len)]
    return files.get("*", {})


def _is_of(name: str, model: Model) -> bool:
    """Return whether a name of the audit files means the model: spelling and class aside."""
    wanted_name = _plain(name)
    names = [model.name, model.name.rpartition("-")[0], model.mlperf_conf_model or "",
             *model.aliases]
    return any(_plain(item) == wanted_name for item in names if item)


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


def in_force(case: Case) -> tuple[SettingCheck, ...]:
    """Return each setting of the configuration against the effective one of the audit's log.

    Seeds are left out (another seed is its own finding), and so are keys that only scripts read
    and keys that this LoadGen does not log.
    """
    run = case.audit.run
    if run is None or run.log is None:
        return ()
    checks = (_compare(setting, value, run) for setting, value in wanted(case).items())
    return tuple(check for check in checks if check is not None)


def _compare(setting: str, value: float, run: Run) -> SettingCheck | None:
    key = f"effective_{setting}"
    if setting == "mode":
        key = "effective_test_mode"
        mode = run.text(key)
        want = MODES.get(int(value), str(value))
        return mode and _checked(setting, key, want, mode.value, run, mode.value == want)
    if setting in FLAGS:
        flag = run.flag(key)
        want = "true" if value else "false"
        return flag and _checked(
            setting, key, want, str(flag.value).lower(), run, flag.value == bool(value)
        )
    if setting in EXACT:
        exact = run.integer(key)
        return exact and _checked(
            setting, key, str(int(value)), str(exact.value), run, exact.value == int(value)
        )
    if setting in LOGGED_ANSWERS:
        return _answers(setting, key, value, run)
    return None


def _answers(setting: str, key: str, value: float, run: Run) -> SettingCheck | None:
    """Compare how many answers are logged: more than the test wants makes it no weaker."""
    found = run.number(key)
    if found is None:
        return None
    want = value / 100 if setting == "accuracy_log_probability" else value
    same = abs(found.value - want) <= 1e-6 * want
    return SettingCheck(
        setting, key, f"{want:g}", f"{found.value:g}", found.at,
        Verdict.PASS if same else Verdict.FAIL, harmless=found.value > want,
    )


def _checked(
    setting: str, key: str, want: str, found: str, run: Run, same: bool
) -> SettingCheck:
    return SettingCheck(
        setting, key, want, found, run.at(key), Verdict.PASS if same else Verdict.FAIL
    )


def config_messages(run: Run) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of the records by which LoadGen says that it found a configuration."""
    if run.log is None:
        return
    for key in ("warning_generic_message", "generic_message"):
        for record in run.log.all(key):
            if FOUND_CONFIG in str(record.value):
                yield record.line, str(record.value)
