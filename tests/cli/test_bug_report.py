"""`bug-report`: enough for a maintainer, nothing of the submission that was not asked for."""

import json
import zipfile

import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree
from submission_checker.cli import bug_report
from submission_checker.sources.opening import open_source
from tests import commands
from tests.made import crash_a_rule


def command(*arguments, cwd):
    done = commands.command("bug-report", *arguments, cwd=cwd)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path).set_json(SYSTEM_FILE, "secret_field", "secret words")


def members(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_bundle_has_no_names_and_no_contents(tree, tmp_path):
    done = command(tree.root, "--round", "demo", "-o", "bug.zip", cwd=tmp_path)
    assert done.returncode == 0
    have = members(tmp_path / "bug.zip")
    assert sorted(have) == ["README.txt", "about.json", "report.json"]
    everything = b"".join(have.values()).decode().casefold()
    for word in ("demoorg", "demo-host", "secret words", str(tmp_path)):
        assert word not in everything
    report = json.loads(have["report.json"])
    assert {f["rule"] for f in report["findings"]} == {"SYST004"}
    assert report["findings"][0]["location"]["path"] == "closed/submitter-1/systems/system-1.json"
    assert {row["verdict"] for row in report["results"]} == {"valid"}
    assert json.loads(have["about.json"])["options"]["round"] == "demo"


def test_equal_input_gives_an_equal_bundle(tree, tmp_path):
    for name in ("a.zip", "b.zip"):
        command(tree.root, "--round", "demo", "-o", name, cwd=tmp_path)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_file_that_is_asked_for_is_in_it(tree, tmp_path):
    command(tree.root, "--round", "demo", "-o", "bug.zip", "--with-file", SYSTEM_FILE,
            cwd=tmp_path)
    assert b"secret words" in members(tmp_path / "bug.zip")[f"files/{SYSTEM_FILE}"]


@pytest.mark.parametrize("name", ["absent.txt", "../outside.txt", "/etc/hostname", BASE])
def test_only_files_of_the_submission_can_be_asked_for(name, tree, tmp_path):
    (tree.root.parent / "outside.txt").write_text("outside")
    done = command(tree.root, "--round", "demo", "-o", "bug.zip", "--with-file", name,
                   cwd=tmp_path)
    assert (done.returncode, (tmp_path / "bug.zip").exists()) == (2, False)


def test_dry_run_lists_and_writes_nothing(tree, tmp_path):
    before = sorted(tmp_path.iterdir())
    done = command(tree.root, "--round", "demo", "--dry-run", cwd=tmp_path)
    assert "report.json" in done.stdout and "dry run" in done.stdout
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("output", [".", "absent/bug.zip"])
def test_places_that_cannot_be_written(output, tree, tmp_path):
    assert command(tree.root, "--round", "demo", "-o", output, cwd=tmp_path).returncode == 2


def test_crashes_of_rules_are_in_it(tree, monkeypatch):
    crash_a_rule(monkeypatch, "DemoOrg divides")
    bundle = bug_report.content(open_source(str(tree.root)), {"round_name": "demo", "select": ()})
    text = bundle["crashes.txt"].decode()
    assert "ZeroDivisionError: submitter-1 divides" in text and "made.py" in text


def test_a_crash_of_the_program_is_in_it(tree, monkeypatch):
    def broken(*arguments, **options):
        raise KeyError("lost")

    monkeypatch.setattr(bug_report, "check", broken)
    bundle = bug_report.content(open_source(str(tree.root)), {"round_name": "demo", "select": ()})
    assert "KeyError: 'lost'" in bundle["crashes.txt"].decode()
    assert "report.json" not in bundle


def test_a_mistyped_file_gets_the_nearest_and_no_page_of_others(tree, tmp_path):
    mistyped = SYSTEM_FILE.replace("demo-h", "dmo-h")
    done = command(tree.root, "--round", "demo", "--with-file", mistyped, cwd=tmp_path)
    assert (done.returncode, f"did you mean '{SYSTEM_FILE}'?" in done.stderr) == (2, True)
    done = command(tree.root, "--round", "demo", "--with-file", "zzz/zzz", cwd=tmp_path)
    assert done.stderr.endswith("no file zzz/zzz in the submission; the tree holds closed\n")
