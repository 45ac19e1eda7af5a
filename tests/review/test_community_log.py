"""Their log, our rules: every known line names rules that exist; who is right is said with why."""


import pytest

from fixtures.builder import SYSTEM_FILE, Tree, accuracy, result, run
from submission_checker.review.community_log import (
    AGREE,
    FOLLOWS,
    MILDER,
    NO_FAULT,
    OURS,
    THEIRS_ALONE,
    UNKNOWN,
    explain_difference,
    key_of,
    kind_of,
    known_lines,
    ours_alone,
    read_log,
)
from submission_checker.rules.registry import all_rules
from tests.acceptance.judged import judged
from tests.commands import command
from tests.conftest import SHARED

RUN = "[2026-08-01 10:11:12,345 submission_checker.py:1234 {}] {}"
DIVISIONS = ("closed", "open")


def line(text, level="ERROR"):
    return RUN.format(level, text)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of a tree with errors in a run and an accuracy text, and a field too many."""
    tree = Tree.demo(tmp_path_factory.mktemp("tree"))
    tree.set_log(run("toyllm", "Server"), "early_stopping_met", False)
    tree.write(f"{accuracy()}/accuracy.txt", "nothing\n").set_json(SYSTEM_FILE, "hw_note", "x")
    return tree.report()


def states(report, *lines):
    groups, _ = explain_difference(lines, report)
    return {said.number: (group.state, group.why) for group in groups for said in group.lines}


def test_every_rule_that_is_named_exists():
    rules = {rule.id for rule in all_rules()}
    assert [rule for known in known_lines() for rule in known.rules if rule not in rules] == []
    for known in known_lines():
        assert known.has and (
            known.rules or known.follows or known.theirs_wrong or known.no_fault)
        assert bool(known.remark) == bool(known.source)


@pytest.mark.parametrize(("text", "rules"), [
    ("closed/A/x.txt qsl_rng_seed is wrong, expected=1, found=2", "PERF009"),
    ("closed/A has file list mismatch (['x'])", "TREE028"),
    ("closed/A/results/s/m/Offline, field notes is missing", "SYST002"),
    ("closed/A is missing code_dir closed/A/src/m", "MEAS012"),
    ("closed/A/verify_accuracy.txt is missing in closed/A/TEST01", "AUDT002"),
    ("closed/A is missing user.conf", "TREE027"),
])
def test_the_more_special_kind_comes_first(text, rules):
    said, _ = read_log([line(text)], DIVISIONS)
    assert kind_of(said[0]).rules[0] == rules


@pytest.mark.parametrize("form", [
    "[2026-08-01 10:11:12,345 submission_checker.py:1 ERROR] closed/A/results/s/m/Offline bad",
    "ERROR:main:closed/A/results/s/m/Offline bad",
    "ERROR closed/A/results/s/m/Offline bad\r\n",
    "[2026-08-01 10:11:12,345 x.py:1 ERROR] /tmp/up/closed/A/results/s/m/Offline bad",
])
def test_forms_of_their_log(form):
    said, levels = read_log([form], DIVISIONS)
    assert [s.key for s in said] == [("closed", "a", "s", "m", "offline")]
    assert dict(levels) == {"ERROR": 1}


@pytest.mark.parametrize(("path", "key"), [
    ("closed/A/systems/s.json", ("closed", "a", "s")),
    ("sample/open/A/results/s/m/offline/performance/run_1", ("open", "a", "s", "m", "offline")),
    ("closed/A/code/m/0", ("closed", "a")), ("closed", ("closed",)), ("nowhere/at/all", ()),
    ("", ()),
])
def test_keys_of_places(path, key):
    assert key_of(path, DIVISIONS) == key


def test_who_is_right(report):
    server, offline = result("toyllm", "Server"), result()
    said = states(
        report,
        line(f"{server} Early stopping condition was not met, msg=x"),
        line(f"{offline} not hash value for mlperf_log_accuracy.json"),
        line(f"{offline}, accuracy not valid"),
        line(f"{SYSTEM_FILE}, field hw_note is unknown", "WARNING"),
        line(f"{result('toyllm')} Test duration less than 600s in user config."),
        line(f"{offline} caused exception in check_performance_dir: 'x'"),
        line("closed/DemoOrg/results what is this"),
        line("all is well", "INFO"),
        "Traceback (most recent call last):",
    )
    assert {number: state for number, (state, _) in said.items()} == {
        1: AGREE, 2: AGREE, 3: FOLLOWS, 4: MILDER, 5: THEIRS_ALONE, 6: OURS, 7: UNKNOWN, 9: OURS}
    assert "PERF015, error" in said[1][1] and "does not count" in said[1][1]
    assert "PERF018 judged and found nothing here" in said[5][1]
    assert "exception" in said[6][1] and "mlcommons/inference@" in said[6][1]


# mlcommons/inference_results_v6.1 closed/NVIDIA/results/submission_checker_log.txt
MODULAR = "".join(f"[2026-07-31 11:59:50,{words}\n" for words in (
    "370 loader.py:228 INFO] Could not load Nameplate log from build/submission/{system}_power.yaml"
    ", path does not exist",
    "372 loadgen_parser.py:66 INFO] Sucessfully loaded MLPerf log from build/submission/{log}.",
    "375 base.py:37 WARNING] Execution of check endpoints_model_check skipped for "
    "build/submission/{log}.",
    "951 main.py:227 INFO] ---",
    "951 main.py:231 INFO] Results build/submission/{log} 70132.3",
    "952 main.py:323 INFO] Closed Results=47, Closed Power Results=0\n",
    "952 main.py:364 INFO] SUMMARY: submission looks OK",
))


def test_log_of_the_modular_checker_is_read(report):
    log = f"{result()}/performance/run_1/mlperf_log_detail.txt"
    text = MODULAR.format(log=log, system=SYSTEM_FILE.removesuffix(".json"))
    groups, levels = explain_difference(text.splitlines(), report)
    assert dict(levels) == {"INFO": 6, "WARNING": 1}
    (group,) = groups
    assert group.state == NO_FAULT and "other harness" in group.why
    assert group.lines[0].key == tuple(
        part.casefold() for part in result().replace("/results", "").split("/"))


def test_what_we_find_alone_is_counted(report):
    groups, _ = explain_difference([line(f"{result()} has no accuracy.txt")], report)
    alone = dict(ours_alone(groups, report))
    assert alone["PERF015"] == 1 and "ACCU002" not in alone
    assert not {rule for rule in alone if rule.startswith("SYST")}, "only errors count"


def test_the_command_explains_and_still_judges(report, tmp_path):
    tree = Tree.demo(tmp_path)
    log = tmp_path / "their.log"
    log.write_text(line(f"{result()} has no accuracy.txt \x1b[31m") + "\nnoise\n")

    def said(*more):
        return command("check", tree.root, "--round", "demo", "--explain-difference", *more)

    done = said(log, "-o", f"json:{tmp_path}/r.json")
    assert done.returncode == 0 and "they find it, we do not: TREE029" in done.stdout
    assert "\x1b" not in done.stdout and done.stdout.splitlines()[-1].startswith("digest ")
    assert (tmp_path / "r.json").exists()
    log.write_text("nothing\n")
    assert [said(log).returncode, said(tmp_path / "absent").returncode,
            said(log, "--format", "json").returncode] == [2, 2, 2]


def test_large_logs_are_read_line_by_line(report):
    groups, levels = explain_difference(
        (line(f"{result()} x{n} has no accuracy.txt" + "y" * 10_000) for n in range(20_000)),
        report)
    assert levels["ERROR"] == 20_000 and [len(g.lines) for g in groups] == [20_000]


@pytest.mark.real
@pytest.mark.parametrize("archive", ["v0.5", "v0.7", "v1.0", "v5.1", "v6.0"])
def test_every_line_about_a_published_tree_is_known(archive):
    text = (SHARED / "expected" / f"{archive}-errors.txt").read_text(encoding="utf-8")
    groups, _ = explain_difference(text.splitlines(), judged(archive))
    assert [g.lines[0].text for g in groups if g.state == UNKNOWN] == []
    assert any(group.state == AGREE for group in groups)
