"""audit.config: its text, LoadGen's traps in it, and that it never stays behind."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from compliance_tests.runner import config
from compliance_tests.runner.problems import Refused
from compliance_tests.settings import file_of
from submission_checker.rounds.loader import load_round
from tests.conftest import ROOT

TEXT = "*.*.mode = 2\n"


def test_text_keeps_every_digit():
    seed = 720381539243781796
    assert config.text_of({"*.*.accuracy_log_rng_seed": seed, "*.*.min_duration": 0.0}) == (
        f"*.*.accuracy_log_rng_seed = {seed}\n*.*.min_duration = 0\n")


@pytest.mark.parametrize(("line", "why"), [
    ("*.*.mode=2", "ignores a line"), ("*.*.mode = 2 # performance", "drop the whole file"),
    ("*.*.qsl_rng_seed = 5", "since 5.0"), ("*.*.test05 = 1", "since 5.0"),
    ("*.*.accuracy_log_probability = 10", "since 5.0"),
    ("resnet.*.min_query_count = 5", "model `*` only"),
    ("*.Offline.min_query_count = 5", "not applied in Server"),
])
def test_traps_are_named(line, why):
    found = list(config.traps(f"# a comment of its own is safe\n{line}\n", "Server"))
    assert [(trap.line, why in trap.why) for trap in found] == [(2, True)]


def test_official_files_have_no_trap_but_those_that_the_program_answers_for():
    known = ("since 5.0", "model `*` only", "not applied in")
    seen = set()
    for name in ("v0.7", "v2.0", "v4.1", "v5.1", "v6.0"):
        round_ = load_round(name)
        for spec in round_.audits.values():
            for model in round_.models.values():
                text = config.text_of(file_of(spec.settings, model))
                for trap in config.traps(text, "Offline"):
                    assert any(mark in trap.why for mark in known), trap
                    seen.add(next(mark for mark in known if mark in trap.why))
    assert seen == set(known)


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_file_is_there_for_the_block_only(tmp_path):
    with config.placed(tmp_path, TEXT):
        assert (tmp_path / "audit.config").read_text() == TEXT
        assert left(tmp_path) == [config.MARKER, "audit.config"]
    assert left(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_file_is_removed_whatever_is_raised(tmp_path, error):
    with pytest.raises(error), config.placed(tmp_path, TEXT):
        raise error
    assert left(tmp_path) == []


@pytest.mark.parametrize("name", ["audit.config", "audit.conf"])
def test_a_stale_file_of_somebody_else_is_refused_by_name_and_kept(tmp_path, name):
    (tmp_path / name).write_text("*.*.mode = 1\n")
    with pytest.raises(Refused, match=name), config.placed(tmp_path, TEXT):
        raise AssertionError("not reached")
    assert (tmp_path / name).read_text() == "*.*.mode = 1\n"
    assert left(tmp_path) == [name]


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    (tmp_path / "audit.config").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused, match=r"audit\.config"), config.placed(tmp_path, TEXT):
        raise AssertionError("not reached")


def dead_pid():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def marked(folder, pid, text=TEXT):
    import hashlib

    (folder / config.MARKER).write_text(json.dumps(
        {"pid": pid, "sha256": hashlib.sha256(TEXT.encode()).hexdigest()}))
    (folder / "audit.config").write_text(text)


def test_a_stale_file_of_our_own_is_cleaned_up(tmp_path):
    marked(tmp_path, dead_pid())
    assert "left by an audit that was killed" in config.refuse_stale(tmp_path)
    assert left(tmp_path) == []


def test_a_stale_file_of_our_own_that_was_edited_is_refused(tmp_path):
    marked(tmp_path, dead_pid(), "*.*.mode = 1\n")
    with pytest.raises(Refused, match="not ours"):
        config.refuse_stale(tmp_path)
    assert left(tmp_path) == ["audit.config"]


def test_another_audit_in_the_folder_is_refused(tmp_path):
    marked(tmp_path, os.getppid())
    with pytest.raises(Refused, match="another audit"):
        config.refuse_stale(tmp_path)
    assert left(tmp_path) == [config.MARKER, "audit.config"]


def test_an_unreadable_marker_is_refused(tmp_path):
    (tmp_path / config.MARKER).write_text("{")
    with pytest.raises(Refused, match="cannot be read"):
        config.refuse_stale(tmp_path)


HOLD = """
import sys, time
from pathlib import Path
from compliance_tests.runner import config, process
folder = Path(sys.argv[1])
with config.placed(folder, "*.*.mode = 2\\n") as placed:
    process.run([sys.executable, "-c", "import os, time\\n"
                 "open('pid', 'w').write(str(os.getpid()))\\ntime.sleep(600)"],
                folder, folder / "console.txt", limit_s=600, environment={}, placed=placed,
                tell=print)
"""


def until(condition):
    for _ in range(4800):
        if condition():
            return True
        time.sleep(0.05)
    return False


def runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_killed_runner_leaves_no_file_and_no_process(tmp_path, number):
    runner = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT,
                              stderr=subprocess.DEVNULL)
    pid_file = tmp_path / "pid"
    assert until(lambda: pid_file.is_file() and pid_file.read_text())
    assert (tmp_path / "audit.config").is_file()
    runner.send_signal(number)
    runner.wait(timeout=400)
    assert until(lambda: not (tmp_path / "audit.config").exists())
    assert until(lambda: not runs(int(pid_file.read_text())))
    assert until(lambda: left(tmp_path) == ["console.txt", "pid"])
