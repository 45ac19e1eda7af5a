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
SHORTENING = ("min_duration", "min_query_count")
UNIQUE = "performance_issue_unique"
"""Settings that make an audit shorter than a result's run on purpose."""


def wanted(case: Case) -> dict[str, float]:
    """Return the settings that the test's configuration sets for the model and scenario.

    LoadGen reads the file for every model at once, so only lines with ``*`` as their model take
    effect; the file itself is chosen by model. Lines of the scenario win over those of ``*``.
    """
    chosen: dict[str, float] = {}
    lines = file_of(case.spec.settings, case.model)
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
        for key, value in file_of(case.spec.settings, case.model).items()
        for model, scenario, setting in (_split(key),)
        if model != "*" and _is_of(model, case.model) and scenario in ("*", case.log_scenario)
    }


def shortened(case: Case) -> bool:
    """Return whether the test's settings make its run shorter than a result's on purpose."""
    chosen = {**wanted(case), **of_model(case)}
    return any(key in chosen for key in SHORTENING) or bool(chosen.get(UNIQUE))


def _split(key: str) -> tuple[str, str, str]:
    """Split ``model.Scenario.key``; the model's name may hold dots."""
    rest, _, setting = key.rpartition(".")
    model, _, scenario = rest.rpartition(".")
    return model, scenario, setting


def file_of(files: Mapping[str, Mapping[str, float]], model: Model) -> Mapping[str, float]:
    """Return the configuration of a model: the file of its name, or the one of all models."""
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
    return case.once("settings in force", _in_force)


def _in_force(case: Case) -> tuple[SettingCheck, ...]:
    run = case.audit.run
    if run is None or run.log is None:
        return ()
    checks = (_compare(setting, value, run) for setting, value in wanted(case).items())
    return tuple(check for check in checks if check is not None)


def _compare(setting: str, value: float, run: Run) -> SettingCheck | None:
    key = "effective_test_mode" if setting == "mode" else f"effective_{setting}"
    found = want = None
    if setting == "mode" and (mode := run.text(key)) is not None:
        found, want = mode.value, MODES.get(int(value), str(value))
    elif setting in FLAGS and (flag := run.flag(key)) is not None:
        found, want = str(flag.value).lower(), str(bool(value)).lower()
    elif setting in EXACT and (exact := run.integer(key)) is not None:
        found, want = str(exact.value), str(int(value))
    elif setting in LOGGED_ANSWERS:
        return _answers(setting, key, value, run)
    if found is None or want is None:
        return None
    verdict = Verdict.PASS if found == want else Verdict.FAIL
    return SettingCheck(setting, key, want, found, run.at(key), verdict)


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


def config_messages(run: Run) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of the records by which LoadGen says that it found a configuration."""
    if run.log is None:
        return
    for key in ("warning_generic_message", "generic_message"):
        for record in run.log.all(key):
            if FOUND_CONFIG in str(record.value):
                yield record.line, str(record.value)
