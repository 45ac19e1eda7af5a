"""Only what a range of changes touches is judged, and what was not judged is said."""

import json
import shutil

import pytest

from fixtures.builder import BASE, SYSTEM, SYSTEM_FILE, Tree, measurements, run
from submission_checker.check import Options, check
from submission_checker.engine.selection import Selection
from submission_checker.model.errors import WrongUse
from submission_checker.sources.base import SourceError
from tests import commands
from tests.made import exception
from tests.sources.making import committed, git, repository

OTHER = "second-host"


@pytest.fixture
def tree(tmp_path):
    """Two submitters, the first with two systems; all committed."""
    tree = Tree.demo(tmp_path)
    shutil.copytree(tree.path(BASE), tree.path("closed/Else"))
    for role in ("results", "measurements", "compliance"):
        tree.copy(f"{BASE}/{role}/{SYSTEM}", f"{BASE}/{role}/{OTHER}")
    tree.copy(SYSTEM_FILE, f"{BASE}/systems/{OTHER}.json")
    repository(tree.root)
    return tree


def judged(tree, since="HEAD~1", **options):
    return check(f"git:{tree.root}@HEAD", options=Options(round="demo", since=since, **options))


def systems(report):
    return sorted({(r.subject.division, r.subject.submitter, r.subject.system)
                   for r in report.results})


def command(tree, *arguments):
    return commands.command("check", f"git:{tree.root}@HEAD", "--round", "demo", *arguments)


MINE, SECOND, ELSE = (("closed", "DemoOrg", SYSTEM), ("closed", "DemoOrg", OTHER),
                      ("closed", "Else", SYSTEM))


@pytest.mark.parametrize(("path", "touched"), [
    (run(), [MINE]),
    (SYSTEM_FILE, [MINE]),
    (f"{measurements()}/user.conf", [MINE]),
    (f"{BASE}/compliance/{SYSTEM}/digits/Offline/TEST01/verify_accuracy.txt", [MINE]),
    (f"{BASE}/systems/{OTHER}.json", [SECOND]),
    (f"{BASE}/code/digits/README.md", [MINE, SECOND]),
    (f"{BASE}/calibration.md", [MINE, SECOND]),
    (f"closed/Else/systems/{SYSTEM}.json", [ELSE]),
    ("README.md", []),
])
def test_change_touches_the_results_that_rest_on_it(tree, path, touched):
    tree.write(path, (tree.text(path) if tree.path(path).exists() else "") + "\n")
    committed(tree.root)
    report = judged(tree)
    assert systems(report) == sorted(touched)
    left = {n.path for n in report.not_judged if "not changed since HEAD~1" in n.reason}
    places = {MINE: f"{BASE}/results/{SYSTEM}", SECOND: f"{BASE}/results/{OTHER}",
              ELSE: "closed/Else"}
    expected = {place for system, place in places.items() if system not in touched}
    if MINE not in touched and SECOND not in touched:
        expected = expected - {places[MINE], places[SECOND]} | {BASE}
    assert left == expected
    assert report.partial and dict(report.options)["since"] == "HEAD~1 (1 changed file)"


def test_files_of_others_are_not_judged(tree):
    tree.write("closed/Else/bad name.md", "x")
    committed(tree.root)
    tree.write(f"{BASE}/another bad name.md", "x")
    committed(tree.root)
    found = [f.location.path for f in judged(tree).findings if f.rule == "TREE012"]
    assert found == [f"{BASE}/another bad name.md"]


def test_new_and_deleted_submissions(tree):
    tree.rename("closed/Else", "closed/New")
    committed(tree.root)
    report = judged(tree)
    assert systems(report) == [("closed", "New", SYSTEM)]
    assert "closed/Else" not in {n.path for n in report.not_judged}


def test_changes_of_the_base_since_the_branch_began_do_not_count(tree):
    git(tree.root, "checkout", "-q", "-b", "mine")
    tree.write(f"{BASE}/calibration.md", "mine\n")
    committed(tree.root)
    git(tree.root, "checkout", "-q", "main")
    tree.write("closed/Else/calibration.md", "theirs\n")
    committed(tree.root)
    git(tree.root, "checkout", "-q", "mine")
    assert {submitter for _, submitter, _ in systems(judged(tree, "main"))} == {"DemoOrg"}


def test_without_a_common_ancestor_both_sides_count_and_that_is_said(tree, tmp_path):
    tree.write("closed/Else/calibration.md", "x\n")
    committed(tree.root)
    git(tree.root, "checkout", "-q", "--orphan", "lone")
    tree.write(f"{BASE}/calibration.md", "mine\n")
    committed(tree.root)
    report = judged(tree, "main")
    assert "no common ancestor" in dict(report.options)["since"]
    assert {submitter for _, submitter, _ in systems(report)} == {"DemoOrg"}


def test_worker_processes_judge_the_same(tree):
    tree.set_log(run(), "result_validity", "INVALID")
    committed(tree.root)
    assert judged(tree, jobs=2) == judged(tree, jobs=1)


def test_empty_range_and_unknown_revision_are_clear(tree):
    done = command(tree, "--since", "HEAD")
    assert (done.returncode, "nothing changed since HEAD" in done.stderr) == (3, True)
    done = command(tree, "--since", "nowhere")
    assert (done.returncode, "unknown revision 'nowhere'" in done.stderr) == (3, True)
    with pytest.raises(SourceError, match="unknown revision '--output=x'"):
        judged(tree, "--output=x")


def test_since_needs_a_revision_to_judge(tree):
    with pytest.raises(WrongUse, match="git:REPO@REV"):
        check(str(tree.root), options=Options(round="demo", since="HEAD"))
    done = commands.command("check", tree.root, "--since", "HEAD", "--profile", "gate")
    assert (done.returncode, "git:REPO@REV" in done.stderr) == (2, True)


def test_gate_refuses_a_selection_and_takes_a_range(tree):
    with pytest.raises(WrongUse, match="the gate judges by every rule"):
        judged(tree, profile="gate", selection=Selection(select=("PERF",)))
    tree.write(f"{BASE}/calibration.md", "x\n")
    committed(tree.root)
    assert judged(tree, profile="gate").partial


def test_stray_root_files_are_errors_in_the_gate_only(tree):
    tree.write("stray.bin", "x")
    tree.write(f"{BASE}/calibration.md", "x\n")
    committed(tree.root)
    levels = {profile: [f.level.label for f in judged(tree, profile=profile).findings
                        if f.rule == "TREE002"] for profile in ("gate", "submit")}
    assert levels == {"gate": ["error"], "submit": ["warning"]}


EXCEPTIONS = exception("TREE012", "closed/DemoOrg/bad name.md", "2026-01-01", "2026-03-01")


def test_gate_takes_exceptions_from_the_base_revision_only(tree):
    tree.write(f"{BASE}/bad name.md", "x").write("submission-exceptions.toml", EXCEPTIONS)
    committed(tree.root)
    gate = ("--profile", "gate", "--format", "json", "--today", "2026-01-02")

    def applied(*arguments):
        done = command(tree, *arguments)
        return [(e["rule"], e["matches"]) for e in json.loads(done.stdout)["exceptions"]]

    assert applied("--since", "HEAD~1", *gate) == []
    assert applied("--since", "HEAD~1", *gate[2:]) == [("TREE012", 1)]
    tree.write("submission-exceptions.toml", "no toml at all [").write(f"{BASE}/notes.md", "x")
    committed(tree.root)
    assert applied("--since", "HEAD~1", *gate) == [("TREE012", 1)]
    assert command(tree, "--since", "HEAD~1").returncode == 2


@pytest.mark.parametrize("profile", ["submit", "gate"])
def test_submission_whose_folder_is_new_in_the_range_is_judged(profile, tree):
    inner = tree.root / "round" / "new"
    inner.mkdir(parents=True)
    shutil.copytree(tree.path("closed"), inner / "closed")
    committed(tree.root)
    done = commands.command("check", f"git:{tree.root}@HEAD:round/new", "--round", "demo",
                            "--since", "HEAD~1", "--profile", profile, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    assert len(json.loads(done.stdout)["results"]) > 6


def test_the_exceptions_file_fails_no_gate_and_other_files_do(tree):
    tree.write("submission-exceptions.toml", EXCEPTIONS)
    committed(tree.root)
    tree.write(f"{BASE}/notes.md", "x").write("submission-checker.toml", "")
    committed(tree.root)
    done = command(tree, "--since", "HEAD~1", "--profile", "gate", "--format", "json")
    named = [(f["location"]["path"], f["level"]) for f in json.loads(done.stdout)["findings"]
             if f["rule"] == "TREE002"]
    assert named == [("submission-checker.toml", "error")]
