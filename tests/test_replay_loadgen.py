"""The real LoadGen as oracle: with random seeds, its logs are what the replay says they are.

The readers, the settings and the checks are those of the rules; an edit of each log fails.
"""

import json
import random
import subprocess
import sys

import pytest

from submission_checker.evidence.accuracy_order import check_accuracy_order
from submission_checker.evidence.loaded_set import check_loaded_sets
from submission_checker.evidence.sampling import check_sampled_answers
from submission_checker.evidence.schedule_check import check_schedule
from submission_checker.intake.reading import Reader
from submission_checker.model.files import FileTable
from submission_checker.rules.lgen_order import _issued, answers_of
from submission_checker.rules.lgen_replay import expected_lengths
from submission_checker.rules.replayed import generated_of, libraries_of, sets_of, settings_of
from submission_checker.sources.opening import open_source
from tests.conftest import ROOT

pytestmark = pytest.mark.loadgen

RUNS = [(scenario, mode, number) for scenario in ("Offline", "Server")
        for mode in ("PerformanceOnly", "AccuracyOnly") for number in range(4)]


def drawn(scenario, mode, number):
    """Return settings drawn by name and number, the same in every run of the tests."""
    chance = random.Random(f"{scenario} {mode} {number}")
    total = chance.randint(30, 400)
    given = {
        "scenario": scenario, "mode": mode, "samples": [total, chance.randint(7, total)],
        "min_duration_ms": chance.randint(200, 700), "min_query_count": chance.randint(1, 300),
        "sample_concatenate_permutation": chance.random() < 0.4,
        "offline_expected_qps": chance.uniform(500, 3000),
        "server_target_qps": chance.choice([200.0, 437.5, chance.uniform(200, 900)]),
        "server_target_latency_ns": 10**9,
    }
    for name in ("qsl", "sample_index", "schedule", "accuracy_log"):
        given[f"{name}_rng_seed"] = chance.getrandbits(64)
    if mode == "PerformanceOnly":
        given["accuracy_log_sampling_target"] = chance.randint(20, 90)
    return given


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Return a function that runs LoadGen once per settings, and reads its logs."""
    pytest.importorskip("mlperf_loadgen", reason="needs the extra [audit]")
    known = {}

    def logs_of(*key):
        if key not in known:
            folder = tmp_path_factory.mktemp("run")
            subprocess.run(
                [sys.executable, "-m", "tests.loadgen_child", json.dumps(drawn(*key)), str(folder)],
                check=True, cwd=ROOT, timeout=400)
            source = open_source(str(folder))
            reader = Reader(source, FileTable.build(source.walk()))
            known[key] = (reader.run("run_1", ""),
                          reader.accuracy_log("mlperf_log_accuracy.json", covers=True))
        return known[key]

    return logs_of


@pytest.mark.parametrize(("scenario", "mode", "number"), RUNS)
def test_loaded_set_follows_from_the_seed(scenario, mode, number, logs):
    run, _ = logs(scenario, mode, number)
    settings, (texts, _) = settings_of(run), sets_of(run)
    assert check_loaded_sets(settings, texts).agrees is True
    other = settings._replace(qsl_rng_seed=settings.qsl_rng_seed + 1)
    assert check_loaded_sets(other, texts).agrees is False


@pytest.mark.parametrize(("scenario", "mode", "number"), RUNS)
def test_schedule_follows_from_the_seed(scenario, mode, number, logs):
    run, _ = logs(scenario, mode, number)
    settings = settings_of(run)
    logged = [item for item, _ in generated_of(run)]
    lengths = expected_lengths(settings)
    rates = (drawn(scenario, mode, number)["server_target_qps"],)
    assert check_schedule(settings, lengths, logged).agrees is True
    edited = [item._replace(queries=item.queries + 2) for item in logged]
    assert check_schedule(settings, lengths, edited).agrees is False
    if scenario == "Server":
        exact = check_schedule(settings, lengths, logged, rates=rates)
        assert exact.agrees is True
        assert exact.qps == pytest.approx(rates[0], rel=1e-15)
        other = settings._replace(schedule_rng_seed=settings.schedule_rng_seed + 1)
        assert check_schedule(other, lengths, logged, rates=rates).agrees is False
        later = [item._replace(duration_ns=item.duration_ns + 1) for item in logged]
        assert check_schedule(settings, lengths, later, rates=rates).agrees is False


@pytest.mark.parametrize(("scenario", "mode", "number"), RUNS)
def test_answers_follow_from_the_seeds(scenario, mode, number, logs):
    run, log = logs(scenario, mode, number)
    settings, answers = settings_of(run), answers_of(log)
    libraries = list(libraries_of(run, settings))
    assert answers.whole
    assert answers.entries

    def agrees(entries, given=settings):
        if mode == "AccuracyOnly":
            return check_accuracy_order(given, entries, libraries=libraries).agrees
        return check_sampled_answers(
            given, entries, issued=_issued(run, given), complete=True, libraries=libraries,
            rates=(drawn(scenario, mode, number)[
                "server_target_qps" if scenario == "Server" else "offline_expected_qps"],),
        ).agrees

    assert agrees(answers.entries) is True
    (one, first), (two, second) = answers.entries[0], next(
        entry for entry in answers.entries if entry[1] != answers.entries[0][1])
    exchanged = [{(one, first): (one, second), (two, second): (two, first)}.get(entry, entry)
                 for entry in answers.entries]
    assert agrees(exchanged) is False
    if mode == "PerformanceOnly":
        assert agrees(answers.entries[1:]) is False
        other = settings._replace(accuracy_log_rng_seed=settings.accuracy_log_rng_seed + 1)
        assert agrees(answers.entries, other) is False
