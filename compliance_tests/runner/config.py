"""audit.config: its text, its traps, and its place in a working directory for the time of a run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compliance_tests.runner import guard
from compliance_tests.runner.problems import Refused

NAME = "audit.config"
OTHER_NAMES = ("audit.conf",)
"""Names under which some harnesses look for the file."""

MARKER = ".audit.config.placed-by-submission-checker"
IGNORED_SINCE_5 = (
    "qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed", "accuracy_log_probability",
    "test05", "test05_qsl_rng_seed", "test05_sample_index_rng_seed", "test05_schedule_rng_seed",
)
"""Keys that LoadGen reads from its built-in mlperf.conf only, since 5.0; no message says so."""

SETTING = re.compile(r"([\w.*+-]+\.[\w*]+\.\w+) = ([0-9]+(?:\.[0-9]+)?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Trap:
    """A line of an audit.config that LoadGen does not take as it looks."""

    line: int
    text: str
    why: str


def text_of(settings: Mapping[str, float]) -> str:
    """Return the file for settings by their full keys (``*.*.mode``), one per line."""
    return "".join(f"{key} = {shown(value)}\n" for key, value in settings.items())


def shown(value: float) -> str:
    """Return a value as a conf file has it; large integers keep every digit."""
    return str(value) if isinstance(value, int) or not value.is_integer() else str(int(value))


def traps(text: str, scenario: str) -> Iterator[Trap]:
    """Yield the lines of an audit.config that LoadGen ignores or stumbles over (measured, 6.0.17).

    A line without blanks around ``=`` is ignored; a comment after a value makes the whole file
    void while LoadGen still says that it found it; lines of one model are never applied.
    """
    for at, line in enumerate(text.splitlines(), start=1):
        code, mark, _ = line.partition("#")
        if not code.strip():
            continue
        if mark:
            yield Trap(at, line, "a comment after a value makes LoadGen drop the whole file")
        elif SETTING.match(line.strip()) is None:
            yield Trap(at, line, "LoadGen ignores a line that is not `model.Scenario.key = value`")
        else:
            model, of_scenario, key = line.partition("=")[0].strip().rsplit(".", 2)
            if model != "*":
                yield Trap(at, line, "LoadGen reads the file for the model `*` only")
            elif key in IGNORED_SINCE_5:
                yield Trap(at, line, "LoadGen since 5.0 takes this from its built-in mlperf.conf")
            elif of_scenario not in ("*", scenario):
                yield Trap(at, line, f"not applied in {scenario}")


def refuse_stale(folder: Path) -> str | None:
    """Clean up what an earlier, dead runner left; return what was removed.

    Raises:
        Refused: an audit.config of somebody else lies there, or another audit is running.
    """
    removed = None
    marker, config = folder / MARKER, folder / NAME
    try:
        mine = json.loads(marker.read_text(encoding="utf-8"))
        pid, digest = int(mine["pid"]), str(mine["sha256"])
    except FileNotFoundError:
        pid, digest = 0, ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{marker} cannot be read ({error}); look at it, then remove it") from None
    if pid:
        if _alive(pid):
            raise Refused(f"another audit (process {pid}) is running in {folder}")
        if config.is_file() and _sha256(config) == digest:
            config.unlink()
            removed = f"{config}, left by an audit that was killed"
        marker.unlink()
    for name in (NAME, *OTHER_NAMES):
        if (folder / name).exists() or (folder / name).is_symlink():
            raise Refused(
                f"{folder / name} lies in the working directory and is not ours: it would change "
                "the runs. Move it away"
            )
    return removed


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Placed:
    """An audit.config in place; the guard process removes it even if the runner is killed."""

    def __init__(self, folder: Path, watcher: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._watcher = watcher

    def tell(self, group: int) -> None:
        """Tell the guard which process group is to be ended with the runner."""
        assert self._watcher.stdin is not None
        self._watcher.stdin.write(f"group {group}\n")
        self._watcher.stdin.flush()


@contextmanager
def placed(folder: Path, text: str | None) -> Iterator[Placed]:
    """Put audit.config into a folder for the time of the block; it is always removed again.

    ``text`` is None for runs without the file, which are guarded all the same.

    Raises:
        Refused: a file of that name lies there already.
    """
    refuse_stale(folder)
    config, marker = folder / NAME, folder / MARKER
    paths = [str(config), str(marker)] if text is not None else []
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, *paths], stdin=subprocess.PIPE, text=True,
        start_new_session=True,
    )
    try:
        if text is not None:
            data = text.encode()
            marker.write_text(json.dumps({
                "pid": os.getpid(), "sha256": hashlib.sha256(data).hexdigest(),
            }) + "\n", encoding="utf-8")
            with config.open("xb") as file:
                file.write(data)
        yield Placed(folder, watcher)
    finally:
        if text is not None:
            config.unlink(missing_ok=True)
            marker.unlink(missing_ok=True)
        assert watcher.stdin is not None
        watcher.stdin.write("done\n")
        watcher.stdin.close()
        watcher.wait()
