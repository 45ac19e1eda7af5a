"""`init` and `add` through the installed command: from an empty folder to a valid submission."""

import json
import shutil
from pathlib import Path

import pytest

from fixtures.builder import BASE, SYSTEM, Tree, accuracy, audit, result, run
from submission_checker.packing.layout import Wanted, hints, new_files
from submission_checker.rounds.loader import load_round, round_names
from tests import commands

PERF = f"{result()}/performance/run_1"


def command(*arguments):
    done = commands.command(*arguments, env={"COLUMNS": "100"})
    assert "Traceback" not in done.stderr + done.stdout
    return done


def add(run_dir, tree, *arguments, benchmark="digits"):
    return command("add", run_dir, "--to", tree.root, "--round", "demo", "--benchmark", benchmark,
                   *arguments)


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path / "tree")


@pytest.fixture
def taken(tree, tmp_path):
    """Return a function that takes a run's folder out of the tree."""
    def take(path):
        folder = tmp_path / "runs" / path.replace("/", "_")
        folder.parent.mkdir(exist_ok=True)
        shutil.move(tree.path(path), folder)
        return folder

    return take


def alone(tree):
    """Remove the summary, so that the edited log contradicts nothing."""
    return tree.delete(f"{PERF}/mlperf_log_summary.txt")


def test_every_field_has_a_hint():
    for name in round_names():
        round_ = load_round(name)
        assert set(round_.system.required_fields) <= set(hints()["system"])
        assert set(round_.measurements.required_fields) <= set(hints()["measurements"])


@pytest.mark.parametrize("name", round_names())
def test_every_round_can_be_laid_out(name):
    round_ = load_round(name)
    model = next(iter(round_.models.values()))
    kind = next(iter(model.system_types))
    wanted = Wanted("closed", "Acme", "box", kind, (model.name,))
    files = new_files(wanted, round_)
    assert "closed/Acme/systems/box.json" in files
    assert any(path.endswith("/performance/run_1") for path in files)
    assert all(not Path(path).is_absolute() and ".." not in path for path in files)


def test_new_submission_is_a_to_do_list(tmp_path):
    root = tmp_path / "new"
    done = command("init", root, "--round", "demo", "--submitter", "Acme", "--system", "box",
                   "--system-type", "edge", "--benchmark", "digits")
    assert done.returncode == 0, done.stderr
    fields = json.loads((root / "closed/Acme/systems/box.json").read_text())
    assert fields["submitter"] == "Acme" and fields["system_name"].startswith("TODO: ")
    checked = command("check", root, "--round", "demo", "--profile", "self-check",
                      "--level", "info")
    assert checked.returncode in (0, 1)
    for words in ("performance run_1", "box.json: ", "fields to fill in: status"):
        assert words in checked.stdout
    assert "PERF" not in checked.stdout


def test_nothing_is_overwritten_by_a_second_init(tmp_path):
    arguments = ("init", tmp_path / "new", "--round", "demo", "--submitter", "Acme", "--system",
                 "box", "--system-type", "edge", "--benchmark", "digits")
    command(*arguments)
    file = tmp_path / "new/closed/Acme/systems/box.json"
    file.write_text("mine")
    done = command(*arguments)
    assert done.returncode == 0 and "stay as they are" in done.stdout
    assert file.read_text() == "mine"


@pytest.mark.parametrize(("option", "value", "near"), [
    ("--benchmark", "digts", "did you mean 'digits'"), ("--division", "close", "'closed'"),
    ("--scenario", "Ofline", "'Offline'"), ("--round", "v5.3", "v5"),
    ("--system", "a/b", "no name of a folder"),
    ("--submitter", "A B", "'A_B'"),
])
def test_mistyped_names_are_proposed(tmp_path, option, value, near):
    given = {"--round": "demo", "--submitter": "Acme", "--system": "box", "--system-type": "edge",
             "--benchmark": "digits", option: value}
    done = command("init", tmp_path / "new", *(x for pair in given.items() for x in pair))
    assert done.returncode == 2 and near in done.stderr
    assert not (tmp_path / "new").exists()


def test_performance_and_accuracy_runs_go_to_their_places(tree, taken):
    performance, exact = taken(PERF), taken(accuracy())
    assert add(performance, tree).returncode == 0
    done = add(exact, tree)
    assert done.returncode == 0, done.stderr
    assert tree.path(run()).is_file() and tree.path(f"{accuracy()}/accuracy.txt").is_file()
    checked = command("check", tree.root, "--round", "demo")
    assert checked.returncode == 0, checked.stdout


def test_audit_is_recognised_by_its_settings(tree, taken):
    folder = f"{audit('TEST01', scenario='SingleStream')}/performance/run_1"
    moved = taken(folder)
    done = add(moved, tree)
    assert done.returncode == 0, done.stderr
    assert "TEST01 of digits SingleStream" in done.stdout
    assert tree.path(f"{folder}/mlperf_log_detail.txt").is_file()


def test_dry_run_says_where_and_writes_nothing(tree, taken):
    moved = taken(PERF)
    done = add(moved, tree, "--dry-run")
    assert done.returncode == 0 and f"would be {PERF}/" in done.stdout
    assert not tree.path(run()).exists()


def test_what_is_there_is_not_overwritten(tree, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(tree.path(PERF), folder)
    before = tree.path(run()).read_bytes()
    done = add(folder, tree)
    assert done.returncode == 2 and "nothing is overwritten" in done.stderr
    assert tree.path(run()).read_bytes() == before


@pytest.mark.parametrize(("edit", "words"), [
    (lambda t: alone(t).set_log(run(), "effective_qsl_rng_seed", 7), "its seeds are of no round"),
    (lambda t: alone(t).set_log(run(), "effective_performance_sample_count", 5), "at least 256"),
    (lambda t: t.set_log(run(), "result_validity", "INVALID"), "LoadGen says INVALID"),
    (lambda t: t.set_log(run(), "effective_test_mode", "FindPeakPerformance"), "mode FindPeak"),
    (lambda t: t.set_log(run(), "effective_scenario", "MultiStreamFree"), "give --scenario"),
    (lambda t: t.set_log(run(), "effective_min_duration_ms", 77), "two logs of different runs"),
    (lambda t: t.append(run(), t.text(run())), "the settings of 2 runs"),
    (lambda t: t.write(run(), "nothing of LoadGen"), "no detail log of LoadGen"),
    (lambda t: t.del_log(run(), "power_end"), "the run did not end"),
    (lambda t: t.delete(run()), "no run of LoadGen ended there"),
    (lambda t: t.copy(run(), f"{PERF}/old/mlperf_log_detail.txt"), "has 2 runs"),
    (lambda t: alone(t).set_log(run(), "effective_accuracy_log_sampling_target", 5), "--test"),
])
def test_run_that_does_not_fit_is_refused_with_the_reason(tree, taken, edit, words):
    edit(tree)
    moved = taken(PERF)
    done = add(moved, tree)
    assert done.returncode == 2 and words in done.stderr
    assert not tree.path(PERF).exists()


def test_log_of_another_round_is_named(tree, taken):
    for key, value in zip(("qsl", "sample_index", "schedule"), (
            1780908523862526354, 14771362308971278857, 18209322760996052031), strict=True):
        tree.set_log(run(), f"effective_{key}_rng_seed", value)
    tree.delete(f"{PERF}/mlperf_log_summary.txt")
    done = add(taken(PERF), tree)
    assert done.returncode == 2 and "its seeds are those of v5.1" in done.stderr


def test_scenario_that_is_begun_is_meant_where_several_fit(tree, taken):
    moved = taken(f"{result('toyllm', 'Server')}/performance/run_1")
    assert add(moved, tree, benchmark="toyllm").returncode == 0
    tree.path(result("toyllm", "Interactive")).mkdir()
    tree.delete(f"{result('toyllm', 'Server')}/performance/run_1")
    done = add(moved, tree, benchmark="toyllm")
    assert done.returncode == 2 and "--scenario, one of Interactive, Server" in done.stderr
    assert add(moved, tree, "--scenario", "Server", benchmark="toyllm").returncode == 0


def test_wrong_scenario_is_refused(tree, taken):
    done = add(taken(PERF), tree, "--scenario", "Server")
    assert done.returncode == 2 and "LoadGen ran Offline, not Server" in done.stderr


def test_other_files_are_named_and_not_submitted(tree, taken):
    tree.write(f"{PERF}/core.1234", "x")
    done = add(taken(PERF), tree)
    assert done.returncode == 0 and "not submitted: core.1234" in done.stdout
    assert not tree.path(f"{PERF}/core.1234").exists()


def test_submitter_and_system_are_asked_for_where_there_are_several(tree, taken):
    moved = taken(PERF)
    tree.copy(f"{BASE}/systems/{SYSTEM}.json", f"{BASE}/systems/second.json")
    done = add(moved, tree)
    assert done.returncode == 2 and "give --system; one of" in done.stderr
    assert add(moved, tree, "--system", SYSTEM).returncode == 0


def test_accuracy_run_of_another_benchmark_is_refused(tree, taken):
    moved = taken(accuracy())
    done = add(moved, tree, benchmark="toyllm")
    assert done.returncode == 2
    assert "but toyllm has" in done.stderr and "the data set of digits" in done.stderr
    assert not tree.path(accuracy("toyllm")).joinpath("mlperf_log_detail.txt.part").exists()


def test_every_reason_is_told_at_once(tree, taken):
    alone(tree).set_log(run(), "effective_qsl_rng_seed", 7)
    tree.set_log(run(), "result_validity", "INVALID")
    done = add(taken(PERF), tree)
    assert "its seeds are of no round" in done.stderr and "LoadGen says INVALID" in done.stderr


def test_own_names_of_benchmarks_in_open_follow_the_mapping(tree, taken):
    moved = taken(PERF)
    tree.copy("closed/DemoOrg", "open/DemoOrg")
    tree.write("open/DemoOrg/model_mapping.json", json.dumps({"mine": "digits"}))
    done = add(moved, tree, "--division", "open", benchmark="mine")
    assert done.returncode == 0, done.stderr
    assert tree.path("open/DemoOrg/results/demo-host/mine/Offline/performance/run_1").is_dir()


def test_hidden_files_are_no_submitters_and_no_systems(tree, taken):
    moved = taken(PERF)
    tree.write("closed/.DS_Store", "x").write("closed/notes.txt", "x")
    tree.write(f"{BASE}/systems/._x.json", "{}")
    assert add(moved, tree).returncode == 0


def test_failed_copy_leaves_no_half_run(tree, taken, monkeypatch):
    from submission_checker.packing import filing
    from submission_checker.packing.recognise import recognise

    found = recognise(taken(PERF))
    where = filing.Where("closed", "DemoOrg", SYSTEM, "digits")
    plan = filing.filed(found, where, tree.root, load_round("demo"), even_invalid=False)
    real, seen = filing.put, []

    def breaks(part, target):
        seen.append(target)
        if len(seen) == 2:
            raise OSError(28, "No space left on device")
        real(part, target)

    monkeypatch.setattr(filing, "put", breaks)
    with pytest.raises(OSError, match="No space"):
        filing.copy(found, plan, tree.root)
    assert len(seen) == 2 and not list(tree.path(PERF).iterdir())
    monkeypatch.undo()
    filing.copy(found, plan, tree.root)
    assert tree.path(run()).is_file()


def test_from_an_empty_folder_to_a_valid_submission(tree, tmp_path):
    """init, add every run, fill in, check: the way of a newcomer."""
    root = tmp_path / "new"
    done = command("init", root, "--round", "demo", "--submitter", "DemoOrg", "--system", SYSTEM,
                   "--system-type", "datacenter,edge", "--benchmark", "digits", "--benchmark",
                   "toyllm", "--scenario", "Offline", "--scenario", "Server")
    assert done.returncode == 0, done.stderr
    more = command("init", root, "--round", "demo", "--submitter", "DemoOrg", "--system", SYSTEM,
                   "--system-type", "datacenter,edge", "--benchmark", "digits")
    assert more.returncode == 0 and "stay as they are" in more.stdout
    filed = 0
    for log in sorted(tree.root.rglob("mlperf_log_detail.txt")):
        benchmark = "digits" if "/digits/" in log.as_posix() else "toyllm"
        folder = tmp_path / "runs" / str(filed)
        shutil.copytree(log.parent, folder)
        answers = log.parents[2] / "accuracy/mlperf_log_accuracy.json"
        if "compliance" in log.parts and answers.exists():  # LoadGen writes all logs side by side
            shutil.copy(answers, folder)
        done = command("add", folder, "--to", root, "--round", "demo", "--benchmark", benchmark)
        assert done.returncode == 0, done.stderr
        filed += 1
    assert filed > 12
    for file in tree.root.rglob("*"):  # what a submitter writes by hand: texts and descriptions
        part = file.relative_to(tree.root)
        if file.is_file() and not file.name.startswith("mlperf_log"):
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, root / part)
    for path in (root / "closed/DemoOrg/measurements").rglob("*.json"):
        if "TODO" in path.read_text():
            path.unlink()
    checked = command("check", root, "--round", "demo")
    assert "6 valid" in checked.stdout and checked.returncode == 0, checked.stdout


def test_fitting_types_of_system_are_named():
    done = command("init", "/nowhere/x", "--round", "v5.1", "--submitter", "A", "--system", "b",
                   "--benchmark", "resnet")
    assert "edge or datacenter,edge systems, not for datacenter; choose with" in done.stderr


def test_both_is_a_type_of_system(tmp_path):
    done = command("init", tmp_path, "--round", "v5.1", "--submitter", "A", "--system", "b",
                   "--system-type", "both", "--benchmark", "resnet")
    assert done.returncode == 0, done.stderr
    fields = json.loads((tmp_path / "closed/A/systems/b.json").read_text())
    assert fields["system_type"] == "datacenter,edge"


def test_mistyped_places_are_told(tree, taken):
    moved = taken(PERF)
    nowhere = command("add", moved, "--to", f"{tree.root}x", "--round", "demo", "--benchmark",
                      "digits")
    assert (nowhere.returncode, "no such folder" in nowhere.stderr) == (2, True)
    done = add(moved, tree, "--system", "demo-hst", "--dry-run")
    assert f"note: no systems/demo-hst.json yet; described: {SYSTEM}" in done.stdout
    assert "note:" not in add(moved, tree, "--dry-run").stdout


def test_missing_manifest_is_named(tree, tmp_path):
    missing = command("pack", "--verify", tree.root, tmp_path / "up")
    assert (missing.returncode, "no manifest" in missing.stderr) == (2, True)
    assert "Errno" not in missing.stderr
