"""Verdicts that need the benchmark's own accuracy script: TEST07, and TEST01 where answers vary.

The script is the user's command. It is run on logs that were made here, and what it prints is read
with the round's patterns, as in accuracy.txt.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compliance_tests import test01, test07
from compliance_tests.records import Case, DeltaCheck, Verdict
from compliance_tests.runner import baseline
from compliance_tests.runner.problems import Refused
from compliance_tests.runner.tokens import examine
from compliance_tests.test01 import BASELINE, COMPLIANCE
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.model.accuracy import AccuracyText

SLOTS = ("{log}", "{accuracy_log}")
"""What a command names the log by; the second is the community's word."""

SAID_BYTES = 300
FOLDER = "accuracy"
RULE = "=" * 80


@dataclass(slots=True)
class AccuracyScript:
    """The user's command; each log is handed to it once."""

    command: str
    limit_s: float | None = None
    _said: dict[Path, str] = field(default_factory=dict)

    def output(self, log: Path) -> str:
        """Return what the command prints about a log.

        Raises:
            Refused: it cannot be started, takes too long or ends with an error.
        """
        if log not in self._said:
            self._said[log] = self._run(log)
        return self._said[log]

    def _run(self, log: Path) -> str:
        words = []
        for word in shlex.split(self.command):
            for slot in SLOTS:
                word = word.replace(slot, str(log.resolve()))
            words.append(word)
        try:
            ran = subprocess.run(words, capture_output=True, text=True, check=False,
                                 timeout=self.limit_s)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refused(f"the accuracy command failed: {error}") from None
        if ran.returncode:
            raise Refused(f"the accuracy command ended with {ran.returncode}: "
                          f"{(ran.stderr or ran.stdout).strip()[-SAID_BYTES:]}")
        return ran.stdout


def quality(case: Case, output: str, name: str) -> AccuracyText:
    """Return the values that an output names, read as a text of accuracy.txt's kind is."""
    metrics = case.model.metrics_by_scenario.get(case.scenario, case.model.metrics)
    return read_accuracy_text(
        output.encode(), name, tuple((metric.name, metric.pattern) for metric in metrics))


def full_set(
    case: Case, log: Path, script: AccuracyScript | None
) -> tuple[str | None, tuple[Verdict, str] | None, Mapping[str, object]]:
    """Return (verdict text, why there is none, numbers) of a test of a score on a data set.

    The text is as the round's script writes it, so that it is judged as a submitted one.
    """
    least, need = test07.of_model(case, test07.THRESHOLD), test07.of_model(case, test07.SAMPLES)
    if least is None:
        return None, (Verdict.UNDECIDED, "the round gives no threshold for the model"), {}
    logged = examine(log, first_tokens=False).entries
    numbers: dict[str, object] = {"logged": logged, "threshold": least}
    if need is not None and logged < need:
        return None, (Verdict.UNDECIDED, f"{logged} answers are logged of the {need:g} of the "
                      "compliance set: run the system over that set"), numbers
    if script is None:
        return None, (Verdict.UNDECIDED, f"its score, at least {least:g}, needs the benchmark's "
                      f"accuracy script on {log}: repeat the command with --accuracy-command; the "
                      "run is taken over"), numbers
    output = script.output(log)
    values = [line for line in quality(case, output, test07.ACCURACY_TEXT).values
              if line.metric == test07.METRIC]
    if len({line.value for line in values}) != 1:
        found = ", ".join(line.text for line in values) or "none"
        return None, (Verdict.UNDECIDED, f"the accuracy command must print one {test07.METRIC}; "
                      f"printed: {found}"), numbers
    score = values[0]
    numbers["score"] = score.value
    good = score.value >= least
    return "\n".join([
        output, RULE, f"{case.audit.test} Verification Summary", RULE,
        f"Accuracy score: {score.text}", f"Accuracy threshold: {least}",
        f"Accuracy check pass: {good}", "TEST PASS" if good else "TEST FAIL", "",
    ]), None, numbers


@dataclass(frozen=True, slots=True)
class Varying:
    """Sampled answers that differ from the accuracy run's, judged by their quality instead."""

    texts: Mapping[str, str]
    quality: Mapping[str, AccuracyText]
    checks: tuple[DeltaCheck, ...]
    todo: str
    """What to run where nothing could be judged."""


def varying(
    case: Case, log: Path, accuracy: Path, script: AccuracyScript | None
) -> Varying | None:
    """Judge the quality of answers that vary; None where the round does not allow that.

    The accuracy run's answers to the sampled questions go into a log of their own, as the round's
    script makes it, beside the logs of the run.
    """
    if not case.spec.files_on_mismatch:
        return None
    part = log.parent.parent / baseline.NAME
    baseline.write(log, accuracy, part)
    if script is None:
        return Varying({}, {}, (), (
            "if the system may answer differently from run to run, its quality decides: repeat "
            "the command with --accuracy-command (the run is taken over), or run the benchmark's "
            f"accuracy script on {part} and on {log} and keep its output as {FOLDER}/{BASELINE} "
            f"and {FOLDER}/{COMPLIANCE}"))
    outputs = {BASELINE: script.output(part), COMPLIANCE: script.output(log)}
    found = {name: quality(case, output, name) for name, output in outputs.items()}
    return Varying({f"{FOLDER}/{name}": output for name, output in outputs.items()}, found,
                   test01.quality_deltas(case, found), "")
