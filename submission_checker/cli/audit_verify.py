"""``audit verify``: the logs of submitted audits, judged again by the code of the rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from compliance_tests import entropy, registry, streaming, test04, test08
from compliance_tests.records import Case, Verdict, Verification
from compliance_tests.runner.wording import (
    answers_said,
    delta_said,
    entropy_said,
    limits_said,
    speed_said,
)
from compliance_tests.scores import number, score
from submission_checker.cli.audit_tree import Due, Rows, Submission, of_tree, rows_by
from submission_checker.render.escape import printable


@click.command("verify", help="Judge the audits in PATH again from their logs, and say what the "
                              "texts claim beside it.")
@of_tree
def command(path: str, round_name: str | None, form: str, **wanted: tuple[str, ...]) -> None:
    """Print one verdict per audit; exit 1 where one fails."""
    tree, rows = rows_by(path, round_name, wanted, rows_of)
    if form == "json":
        click.echo(json.dumps({"round": tree.round.name, "audits": rows}, indent=2))
    else:
        _print(rows)
    failed = any(row["verdict"] == Verdict.FAIL.value for row in rows)
    sys.exit(3 if not rows else int(failed))


def rows_of(due: Due, tree: Submission) -> Iterator[dict[str, Any]]:
    """Yield a row per submitted audit of a result."""
    result = due.result
    for test in due.tests:
        audit, spec = result.audits.get(test), tree.round.audits.get(test)
        if audit is None or spec is None:
            continue
        case = Case(audit, spec, tree.round, due.model, due.scenario, result.performance,
                    result.accuracy, result.audits)
        found = registry.verify(case)
        if found is None:
            continue
        verdict = found.verdict
        said = list(parts_said(found))
        if unknown := _without_speed(case, found):
            said.insert(0, f"{Verdict.UNDECIDED.value}: {unknown}")
            verdict = Verdict.UNDECIDED if verdict is Verdict.PASS else verdict
        whole = WHOLE[test](case, tree) if test in WHOLE else None
        if whole is not None:
            said.append(f"{whole[0].value}: {whole[1]}")
            verdict = Verdict.FAIL if whole[0] is Verdict.FAIL and not found.deltas else verdict
        yield {"audit": audit.path, "verdict": verdict.value, "parts": said,
               "texts": {text.file: text.verdict.value for text in found.texts}}


def parts_said(found: Verification) -> Iterator[str]:
    """Yield the parts of a verification in words."""
    for check in found.speed:
        yield f"{check.verdict.value}: {speed_said(check)}"
    for delta in found.deltas:
        yield f"{delta.verdict.value}: {delta_said(delta)}"
    for limit in found.limits:
        yield f"{limit.verdict.value}: {limits_said([limit])}"
    if found.entries is not None:
        yield (f"{found.entries.verdict.value}: {len(found.entries.mismatches)} faults in "
               f"{found.entries.compared} visible answers")
    wrong = [check for check in found.settings if check.verdict is Verdict.FAIL]
    for setting in wrong:
        yield (f"{'note' if setting.harmless else 'fail'}: {setting.setting} was to be "
               f"{setting.wanted}, in force was {setting.found}")
    if found.settings and not wrong:
        yield f"pass: {len(found.settings)} settings were in force"


def _without_speed(case: Case, found: Verification) -> str:
    """Return why the speeds of audit and result cannot be compared, "" where they can or need not.

    Part A of the older TEST04 is compared with part B alone.
    """
    test = case.audit.test
    if test not in registry.SPEED or test == test04.PART_A or found.speed:
        return ""
    runs = [("audit", case.audit.run), *(("result", run) for run in case.references or (None,))]
    without = dict.fromkeys(
        whose for whose, run in runs if run is None or score(run, case.round) is None)
    if not without:
        return ""
    return (f"the performance run of the {' and of the '.join(without)} gives no number: the "
            "speeds cannot be compared")


Whole = tuple[Verdict, str]
"""The verdict of comparing two whole logs, and what it found."""


def _answers(case: Case, tree: Submission) -> Whole:
    """Compare every sampled answer with the accuracy run's."""
    logs = _logs(case)
    if isinstance(logs, str):
        return Verdict.UNDECIDED, logs
    found = streaming.compare(*(tree.reader.blocks(path) for path in logs))
    return found.verdict, answers_said(found)


def _predictions(case: Case, tree: Submission) -> Whole | None:
    """Compare the entropy of predictions, where the logs were submitted: they need not be."""
    tolerance = number(case.spec.thresholds, test08.TOLERANCE)
    if tolerance is None or case.audit.accuracy is None:
        return None
    logs = _logs(case)
    if isinstance(logs, str):
        return Verdict.UNDECIDED, logs
    audit, accuracy = (tree.reader.blocks(path) for path in logs)
    found = entropy.compare(audit, accuracy, tolerance)
    return found.verdict, entropy_said(found)


WHOLE: Mapping[str, Callable[[Case, Submission], Whole | None]] = {
    "TEST01": _answers, "TEST08": _predictions,
}


def _logs(case: Case) -> tuple[str, str] | str:
    """Return the paths of both whole accuracy logs, or what a truncated one leaves open."""
    audit, accuracy = case.audit.accuracy, case.accuracy
    if audit is None or accuracy is None or audit.log is None or accuracy.log is None:
        return "an accuracy log is missing, no answer can be compared"
    cut = [log.path for log in (audit.log, accuracy.log) if log.truncated]
    if cut:
        return (f"{' and '.join(cut)} truncated: settings, speed and the visible answers were "
                "judged; the other answers cannot be compared from these files")
    return audit.log.path, accuracy.log.path


def _print(rows: Rows) -> None:
    if not rows:
        click.echo("no audit to judge")
        return
    for row in rows:
        said = ", ".join(f"{name} says {verdict}" for name, verdict in row["texts"].items())
        click.echo(printable(f"{row['verdict']:<9} {row['audit']}  ({said})"))
        for part in row["parts"]:
            click.echo(printable(f"    {part}"))
    counts = {verdict: sum(row["verdict"] == verdict.value for row in rows) for verdict in Verdict}
    click.echo("\n" + ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items()))
