"""XRES011-013: two demonstration submissions, one of which stands for the round before."""


import pytest

from fixtures.builder import BASE, SYSTEM, SYSTEM_FILE, Tree, run
from submission_checker.check import Options, check
from submission_checker.model.errors import WrongUse
from submission_checker.rounds.loader import load_round
from submission_checker.sources.base import SourceError
from tests import commands
from tests.sources.making import repository

LOGS = [run(), run(scenario="Server"), run(scenario="SingleStream"), run(scenario="MultiStream"),
        run("toyllm", "Offline"), run("toyllm", "Server")]
SHARE = load_round("demo").source("review.preview_share")


def both(tmp_path, **fields):
    """Return (the tree before, the tree now); the runs before were others in every log."""
    before, now = Tree.demo(tmp_path / "before"), Tree.demo(tmp_path / "now")
    for name, value in fields.items():
        before.set_json(SYSTEM_FILE, name, value)
    for log in LOGS:
        if before.path(log).exists():
            before.set_log(log, "test_datetime", "2025-01-01T00:00:00Z")
    return before, now


def found(before, now, rule, **options):
    report = now.report(previous=str(before.root), previous_round="demo", **options)
    assert not report.crashed
    return [(f.level.label, f.location.path, f.location.line, f.found, f.required)
            for f in report.findings if f.rule == rule]


def skipped(before, now, rule):
    report = now.report(previous=str(before.root), previous_round="demo")
    count = next(count for count in report.rules if count.id == rule)
    return dict(count.skip_reasons), count.passed


def line_of(tree, path, text):
    return next(n for n, line in enumerate(tree.text(path).splitlines(), 1) if text in line)


@pytest.mark.parametrize("rule", ["XRES011", "XRES012", "XRES013"])
def test_without_an_earlier_round_the_rules_say_so(rule, tmp_path):
    report = Tree.demo(tmp_path).report()
    count = next(count for count in report.rules if count.id == rule)
    assert count.skip_reasons == (("no earlier round given (--previous)", 1),)


def test_xres011_preview_that_is_as_fast_now_passes(tmp_path):
    before, now = both(tmp_path, status="preview")
    assert found(before, now, "XRES011") == []
    assert skipped(before, now, "XRES011") == ({}, 1)
    before.rename(f"{BASE}/results/{SYSTEM}", f"{BASE}/results/{SYSTEM}-preview")
    before.rename(SYSTEM_FILE, f"{BASE}/systems/{SYSTEM}-preview.json")
    now.set_json(SYSTEM_FILE, "host_processor_model_name", "another")
    assert skipped(before, now, "XRES011") == ({}, 1)


def test_xres011_no_preview_before(tmp_path):
    before, now = both(tmp_path)
    reasons, passed = skipped(before, now, "XRES011")
    assert (reasons, passed) == ({"no submitter of this tree had a preview in demo": 1}, 0)


def test_xres011_slower_than_the_preview(tmp_path):
    before, now = both(tmp_path, status="preview")
    value = now.log(run(), "result_samples_per_second")
    before.set_log(run(), "result_samples_per_second", value / 0.97)
    ((level, path, _, text, required),) = found(before, now, "XRES011")
    assert (level, path) == ("warning", f"{BASE}/results/{SYSTEM}/digits/Offline")
    assert text == f"{value:.6g} Samples/s, 0.970 of the preview"
    assert required == (f"at least 0.98 of {value / 0.97:.6g} Samples/s (demo, {path}; "
                        f"demo; {SHARE})")
    before.set_log(run(), "result_samples_per_second", value / 0.985)
    assert found(before, now, "XRES011") == []


def test_xres011_slower_latency(tmp_path):
    before, now = both(tmp_path, status="preview")
    log, key = run(scenario="SingleStream"), "early_stopping_latency_ss"
    before.set_log(log, key, now.log(log, key) * 0.9)
    ((_, path, _, text, _),) = found(before, now, "XRES011")
    assert path.endswith("/SingleStream") and text.endswith("0.900 of the preview")


def test_xres011_benchmark_and_system_that_are_missing(tmp_path):
    before, now = both(tmp_path, status="preview")
    now.delete(f"{BASE}/results/{SYSTEM}/digits/Offline")
    assert found(before, now, "XRES011") == [
        ("warning", SYSTEM_FILE, None, "1 previewed result missing",
         f'the benchmarks of "{SYSTEM}" in demo')]
    now.set_json(SYSTEM_FILE, "status", "rdi")
    assert found(before, now, "XRES011") == [
        ("warning", BASE, None, f'"{SYSTEM}", a preview in demo, is not here as available',
         "an available system of its name or parts")]


def test_only_the_round_right_before_counts_for_previews(tmp_path):
    """Two rounds later the system may have been available in the round between."""
    before, now = both(tmp_path, status="preview")
    report = now.report(previous=str(before.root), previous_round="v5.0")
    reasons = {c.id: dict(c.skip_reasons) for c in report.rules}
    assert reasons["XRES011"] == reasons["XRES012"] == {
        "v5.0 is not the round right before demo": 1}
    assert reasons["XRES013"] == {}


def test_xres012_part_of_a_research_system(tmp_path):
    before, now = both(tmp_path, status="RDI")
    for tree in (before, now):
        tree.set_json(SYSTEM_FILE, "accelerator_model_name", "Fast One")
    line = line_of(now, SYSTEM_FILE, '"status"')
    assert found(before, now, "XRES012") == [
        ("info", SYSTEM_FILE, line,
         f'available, with "fast one" of the RDI system "{SYSTEM}" in demo',
         "a part that was not RDI in the round before")]
    now.set_json(SYSTEM_FILE, "accelerator_model_name", "Fast Two")
    assert skipped(before, now, "XRES012") == ({}, 1)


def test_xres012_part_that_was_available_before_too(tmp_path):
    before, now = both(tmp_path, status="rdi")
    before.copy_system("second").set_json(f"{BASE}/systems/second.json", "status", "available")
    reasons, _ = skipped(before, now, "XRES012")
    assert reasons == {"no part was in RDI systems only in demo": 1}


def test_xres013_logs_of_the_earlier_round(tmp_path):
    before, now = both(tmp_path)
    assert found(before, now, "XRES013") == []
    assert skipped(before, now, "XRES013") == ({}, 1)
    before.write(run(), now.text(run()))
    line = line_of(now, run(), '"test_datetime"')
    assert found(before, now, "XRES013") == [
        ("error", run(), line, f"the same bytes as {run()} in demo", "a log of this round")]


def test_xres013_edited_log_and_likeness_that_proves_nothing(tmp_path):
    before, now = both(tmp_path)
    before.set_log(run(), "test_datetime", now.log(run(), "test_datetime"))
    before.set_log(run(), "result_samples_per_second", 1.0)
    ((level, _, _, text, _),) = found(before, now, "XRES013")
    assert level == "error" and text.startswith("test_datetime ") and text.endswith("in demo")
    before.set_log(run(), "power_begin", "01-01-2025 00:00:00.000")
    before.set_log(run(), "result_min_latency_ns", 1)
    ((level, *_),) = found(before, now, "XRES013")
    assert level == "warning"


def test_any_source_and_worker_processes_give_the_same(tmp_path):
    before, now = both(tmp_path, status="preview")
    before.write(run(), now.text(run()))
    repository(before.root)
    folder = now.report(previous=str(before.root), previous_round="demo")
    assert dict(folder.options)["previous"] == "demo (6 results)"
    for options in ({"previous": f"git:{before.root}@HEAD"},
                    {"previous": str(before.root), "jobs": 2}):
        assert now.report(previous_round="demo", **options) == folder


def test_the_earlier_tree_is_read_and_not_judged(tmp_path):
    before, now = both(tmp_path)
    before.write(run(), b"\xff\x00 no log").write(SYSTEM_FILE, "{").delete(LOGS[1])
    before.write(f"{BASE}/bad name.bin", "x")
    report = now.report(previous=str(before.root), previous_round="demo")
    assert not report.crashed and not report.unreadable
    assert not [f for f in report.findings if "bad name" in f.location.path]


def command(*arguments):
    return commands.command("check", *arguments)


def test_wrong_use_is_clear(tmp_path):
    before, now = both(tmp_path)
    done = command(str(now.root), "--round", "demo", "--previous", str(before.root))
    assert (done.returncode, "--previous-round" in done.stderr) == (2, True)
    done = command(str(now.root), "--round", "demo", "--previous", str(tmp_path / "none"))
    assert (done.returncode, "no such file or folder" in done.stderr) == (3, True)
    done = command(str(now.root), "--round", "demo", "--previous-round", "v5.0")
    assert (done.returncode, "--previous" in done.stderr) == (2, True)
    with pytest.raises(WrongUse, match=r"no round before v5\.1"):
        check(str(now.root), options=Options(round="v5.1", previous=str(before.root),
                                             previous_round="v5.1"))
    with pytest.raises(SourceError):
        check(str(now.root), options=Options(round="demo", previous=str(tmp_path / "none")))


def test_the_command_takes_the_tree_of_the_round_before(tmp_path):
    before, now = both(tmp_path)
    before.write(run(), now.text(run()))
    done = command(str(now.root), "--round", "demo", "--previous", str(before.root),
                   "--previous-round", "demo", "--select", "XRES013")
    assert (done.returncode, "XRES013" in done.stdout) == (1, True)
