"""``audit run`` through the installed command, with a benchmark command that writes bad logs."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from fixtures.builder import Tree, audit, result, run
from fixtures.suts.digits import Digits
from tests import commands
from tests.conftest import ROOT

FAKE = ROOT / "tests/compliance/fake_benchmark.py"
TEST04 = f"{audit('TEST04', 'digits', 'SingleStream')}/performance/run_1"
RESULT = result("digits", "SingleStream")

STARTED = [sys.executable, "-m", "submission_checker"]


@pytest.fixture
def place(tmp_path):
    """A submission without the audits of one result, and a folder to work in."""
    tree = Tree.demo(tmp_path)
    logs = tmp_path / "prepared"
    (tree.root / TEST04).rename(logs)
    for test in ("TEST01", "TEST04"):
        tree.delete(audit(test, "digits", "SingleStream"))
    (tmp_path / "cwd").mkdir()
    return tmp_path


def command(place, *way, test="TEST04", options=(), scenario="SingleStream"):
    """Return the command line of an audit."""
    return [*STARTED, "audit", "run", "--round", "demo",
            "--benchmark", "digits", "--scenario", scenario, "--test", test,
            "--result", str(place / "submission" / RESULT), "--work", str(place / "work"),
            "--cwd", str(place / "cwd"), *options, "--", *way]


def called(place, *way, **more):
    """Run an audit; return (exit code, everything that was said)."""
    words = command(place, *way, **more)[len(STARTED):]
    done = commands.command(*words, cwd=place, env={"COLUMNS": "200"})
    said = done.stdout + done.stderr
    assert "internal error" not in said and "Traceback (most" not in done.stderr.replace("  |", "")
    return done.returncode, said


def fake(place, way="good", logs=None, outdir="{outdir}"):
    return [sys.executable, str(FAKE), way, str(logs or place / "prepared"), outdir]


def nothing_left(place):
    return [path.name for path in (place / "cwd").iterdir() if "audit" in path.name] == []


def filed(place):
    return (place / "submission" / audit("TEST04", "digits", "SingleStream")).exists()


def test_good_command_is_judged_and_filed(place):
    code, said = called(place, *fake(place))
    assert (code, "pass      TEST04" in said) == (0, True), said
    folder = place / "submission" / audit("TEST04", "digits", "SingleStream")
    assert (folder / "verify_performance.txt").read_text().endswith("TEST PASS\n")
    report = json.loads((place / "work/audit.json").read_text())["official"][0]
    assert report["verdict"] == "pass"
    assert set(report["sha256"]) == {"performance/run_1/mlperf_log_detail.txt",
                                     "performance/run_1/mlperf_log_summary.txt",
                                     "verify_performance.txt"}
    assert report["numbers"]["performance"]["tolerance"] == 9.0
    assert nothing_left(place)
    assert (place / "work/TEST04/console.txt").read_text() == "configuration: True\n"


def test_a_finished_audit_is_taken_over_and_nothing_is_written_again(place):
    called(place, *fake(place))
    before = {path: path.stat().st_mtime_ns for path in (place / "submission").rglob("*")}
    code, said = called(place, *fake(place))
    assert (code, "taken over" in said) == (0, True), said
    assert {path: path.stat().st_mtime_ns for path in (place / "submission").rglob("*")} == before


def test_other_settings_or_another_command_refuse_to_take_over(place):
    called(place, *fake(place))
    code, said = called(place, *fake(place), "more")
    assert (code, "another command" in said) == (2, True), said


def test_an_audit_of_somebody_else_is_never_overwritten(place):
    folder = place / "submission" / audit("TEST04", "digits", "SingleStream")
    (folder / "performance/run_1").mkdir(parents=True)
    (folder / "performance/run_1/mlperf_log_detail.txt").write_text("mine\n")
    code, said = called(place, *fake(place))
    assert (code, "nothing is overwritten" in said) == (2, True), said
    assert not (place / "work").exists()


def test_command_not_found(place):
    code, said = called(place, "no-such-benchmark")
    assert (code, "command not found: no-such-benchmark" in said) == (2, True)


def test_command_that_cannot_be_started(place):
    (place / "cwd/run.sh").write_text("#!/no/such/shell\n")
    (place / "cwd/run.sh").chmod(0o755)
    code, said = called(place, "./run.sh")
    assert (code, "not started: ./run.sh" in said) == (3, True), said
    assert nothing_left(place) and not filed(place)


@pytest.mark.parametrize(("way", "kind"), [
    ("writes-none", "no logs: no LoadGen log was written below"),
    ("is-killed", "killed: by signal 9 (SIGKILL)"),
    ("crashes", "killed: by signal 11 (SIGSEGV); an exception left a callback of LoadGen"),
    ("dies-early", "incomplete logs: mlperf_log_summary.txt is empty"),
])
def test_bad_ends_are_told_apart(place, way, kind):
    code, said = called(place, *fake(place, way))
    assert (code, kind in said) == (3, True), said
    assert nothing_left(place) and not filed(place)
    assert (place / "work/TEST04/console.txt").is_file()


def test_complete_logs_of_a_command_that_ends_with_an_error_are_judged_and_flagged(place):
    code, said = called(place, *fake(place, "ends-with-7"))
    assert "exit code: the command ended with 7" in said
    assert (code, "pass      TEST04" in said) == (0, True), said


def test_a_command_that_hangs_is_ended(place):
    code, said = called(place, *fake(place, "hangs"), options=("--time-limit", "1"))
    assert (code, "time limit: still running after 1 s" in said) == (3, True), said
    assert nothing_left(place)


def test_logs_elsewhere_are_not_found_unless_named(place):
    elsewhere = place / "elsewhere"
    code, said = called(place, *fake(place, outdir=str(elsewhere)))
    assert (code, "--logs" in said) == (3, True), said
    code, said = called(place, *fake(place, outdir=str(elsewhere)),
                        options=("--logs", str(elsewhere), "--work", str(place / "again")))
    assert code == 0, said


def test_logs_in_the_working_directory_are_found(place):
    code, said = called(place, *fake(place, outdir="results"))
    assert code == 0, said


def test_a_command_that_writes_into_the_result_is_told_so(place):
    target = place / "submission" / run("digits", "SingleStream")
    code, said = called(place, *fake(place, outdir=str(target.parent)))
    assert (code, "wrote into the result itself" in said) == (3, True), said
    assert not filed(place)


def test_a_command_that_reads_no_audit_config(place):
    logs = place / "submission" / run("digits", "SingleStream")
    code, said = called(place, *fake(place, logs=logs.parent))
    assert code == 3
    assert "audit.config not read" in said
    assert "settings not in force: performance_issue_same was to be true" in said
    assert not filed(place)


@pytest.mark.parametrize(("logs", "kind"), [
    (run("digits", "Offline"), "another run: the command ran Offline, not SingleStream"),
    (run("toyllm", "Server"), "another run: qsl_reported_total_count is 200, in the result 1000"),
])
def test_a_command_that_runs_something_else(place, logs, kind):
    code, said = called(place, *fake(place, logs=(place / "submission" / logs).parent))
    assert (code, kind in said) == (3, True), said


def edited(place, key, value):
    """Change a value in the prepared logs."""
    path = place / "prepared/mlperf_log_detail.txt"
    lines = path.read_text().splitlines()
    out = []
    for line in lines:
        record = json.loads(line.removeprefix(":::MLLOG "))
        if record["key"] == key:
            record["value"] = value
        out.append(":::MLLOG " + json.dumps(record))
    path.write_text("\n".join(out) + "\n")


@pytest.mark.parametrize(("key", "value", "kind"), [
    ("effective_performance_issue_same", False, "performance_issue_same was to be true"),
    ("effective_performance_issue_same_index", 4, "performance_issue_same_index was to be 3"),
    ("effective_test_mode", "AccuracyOnly", "mode was to be PerformanceOnly"),
    ("effective_qsl_rng_seed", 2085463073848966841, "qsl_rng_seed 2085463073848966841 instead of "
                                                   "2085463073848966840"),
])
def test_settings_that_were_not_in_force(place, key, value, kind):
    edited(place, key, value)
    code, said = called(place, *fake(place))
    assert (code, kind in said) == (3, True), said
    assert not filed(place)


def test_a_faster_run_fails(place):
    edited(place, "early_stopping_latency_ss", 100_000)
    code, said = called(place, *fake(place))
    assert (code, "fail      TEST04" in said) == (1, True), said
    folder = place / "submission" / audit("TEST04", "digits", "SingleStream")
    assert (folder / "verify_performance.txt").read_text().endswith("TEST FAIL\n")


def test_stale_audit_config_is_refused_by_name(place):
    (place / "cwd/audit.config").write_text("*.*.mode = 1\n")
    code, said = called(place, *fake(place))
    assert (code, "audit.config lies in the working directory" in said) == (2, True), said
    assert (place / "cwd/audit.config").read_text() == "*.*.mode = 1\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_audit_leaves_nothing_behind_and_goes_on_later(place, number):
    ready = place / "work/TEST04/console.txt"
    runner = subprocess.Popen(command(place, *fake(place, "hangs")), cwd=place,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT)})
    for _ in range(4800):
        if ready.is_file() and ready.read_text():
            break
        time.sleep(0.05)
    runner.send_signal(number)
    _, said = runner.communicate(timeout=400)
    if number != signal.SIGKILL:
        assert (runner.returncode, said.splitlines()[-1]) == (130, "interrupted")
    for _ in range(4800):
        if nothing_left(place):
            break
        time.sleep(0.05)
    assert nothing_left(place)
    code, said = called(place, *fake(place))
    assert (code, "kept as TEST04.unfinished-1" in said) == (0, True), said
    kept = (place / "work/TEST04.unfinished-1/console.txt").read_text()
    assert kept.startswith("configuration: True\n")


@pytest.mark.parametrize(("edit", "kind"), [
    (lambda tree: tree.delete(f"{RESULT}/performance"), "holds no detail log"),
    (lambda tree: tree.set_log(run("digits", "SingleStream"), "result_validity", "INVALID"),
     "the result's run is INVALID"),
    (lambda tree: tree.set_log(run("digits", "SingleStream"), "effective_scenario", "Server"),
     "is a run of Server"),
    (lambda tree: tree.set_log(run("digits", "SingleStream"), "qsl_reported_total_count", 10),
     "a data set of 10 samples"),
])
def test_reference_run_that_cannot_be_compared_with(place, edit, kind):
    edit(Tree(place / "submission"))
    code, said = called(place, *fake(place))
    assert (code, kind in said) == (2, True), said
    assert not (place / "work").exists()


def test_truncated_accuracy_log_says_what_can_be_verified(place):
    logs = place / "submission" / audit("TEST01", "digits", "Offline")
    prepared = place / "offline"
    (logs / "performance/run_1").rename(prepared)
    (logs / "accuracy/mlperf_log_accuracy.json").rename(prepared / "mlperf_log_accuracy.json")
    Tree(place / "submission").delete(audit("TEST01", "digits", "Offline"))
    words = command(place, *fake(place, logs=prepared), test="TEST01", scenario="Offline")
    words[words.index("--result") + 1] = str(place / "submission" / result("digits", "Offline"))
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, timeout=400,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "undecided TEST01" in done.stdout
    assert "sampled answers could be compared" in done.stdout
    assert "the others cannot be verified. Keep the whole accuracy log" in done.stdout


def answers(path, chosen, wrong=()):
    """Write a log of the digits' labels as answers, some of them wrong."""
    labels = Digits().labels
    path.write_text("[\n" + ",\n".join(
        f'{{ "seq_id" : {seq}, "qsl_idx" : {index}, "data" : '
        f'"{(int(labels[index]) + (index in wrong)).to_bytes(4, "little").hex().upper()}" }}'
        for seq, index in enumerate(chosen)) + "\n]\n")


@pytest.mark.parametrize(("wrong", "code"), [((), 0), ((7,), 0), ((7, 9, 11), 1)])
def test_quality_decides_about_answers_that_vary(place, wrong, code):
    """One of 200 sampled answers is half a percent, three are more than the one percent allowed."""
    offline = audit("TEST01", "digits", "Offline")
    prepared, root = place / "offline", place / "submission"
    (root / offline / "performance/run_1").rename(prepared)
    Tree(root).delete(offline)
    answers(prepared / "mlperf_log_accuracy.json", range(200), wrong)
    answers(root / result("digits", "Offline") / "accuracy/mlperf_log_accuracy.json", range(1000))
    words = command(place, *fake(place, logs=prepared), test="TEST01", scenario="Offline", options=(
        "--accuracy-command", f"{sys.executable} -m fixtures.suts.accuracy {{log}}"))
    words[words.index("--result") + 1] = str(root / result("digits", "Offline"))
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, timeout=400,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == code, done.stdout + done.stderr
    kept = {path.name for path in (root / offline / "accuracy").iterdir()}
    texts = {"baseline_accuracy.txt", "compliance_accuracy.txt"}
    assert kept == {"accuracy.txt", "mlperf_log_accuracy.json"} | (texts if wrong else set())
    again = json.loads((place / "work/audit.json").read_text())["official"][0]["numbers"]
    assert [item["baseline"] for item in again.get("quality", [])] == [100.0] * bool(wrong)
    judged = subprocess.run(
        [sys.executable, "-m", "submission_checker", "audit", "verify", str(root), "--round",
         "demo", "--benchmark", "digits", "--scenario", "Offline"], cwd=place, timeout=400,
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (judged.returncode, "and 99.5 on the sampled answers" in judged.stdout) == (
        code, wrong == (7,)), judged.stdout


def test_dry_run_starts_and_writes_nothing(place):
    code, said = called(place, *fake(place), options=("--dry-run", "--strict"))
    assert code == 0
    assert "TEST04: 1 run, about 1 s" in said
    assert "seeds: left out, needs settings in the process" in said
    assert not (place / "work").exists()


@pytest.mark.parametrize(("options", "kind"), [
    (("--benchmark", "digit"), "did you mean"), (("--scenario", "Servr"), "did you mean Server"),
    (("--test", "TEST99"), "no audit 'TEST99'"), (("--round", "v9.9"), "v9.9"),
    (("--cwd", "nowhere"), "is no folder"), (("--sut", "a:b"), "give either"),
])
def test_wrong_use(place, options, kind):
    code, said = called(place, *fake(place), options=options)
    assert (code, kind in said) == (2, True), said


def test_without_loadgen_the_extra_is_named(place, tmp_path):
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide/sitecustomize.py").write_text(
        "import sys\nsys.modules['mlperf_loadgen'] = None\n")
    words = command(place)[:-1]
    done = subprocess.run(
        [*words, "--sut", "fixtures.suts.digits:Digits"], cwd=place, capture_output=True,
        text=True, timeout=400,
        env={**os.environ, "PYTHONPATH": f"{tmp_path / 'hide'}{os.pathsep}{ROOT}"})
    assert done.returncode == 2
    assert "[audit]" in done.stderr and "pip install" in done.stderr
