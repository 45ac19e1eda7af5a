"""Carry out runs: the user's command or a Python SUT, one process each, kept and resumable."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from compliance_tests.runner import child, config, locate, process, shim
from compliance_tests.runner.problems import Kind, Problem, Refused
from compliance_tests.runner.proof import Expected, prove
from compliance_tests.runner.reading import TOLD, read_run, sha256, told
from submission_checker.model.run import Run

RUN_FILE = "run.json"
LOGS_FOLDER = "logs"
LEAST_LIMIT_S = 60.0
LIMIT_FACTOR = 3.0
STARTUP_S = 60.0
"""What a command may need before and after its test where nothing is known about it."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One run to be made."""

    name: str
    expected: Expected
    file_text: str | None = None
    """audit.config, None for a run without it."""
    in_process: Mapping[str, float] = field(default_factory=dict)
    """Settings that are changed inside the process that drives LoadGen."""
    about_s: float | None = None
    sut: str | None = None
    """Another SUT than the session's, for custom data."""


@dataclass(frozen=True, slots=True)
class Done:
    """A run that was made."""

    spec: Spec
    logs: Path
    run: Run
    told: Mapping[str, Any]
    problems: tuple[Problem, ...]
    wall_s: float
    cpu_s: float
    resumed: bool = False

    @property
    def fatal(self) -> Problem | None:
        """The first problem that leaves nothing to judge."""
        return next((problem for problem in self.problems if problem.fatal), None)


@dataclass(frozen=True, slots=True)
class Driven:
    """A Python SUT, driven in a fresh process per run."""

    sut: str
    conf: Path
    path: tuple[str, ...] = ()
    """Folders in front of the module path."""


@dataclass(frozen=True, slots=True)
class Command:
    """The user's own benchmark command."""

    arguments: tuple[str, ...]
    cwd: Path
    logs: tuple[Path, ...] = ()
    """Further folders to look for logs in."""
    shim: bool = False
    """Whether settings may be changed in the process (Python harnesses)."""


class Session:
    """Runs of one system, benchmark and scenario in one work folder; nothing is overwritten."""

    def __init__(
        self, how: Driven | Command, work: Path, scenario: str, *,
        reference: Run | None = None, official: Path | None = None,
        limit_s: float | None = None, tell: process.Tell = print, echo: bool = False,
    ) -> None:
        self.how, self.work, self.scenario = how, work, scenario
        self.reference, self.official = reference, official
        self.limit_s, self.tell, self.echo = limit_s, tell, echo

    @property
    def changes_settings(self) -> bool:
        """Whether settings can be changed inside the process."""
        return isinstance(self.how, Driven) or self.how.shim

    @property
    def driven(self) -> bool:
        """Whether a Python SUT is driven here, not a command."""
        return isinstance(self.how, Driven)

    def run(self, spec: Spec) -> Done:
        """Make a run, or take it over where it was made and its logs are unchanged.

        Raises:
            Refused: nothing can be started, or an earlier run of other settings lies there.
        """
        if spec.in_process and not self.changes_settings:
            raise Refused(f"{spec.name} changes settings in the process, which needs --sut or "
                          "--shim")
        folder = self.work / spec.name
        earlier = self._earlier(folder, spec)
        if earlier is not None:
            self.tell(f"{spec.name}: taken over from {folder}")
            return earlier
        about = f", about {spec.about_s:.0f} s" if spec.about_s else ""
        self.tell(f"{spec.name}: started{about}")
        try:
            done = self._make(folder, spec)
            self._keep(folder, done)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            problem = Problem(Kind.NO_SPACE, f"{folder}: {error.strerror}; what was written is "
                              "kept. Make room, or choose another --work folder")
            done = Done(spec, folder / LOGS_FOLDER, read_run(folder / LOGS_FOLDER), {}, (problem,),
                        0.0, 0.0)
        for problem in done.problems:
            self.tell(f"  {problem}")
        return done

    def _fingerprint(self, spec: Spec) -> str:
        how = self.how
        what = [how.sut, how.conf.read_text(encoding="utf-8")] if isinstance(how, Driven) else [
            *how.arguments, str(how.cwd)]
        parts = [self.scenario, spec.file_text, dict(spec.in_process), spec.sut, what]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _earlier(self, folder: Path, spec: Spec) -> Done | None:
        """Return the run that lies there; an unfinished one is moved aside with its logs."""
        note = folder / RUN_FILE
        if not folder.exists():
            return None
        if note.is_file():
            told_ = json.loads(note.read_text(encoding="utf-8"))
            if told_["fingerprint"] != self._fingerprint(spec):
                raise Refused(f"{folder} holds a run with other settings or another command; "
                              "choose another --work folder")
            logs = folder / LOGS_FOLDER
            same = all((logs / name).is_file() and sha256(logs / name) == digest
                       for name, digest in told_["logs"].items())
            if same and told_["complete"]:
                done = self._judged(spec, logs, told_["wall_s"], told_["cpu_s"], [])
                return Done(done.spec, logs, done.run, done.told, done.problems, done.wall_s,
                            done.cpu_s, resumed=True)
        names = (f"{folder.name}.unfinished-{number}" for number in count(1))
        aside = next(path for name in names if not (path := folder.with_name(name)).exists())
        folder.rename(aside)
        self.tell(f"{spec.name}: an unfinished run is kept as {aside.name}")
        return None

    def _make(self, folder: Path, spec: Spec) -> Done:
        logs = folder / LOGS_FOLDER
        logs.mkdir(parents=True)
        if isinstance(self.how, Driven):
            return self._drive(self.how, folder, logs, spec)
        return self._command(self.how, folder, logs, spec)

    def _limit(self, spec: Spec) -> float:
        if self.limit_s is not None:
            return self.limit_s
        return max(LEAST_LIMIT_S, LIMIT_FACTOR * ((spec.about_s or 0) + STARTUP_S))

    def _drive(self, how: Driven, folder: Path, logs: Path, spec: Spec) -> Done:
        job = folder / "job.json"
        job.write_text(json.dumps({
            "sut": spec.sut or how.sut, "scenario": self.scenario, "mode": spec.expected.mode,
            "conf": str(how.conf.resolve()), "outdir": str(logs.resolve()),
            "settings": dict(spec.in_process), "path": list(how.path),
            "told": str((logs / TOLD).resolve()),
            "audit_file": config.NAME if spec.file_text is not None else child.NO_AUDIT_FILE,
        }, indent=1) + "\n", encoding="utf-8")
        roots = [str(Path(child.__file__).resolve().parents[2])]
        inherited = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
        with config.placed(folder, spec.file_text) as placed:
            outcome = process.run(
                [sys.executable, "-m", "compliance_tests.runner.child", str(job.resolve())], folder,
                folder / "console.txt", limit_s=self._limit(spec), placed=placed, tell=self.tell,
                environment={"PYTHONPATH": os.pathsep.join([*roots, *inherited])},
                about_s=spec.about_s, echo=self.echo,
            )
        if outcome.exit_code == child.NO_LOADGEN:
            raise Refused(NO_LOADGEN)
        problems = [outcome.problem] if outcome.problem is not None else []
        if outcome.exit_code == child.FAILED_SUT:
            said = next((line for line in reversed(outcome.tail) if line.strip()),
                        f"see {folder / 'console.txt'}")
            problems = [Problem(Kind.EXIT_CODE, f"the SUT failed: {said}")]
        cpu = told(logs).get("cpu_s", outcome.cpu_s)
        return self._judged(spec, logs, outcome.wall_s, cpu, problems)

    def _command(self, how: Command, folder: Path, logs: Path, spec: Spec) -> Done:
        places = [how.cwd, *how.logs, logs, *([self.official] if self.official else [])]
        before = locate.snapshot(places)
        environment = {"SUBMISSION_CHECKER_OUTDIR": str(logs.resolve())}
        with tempfile.TemporaryDirectory(prefix="submission-checker-") as scratch:
            if spec.in_process:
                environment |= shim.install(Path(scratch), spec.in_process)
            with config.placed(how.cwd, spec.file_text) as placed:
                outcome = process.run(
                    self._filled(how, logs), how.cwd, folder / "console.txt",
                    limit_s=self._limit(spec), environment=environment, placed=placed,
                    tell=self.tell, about_s=spec.about_s, echo=self.echo,
                )
        problems = [outcome.problem] if outcome.problem is not None else []
        if outcome.exit_code is None:
            return self._judged(spec, logs, 0.0, 0.0, problems)
        chosen = locate.choose(locate.fresh(before, places), self.official, [how.cwd, *how.logs])
        if isinstance(chosen, Problem):
            return self._judged(spec, logs, outcome.wall_s, outcome.cpu_s, [*problems, chosen])
        if chosen.resolve() != logs.resolve():
            for name in locate.LOGS:
                if (chosen / name).is_file():
                    shutil.copy2(chosen / name, logs / name)
        return self._judged(spec, logs, outcome.wall_s, outcome.cpu_s, problems)

    def _filled(self, how: Command, logs: Path) -> Sequence[str]:
        values = {"{outdir}": str(logs.resolve()),
                  "{audit_config}": str((how.cwd / config.NAME).resolve())}
        filled = []
        for argument in how.arguments:
            for slot, value in values.items():
                argument = argument.replace(slot, value)
            filled.append(argument)
        return filled

    def _judged(
        self, spec: Spec, logs: Path, wall_s: float, cpu_s: float, problems: list[Problem]
    ) -> Done:
        run = read_run(logs)
        gone = any(p.kind in (Kind.NOT_STARTED, Kind.NO_LOGS, Kind.ELSEWHERE) for p in problems)
        if not gone:
            problems = [*problems, *prove(run, logs, spec.expected, self.reference)]
        return Done(spec, logs, run, told(logs), tuple(problems), wall_s, cpu_s)

    def _keep(self, folder: Path, done: Done) -> None:
        complete = not any(p.fatal for p in done.problems)
        note = {
            "name": done.spec.name, "fingerprint": self._fingerprint(done.spec),
            "complete": complete, "wall_s": done.wall_s, "cpu_s": done.cpu_s,
            "load_average": os.getloadavg()[0],
            "settings": dict(done.spec.expected.settings),
            "in_process": dict(done.spec.in_process),
            "problems": [str(problem) for problem in done.problems],
            "logs": {path.name: sha256(path) for path in sorted(done.logs.iterdir())
                     if path.is_file()},
        }
        (folder / RUN_FILE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


NO_LOADGEN = (
    "LoadGen is not installed: pip install 'mlperf-submission-checker[audit]' (the extra [audit] "
    "is mlcommons-loadgen)"
)


def need_loadgen() -> None:
    """Assert that LoadGen can be imported by the Python that drives SUTs.

    Raises:
        Refused: it cannot; the extra is named.
    """
    from importlib.util import find_spec

    if find_spec("mlperf_loadgen") is None:
        raise Refused(NO_LOADGEN)
