"""The official verdict of a run that was made: the round's procedure, its texts, its thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance_tests import registry, streaming, test01, test04, test06
from compliance_tests.records import Case, Score, SpeedCheck, Verdict, Verification
from compliance_tests.runner import tokens
from compliance_tests.runner.locate import ACCURACY
from compliance_tests.runner.reading import read_accuracy
from compliance_tests.runner.session import Done
from compliance_tests.runner.specs import Target
from compliance_tests.scores import number
from submission_checker.model.files import Folder
from submission_checker.model.run import Run
from submission_checker.model.submission import AccuracyRun, Audit, TextFile

PASS, FAIL = "TEST PASS", "TEST FAIL"
LENGTH_TEXT = "verify_output_len.txt"
SAMPLED = ("TEST01",)
TOKENS = ("TEST06",)
LENGTHS = ("TEST09",)


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


def judge(target: Target, test: str, done: Mapping[str, Done], reference: Reference) -> Judged:
    """Judge a test from its run; ``done`` holds the runs of all tests made so far."""
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
        _sampled(mine.logs / ACCURACY, reference, parts, texts, numbers)
    elif test in TOKENS:
        _tokens(case, mine.logs / ACCURACY, parts, texts, numbers)
    elif test in LENGTHS:
        _lengths(case, mine.logs / ACCURACY, parts, texts, numbers)
    elif not parts:
        parts.append((Verdict.UNDECIDED, "its verdict needs the benchmark's own script on the log "
                      f"of the run, {mine.logs / ACCURACY}"))
    if case.spec.judged_as_performance_run and _invalid(mine.run):
        parts.append((Verdict.FAIL, "LoadGen calls the run INVALID"))
    verdicts = {verdict for verdict, _ in parts}
    verdict = next((v for v in (Verdict.FAIL, Verdict.UNDECIDED) if v in verdicts), Verdict.PASS)
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


def speed_said(check: SpeedCheck) -> str:
    """Return a comparison of scores in words."""
    bounds = [f"{word} {side:.6g}" for word, side in (("at least", check.least),
                                                      ("at most", check.most)) if side is not None]
    return (f"{check.test.key} {check.test.value:.6g} against {check.reference.value:.6g} "
            f"(ratio {check.ratio:.3f}), allowed {', '.join(bounds)}")


def performance_text(case: Case, check: SpeedCheck) -> str:
    """Return the text of the performance comparison as the round's script prints it."""
    verdict = PASS if check.verdict is Verdict.PASS else FAIL
    names = ("Reference score", "Test score")
    if case.audit.test == test04.PART_A:
        names = (test04.A_NAMES[0], test04.B_NAMES[0])
    as_rates = case.audit.test == "TEST04"
    lines = [f"{name} = {_printed(score, as_rates)}"
             for name, score in zip(names, (check.reference, check.test), strict=True)]
    return "\n".join(["Verifying performance.", *lines, verdict, ""])


def _printed(score: Score, as_rates: bool) -> str:
    value = 1e9 / score.value if as_rates and score.lower_is_better else score.value
    return str(int(value)) if value.is_integer() else repr(value)


def _sampled(
    log: Path, reference: Reference, parts: list[tuple[Verdict, str]], texts: dict[str, str],
    numbers: dict[str, object],
) -> None:
    """Compare the whole payload of every sampled answer with the accuracy run."""
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
    parts.append((Verdict.FAIL if found.differing or found.unknown else found.verdict,
                  answers_said(found)))


def answers_numbers(found: streaming.WholeComparison) -> dict[str, object]:
    """Return the counts of a comparison of answers."""
    return {
        "logged": found.audit_entries, "compared": found.compared, "differing": found.differing,
        "not_in_accuracy_run": found.unknown, "first_differing": list(found.first_differing),
        "problems": list(found.problems),
    }


def answers_said(found: streaming.WholeComparison) -> str:
    """Return a comparison of answers in words."""
    shown = f", samples {', '.join(map(str, found.first_differing))}" if found.first_differing \
        else ""
    return (f"{found.differing} of {found.compared} sampled answers differ from the accuracy run"
            f"{shown}; {found.unknown} are of samples that it did not answer")


def answers_text(found: streaming.WholeComparison) -> str:
    """Return the text of the comparison of answers as the round's script prints it."""
    good = not found.differing and not found.unknown and found.compared
    return "\n".join([
        "Verifying accuracy. This might take a while...", "Reading accuracy mode results...",
        "Reading performance mode results...",
        f"num_acc_log_entries = {found.accuracy_entries}", "num_acc_log_duplicate_keys = 0",
        f"num_acc_log_data_mismatch = {found.contradictory}",
        f"num_perf_log_entries = {found.audit_entries}",
        f"num_perf_log_qsl_idx_match = {found.compared - found.differing}",
        f"num_perf_log_data_mismatch = {found.differing}",
        f"num_missing_qsl_idxs = {found.unknown}", PASS if good else FAIL, "",
    ])


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
