"""Where results are judged: in this process or in others, largest system first."""

import subprocess
import sys
from concurrent.futures import Future

from fixtures.builder import Tree
from submission_checker.check import Options, check
from submission_checker.intake.reading import Reader, alike_logs
from submission_checker.judging import Task, judge_all
from submission_checker.model.files import FileTable
from submission_checker.rounds.loader import load_round
from submission_checker.sources.folder import FolderSource
from submission_checker.sources.memory import MemorySource
from submission_checker.tree.build import build_tree
from tests.rules.cases_xres import second_system

DETAIL, ACCURACY = "mlperf_log_detail.txt", "mlperf_log_accuracy.json"


def test_only_logs_of_equal_size_may_be_equal():
    files = {f"a/{DETAIL}": b"12", f"b/{DETAIL}": b"34", f"c/{DETAIL}": b"567",
             f"a/{ACCURACY}": b"12", f"d/{ACCURACY}": b"", "a/spl.txt": b"12", "b/spl.txt": b"12"}
    table = FileTable.build(MemorySource(files).walk())
    assert alike_logs(table) == {f"a/{DETAIL}", f"b/{DETAIL}"}


def test_a_log_that_none_can_equal_is_not_hashed_and_stays_distinct():
    files = {f"{name}/{DETAIL}": b":::MLLOG {}\n" for name in "abc"}
    source = MemorySource(files)
    reader = Reader(source, FileTable.build(source.walk()), alike=frozenset({f"a/{DETAIL}"}))
    hashed, alone, other = (reader.run("run_1", name) for name in "abc")
    assert hashed.detail_sha256 is not None and hashed.detail_identity == hashed.detail_sha256
    assert alone.detail_sha256 is None
    assert len({run.detail_identity for run in (hashed, alone, other)}) == 3
    assert reader.run("run_1", "absent").detail_identity is None


def test_equal_logs_are_found_in_whatever_process_they_are_read(tmp_path):
    tree = Tree.demo(tmp_path)
    second_system(tree)
    reports = [check(str(tree.root), options=Options(round="demo", jobs=jobs)) for jobs in (1, 2)]
    assert "XRES001" in {f.rule for f in reports[0].findings}
    assert reports[0] == reports[1]


class Recorder:
    """An executor that judges at once and keeps the order of what it was given."""

    def __init__(self):
        self.given = []

    def submit(self, one, task):
        self.given.append(task)
        future = Future()
        future.set_result([f"outcome of {task.system.subject.system}"] * len(task.system.results))
        return future


def tasks_of(tree):
    source = FolderSource.open(str(tree.root))
    table = FileTable.build(source.walk())
    round_ = load_round("demo")
    for submitter in build_tree(table, round_, {}).submitters:
        for system in submitter.systems:
            yield Task(source, table, "demo", (), system, None, False,
                       alike=alike_logs(table))


def test_large_systems_begin_and_outcomes_keep_the_order_of_the_tree(tmp_path):
    tree = Tree.demo(tmp_path)
    second_system(tree)
    last = list(tasks_of(tree))[-1].system
    with open(tree.root / last.results_folder / "large.bin", "wb") as file:
        file.truncate(1 << 30)
    tasks = list(tasks_of(tree))
    executor, told = Recorder(), []
    outcomes = judge_all(tasks, None, executor, None, lambda *done: told.append(done))
    assert [task.system.subject for task in executor.given] == [
        task.system.subject for task in reversed(tasks)]
    assert outcomes == [f"outcome of {task.system.subject.system}"
                        for task in tasks for _ in task.system.results]
    total = len(outcomes)
    assert told[-1] == (total, total)
    assert all(task.alike <= set(task.table.entries) for task in executor.given)


def test_workers_are_made_ready_only_for_what_they_judge():
    for rules, wanted in (("LGEN020", True), ("PERF001", False)):
        code = ("import sys\nfrom submission_checker.judging import make_ready\n"
                f"make_ready([{rules!r}])\nprint('numpy' in sys.modules)")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              check=True)
        assert done.stdout.strip() == str(wanted)
