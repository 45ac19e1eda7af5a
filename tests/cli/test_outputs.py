"""Where `check` writes: unknown formats, two outputs to one place, files that cannot be written."""

import json
import os
import re
import sys
from types import SimpleNamespace

import pytest

from submission_checker.cli.check import _progress
from submission_checker.formats.resources import demo_submission
from submission_checker.render.formats import FORMATS
from tests.commands import command
from tests.conftest import ROOT


def check(*arguments, cwd=ROOT):
    return command("check", demo_submission(), "--round", "demo", *arguments, cwd=cwd)


@pytest.mark.parametrize(("arguments", "words"), [
    (["--format", "jsn"], "no format 'jsn'; did you mean 'json'?"),
    (["-o", "cvs:x"], "no format 'cvs'; did you mean 'csv'?"),
    (["-o", "json"], "-o wants FORMAT:FILE"),
    (["-o", "json:"], "-o wants FORMAT:FILE"),
    (["--format", "json", "-o", "csv:-"], "two outputs go to standard output"),
    (["-o", "json:-", "-o", "csv:-"], "two outputs go to standard output"),
    (["-o", "json:same", "-o", "csv:./same"], "two outputs go to same"),
    (["-o", "json:."], "cannot write .: it is a folder"),
    (["-o", "json:absent/x.json"], "cannot write absent/x.json: No such file"),
    (["-o", f"json:{'x' * 300}"], "File name too long"),
])
def test_wrong_outputs_are_refused_before_the_work(arguments, words, tmp_path):
    done = check(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_trying_a_file_leaves_it_as_it_was(tmp_path):
    old = tmp_path / "old.json"
    old.write_text("kept")
    done = check("-o", f"json:{old}", "-o", f"csv:{tmp_path}/new.csv", "--select", "NONE999")
    assert done.returncode == 2
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("old.json", "kept")]


def test_a_format_on_standard_output_by_o(tmp_path):
    done = check("-o", "json:-", "-o", f"text:{tmp_path}/report.txt")
    assert json.loads(done.stdout)["round"] == "demo"
    assert "PASSED" in (tmp_path / "report.txt").read_text()


def test_a_device_is_a_place_to_write(tmp_path):
    assert check("-o", f"json:{os.devnull}").returncode == 0


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_goes_to_standard_output(form):
    done = check("--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_passes_are_about_junit():
    done = check("--junit-passes")
    assert (done.returncode, "--junit-passes is about JUnit" in done.stderr) == (2, True)
    done = check("--junit-passes", "--format", "junit")
    assert done.returncode == 0 and "PERF001" in done.stdout


def test_timing_goes_to_standard_error_and_changes_nothing():
    plain, timed = check("--format", "json"), check("--format", "json", "--timing")
    assert timed.stdout == plain.stdout and plain.stderr == ""
    parts = re.fullmatch(r"timing: ((?:[a-z ]+ \d+\.\d\d s(?:, )?)+)\n", timed.stderr)
    names = re.findall(r"([a-z ]+?) \d+\.\d\d s", parts[1].replace(", ", ","))
    assert names[0] == "listing" and names[-2:] == ["output", "all"] and "results" in names


@pytest.mark.parametrize(("name", "begins"), [
    ("r.html", "<!doctype html>"), ("r.JSON", "{"), ("r.csv", "location,"), ("r.md", "<!-- "),
    ("r.sarif", "{"), ("r.xml", "<?xml"), ("r.txt", "submission-checker "),
])
def test_the_suffix_of_a_file_tells_its_format(tmp_path, name, begins):
    done = check("-o", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_a_path_with_a_drive_is_a_file_and_no_format(tmp_path):
    assert check("-o", "C:\\report.html", cwd=tmp_path).returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["C:\\report.html"]


@pytest.mark.parametrize(("output", "note"), [
    ("html:r.json", "note: r.json gets html, not json as its name says"),
    ("csv:r.html", "note: r.html gets csv, not html as its name says"),
    ("sarif:r.json", ""), ("summary-csv:r.csv", ""), ("junit-gitlab:r.xml", ""), ("html:r", ""),
    ("github:r.txt", ""), ("json:r.dat", ""),
])
def test_a_name_that_promises_another_format_is_said(tmp_path, output, note):
    done = check("-o", output, cwd=tmp_path)
    assert (done.returncode, done.stderr.strip()) == (0, note)


@pytest.mark.parametrize(("term", "shown"), [("xterm", True), ("dumb", False)])
def test_progress_is_written_over_only_where_a_terminal_can(monkeypatch, term, shown):
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: True))
    assert (_progress() is not None) is shown
