"""`rounds diff` reads well: what changed alike is said once, nothing is cut silently."""

import json

import pytest
from click.testing import CliRunner

from submission_checker.cli.rounds import command
from submission_checker.rounds.diff import difference, short, told


def diff(*arguments):
    done = CliRunner().invoke(command, ["diff", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def lines(before, after):
    return list(told(difference(before, after)))


def test_equal_changes_of_several_items_are_one_line():
    before = {"models": {"a": {"x": 1, "y": 1}, "b": {"x": 1}, "c-9.9": {"x": 1}}}
    after = {"models": {"a": {"x": 2, "y": 1}, "b": {"x": 2}, "c-9.9": {"x": 3}}}
    assert lines(before, after) == ["~ x: 1 -> 2 in a, b", "~ c-9.9.x: 1 -> 3"]


def test_items_that_change_as_a_whole():
    assert lines({"rules": {"A1": "off", "A2": "off"}}, {"rules": {"A1": "on", "A2": "on"}}) == [
        "~ A1, A2: off -> on"]
    assert lines({"models": {"a": {"x": 1}}}, {"models": {"b": {"x": 1}}}) == ["- a", "+ b"]


def test_values_are_words():
    assert [short(value) for value in (True, False, [], {"a": []}, ["x", "y"])] == [
        "yes", "no", "none", "a none", "x, y"]


def test_old_rounds_fit_a_page_and_name_what_a_submitter_asks():
    shown = diff("v0.7", "v1.0")
    assert max(map(len, shown.splitlines())) <= 110
    assert len(shown.splitlines()) < 110
    assert "MultiStream, Offline, Server, SingleStream: 60000 -> 600000" in shown
    assert "True" not in shown and "optional \n" not in shown


@pytest.mark.parametrize("pair", [("v5.1", "v6.0"), ("v0.5", "v6.1"), ("v6.0", "v5.1")])
def test_text_and_json_tell_the_same_number_of_sections(pair):
    sections = {row["section"] for row in json.loads(diff(*pair, "--json"))}
    shown = [line for line in diff(*pair).splitlines() if not line.startswith(" ")]
    assert sections == set(shown) and len(shown) == len(set(shown))


def test_a_newer_edition_of_the_source_is_no_change():
    before = {"inference": [{"base": "A", "source": "x@1:y"}], "power": {"source": "x@1:y", "a": 1}}
    after = {"inference": [{"base": "A", "source": "x@2:y"}], "power": {"source": "x@2:y", "a": 2}}
    assert [(c.key, c.before, c.after) for c in difference(before, after)] == [("a", 1, 2)]
