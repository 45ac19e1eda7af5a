"""Run one command: in a session of its own, with a time limit, its output kept and shown."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from compliance_tests.runner.config import Placed
from compliance_tests.runner.problems import Kind, Problem

POLL_S = 0.05
PROGRESS_EVERY_S = 10.0
GRACE_S = 10.0
TAIL_LINES = 12

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended."""

    exit_code: int | None
    """None where it was not started; negative: the number of a signal."""
    wall_s: float
    cpu_s: float
    began: float
    """Seconds since the epoch."""
    tail: tuple[str, ...]
    """The last lines that it printed."""
    problem: Problem | None = None


def run(
    command: Sequence[str], cwd: Path, console: Path, *, limit_s: float,
    environment: Mapping[str, str], placed: Placed, tell: Tell, about_s: float | None = None,
    echo: bool = False,
) -> Outcome:
    """Run a command to its end; its output goes to ``console`` and, with ``echo``, to ``tell``.

    The process group is ended when the time limit passes or the caller is interrupted.
    """
    began, start = time.time(), time.monotonic()
    with console.open("wb") as out:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, **environment},
            )
        except OSError as error:
            failed = Problem(Kind.NOT_STARTED, f"{shlex.join(command)}: {error.strerror}")
            return Outcome(None, 0.0, 0.0, began, (), failed)
        placed.tell(process.pid)
        assert process.stdout is not None
        reader = threading.Thread(target=_copy, args=(process.stdout, out, tell if echo else None),
                                  daemon=True)
        reader.start()
        try:
            status, used = _wait(process.pid, start, limit_s, tell, about_s)
        except BaseException:
            end_group(process.pid)
            raise
        problem: Problem | None = None
        if status is None:
            end_group(process.pid)
            status, used = _reap(process.pid)
            problem = Problem(Kind.TIMEOUT, f"still running after {limit_s:.0f} s, ended. Give "
                              "--time-limit where a run takes longer")
        else:
            end_group(process.pid)  # what the command left behind would disturb the next run
        code = os.waitstatus_to_exitcode(status)
        process.returncode = code
        reader.join(timeout=GRACE_S)
    tail = tuple(console.read_bytes()[-8192:].decode("utf-8", "replace").splitlines()[-TAIL_LINES:])
    if problem is None:
        problem = ended(code, tail)
    return Outcome(code, time.monotonic() - start, used, began, tail, problem)


def ended(code: int, tail: Sequence[str]) -> Problem | None:
    """Return what an exit code says; LoadGen processes die in known ways."""
    if code == 0:
        return None
    if code < 0 or code in (128 + signal.SIGSEGV, 128 + signal.SIGABRT):
        number = -code if code < 0 else code - 128
        text = f"by signal {number} ({signal.Signals(number).name})"
        crash = number in (signal.SIGSEGV, signal.SIGABRT)
        if crash and any("Traceback" in line or "Error" in line for line in tail):
            text += "; an exception left a callback of LoadGen, see the end of its output"
        return Problem(Kind.KILLED, text)
    return Problem(Kind.EXIT_CODE, f"the command ended with {code}", fatal=False)


def _copy(source: IO[bytes], target: IO[bytes], tell: Tell | None) -> None:
    for line in source:
        target.write(line)
        target.flush()
        if tell is not None:
            tell("  | " + line.decode("utf-8", "replace").rstrip())


def _wait(
    pid: int, start: float, limit_s: float, tell: Tell, about_s: float | None
) -> tuple[int | None, float]:
    """Wait for a process; return (wait status, CPU seconds), None where the limit passed."""
    told = start
    while True:
        found, status, used = os.wait4(pid, os.WNOHANG)
        if found:
            return status, used.ru_utime + used.ru_stime
        now = time.monotonic()
        if now - start > limit_s:
            return None, 0.0
        if now - told >= PROGRESS_EVERY_S:
            told = now
            of = f" of about {about_s:.0f}" if about_s else ""
            tell(f"  running, {now - start:.0f}{of} s")
        time.sleep(POLL_S)


def _reap(pid: int) -> tuple[int, float]:
    _, status, used = os.wait4(pid, 0)
    return status, used.ru_utime + used.ru_stime


def end_group(group: int) -> None:
    """End a process group of our own: asked twice, then killed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if not _signalled(group, number):
            return
        until = time.monotonic() + GRACE_S
        while time.monotonic() < until and _exists(group):
            time.sleep(POLL_S)
        if not _exists(group):
            break
    _signalled(group, signal.SIGKILL)


def _signalled(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _exists(group: int) -> bool:
    """Return whether the leader of a group still runs; waiting to be reaped is not running."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    try:
        state = Path(f"/proc/{group}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return True
    return state[0] != "Z"
