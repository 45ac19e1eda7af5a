"""The official verdict of a run that was made: the round's procedure, its texts, its thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance_tests import entropy, registry, streaming, test01, test04, test06, test07, test08
from compliance_tests.records import Case, Verdict, Verification
from compliance_tests.runner import accuracy_script, tokens
from compliance_tests.runner.accuracy_script import AccuracyScript
from compliance_tests.runner.locate import ACCURACY
from compliance_tests.runner.reading import blocks, read_accuracy
from compliance_tests.runner.session import Done
from compliance_tests.runner.specs import Target
from compliance_tests.runner.wording import (
    FAIL,
    PASS,
    answers_numbers,
    answers_said,
    answers_text,
    delta_said,
    entropy_numbers,
    entropy_said,
    entropy_text,
    limits_said,
    performance_text,
    speed_said,
)
from compliance_tests.scores import number
from submission_checker.model.accuracy import AccuracyRun
from submission_checker.model.documents import TextFile
from submission_checker.model.files import Folder
from submission_checker.model.run import Run
from submission_checker.model.submission import Audit

LENGTH_TEXT = "verify_output_len.txt"
SAMPLED = ("TEST01",)
TOKENS = ("TEST06",)
LENGTHS = ("TEST09",)
FULL_SET = ("TEST07",)
ENTROPY = ("TEST08",)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict of an official test, its texts, and the numbers behind it."""

    test: str
    verdict: Verdict
    texts: Mapping[str, str]
    """Name of the file -> its content, in the words of the round's script."""
    numbers: Mapping[str, object]
    why: str
    """Why it is not a pass, empty where it is."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The result that an audit belongs to."""

    folder: Path
    runs: tuple[Run, ...]
    accuracy: AccuracyRun | None

    @property
    def accuracy_log(self) -> Path | None:
        """The accuracy log, None where there is none."""
        path = self.folder / "accuracy" / ACCURACY
        return path if path.is_file() else None


def judge(
    target: Target, test: str, done: Mapping[str, Done], reference: Reference,
    script: AccuracyScript | None = None,
) -> Judged:
    """Judge a test from its run; ``done`` holds the runs of all tests made so far.

    ``script`` is the benchmark's accuracy script, which some verdicts need.
    """
    mine = done[test]
    audits = {name: _audit(name, item) for name, item in done.items()}
    case = Case(audits[test], target.round.audits[test], target.round, target.model,
                target.scenario, reference.runs, reference.accuracy, audits)
    fatal = mine.fatal
    if fatal is not None:
        return Judged(test, Verdict.UNDECIDED, {}, {}, str(fatal))
    parts: list[tuple[Verdict, str]] = []
    texts: dict[str, str] = {}
    numbers: dict[str, object] = {}
    _speed(case, parts, texts, numbers)
    if test in SAMPLED:
        _sampled(case, mine.logs / ACCURACY, reference, script, parts, texts, numbers)
    elif test in TOKENS:
        _tokens(case, mine.logs / ACCURACY, parts, texts, numbers)
    elif test in LENGTHS:
        _lengths(case, mine.logs / ACCURACY, parts, texts, numbers)
    elif test in FULL_SET:
        _full_set(case, mine.logs / ACCURACY, script, parts, texts, numbers)
    elif test in ENTROPY:
        _entropy(case, mine.logs / ACCURACY, reference, parts, texts, numbers)
    elif not parts:
        parts.append((Verdict.UNDECIDED, "its verdict needs the benchmark's own script on the log "
                      f"of the run, {mine.logs / ACCURACY}"))
    if case.spec.judged_as_performance_run and _invalid(mine.run):
        parts.append((Verdict.FAIL, "LoadGen calls the run INVALID"))
    verdict = worst(verdict for verdict, _ in parts)
    why = "; ".join(text for found, text in parts if found is not Verdict.PASS)
    return Judged(test, verdict, texts, numbers, why)


def _invalid(run: Run) -> bool:
    found = run.text("result_validity")
    return found is None or found.value != "VALID"


def _audit(test: str, done: Done) -> Audit:
    return Audit(test, str(done.logs), Folder(str(done.logs), {}, ()), {}, done.run, {},
                 read_accuracy(done.logs))


def verified(case: Case, texts: Mapping[str, str]) -> Verification | None:
    """Return what the rules' own code says about an audit with these texts."""
    files = {name: TextFile(name, tuple(text.split("\n")), len(text))
             for name, text in texts.items()}
    audit = Audit(case.audit.test, case.audit.path, case.audit.folder, {}, case.audit.run, files,
                  case.audit.accuracy)
    return registry.verify(Case(audit, case.spec, case.round, case.model, case.scenario,
                                case.references, case.accuracy, case.audits))


def _speed(
    case: Case, parts: list[tuple[Verdict, str]], texts: dict[str, str], numbers: dict[str, object]
) -> None:
    compare = registry.SPEED.get(case.audit.test)
    if compare is None:
        return
    if case.audit.test == test04.PART_A and test04.PART_B not in case.audits:
        parts.append((Verdict.UNDECIDED, f"{test04.PART_B} has not run"))
        return
    check = compare(case)
    if check is None:
        parts.append((Verdict.UNDECIDED, "there are no two scores to compare: the result or the "
                      "audit ran too few queries for an estimate, or has no performance run"))
        return
    texts[test01.PERFORMANCE_TEXT] = performance_text(case, check)
    numbers["performance"] = {
        "reference": check.reference.value, "test": check.test.value, "key": check.test.key,
        "ratio": check.ratio, "least": check.least, "most": check.most,
        "tolerance": check.tolerance,
    }
    parts.append((check.verdict, speed_said(check)))


def _sampled(
    case: Case, log: Path, reference: Reference, script: AccuracyScript | None,
    parts: list[tuple[Verdict, str]], texts: dict[str, str], numbers: dict[str, object],
) -> None:
    """Compare the whole payload of every sampled answer with the accuracy run.

    Where answers differ and the round allows it, their quality decides.
    """
    accuracy = reference.accuracy_log
    if accuracy is None:
        parts.append((Verdict.UNDECIDED, f"{reference.folder}/accuracy has no {ACCURACY}: speed "
                      "was compared, answers cannot be"))
        return
    found = streaming.compare_files(log, accuracy)
    numbers["answers"] = answers_numbers(found)
    if found.problems:
        parts.append((Verdict.UNDECIDED, f"{'; '.join(found.problems)}: {found.compared} of "
                      f"{found.audit_entries} sampled answers could be compared, {found.differing} "
                      "differ; the others cannot be verified. Keep the whole accuracy log"))
        if not found.differing:
            return
    texts[test01.ACCURACY_TEXT] = answers_text(found)
    verdict = Verdict.FAIL if found.differing or found.unknown else found.verdict
    said = answers_said(found)
    varying = None
    if found.differing and not found.unknown and not found.problems:
        varying = accuracy_script.varying(case, log, accuracy, script)
    if varying is not None:
        texts.update(varying.texts)
        said = f"{said}; {varying.todo}" if varying.todo else said
        if varying.checks:
            numbers["quality"] = [{
                "metric": check.metric, "baseline": check.baseline, "audit": check.compliance,
                "delta_percent": check.delta_percent, "allowed_percent": check.allowed_percent,
            } for check in varying.checks]
            verdict = worst(check.verdict for check in varying.checks)
            said = "; ".join([said, *map(delta_said, varying.checks)])
    parts.append((verdict, said))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return fail where any is, else undecided where any is, else pass."""
    found = set(verdicts)
    return next((v for v in (Verdict.FAIL, Verdict.UNDECIDED) if v in found), Verdict.PASS)


def _tokens(
    case: Case, log: Path, parts: list[tuple[Verdict, str]], texts: dict[str, str],
    numbers: dict[str, object],
) -> None:
    found = tokens.examine(log, first_tokens=case.log_scenario != test06.OFFLINE)
    numbers["tokens"] = found.numbers()
    first = test06.SKIPPED if case.log_scenario == test06.OFFLINE else str(not found.first_differs)
    texts[test06.ACCURACY_TEXT] = "\n".join([
        f"First token check pass: {first}", f"EOS check pass: {not found.repeated_end}",
        f"Sample length check pass: {not found.wrong_count}", "TEST06 verification complete", "",
    ])
    bad = found.first_differs + found.repeated_end + found.wrong_count
    if not found.entries:
        parts.append((Verdict.UNDECIDED, "no answer was logged"))
    else:
        parts.append((Verdict.FAIL if bad else Verdict.PASS, found.said()))


def _lengths(
    case: Case, log: Path, parts: list[tuple[Verdict, str]], texts: dict[str, str],
    numbers: dict[str, object],
) -> None:
    found = tokens.examine(log, first_tokens=False)
    own = case.spec.thresholds.get(case.model.name)
    limits = own if isinstance(own, Mapping) else {}
    bounds = limits.get("mean_output_tokens")
    need = number(limits, "samples")
    numbers["tokens"] = found.numbers()
    if not isinstance(bounds, (list, tuple)) or len(bounds) != 2 or not found.entries:
        parts.append((Verdict.UNDECIDED, "the round gives no bounds, or no answer was logged"))
        return
    low, high = float(bounds[0]), float(bounds[1])
    mean = found.mean_tokens
    good = low <= mean <= high and (need is None or found.entries >= need)
    texts[LENGTH_TEXT] = "\n".join([
        f"Total samples: {found.entries}", f"Mean output tokens: {mean:.2f}",
        f"Min threshold: {low}", f"Max threshold: {high}", PASS if good else FAIL, "",
    ])
    parts.append((Verdict.PASS if good else Verdict.FAIL,
                  f"{mean:.2f} tokens on average over {found.entries} answers, allowed {low} to "
                  f"{high} over {need or 1:g}"))


def _full_set(
    case: Case, log: Path, script: AccuracyScript | None, parts: list[tuple[Verdict, str]],
    texts: dict[str, str], numbers: dict[str, object],
) -> None:
    """Judge the accuracy script's score of all answers as a submitted text is judged."""
    text, why, numbers["score"] = accuracy_script.full_set(case, log, script)
    if text is None:
        parts.append(why or (Verdict.UNDECIDED, "no score"))
        return
    texts[test07.ACCURACY_TEXT] = text
    _by_text(case, texts, parts)


def _entropy(
    case: Case, log: Path, reference: Reference, parts: list[tuple[Verdict, str]],
    texts: dict[str, str], numbers: dict[str, object],
) -> None:
    """Compare predictions with those of the accuracy run."""
    accuracy, tolerance = reference.accuracy_log, number(case.spec.thresholds, test08.TOLERANCE)
    if accuracy is None or tolerance is None:
        parts.append((Verdict.UNDECIDED, f"{reference.folder}/accuracy has no {ACCURACY}, or the "
                      "round no tolerance: predictions cannot be compared"))
        return
    found = entropy.compare(blocks(log), blocks(accuracy), tolerance)
    numbers["predictions"] = entropy_numbers(found)
    if found.verdict is Verdict.UNDECIDED:
        parts.append((Verdict.UNDECIDED, entropy_said(found)))
        return
    texts[test08.ACCURACY_TEXT] = entropy_text(found, tolerance)
    _by_text(case, texts, parts, entropy_said(found))


def _by_text(
    case: Case, texts: Mapping[str, str], parts: list[tuple[Verdict, str]], said: str = ""
) -> None:
    """Take the verdict that the rules give about the texts as submitted."""
    found = verified(case, texts)
    if found is not None:
        parts.append((found.verdict, "; ".join(filter(None, (said, limits_said(found.limits))))))
