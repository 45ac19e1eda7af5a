"""Revisions as sources: clones that lack objects, hostile repositories, revisions that are none."""

import json
import subprocess

import pytest

from fixtures.builder import SYSTEM_FILE, Tree, run
from submission_checker.check import Options, check
from submission_checker.model.files import FileTable, Kind
from submission_checker.sources import git_program
from submission_checker.sources.base import SourceError, Unreadable
from submission_checker.sources.opening import open_source
from tests.commands import command
from tests.sources.making import committed, git, repository


@pytest.fixture
def tree(tmp_path):
    tree = Tree.demo(tmp_path)
    repository(tree.root)
    return tree


def findings(report, rule):
    return [(f.location.path, f.found) for f in report.findings if f.rule == rule]


def test_shallow_clone_is_judged_as_the_whole_one(tree, tmp_path):
    committed(tree.root)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tree.root}", "shallow")
    report = check(f"git:{tmp_path}/shallow@HEAD", "demo")
    assert {row.verdict.value for row in report.results} == {"valid"}
    with pytest.raises(SourceError, match="unknown revision 'HEAD~1'"):
        open_source(f"git:{tmp_path}/shallow@HEAD~1")


@pytest.mark.parametrize("what", ["blob:none", "tree:0"])
def test_partial_clone_names_what_is_absent_and_fetches_nothing(tree, tmp_path, what):
    git(tree.root, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", f"--filter={what}", f"file://{tree.root}", "part.git")
    part = tmp_path / "part.git"
    mark = tmp_path / "fetched"
    git(part, "config", "remote.origin.uploadpack", f"touch {mark}; git-upload-pack")
    if what == "tree:0":
        with pytest.raises(SourceError, match="not in this repository"):
            check(f"git:{part}@HEAD", "demo")
    else:
        report = check(f"git:{part}@HEAD", "demo")
        absent = dict(findings(report, "INPUT001"))
        assert "not in this repository" in absent[run()] and report.unreadable
        assert not report.crashed and "valid" not in {r.verdict.value for r in report.results}
    assert not mark.exists()


def test_blob_that_is_absent_is_unreadable_and_the_rest_is_read(tree):
    name = git(tree.root, "rev-parse", f"HEAD:{run()}")
    (tree.root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    report = check(f"git:{tree.root}", "demo")
    assert [path for path, _ in findings(report, "INPUT001")] == [run()]
    assert sum(row.verdict.value == "valid" for row in report.results) == 2


def test_damaged_blob_is_unreadable(tree):
    name = git(tree.root, "rev-parse", f"HEAD:{SYSTEM_FILE}")
    path = tree.root / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:40])
    report = check(f"git:{tree.root}", "demo")
    assert SYSTEM_FILE in dict(findings(report, "INPUT001")) and not report.crashed


def test_submodules_and_pointers_are_said(tree):
    commit = git(tree.root, "rev-parse", "HEAD")
    tree.write("closed/DemoOrg/code/model.bin",
               "version https://git-lfs.github.com/spec/v1\n"
               f"oid sha256:{'a' * 64}\nsize 123456789\n")
    tree.write(".gitattributes", "# large\n*.bin filter=lfs diff=lfs merge=lfs -text\n")
    git(tree.root, "add", "-Af", ".")
    git(tree.root, "update-index", "--add", "--cacheinfo", f"160000,{commit},closed/DemoOrg/src")
    git(tree.root, "commit", "-q", "-m", "x")
    report = check(f"git:{tree.root}", "demo")
    assert findings(report, "REPO004") == [
        ("closed/DemoOrg/src", f"a submodule (commit {commit})")]
    assert findings(report, "REPO003") == [
        (".gitattributes", '"*.bin filter=lfs diff=lfs merge=lfs -text"'),
        ("closed/DemoOrg/code/model.bin", '1 pointer of Git LFS below "closed/DemoOrg"')]
    assert findings(report, "TREE017") == []


def test_nothing_of_a_hostile_repository_is_run(tree, tmp_path):
    mark = tmp_path / "run"
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    for setting in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external",
                    "core.editor", "gpg.program", "core.alternateRefsCommand",
                    "filter.x.smudge", "diff.x.textconv", "alias.rev-parse", "credential.helper"):
        git(tree.root, "config", setting,
            f"!{program}" if setting.startswith("alias") else program)
    hooks = tree.root / ".git" / "hooks"
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    git(tree.root, "config", "core.hooksPath", ".git/hooks")
    first = git(tree.root, "rev-parse", "HEAD")
    tree.write(".gitattributes", "* filter=x diff=x\n")
    subprocess.run(["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
                    "-c", "filter.x.smudge=", "add", ".gitattributes"], cwd=tree.root, check=True)
    git(tree.root, "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "x",
        GIT_EDITOR="true")
    mark.unlink(missing_ok=True)
    report = check(f"git:{tree.root}", "demo")
    assert len(report.results) == 6
    open_source(f"git:{tree.root}").changes(first)
    assert not mark.exists()


@pytest.mark.parametrize("revision", [
    "--help", "--output=/tmp/x", "-h", "nowhere", "HEAD~99", "HEAD;id", "$(id)", "0" * 40, "HEAD\n",
])
def test_revision_that_is_none_is_a_clear_error(tree, revision):
    with pytest.raises(SourceError, match="unknown revision"):
        open_source(f"git:{tree.root}@{revision}")


def test_branch_that_looks_like_an_option_is_read(tree):
    git(tree.root, "update-ref", "refs/heads/--help", "HEAD")
    assert len(check(f"git:{tree.root}@refs/heads/--help", "demo").results) == 6


def test_reflog_revision_has_an_at_sign(tree):
    assert len(check(f"git:{tree.root}@HEAD@{{0}}", "demo").results) == 6


def test_no_repository_is_a_clear_error_also_below_one(tree):
    for folder in ("closed", "closed/DemoOrg"):
        done = command("check", f"git:{tree.root}/{folder}@HEAD")
        assert (done.returncode, "not a git repository" in done.stderr) == (3, True)
    done = command("check", "git:/nowhere@HEAD")
    assert (done.returncode, "no such folder" in done.stderr) == (3, True)


def test_without_the_git_program_the_error_says_so(tree):
    done = command("check", f"git:{tree.root}@HEAD", env={"PATH": "/nowhere"})
    assert done.returncode == 3 and "the git program cannot be started" in done.stderr


def test_environment_of_the_caller_does_not_lead_elsewhere(tree, tmp_path):
    other = Tree.demo(tmp_path / "other")
    other.delete("closed/DemoOrg/results")
    repository(other.root)
    done = command("check", f"git:{tree.root}@HEAD", "--round", "demo", "--format", "json",
                   env={"GIT_DIR": str(other.root / ".git"), "GIT_WORK_TREE": str(other.root)})
    assert json.loads(done.stdout)["summary"]["results"]["valid"] == 6


def raw_tree(folder, *entries):
    """Write a tree object with any names and return the commit of it."""
    data = b"".join(b"%s %s\0%s" % (mode, name, bytes.fromhex(oid)) for mode, name, oid in entries)
    oid = git(folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=data)
    return oid, git(folder, "commit-tree", oid, "-m", "x")


def test_names_in_hostile_trees_are_refused(tree):
    closed = git(tree.root, "rev-parse", "HEAD:closed")
    blob = git(tree.root, "rev-parse", f"HEAD:{SYSTEM_FILE}")
    _, commit = raw_tree(tree.root, (b"100644", b"..", blob), (b"100644", b"a/b", blob),
                         (b"40000", b"closed", closed), (b"100644", b"twice", blob),
                         (b"100644", b"twice", blob))
    report = check(f"git:{tree.root}@{commit}", "demo")
    found = [text for _, text in findings(report, "INPUT002")]
    assert len(found) == 3 and not report.crashed
    assert sum("no path" in text for text in found) == 2
    assert sum("more than once" in text for text in found) == 1


def test_tree_bomb_stops_at_the_limit(tree, monkeypatch):
    """Ten trees of ten entries each are ten thousand million names."""
    from submission_checker.sources import limits

    monkeypatch.setattr(limits, "MAX_ENTRIES", 3000)
    name = git(tree.root, "rev-parse", "HEAD:closed")
    for _ in range(10):
        name, commit = raw_tree(tree.root, *((b"40000", b"%d" % n, name) for n in range(10)))
    closed = git(tree.root, "rev-parse", "HEAD:closed")
    _, commit = raw_tree(tree.root, (b"40000", b"bomb", name), (b"40000", b"closed", closed))
    table = FileTable.build(open_source(f"git:{tree.root}@{commit}").walk())
    assert len(table.refused) == 1 and "limit on entries" in table.refused[0]


def test_links_and_modes_are_read_from_the_tree(tree):
    tree.path("closed/link").symlink_to("DemoOrg")
    tree.path("closed/out").symlink_to("/etc")
    tree.path(run()).chmod(0o755)
    committed(tree.root)
    source = open_source(f"git:{tree.root}")
    entries = FileTable.build(source.walk()).entries
    assert (entries["closed/link"].kind, entries["closed/link"].resolved) == (
        Kind.LINK, "closed/DemoOrg")
    assert entries["closed/out"].escapes and entries[run()].executable
    with pytest.raises(Unreadable):
        source.read("closed/out")
    assert findings(check(f"git:{tree.root}", "demo"), "REPO004") == [
        (run(), "1 executable file among results")]


def test_one_process_gives_all_objects(tree, monkeypatch):
    started = []

    class Counted(subprocess.Popen):
        def __init__(self, words, **options):
            started.append(words[-1])
            super().__init__(words, **options)

    monkeypatch.setattr(git_program.subprocess, "Popen", Counted)
    check(f"git:{tree.root}@HEAD", options=Options(round="demo", jobs=1))
    assert started.count("--batch") == 1
