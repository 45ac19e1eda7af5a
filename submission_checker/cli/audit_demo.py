"""The live demonstration: a submission made with the real LoadGen, audited, ready to be checked."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from compliance_tests.runner import specs
from compliance_tests.runner.locate import ACCURACY, DETAIL, SUMMARY
from compliance_tests.runner.problems import Refused
from compliance_tests.runner.reading import blocks
from compliance_tests.runner.session import Done, Driven, Session
from submission_checker.cli.audit_request import Place, place_of, target_of
from submission_checker.cli.audit_steps import Audits, Order
from submission_checker.formats.resources import demo_submission, demo_suts
from submission_checker.packing.truncation import truncated, with_hash

ATTEMPTS = 3
"""A busy host makes runs of one second differ by more than half; then a result is made again."""

SUT, SCRIPT = "digits:Digits", "accuracy"
ACCURACY_TEXT = "accuracy.txt"
RUN_MODULE = ("import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
              "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)")
"""Runs a module (second argument) that lies below a folder (first) with the arguments after it."""
Say = Callable[[str], None]


def possible() -> str | None:
    """Return why the demonstration cannot run live, None where it can."""
    if demo_suts() is None:
        return "the demonstration systems are not installed"
    if find_spec("mlperf_loadgen") is None:
        return "LoadGen is not installed: pip install 'mlperf-submission-checker[audit]'"
    return None


@dataclass(slots=True)
class Live:
    """Makes one submission of one benchmark in all its scenarios."""

    out: Path
    round_name: str
    say: Say

    def make(self) -> Path:
        """Make and audit the submission; return its folder, which is always a new one.

        Raises:
            Refused: a run failed; the reason is said.
        """
        found = demo_suts()
        assert found is not None
        package, home = found
        benchmark = SUT.partition(":")[0]
        name = next(name for number in count(1)
                    if not (self.out / (name := _numbered("submission", number))).exists())
        root, work = self.out / name, self.out / f"{name}-runs"
        shutil.copytree(demo_submission(), root, ignore=_others(benchmark))
        results = sorted(path.parent for path in demo_submission().rglob("performance")
                         if path.parent.parent.name == benchmark and "results" in path.parts)
        for bundled in results:
            result = root / bundled.relative_to(demo_submission())
            _Result(result, work / result.name, f"{package}.{SUT}", home, package,
                    self.round_name, self.say).make()
        return root


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _others(benchmark: str) -> Callable[[str, list[str]], list[str]]:
    """Return what is not copied: results, audits, and everything of other benchmarks."""
    def ignored(folder: str, names: list[str]) -> list[str]:
        path = Path(folder)
        gone = [name for name in names if name in ("results", "compliance", "__pycache__")]
        if path.name == "code" or path.parent.name == "measurements":
            gone += [name for name in names if name != benchmark]
        return gone

    return ignored


@dataclass(slots=True)
class _Result:
    """One result: performance, accuracy, audits."""

    folder: Path
    work: Path
    sut: str
    home: Path
    package: str
    round_name: str
    say: Say

    def make(self) -> None:
        """Make the runs; where an audit fails for its speed, the speed is measured again."""
        scenario, benchmark = self.folder.name, self.folder.parent.name
        target = target_of(self.round_name, benchmark, scenario)
        place = place_of(self.folder, target.round)
        assert place is not None
        conf = place.folder(target.round, "measurements")
        assert conf is not None
        how = Driven(self.sut, conf / "user.conf", (str(self.home),))
        session = Session(how, self.work, target.log_scenario, tell=_nothing)
        accuracy = self._run(session, "accuracy", specs.ACCURACY_MODE)
        self._keep(accuracy, self.folder / "accuracy", (SUMMARY, DETAIL, ACCURACY))
        text = self.folder / "accuracy" / ACCURACY_TEXT
        text.write_text(self._script(self.folder / "accuracy" / ACCURACY), encoding="utf-8")
        for attempt in range(1, ATTEMPTS + 1):
            if self._measured(session, how, target, place, attempt):
                break
        for log in (self.folder / "accuracy" / ACCURACY, *_audit_logs(place, target)):
            _truncate(log)

    def _measured(
        self, session: Session, how: Driven, target: specs.Target, place: Place, attempt: int
    ) -> bool:
        """Measure the speed and audit it; return whether nothing has to be made again."""
        run = self.folder / "performance" / "run_1"
        shutil.rmtree(self.folder / "performance", ignore_errors=True)
        compliance = place.folder(target.round, "compliance", test="TEST")
        if compliance is not None:
            shutil.rmtree(compliance.parent, ignore_errors=True)
        done = self._run(session, _numbered("performance", attempt), specs.PERFORMANCE)
        self._keep(done, run, (SUMMARY, DETAIL, ACCURACY))
        try:
            order = Order(target, how, self.folder, place, self.work / f"audits-{attempt}",
                          accuracy_command=shlex.join([*self._command(), "{log}"]))
            audits = Audits(order, _nothing)
        except Refused as error:
            self.say(f"  {target.scenario}: {error}; measured again")
            return False
        lines: list[str] = []
        code = audits.carry_out(lines.append)
        for line in lines:
            if not line.startswith((" ", "numbers")):
                self.say(f"  {target.model.name} {target.scenario}: {line.strip()}")
        again = code != 0 and attempt < ATTEMPTS
        if again:
            self.say("  this host is busy: the result and its audits are measured again")
        elif code != 0:
            self.say("  this host is too busy for runs of a second: the result will fail by its "
                     "audits; repeat the demo when it is idle")
        return not again

    def _run(self, session: Session, name: str, mode: str) -> Done:
        done = session.run(specs.own_run(name, session.scenario, {}, by_file=False, mode=mode))
        if done.fatal is not None:
            raise Refused(f"{done.logs}: {done.fatal}")
        return done

    def _keep(self, done: Done, folder: Path, names: tuple[str, ...]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(done.logs / name, folder / name)

    def _script(self, log: Path) -> str:
        """Return what the benchmark's accuracy script prints about a log."""
        return subprocess.run(
            [*self._command(), str(log)], capture_output=True, text=True, check=True).stdout

    def _command(self) -> list[str]:
        """Return the command of the accuracy script, which works in any folder."""
        return [sys.executable, "-c", RUN_MODULE, str(self.home), f"{self.package}.{SCRIPT}"]


def _nothing(_text: str) -> None:
    """Say nothing: the demonstration tells of verdicts, not of runs."""


def _audit_logs(place: Place, target: specs.Target) -> Iterator[Path]:
    folder = place.folder(target.round, "compliance", test="TEST")
    if folder is not None:
        yield from sorted(folder.parent.glob(f"*/accuracy/{ACCURACY}"))


def _truncate(log: Path) -> None:
    """Truncate an accuracy log as it is submitted, its hash in accuracy.txt."""
    short, digest = truncated(blocks(log))
    text = log.with_name(ACCURACY_TEXT)
    text.write_bytes(with_hash(text.read_bytes(), digest, str(text)))
    log.write_bytes(short)
