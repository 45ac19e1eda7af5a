"""Trees of the wrong round, of two rounds and of the first round, through the command."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.commands import command
from tests.conftest import published

HERE = Path(__file__).parent


def judged(path, *options):
    done = command("check", path, *options, "--no-exceptions", "--format", "json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.real
def test_published_tree_checked_as_a_later_round_is_one_finding():
    code, report = judged(published("v2.0"), "--round", "v5.1")
    assert code == 1
    assert [(f["rule"], f["found"]) for f in report["findings"]] == [
        ("RNDX003", "244 of 244 performance logs carry the seeds of v2.0")]
    assert report["findings"][0]["fix"].startswith("check the tree with --round v2.0")
    assert report["summary"]["results"]["valid"] == 0
    assert "left out, as this is a tree of v2.0" in report["not_judged"][-1]["reason"]


@pytest.mark.real
def test_tree_that_mixes_two_rounds_names_the_logs_of_the_other_one(tmp_path):
    for archive, submitter in (("v2.0", "Neuchips"), ("v2.0", "Alibaba"), ("v5.1", "CoreWeave")):
        shutil.copytree(published(archive) / "closed" / submitter,
                        tmp_path / "closed" / submitter)
    code, report = judged(tmp_path)
    assert (code, report["round"]) == (1, "v2.0")
    foreign = [f for f in report["findings"] if f["rule"] == "RNDX004"]
    assert {f["subject"]["submitter"] for f in foreign} == {"CoreWeave"}
    assert {f["found"] for f in foreign} == {"the three seeds of v5.1"}
    own = {r["submitter"] for r in report["results"] if r["verdict"] == "valid"}
    assert own == {"Neuchips", "Alibaba"}


@pytest.mark.real
def test_every_finding_about_the_first_round_is_explained():
    """Errors stand one by one in errors.csv; all others by rule and level in their own list."""
    with (HERE / "findings-v0.5.csv").open(newline="") as file:
        listed = {(row["rule"], row["level"]): row["reason"] for row in csv.DictReader(file)}
    with (HERE / "errors.csv").open(newline="") as file:
        errors = {(row["rule"], row["path"]) for row in csv.DictReader(file)
                  if row["archive"] == "v0.5"}
    _, report = judged(published("v0.5"), "--round", "v0.5")
    assert {(f["rule"], f["location"]["path"]) for f in report["findings"]
            if f["level"] == "error"} == errors
    assert {(f["rule"], f["level"]) for f in report["findings"]
            if f["level"] != "error"} == set(listed)
    assert all(len(reason) > 30 for reason in listed.values())
