"""The exceptions file: what an entry must say, what it does, and what is said about it."""

from datetime import date

import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree
from submission_checker.check import Options, check
from submission_checker.engine.exceptions import path_fits, read_exceptions
from submission_checker.engine.exceptions_text import added, baseline, entry_text, without
from submission_checker.engine.selection import Selection
from submission_checker.model.errors import WrongUse
from submission_checker.model.findings import Level
from submission_checker.rules.registry import all_rules

TODAY = date(2026, 8, 10)
GOOD = {
    "rule": "SYST004", "subject": SYSTEM_FILE, "reason": "a field of a tool that the group knows",
    "approved_by": "chair", "created": date(2026, 8, 1), "expires": date(2026, 10, 1),
    "round": "demo",
}
RULES = [rule.id for rule in all_rules()]


def text(*changes):
    return "\n".join(entry_text(GOOD | change) for change in changes or ({},))


def judged(tree, *changes, today=TODAY, **options):
    return check(str(tree.root), options=Options(
        round="demo", exceptions=text(*changes), today=today, **options))


@pytest.fixture
def tree(tmp_path):
    """A valid submission with one finding: a field that no round knows."""
    return Tree.demo(tmp_path).set_json(SYSTEM_FILE, "hw_note", "x")


def base(report):
    return [(f.rule, f.level.label) for f in report.findings if f.rule.startswith("BASE")]


@pytest.mark.parametrize(("change", "words"), [
    ({"rule": "SYST04"}, "no rule 'SYST04'; did you mean 'SYST0"),
    ({"reason": "too short"}, "at least 20 characters"),
    ({"approved_by": ""}, "approved_by or link"),
    ({"subject": "**"}, "** is not allowed"), ({"subject": "*/*"}, "subject is a path"),
    ({"subject": "closed/**/x"}, "** is not allowed"),
    ({"expires": date(2027, 8, 1)}, "more than 180 days"),
    ({"expires": date(2026, 7, 1)}, "before it was created"),
    ({"created": "2026-08-01"}, "are dates"),
    ({"round": ""}, "no round"),
])
def test_entries_that_are_none(change, words):
    with pytest.raises(WrongUse, match="exception 1") as error:
        read_exceptions(text(change), "file", RULES)
    assert words in str(error.value)


@pytest.mark.parametrize("broken", [
    "[[exception]]\nrule = ", "[exception]\n", "other = 1\n", "exception = [1]\n",
    "[[exception]]\nrule = 'SYST004'\nextra = 1\n", "\x00",
    "[[exception]]\nrule = " + "9" * 5000, "exception = " + "[" * 5000,
])
def test_files_that_are_none(broken):
    with pytest.raises(WrongUse, match="file"):
        read_exceptions(broken, "file", RULES)


def test_an_entry_marks_its_finding_and_hides_nothing(tree):
    report = judged(tree)
    finding = next(f for f in report.findings if f.rule == "SYST004")
    assert (finding.level, finding.suppressed.approved_by) == (Level.INFO, "chair")
    assert [(e.state, e.matches) for e in report.exceptions] == [("used", 1)]
    assert base(report) == []


@pytest.mark.parametrize(("change", "state", "finding"), [
    ({"expires": date(2026, 8, 9)}, "expired", ("BASE001", "error")),
    ({"subject": f"{BASE}/systems/other.json"}, "unused", ("BASE002", "warning")),
    ({"subcode": "other"}, "unused", ("BASE002", "warning")),
    ({"round": "v0.5"}, "wrong-round", ("BASE003", "warning")),
    ({"rule": "PERF002"}, "not-suppressible", ("BASE004", "error")),
    ({"expires": date(2026, 8, 20)}, "used", ("BASE006", "info")),
])
def test_entries_that_do_not_serve_are_findings(change, state, finding, tree):
    report = judged(tree, change)
    assert [e.state for e in report.exceptions] == [state]
    assert base(report) == [finding]
    still = next(f for f in report.findings if f.rule == "SYST004")
    assert (still.suppressed is not None) == (state == "used")


def test_the_second_of_two_equal_entries_is_one_too_many(tree):
    report = judged(tree, {}, {"reason": "another reason for the same finding"})
    assert [e.state for e in report.exceptions] == ["used", "duplicate"]
    assert base(report) == [("BASE007", "warning")]


def test_a_reason_that_repeats_the_finding_is_none(tree):
    finding = next(f for f in tree.report().findings if f.rule == "SYST004")
    assert base(judged(tree, {"reason": finding.why.upper() + "."})) == [("BASE008", "warning")]


def test_a_broad_entry_is_a_warning(tree):
    for number in range(21):
        tree.write(f"{BASE}/{number}.swp", "x")
    report = judged(tree, {"rule": "TREE033", "subject": f"{BASE}/*.swp"})
    assert base(report) == [("BASE005", "warning")]
    assert report.exceptions[0].matches == 21


def test_what_was_not_judged_is_not_called_unused(tree):
    for selection in (Selection(select=("PERF",)), Selection(scenario=("Server",))):
        report = judged(tree, {"subcode": "other"}, selection=selection)
        assert ([e.state for e in report.exceptions], base(report)) == (["not judged"], [])


def test_findings_about_entries_name_file_and_line(tree):
    report = judged(tree, {}, {"rule": "SYST002", "subject": "a"})
    found = next(f for f in report.findings if f.rule == "BASE002")
    assert (found.location.path, found.location.line) == ("submission-exceptions.toml", 10)


def test_no_exception_in_the_reviewers_profile(tree):
    report = judged(tree, profile="review")
    assert (report.exceptions, base(report)) == ((), [])
    assert all(f.suppressed is None for f in report.findings)


@pytest.mark.parametrize(("pattern", "path", "fits"), [
    ("a/*/c", "a/b/c", True), ("a/*/c", "a/b/d/c", False), ("a/b*", "a/bc", True),
    ("*", "a/b", False), (".", "", True), (".", "a", False), ("a/[[]x]", "a/[x]", True),
])
def test_a_star_stands_for_one_name(pattern, path, fits):
    assert path_fits(pattern, path) is fits


def test_text_of_an_entry_can_be_read_back():
    nasty = 'quote " back\\slash \n tab\t \x7f é🙂 and twenty characters'
    entry = read_exceptions(text({"reason": nasty, "subject": "a b/]x"}), "file", RULES)[0]
    assert (entry.reason, entry.subject) == (nasty, "a b/]x")


def test_taking_entries_away_keeps_the_others_and_their_comments():
    first, second = entry_text(GOOD), entry_text(GOOD | {"rule": "SYST002"})
    whole = added(f"# about the file\n\n# about the first\n{first}", [f"# the second\n{second}"])
    assert without(whole, {1}, 2) == f"# about the file\n\n# the second\n{second}"
    assert without(whole, {2}, 2) == f"# about the file\n\n# about the first\n{first}\n"
    with pytest.raises(WrongUse, match="by hand"):
        without(whole, {1}, 3)


def test_a_baseline_answers_for_every_finding_that_may_be_excepted(tree):
    from submission_checker.render.json_v1 import as_data

    tree.write(f"{BASE}/notes.swp", "x").write("[x].txt", "x")
    fixed = {rule.id for rule in all_rules() if not rule.suppressible}
    common = {key: GOOD[key] for key in ("reason", "approved_by", "created", "expires", "round")}
    report = as_data(tree.report())
    entries, refused = baseline(report, {"error", "warning", "info"}, fixed, common)
    assert (len(entries), refused) == (len(report["findings"]), 0)
    again = check(str(tree.root), options=Options(
        round="demo", exceptions="\n".join(entries), today=TODAY))
    assert [f.rule for f in again.findings if f.suppressed is None] == []
    assert {e.state for e in again.exceptions} == {"used"}
    everything, refused = baseline(report, {"error", "warning", "info"}, {"SYST004"}, common)
    assert (len(everything), refused) == (len(entries) - 1, 1)
