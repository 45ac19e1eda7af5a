"""The result that is audited: found, read, and fit to be compared with."""

from __future__ import annotations

from pathlib import Path

from compliance_tests.runner.official import Reference
from compliance_tests.runner.problems import Refused
from compliance_tests.runner.reading import read_accuracy, read_run
from compliance_tests.runner.specs import Target
from compliance_tests.settings import config_messages
from submission_checker.model.run import Run


def load(folder: Path, target: Target) -> Reference:
    """Return the result in a folder.

    Raises:
        Refused: its performance run is missing, not valid, of another scenario or data set, or was
            itself made under an audit.config.
    """
    base = folder / "performance"
    runs = tuple(read_run(path, path.name) for path in sorted(base.glob("run_*")) if path.is_dir())
    runs = tuple(run for run in runs if run.log is not None and run.log.records_count)
    if not runs:
        raise Refused(f"{base}/run_1 holds no detail log: an audit is compared with the result's "
                      "performance run. Make that run first, or name its folder with --result")
    for run in runs:
        _fits(run, target)
    accuracy = folder / "accuracy"
    patterns = tuple((metric.name, metric.pattern) for metric in target.model.metrics)
    return Reference(folder, runs, read_accuracy(accuracy, patterns) if accuracy.is_dir() else None)


def _fits(run: Run, target: Target) -> None:
    validity, scenario = run.text("result_validity"), run.scenario
    if validity is not None and validity.value != "VALID":
        raise Refused(f"{run.detail_path}: the result's run is {validity.value}; an audit cannot "
                      "be compared with it. Make a valid run first")
    if scenario is not None and scenario != target.log_scenario:
        raise Refused(f"{run.detail_path} is a run of {scenario}, not of {target.log_scenario}")
    line = next((line for line, _ in config_messages(run)), None)
    if line is not None:
        raise Refused(f"{run.detail_path}:{line}: the result's own run was made under an "
                      "audit.config, so nothing can be compared with it. Remove the stale file "
                      "and repeat the run")
    mode = run.text("effective_test_mode")
    if mode is not None and mode.value not in ("PerformanceOnly", "SubmissionRun"):
        raise Refused(f"{run.detail_path} is a run of mode {mode.value}, not PerformanceOnly")
    count = run.integer("qsl_reported_total_count")
    wanted = target.model.dataset_size
    if count is not None and wanted is not None and count.value != wanted:
        raise Refused(f"{run.detail_path}: a data set of {count.value} samples; "
                      f"{target.model.name} has {wanted}. Another benchmark?")
