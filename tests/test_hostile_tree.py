"""Trees that are hostile by what lies in them: the rest of the contract's list (design.md 8).

Archives are in sources/test_hostile.py, revisions in sources/test_git.py, damaged logs and texts in
fuzz/, logs/ and formats/, links out of the tree and names with escapes in test_bad_input.py.
"""

import functools
import os
import re
import tracemalloc

import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree, accuracy, measurements, run
from submission_checker.check import Options, check
from submission_checker.sources.base import Unreadable
from submission_checker.sources.folder import FolderSource
from submission_checker.sources.memory import MemorySource


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


def inputs(report):
    assert not report.crashed
    return {f.location.path: f.found for f in report.findings if f.rule.startswith("INPUT")}


@pytest.mark.parametrize("name", [
    SYSTEM_FILE, f"{measurements()}/user.conf", f"{accuracy()}/accuracy.txt",
    f"{run().rpartition('/')[0]}/mlperf_log_summary.txt",
])
def test_file_of_a_gigabyte_is_a_finding_and_costs_no_memory(tree, name):
    os.truncate(tree.path(name), 1 << 30)
    tracemalloc.start()
    found = inputs(tree.report())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == {name: "1073741824 bytes, more than the 8388608 read whole"}
    assert peak < 64 << 20


def test_log_of_a_hundred_megabytes_is_streamed(tree):
    os.truncate(tree.path(run()), 100 << 20)
    tracemalloc.start()
    report = tree.report()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not report.crashed and peak < 64 << 20


@pytest.mark.parametrize("name", [run(), SYSTEM_FILE, f"{accuracy()}/mlperf_log_accuracy.json"])
def test_fifo_in_the_place_of_a_file_is_never_opened(tree, name):
    tree.delete(name)
    os.mkfifo(tree.path(name))
    report = tree.report()
    assert not report.crashed
    assert [f.location.path for f in report.findings if f.rule == "TREE017"] == [name]


def test_file_that_becomes_a_fifo_or_link_after_the_walk_is_unreadable(tree):
    source = FolderSource.open(str(tree.root))
    list(source.walk())
    tree.delete(run())
    os.mkfifo(tree.path(run()))
    with pytest.raises(Unreadable, match="not a regular file any more"):
        source.read(run())
    tree.delete(run()).path(run()).symlink_to("/etc/passwd")
    with pytest.raises(Unreadable):
        source.read(run())


def test_files_that_vanish_or_change_between_walk_and_reading(tree):
    """The walk is followed by edits: each file is a finding, and nothing is guessed."""
    class Later(FolderSource):
        __slots__ = ()

        def walk(self):
            yield from list(super().walk())
            tree.delete(run())
            tree.delete(f"{measurements()}/user.conf")

    report = check(Later(str(tree.root), "x"), options=Options(round="demo", jobs=1))
    assert inputs(report) == {run(): "no such file or directory",
                              f"{measurements()}/user.conf": "no such file or directory"}
    assert report.unreadable


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Return a function: name -> report of a submission that has a file of this name."""
    @functools.cache
    def report(name):
        tree = Tree.demo(tmp_path_factory.mktemp("names"))
        return tree.write(f"{BASE}/{name.replace('/', '')} .md", "x").report()
    return report


@pytest.mark.parametrize("name", [
    "::error file=x::y", "a\n::set-output name=x::y", "a%0A::warning::z", "\x1b]0;title\x07",
    "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "[x](javascript:alert(1))", "]]>",
    "\u202egnp.exe", "a\u2028b", "\x85next",
])
@pytest.mark.parametrize("form", ["github", "text", "csv", "markdown", "html", "sarif", "junit"])
def test_names_that_are_commands_stay_names_in_every_format(reported, name, form):
    from submission_checker.render.formats import renderer

    text = renderer(form)(reported(name))
    assert isinstance(text, str) and "\x1b" not in text and "\u202e" not in text
    if form == "github":
        lines = [line.split("::")[1].split(" ")[0] for line in text.splitlines()
                 if line.lstrip().startswith("::")]
        assert set(lines) <= {"error", "warning", "notice"}
        assert not any("file=x::y" in line.partition("::")[0] for line in text.splitlines())
    if form == "html":
        assert "<script>alert" not in text
    if form == "markdown":
        assert "<script>" not in re.sub(r"`[^`\n]*`", "", text)
    if form == "junit":
        import xml.etree.ElementTree

        xml.etree.ElementTree.fromstring(text)


def test_a_hundred_thousand_files_are_judged_through_the_whole_pipeline(tree):
    """From memory; the half million is in sources/test_hostile.py."""
    folder = FolderSource.open(str(tree.root))
    files = {entry.path: folder.read(entry.path) for entry in folder.walk()
             if entry.kind.value == "file"}
    files |= {f"{BASE}/code/many/{n % 100:02d}/{n:06d}.txt": b"" for n in range(100_000)}
    report = check(MemorySource(files), options=Options(round="demo", jobs=1))
    assert not report.crashed and report.files > 100_000
    assert {row.verdict.value for row in report.results} == {"valid"}
