"""The text of a report: what its first screen says, at any width, with hostile names."""

import os
import pty
import re
import select
import subprocess
import sys

import pytest

from submission_checker.model.findings import Finding, Level, Location, Subject
from submission_checker.model.report import (
    NotJudged,
    PublishedNumber,
    Report,
    ResultRow,
    RuleCount,
    Verdict,
)
from submission_checker.render import text
from submission_checker.render.to_do import ToDo
from submission_checker.render.width import columns, cut, padded, wrapped
from tests.conftest import ROOT

SGR = re.compile(r"\x1b\[[0-9;]*m")


def row(number, verdict=Verdict.VALID, system="box", benchmark="resnet", reason="",
        submitter="Acme"):
    subject = Subject("closed", submitter, system, benchmark, f"S{number}")
    return ResultRow(
        f"closed/{submitter}/results/{system}/{benchmark}/S{number}", subject, "resnet", "edge",
        "available", f"S{number}", verdict, reason, False,
        PublishedNumber(1.5, "Queries/s", "1.5"), (), None, (), (),
    )


def finding(number, rule="PERF001", level=Level.ERROR, found="1", path=None, submitter="Acme"):
    subject = Subject("closed", submitter, "box", "resnet", f"S{number}")
    return Finding(
        rule, level, Location(path or f"closed/{submitter}/log{number}.txt", number + 1), subject,
        "", found, "2", "because", "do it", (), f"{rule}-{number}",
    )


def report(rows=(), findings=(), **given):
    settings = {
        "tool_version": "1", "round": "demo", "round_reason": "named by the user",
        "profile": "submit", "options": (), "partial": False, "results": tuple(rows),
        "findings": tuple(sorted(findings, key=Finding.sort_key)),
        "rules": (RuleCount("PERF001", name="first"), RuleCount("PERF002", name="second")),
        "not_judged": (), "exceptions": (), "files": 1, "bytes": 1, "digest": "ab" * 32,
        "unreadable": False, "crashed": False,
    }
    return Report(**(settings | given))


def many():
    """Return a report of 540 results, of which one is invalid."""
    rows = [row(n, system=f"box{n % 9}", submitter=f"S{n % 4}") for n in range(539)]
    rows.append(row(539, Verdict.INVALID, system="bad", submitter="S1", reason="PERF001"))
    found = [finding(n) for n in range(20)] + [finding(n, "PERF002", submitter="S2")
                                               for n in range(2)]
    return report(rows, [*found, finding(1, "PERF009", Level.WARNING)])


def test_first_screen_says_the_verdict_and_what_fails_and_whose():
    first = text.render(many()).splitlines()[:8]
    assert first[2] == "FAILED  539 valid, 1 invalid; 22 errors, 1 warning"
    assert first[4] == "What fails: rule, findings, whose"
    assert first[5].split() == ["PERF001", "first", "20", "Acme"]
    assert first[6].split() == ["PERF002", "second", "2", "S2"]


def test_last_lines_say_what_to_do_next_and_the_verdict_again():
    lines = text.render(many(), text.Style(path="/a b/tree")).splitlines()
    assert lines[-2] == "FAILED  539 valid, 1 invalid; 22 errors, 1 warning"
    assert lines[-1] == f"digest {'ab' * 32}"
    assert "    submission-checker explain PERF001 --round demo" in lines
    assert ("    submission-checker check '/a b/tree' --round demo --select PERF001 --show all"
            in lines)


def test_valid_results_do_not_drown_the_invalid_one():
    shown = text.render(many())
    assert "Not valid (1 of 540 results)" in shown and "INVALID  PERF001" in shown
    assert len(shown.splitlines()) < 60
    assert sum(line.endswith("valid") for line in shown.splitlines()) == 0
    counted = [line.split() for line in shown.splitlines() if re.search(r"\d on \d+ system", line)]
    assert [line[0] for line in counted] == ["closed/S0", "closed/S1", "closed/S2", "closed/S3"]
    assert sum(int(line[1]) for line in counted) == 539


def test_show_all_lists_every_result_and_every_place():
    shown = text.render(many(), text.Style(everything=True)).splitlines()
    assert sum(line.endswith(" valid") for line in shown) == 539
    assert not any("more (--show all)" in line for line in shown)


def test_small_trees_are_shown_whole():
    shown = text.render(report([row(1), row(2)]))
    assert shown.count(" valid") == 4 and "Not valid" not in shown
    assert "pack PATH DEST --round demo" in shown and "PASSED  2 valid" in shown


def test_equal_findings_are_told_once_under_their_places():
    shown = text.render(report([row(1, Verdict.INVALID)], [finding(n) for n in range(5)]))
    assert shown.count("found    1") == 1
    assert "log0.txt:1\n" in shown and "log2.txt:3\n" in shown and "log3" not in shown
    assert "  and 2 more (--show all)" in shown
    different = text.render(report([row(1)], [finding(n, found=str(n)) for n in range(3)]))
    assert different.count("found ") == 3


def test_warnings_show_one_place_each():
    shown = text.render(report([row(1)], [finding(n, level=Level.WARNING) for n in range(4)]))
    assert "log0.txt" in shown and "log1.txt" not in shown and "and 3 more" in shown


def test_what_was_not_judged_is_said():
    parts = tuple(NotJudged(f"p{n}", "no division of the round") for n in range(7))
    shown = text.render(report([row(1)], not_judged=parts))
    assert "Not judged (7)" in shown and "p4: no division" in shown and "and 2 more" in shown


@pytest.mark.parametrize("width", [1, 40, 60, 80, 120, 200])
def test_lines_fit_any_width_apart_from_paths_and_commands(width):
    wide = row(3, Verdict.INVALID, benchmark="模型-" + "名" * 30,
               reason="PERF001, PERF002")
    long = finding(1, found="word " * 60)
    shown = text.render(report([row(1), wide], [long, finding(2, "PERF002")]),
                        text.Style(width=width))
    room = max(width, 40)
    wrong = [line for line in shown.splitlines() if columns(line) > room
             and not any(mark in line for mark in ("/", "submission-checker", "名", "digest"))]
    assert wrong == []


def test_columns_line_up_with_wide_names():
    rows = [row(1, Verdict.INVALID, benchmark="模型"), row(2, benchmark="resnet"),
            row(3, benchmark="é́x")]
    lines = [line for line in text.render(report(rows)).splitlines() if "Queries/s" in line]
    assert len({columns(line[: line.index("1.5")]) for line in lines}) == 1
    assert len({columns(line[: re.search("valid|INVALID", line).start()]) for line in lines}) == 1


def test_names_cannot_steer_the_terminal():
    evil = "a\x1b[2Jb\x9bc\u202ed\n::error::\r\x07"
    bad = row(1, Verdict.INVALID, system=evil, benchmark=evil, reason="PERF001", submitter=evil)
    tree = report([bad], [finding(1, found=evil, path=evil, submitter=evil),
                          finding(1, "PERF002", path=evil, submitter=evil)],
                  options=(("submitter", evil),), not_judged=(NotJudged(evil, evil),))
    shown = text.render(tree, text.Style(path=evil), [ToDo(evil, ((evil, evil),), ())])
    assert not set("\x1b\x9b\u202e\r\x07") & set(shown)
    assert not any(line.startswith("::") for line in shown.splitlines())


def test_colours_change_nothing_but_the_colour():
    tree = report([row(1), row(2, Verdict.INVALID, reason="PERF001")], [finding(2)])
    plain, coloured = (text.render(tree, text.Style(colour=on)) for on in (False, True))
    assert "\x1b" not in plain and "\x1b[31;1m" in coloured
    assert SGR.sub("", coloured) == plain


@pytest.mark.parametrize(("given", "shown"), [
    ("abc", "abc"), ("abcdef", "abcd…"), ("模型名", "模型…"), ("e\u0301" * 5, "e\u0301" * 5),
])
def test_cut_by_columns(given, shown):
    assert cut(given, 5) == shown and columns(shown) <= 5


def test_padding_and_wrapping_count_columns():
    assert columns(padded("模", 6)) == 6
    assert list(wrapped("模型 模型 ab", "> ", "  ", 8)) == ["> 模型", "  模型", "  ab"]
    assert list(wrapped("", "> ", "  ", 8)) == [">"]
    assert list(wrapped("a/very/long/path b", "> ", "  ", 8)) == ["> a/very/long/path", "  b"]


def on_terminal(*arguments, **environment):
    """Return what the command writes to a terminal of 80 columns."""
    main, end = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "submission_checker", *arguments], cwd=ROOT, stdout=end,
        stderr=subprocess.DEVNULL, env={**env, "TERM": "xterm", "COLUMNS": "80", **environment})
    os.close(end)
    out = b""
    while True:
        ready, _, _ = select.select([main], [], [], 400)
        assert ready, "the command says nothing"
        try:
            block = os.read(main, 65536)
        except OSError:
            break
        if not block:
            break
        out += block
    process.wait()
    os.close(main)
    return out.decode()


CHECK = ("check", "fixtures/demo_submission", "--round", "demo")


@pytest.mark.parametrize(("more", "environment", "colours"), [
    ((), {}, True), ((), {"NO_COLOR": "1"}, False), ((), {"TERM": "dumb"}, False),
    (("--colour",), {"NO_COLOR": "1"}, True), (("--no-colour",), {}, False),
    ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False), ((), {"NO_COLOR": ""}, True),
])
def test_colours_on_a_terminal(more, environment, colours):
    assert ("\x1b[" in on_terminal(*CHECK, *more, **environment)) is colours


@pytest.mark.parametrize(("environment", "colours"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_colours_in_a_pipe(environment, colours):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run([sys.executable, "-m", "submission_checker", *CHECK], cwd=ROOT,
                          capture_output=True, check=False, env={**env, **environment})
    assert (b"\x1b[" in done.stdout) is colours


def decided(number, *rules, verdict=Verdict.INVALID):
    return row(number, verdict)._replace(deciding=tuple(f"{rule}-{number}" for rule in rules))


def test_next_steps_begin_with_the_rule_that_decides_most_results():
    rows = [decided(0, "PERF001", "TREE023"), decided(1, "PERF002", "TREE023"),
            decided(2, "PERF002", "TREE023", verdict=Verdict.INCOMPLETE), row(3)]
    found = [finding(0), finding(1, "PERF002"), finding(2, "PERF002"), finding(3, "PERF002"),
             finding(4, "PERF002")]
    found += [finding(n, "TREE023") for n in range(3)]
    follows = [f._replace(subject=Subject("closed", "Acme", "box", "resnet"))
               if f.rule == "TREE023" else f for f in found]
    lines = text.render(report(rows, follows), text.Style(path="my tree")).splitlines()
    steps = lines[lines.index("Next steps") + 1:-3]
    assert steps == [
        "  begin with PERF002, by which 2 results are not valid: why it is, its limit,",
        "  how to fix it", "    submission-checker explain PERF002 --round demo",
        "  every place of PERF002",
        "    submission-checker check 'my tree' --round demo --select PERF002 --show all",
        "  what is still missing, as a list of things to do",
        "    submission-checker check 'my tree' --round demo --profile self-check"]
    assert lines[-2].startswith("FAILED") and lines[-1].startswith("digest ")


def test_a_round_under_review_is_proposed_as_a_page_to_filter():
    assert "-o html:report.html" in text.render(many())
    assert "self-check" not in text.render(many())


def counted_report():
    rules = (
        RuleCount("PERF001", 5, 0, 2, 1, 0, name="first"),
        RuleCount("PERF002", 3, 4, 0, 0, 0, name="second"),
        RuleCount("PERF003", 0, 0, 7, 0, 0, name="third"),
        RuleCount("PERF004", 1, 0, 0, 0, 2, name="a-name-that-is-longer-than-the-column-for-it"),
    )
    return report([row(0)], rules=rules)


def test_outcomes_of_all_rules_stand_above_the_verdict():
    lines = text.render(counted_report()).splitlines()
    assert lines[-3] == ("outcomes of 4 rules: 9 passed, 4 failed, 9 skipped, 1 suppressed, "
                         "2 crashed")
    assert "outcomes" not in text.render(report([row(0)]))


def test_what_failed_at_level_info_only_is_said_to_be_so():
    noted = [finding(0)._replace(level=Level.INFO)]
    some = report([row(0)], noted, rules=counted_report().rules)
    assert "4 failed at level info, 9 skipped" in text.render(some)
    both = report([row(0)], [*noted, finding(1)], rules=counted_report().rules)
    assert "4 failed, 9 skipped" in text.render(both)


def test_statistics_list_rules_that_judged_worst_first():
    shown = text.render(counted_report(), text.Style(statistics=True)).splitlines()
    at = shown.index("Rules")
    table = shown[at + 1:at + 6]
    assert [line.split()[0] for line in table] == ["passed", "PERF004", "PERF002", "PERF001",
                                                  "and"]
    assert table[2].split() == ["PERF002", "second", "3", "4", "-", "-"]
    assert table[1].endswith("2 crashed") and "…" in table[1]
    assert table[4] == "  and 1 rule that had nothing to judge here"
    assert all(columns(line) <= 80 for line in table[2:])
    assert "Rules" not in text.render(counted_report()).splitlines()
