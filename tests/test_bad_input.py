"""Bad input through the command: a clear finding or error, nothing lost, no traceback.

INPUT001 is tested here, as it needs a source that refuses to be read.
"""

import json
import shutil

import pytest

from fixtures.builder import (
    BASE,
    SYSTEM,
    SYSTEM_FILE,
    Tree,
    accuracy,
    measurements,
    result,
    run,
)
from submission_checker.sources.base import Unreadable
from submission_checker.sources.folder import FolderSource
from tests.commands import command
from tests.made import crash_a_rule

DESC = f"{measurements()}/{SYSTEM}_demo_Offline.json"


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


def judged(tree, *arguments):
    done = command("check", str(tree.root), "--round", "demo", "--format", "json", *arguments)
    assert "Traceback" not in done.stderr
    return done, json.loads(done.stdout)


def rules(report, level="error"):
    return sorted({f["rule"] for f in report["findings"] if f["level"] == level})


def verdict(report, location):
    return next(r["verdict"] for r in report["results"] if r["location"] == location)


def test_valid_submission_exits_zero(tree):
    done, report = judged(tree)
    assert done.returncode == 0
    assert report["summary"]["results"]["valid"] == 6


@pytest.mark.parametrize(("inside", "words"), [
    ("closed", "a division folder"),
    ("closed/DemoOrg", "the folder of one submitter"),
    (".git", "no such file or folder"),
])
def test_wrong_root_says_which_folder_to_give(tree, inside, words):
    done = command("check", str(tree.path(inside)), "--round", "demo")
    assert (done.returncode, words in done.stderr) == (3, True)


def test_folder_above_names_the_one_below(tree):
    done = command("check", str(tree.root.parent), "--round", "demo")
    assert done.returncode == 3
    assert "did you mean" in done.stderr and "submission?" in done.stderr


def test_folder_two_levels_above_names_the_one_below(tree, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    (outer / "inner").mkdir()
    shutil.copytree(tree.root, outer / "inner" / "mine")
    done = command("check", str(outer), "--round", "demo")
    assert done.returncode == 3
    assert done.stderr.rstrip().endswith("did you mean " + str(outer / "inner" / "mine") + "?")


def test_empty_folder_is_nothing_to_judge(tmp_path):
    done = command("check", str(tmp_path))
    assert (done.returncode, "an empty folder" in done.stderr) == (3, True)


def test_mistyped_submitter_is_wrong_use_with_a_proposal(tree):
    done = command("check", str(tree.root), "--round", "demo", "--submitter", "DemoOrgg")
    assert done.returncode == 2
    assert "did you mean 'DemoOrg'" in done.stderr


@pytest.mark.parametrize(("option", "value"), [
    ("--round", "v5.11"), ("--select", "PERF999"), ("--system", "demo"),
    ("--scenario", "Ofline"), ("--jobs", "many"), ("-o", "json"), ("-o", "yaml:x"),
])
def test_wrong_use_exits_two_and_says_what_is_known(tree, option, value):
    arguments = [option, value] if option == "--round" else ["--round", "demo", option, value]
    done = command("check", str(tree.root), *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and value in done.stderr


def test_round_is_refused_when_the_tree_does_not_tell(tree):
    done = command("check", str(tree.root))
    assert done.returncode == 2
    assert "name it with --round" in done.stderr and "v6.1" in done.stderr


def test_unwritable_output_is_wrong_use(tree):
    done = command("check", str(tree.root), "--round", "demo", "-o", "json:/nowhere/x.json")
    assert (done.returncode, "cannot write" in done.stderr) == (2, True)


def test_missing_detail_log_is_one_finding_and_an_incomplete_result(tree):
    tree.delete(run())
    done, report = judged(tree)
    own = [f for f in report["findings"] if f["subject"]["scenario"] == "Offline"
           and f["subject"]["benchmark"] == "digits" and f["level"] == "error"
           and not f["rule"].startswith("AUDT")]
    assert [f["rule"] for f in own] == ["TREE028"]
    assert verdict(report, result()) == "incomplete"
    assert done.returncode == 1


def test_system_description_cut_in_the_middle(tree):
    tree.write(SYSTEM_FILE, tree.text(SYSTEM_FILE)[:400])
    done, report = judged(tree)
    assert "SYST001" in rules(report) and done.returncode == 1
    assert len(report["results"]) == 6
    assert {r["verdict"] for r in report["results"]} == {"invalid"}


def test_measurements_with_a_byte_order_mark_are_read(tree):
    tree.write(DESC, b"\xef\xbb\xbf" + tree.text(DESC).encode())
    done, report = judged(tree)
    assert done.returncode == 0
    assert {"MEAS007", "TREE032"} <= set(rules(report, "warning"))


def test_broken_line_in_the_middle_and_cut_last_line(tree):
    lines = tree.text(run()).splitlines()
    lines[20] = lines[20][:50]
    tree.write(run(), "\n".join(lines)[:-40])
    _, report = judged(tree)
    found = next(f for f in report["findings"] if f["rule"] == "PERF001")
    assert (found["level"], found["location"]["line"]) == ("warning", 21)
    assert found["found"].startswith("2 lines")


def test_log_without_any_known_key(tree):
    tree.write(run(), ':::MLLOG {"key": "hello", "value": 1, "metadata": {}}\n')
    _, report = judged(tree)
    assert verdict(report, result()) == "invalid"
    assert "PERF001" in rules(report)


def test_deep_json_is_a_finding(tree):
    tree.write(DESC, "[" * 300 + "]" * 300)
    _, report = judged(tree)
    assert "nested more than" in next(
        f["found"] for f in report["findings"] if f["rule"] == "MEAS007")


def test_accuracy_text_of_another_model(tree):
    tree.copy(f"{accuracy('toyllm')}/accuracy.txt", f"{accuracy()}/accuracy.txt")
    _, report = judged(tree)
    assert "ACCU002" in rules(report)


@pytest.mark.parametrize(("old", "new", "near"), [
    (result(), result(scenario="Offlin"), "Offline"),
    (f"{BASE}/results/{SYSTEM}/digits", f"{BASE}/results/{SYSTEM}/diggits", "digits"),
])
def test_misspelt_folder_proposes_the_nearest_name(tree, old, new, near):
    tree.rename(old, new)
    done, report = judged(tree)
    texts = [f["required"] for f in report["findings"] if f["rule"] in ("TREE020", "TREE025")]
    assert any(f'did you mean "{near}"' in text for text in texts)
    assert done.returncode == 1
    assert any(r["verdict"] == "not_judged" for r in report["results"])


def test_unreadable_file_is_a_finding_and_exit_three(tree, monkeypatch):
    plain = FolderSource.read

    def refuse(self, path):
        if path == run():
            raise Unreadable(path, "permission denied")
        return plain(self, path)

    monkeypatch.setattr(FolderSource, "read", refuse)
    report = tree.report()
    found = [f for f in report.findings if f.rule == "INPUT001"]
    assert [(f.location.path, f.found) for f in found] == [(run(), "permission denied")]
    assert report.unreadable
    row = next(row for row in report.results if row.location == result())
    assert row.verdict.value != "valid"


def test_symlink_out_of_the_tree_is_never_followed(tree, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret words")
    tree.delete(f"{measurements()}/README.md")
    tree.path(f"{measurements()}/README.md").symlink_to(secret)
    done, report = judged(tree)
    assert {"TREE008", "MEAS002"} <= set(rules(report))
    assert "secret words" not in done.stdout


def test_folders_that_differ_only_in_case(tree):
    tree.copy(result(), result(scenario="offline"))
    _, report = judged(tree)
    assert {"TREE016", "TREE026"} <= set(rules(report))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400"])
def test_numbers_that_are_none_never_crash(tree, value):
    text = tree.text(run())
    line = next(x for x in text.splitlines() if '"result_samples_per_second"' in x)
    record = json.loads(line.removeprefix(":::MLLOG "))
    tree.write(run(), text.replace(f'"value": {record["value"]}, "time_ms"',
                                   f'"value": {value}, "time_ms"'))
    _, report = judged(tree)
    assert "PERF027" in rules(report)
    assert verdict(report, result()) == "invalid"


@pytest.mark.parametrize("value", ["text", None, [], {}, True, -1, 10**18, 10**400])
def test_values_of_the_wrong_type_never_crash(tree, value):
    for key in ("effective_min_duration_ms", "result_samples_per_second", "effective_qsl_rng_seed",
                "result_validity", "effective_scenario", "power_begin", "test_datetime"):
        tree.set_log(run(), key, value)
    done, report = judged(tree)
    assert done.returncode == 1
    assert not any(r["crashed"] for r in report["rules"])


def test_duplicate_keys_count_once_and_are_named(tree):
    tree.replace(DESC, '"retraining": "No"', '"retraining": "No", "retraining": "Yes"')
    _, report = judged(tree)
    assert "MEAS008" not in rules(report)
    assert any(f["rule"] == "MEAS007" and "more than once" in f["found"]
               for f in report["findings"])


def test_names_with_escapes_do_not_reach_the_terminal(tree):
    tree.write(f"{BASE}/\x1b[31mred\u202etxt.md", "x")
    done = command("check", str(tree.root), "--round", "demo")
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    assert "TREE016" in done.stdout


def test_crash_of_a_rule_is_a_finding_and_exit_four(tree, monkeypatch):
    from submission_checker.cli.check import exit_code
    from submission_checker.model.findings import Level

    crash_a_rule(monkeypatch, "boom")
    report = tree.report()
    assert report.crashed and exit_code(report, Level.ERROR) == 4
    assert len(report.results) == 6
    assert any("ZeroDivisionError" in f.found for f in report.findings)
