"""After each run its log must prove that the run was what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compliance_tests.runner.config import IGNORED_SINCE_5, shown
from compliance_tests.runner.locate import ACCURACY, DETAIL, SUMMARY
from compliance_tests.runner.problems import Kind, Problem
from compliance_tests.runner.reading import count_entries
from compliance_tests.settings import MODES, config_messages
from submission_checker.model.run import Run

ALLOWED_ERRORS = ("ran out of generated queries",)
"""Runs of unique samples end when every sample was issued."""

LAST = ("power_end", "num_errors", "result_validity")
"""Keys that a log has only at its end; accuracy runs have the first alone."""

KEYS = {
    "min_duration": "effective_min_duration_ms", "max_duration": "effective_max_duration_ms",
    "mode": "effective_test_mode", "target_qps": "effective_target_qps",
    "performance_sample_count_override": "effective_performance_sample_count",
}
FLAGS = ("performance_issue_unique", "performance_issue_same", "sample_concatenate_permutation")
NOT_LOGGED = ("test05", "test05_qsl_rng_seed", "test05_sample_index_rng_seed",
              "test05_schedule_rng_seed", "target_latency")
SCRIPT_ONLY = "test0"
"""Keys that begin so are read by the scripts of the tests, not by LoadGen."""

LEAST_SHARE = 0.5
"""Fewer logged answers than this share of the target say too little."""

SAME = ("loadgen_version", "sut_name", "qsl_name", "qsl_reported_total_count",
        "qsl_reported_performance_count", "effective_scenario")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run must have been."""

    scenario: str
    mode: str
    settings: Mapping[str, float] = field(default_factory=dict)
    """Key of a conf file -> value."""
    by_file: bool = False
    """Whether the settings came by audit.config."""
    seeds: Mapping[str, int] = field(default_factory=dict)
    """``qsl_rng_seed`` and so on -> value; empty where any seed will do."""
    alternate: bool = False
    """Whether the seeds are other ones than the round's."""
    answers: bool = False
    """Whether answers must have been logged."""
    total_count: int | None = None
    """Samples of the model's data set by the round."""
    other_data: bool = False
    """Whether the test runs over another data set than the result."""


def logs_complete(folder: Path) -> Problem | None:
    """Return what is missing of a finished run's logs."""
    for name in (DETAIL, SUMMARY):
        path = folder / name
        if not path.is_file() or not path.stat().st_size:
            return Problem(Kind.INCOMPLETE, f"{name} is {'empty' if path.is_file() else 'absent'}: "
                           "the test did not come to its end")
    return None


def prove(run: Run, folder: Path, expected: Expected, reference: Run | None) -> list[Problem]:
    """Return everything in a run's log that is not as it must be."""
    missing = logs_complete(folder)
    if missing is not None:
        return [missing]
    if run.log is None or not any(run.has(key) for key in LAST):
        return [Problem(Kind.INCOMPLETE, f"{DETAIL} ends before the result")]
    return [
        *_config(run, expected), *_identity(run, expected, reference), *_settings(run, expected),
        *_seeds(run, expected), *_errors(run), *_answers(run, folder, expected),
    ]


def _config(run: Run, expected: Expected) -> Iterator[Problem]:
    seen = any(True for _ in config_messages(run))
    void = run.log.all("error_invalid_config") if run.log is not None else ()
    if void:
        yield Problem(Kind.VOID_CONFIG, f"LoadGen could not use a configuration: "
                      f"{str(void[0].value)[:200]!r} ({run.detail_path}:{void[0].line})")
    if expected.by_file and not seen:
        yield Problem(Kind.NO_AUDIT_CONFIG, "the command ran its test without reading "
                      "audit.config from its working directory. Name the directory it reads from "
                      "with --cwd, or hand the path on with {audit_config}")
    if not expected.by_file and seen:
        yield Problem(Kind.NOT_IN_FORCE, "an audit.config was read in a run without one")


def _identity(run: Run, expected: Expected, reference: Run | None) -> Iterator[Problem]:
    found = run.text("effective_scenario")
    if found is not None and found.value != expected.scenario:
        yield Problem(Kind.OTHER_RUN, f"the command ran {found.value}, not {expected.scenario}")
    count = run.integer("qsl_reported_total_count")
    if expected.total_count is not None and count is not None and (
        count.value != expected.total_count
    ):
        yield Problem(Kind.OTHER_RUN, f"a data set of {count.value} samples, the benchmark has "
                      f"{expected.total_count}: another model?")
    same = tuple(key for key in SAME if not expected.other_data or not key.startswith("qsl_"))
    for key in same if reference is not None else ():
        mine, other = run.record(key), reference.record(key) if reference is not None else None
        if mine is not None and other is not None and mine.value != other.value:
            yield Problem(Kind.OTHER_RUN, f"{key} is {mine.value!r}, in the result {other.value!r}",
                          fatal=key != "loadgen_version")


def _settings(run: Run, expected: Expected) -> Iterator[Problem]:
    mode = run.text("effective_test_mode")
    if mode is not None and mode.value != expected.mode and "mode" not in expected.settings:
        yield Problem(Kind.OTHER_RUN, f"the command ran {mode.value}, not {expected.mode}")
    for key, value in expected.settings.items():
        if key in NOT_LOGGED or key.startswith(SCRIPT_ONLY):
            continue
        if expected.by_file and key in IGNORED_SINCE_5 and key in expected.seeds:
            continue
        name = KEYS.get(key, f"effective_{key}")
        record = run.record(name)
        if record is None:
            continue
        wanted, found = _forms(key, value, record.value)
        if wanted != found and not _offline_count(run, key):
            yield Problem(Kind.NOT_IN_FORCE, f"{key} was to be {wanted}, in force was {found} "
                          f"({run.detail_path}:{record.line})")


def _forms(key: str, value: float, found: object) -> tuple[str, str]:
    """Return (wanted, found) in comparable form; integers are never turned into floats."""
    if key == "mode":
        return MODES.get(int(value), str(value)), str(found)
    if key in FLAGS:
        return str(bool(value)).lower(), str(bool(found)).lower()
    if key == "accuracy_log_probability":
        value = value / 100
    if isinstance(found, float):
        return f"{float(value):g}", f"{found:g}"
    return shown(value), str(found)


def _offline_count(run: Run, key: str) -> bool:
    """Whether LoadGen shows a minimum count as samples of the one query of Offline."""
    return key == "min_query_count" and run.scenario == "Offline"


def _seeds(run: Run, expected: Expected) -> Iterator[Problem]:
    wrong = []
    for key, value in expected.seeds.items():
        found = run.integer(f"effective_{key}")
        if found is not None and found.value != value:
            wrong.append(f"{key} {found.value} instead of {value}")
    if wrong:
        hint = ""
        if expected.by_file and expected.alternate:
            hint = (". LoadGen since 5.0 silently ignores seeds and test05 in audit.config: set "
                    "them in the process, with --sut or, for a Python harness, --shim")
        yield Problem(Kind.NOT_IN_FORCE, f"seeds: {', '.join(wrong)}{hint}")


def _errors(run: Run) -> Iterator[Problem]:
    records = [r for r in (run.log.errors() if run.log is not None else ())
               if r.key != "error_invalid_config"
               and not any(known in str(r.value).lower() for known in ALLOWED_ERRORS)]
    if records:
        yield Problem(Kind.LOADGEN_ERRORS, f"{len(records)} errors, the first: "
                      f"{str(records[0].value)[:200]!r} ({run.detail_path}:{records[0].line})")


def _answers(run: Run, folder: Path, expected: Expected) -> Iterator[Problem]:
    if not expected.answers:
        return
    log = folder / ACCURACY
    target = expected.settings.get("accuracy_log_sampling_target")
    queries = run.integer("result_query_count")
    if not log.is_file() or log.stat().st_size < len('[\n{ "seq_id" : 0'):
        yield Problem(Kind.TOO_FEW, f"{ACCURACY} holds no answer")
        return
    if target is None or queries is None:
        return
    size = run.integer("effective_samples_per_query")
    samples = queries.value * (size.value if size is not None and run.scenario != "Offline" else 1)
    least = LEAST_SHARE * min(target, samples)
    logged = count_entries(log)
    if logged < least:
        yield Problem(Kind.TOO_FEW, f"{logged} answers were logged of {samples}, wanted were "
                      f"{target:g}: the declared rate is far above the real one, so LoadGen "
                      "samples too rarely. Declare the real rate in user.conf", fatal=False)
