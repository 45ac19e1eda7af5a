"""What LoadGen silently ignores, and how systems fail, with the real LoadGen: each is told."""

import errno
import os
import sys
from dataclasses import replace

import pytest

from compliance_tests.runner import session as sessions
from compliance_tests.runner import shim, specs
from compliance_tests.runner.config import MARKER
from compliance_tests.runner.problems import Kind, Refused
from compliance_tests.runner.proof import Expected
from compliance_tests.runner.session import Command, Done, Driven, Session, Spec
from submission_checker.rounds.loader import load_round
from tests.compliance.live import CRASHING, DIGITS, TOYLLM, quiet, session, user_conf
from tests.conftest import ROOT

pytestmark = pytest.mark.loadgen
pytest.importorskip("mlperf_loadgen", reason="the extra [audit] is not installed")

SCENARIO = "SingleStream"
SEEDS = {"qsl_rng_seed": 195, "sample_index_rng_seed": 235, "schedule_rng_seed": 634}


def kinds(done: Done):
    return {problem.kind for problem in done.problems}


def said(done: Done):
    return " ".join(str(problem) for problem in done.problems)


@pytest.fixture
def short(tmp_path):
    return session(tmp_path, DIGITS, SCENARIO, ms=50)


def by_file(name, text, **settings):
    """Return a run under an audit.config as it is written."""
    return Spec(name, Expected(SCENARIO, specs.PERFORMANCE, settings, by_file=True), text)


def test_seeds_in_audit_config_are_ignored_and_told_with_the_way_out(short):
    done = short.run(specs.own_run("seeds", SCENARIO, SEEDS, by_file=True))
    assert kinds(done) == {Kind.NOT_IN_FORCE}
    assert "qsl_rng_seed 2085463073848966840 instead of 195" in said(done)
    assert "silently ignores seeds and test05 in audit.config: set them in the process" in said(
        done)


def test_seeds_set_in_the_process_are_in_force(short):
    done = short.run(specs.own_run("seeds", SCENARIO, SEEDS, by_file=False))
    assert done.problems == ()
    assert done.run.integer("effective_sample_index_rng_seed").value == 235


@pytest.mark.parametrize("round_name", ["v0.7", "v4.1"])
def test_official_alternate_seeds_need_the_process(short, round_name):
    """Both forms of TEST05: seeds in the file, and the flag ``test05``."""
    round_ = load_round(round_name)
    model = next(m for m in round_.models.values() if "TEST05" in m.required_audits)
    target = specs.Target(round_, model, SCENARIO)
    alone = specs.official(target, "TEST05", in_process=False, about_s=None)
    inside = specs.official(target, "TEST05", in_process=True, about_s=None)
    ignored = short.run(alone)
    assert Kind.NOT_IN_FORCE in kinds(ignored)
    assert "seeds:" in said(ignored)
    done = short.run(replace(inside, name="inside"))
    assert "seeds" not in said(done)
    assert done.run.integer("effective_schedule_rng_seed").value == round_.audit_seeds[
        "TEST05"].schedule


def test_log_probability_in_audit_config_is_ignored_and_told(short):
    done = short.run(specs.own_run("p", SCENARIO, {"accuracy_log_probability": 10}, by_file=True))
    assert "accuracy_log_probability was to be 0.1, in force was 0" in said(done)
    assert Kind.TOO_FEW in kinds(done)


def test_log_probability_set_in_the_process_is_in_force(short):
    done = short.run(specs.own_run("p", SCENARIO, {"accuracy_log_probability": 100},
                                   by_file=False))
    assert Kind.NOT_IN_FORCE not in kinds(done), said(done)
    assert (done.logs / "mlperf_log_accuracy.json").read_text().count("seq_id") > 10


def test_a_line_without_blanks_is_ignored_and_told(short):
    done = short.run(by_file("blanks", "*.*.min_query_count=77\n", min_query_count=77))
    assert "min_query_count was to be 77, in force was 64" in said(done)


def test_a_comment_after_a_value_voids_the_file_and_is_told(short):
    text = "*.*.mode = 2\n*.*.performance_issue_same = 1 # repeated\n"
    done = short.run(by_file("comment", text, performance_issue_same=1))
    assert {Kind.VOID_CONFIG, Kind.NOT_IN_FORCE} <= kinds(done), said(done)


def test_a_line_of_one_model_is_not_applied_and_told(short):
    done = short.run(by_file("model", "digits.*.min_query_count = 77\n", min_query_count=77))
    assert "min_query_count was to be 77, in force was 64" in said(done)


def test_a_repeated_index_beyond_the_set_is_refused_before_it_runs():
    target = specs.Target(load_round("demo"), load_round("demo").models["digits"], SCENARIO)
    spec = specs.own_run("same", SCENARIO, {"performance_issue_same": 1,
                                            "performance_issue_same_index": 256}, by_file=True)
    assert "256 is not below the 256 samples" in specs.same_index_problem(target, spec, None)


def test_a_declared_rate_that_shrinks_the_sample_is_told(short):
    done = short.run(specs.own_run("few", SCENARIO, {"accuracy_log_sampling_target": 30},
                                   by_file=True))
    assert Kind.TOO_FEW in kinds(done)
    assert any("Declare the real rate" in str(p) or "no answer" in str(p) for p in done.problems)


def test_unique_samples_run_out_without_being_an_error(tmp_path):
    made = session(tmp_path, DIGITS, SCENARIO, ms=120_000, expected=20)
    done = made.run(specs.own_run("unique", SCENARIO, {"performance_issue_unique": 1},
                                   by_file=True))
    assert done.problems == ()
    assert done.run.integer("result_query_count").value == 256


BROKEN = f'''{CRASHING}
class Half:
    benchmark, total_count = "digits", 10

class Dying(Digits):
    def issue(self, indices, answer, first_token):
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
'''


@pytest.mark.parametrize(("name", "kind", "text"), [
    ("broken:Crashing", Kind.EXIT_CODE, "ValueError: no device"),
    ("broken:NotLoading", Kind.EXIT_CODE, "ValueError: no memory"),
    ("broken:Half", Kind.EXIT_CODE, "lacks performance_count, tokens"),
    ("broken:Absent", Kind.EXIT_CODE, "cannot be imported"),
    ("nowhere:Digits", Kind.EXIT_CODE, "No module named 'nowhere'"),
    ("no-colon", Kind.EXIT_CODE, "no module:factory"),
    ("broken:Dying", Kind.KILLED, "SIGKILL"),
])
def test_a_sut_that_fails_is_told(tmp_path, name, kind, text):
    (tmp_path / "broken.py").write_text(BROKEN)
    made = Session(Driven(name, user_conf(tmp_path, 50), (str(tmp_path),)), tmp_path / "work",
                   SCENARIO, tell=quiet)
    done = made.run(specs.own_run("normal", SCENARIO, {}, by_file=False))
    assert kind in kinds(done), said(done)
    assert text in said(done)
    assert done.fatal is not None


def test_a_failed_run_is_kept_and_made_again(tmp_path):
    (tmp_path / "broken.py").write_text(BROKEN)
    made = Session(Driven("broken:Crashing", user_conf(tmp_path, 50), (str(tmp_path),)),
                   tmp_path / "work", SCENARIO, tell=quiet)
    for _ in range(2):
        assert made.run(specs.own_run("normal", SCENARIO, {}, by_file=False)).fatal is not None
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == [
        "normal", "normal.unfinished-1"]


def test_edited_logs_are_not_taken_over(short):
    spec = specs.own_run("normal", SCENARIO, {}, by_file=False)
    first = short.run(spec)
    assert short.run(spec).resumed
    with (first.logs / "mlperf_log_detail.txt").open("a") as file:
        file.write("\n")
    assert not short.run(spec).resumed


def harness(tmp_path, *, with_shim, sut="digits"):
    """Return a session around somebody else's Python harness."""
    (tmp_path / "cwd").mkdir()
    conf = user_conf(tmp_path, 50)
    words = (sys.executable, "-m", "fixtures.suts.harness", sut, SCENARIO, "PerformanceOnly",
             str(conf), "{outdir}")
    return Session(Command(words, tmp_path / "cwd", (), with_shim), tmp_path / "work", SCENARIO,
                   tell=quiet)


@pytest.fixture
def on_path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.usefixtures("on_path")
def test_shim_changes_settings_of_a_harness_that_knows_nothing_of_it(tmp_path):
    made = harness(tmp_path, with_shim=True)
    done = made.run(specs.own_run("seeds", SCENARIO, {**SEEDS, "accuracy_log_sampling_target": 1e8},
                                  by_file=False))
    assert done.problems == ()
    assert (done.logs / "mlperf_log_accuracy.json").read_text().count("seq_id") > 10
    assert list((tmp_path / "cwd").iterdir()) == []


@pytest.mark.usefixtures("on_path")
def test_without_shim_settings_in_the_process_are_refused(tmp_path):
    made = harness(tmp_path, with_shim=False)
    with pytest.raises(Refused, match="needs --sut or --shim"):
        made.run(specs.own_run("seeds", SCENARIO, SEEDS, by_file=False))


@pytest.mark.usefixtures("on_path")
def test_harness_under_audit_config_and_as_accuracy_run(tmp_path):
    made = harness(tmp_path, with_shim=False)
    done = made.run(specs.own_run("same", SCENARIO, {"performance_issue_same": 1}, by_file=True))
    assert done.problems == ()
    accuracy = made.run(specs.own_run("accuracy", SCENARIO, {"mode": 1}, by_file=True,
                                      mode=specs.ACCURACY_MODE))
    assert accuracy.problems == ()
    assert (accuracy.logs / "mlperf_log_accuracy.json").read_text().count("seq_id") == 1000
    assert not (tmp_path / "cwd" / MARKER).exists()


@pytest.mark.usefixtures("on_path")
def test_a_sitecustomize_of_the_user_still_runs(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    (tmp_path / "own/sitecustomize.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'own'}{os.pathsep}{ROOT}")
    done = harness(tmp_path, with_shim=True).run(
        specs.own_run("seeds", SCENARIO, SEEDS, by_file=False))
    assert done.problems == ()
    assert (tmp_path / "ran").exists()
    assert shim.VARIABLE not in os.environ


@pytest.mark.usefixtures("on_path")
def test_a_full_disk_is_told_and_keeps_what_was_written(tmp_path, monkeypatch):
    made = harness(tmp_path, with_shim=False)
    made = Session(replace(made.how, arguments=(*made.how.arguments[:-1], "out")), made.work,
                   SCENARIO, tell=quiet)

    def full(source, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(sessions.shutil, "copy2", full)
    done = made.run(specs.own_run("same", SCENARIO, {"performance_issue_same": 1}, by_file=True))
    assert kinds(done) == {Kind.NO_SPACE}
    assert "No space left" in said(done)
    assert not (tmp_path / "cwd/audit.config").exists()
    assert (tmp_path / "cwd/out/mlperf_log_detail.txt").is_file()


def test_logs_on_a_full_disk_are_incomplete_logs(short):
    """LoadGen itself does not notice: it writes what fits and ends with success."""
    done = short.run(specs.own_run("normal", SCENARIO, {}, by_file=False))
    for name in ("mlperf_log_summary.txt", "mlperf_log_detail.txt"):
        (done.logs / name).write_bytes(b"")
    again = short._judged(done.spec, done.logs, 0.0, 0.0, [])
    assert kinds(again) == {Kind.INCOMPLETE}


def test_multistream_repeats_one_sample_really(tmp_path):
    from compliance_tests.runner.campaign import REPEATED

    made = session(tmp_path, DIGITS, "MultiStream", ms=50)
    done = made.run(specs.own_run("same", "MultiStream", {
        **REPEATED, "accuracy_log_sampling_target": specs.EVERYTHING}, by_file=True))
    assert done.problems == ()
    text = (done.logs / "mlperf_log_accuracy.json").read_text()
    assert len({line.split('"qsl_idx" : ')[1].split(",")[0]
                for line in text.splitlines() if "qsl_idx" in line}) == 1


def test_token_model_in_all_its_scenarios(tmp_path):
    for scenario in ("Server", "Offline"):
        done = session(tmp_path / scenario, TOYLLM, scenario, ms=50).run(specs.own_run(
            "answers", scenario, {"accuracy_log_sampling_target": specs.EVERYTHING},
            by_file=True))
        assert done.problems == (), said(done)
