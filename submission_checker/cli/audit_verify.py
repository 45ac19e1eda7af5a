"""``audit verify``: the logs of submitted audits, judged again by the code of the rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from compliance_tests import registry, streaming
from compliance_tests.records import Case, Verdict, Verification
from compliance_tests.runner.official import answers_said, speed_said
from submission_checker.cli.audit_tree import Due, Submission, of_tree, rows_by
from submission_checker.render.escape import printable

LOG = "mlperf_log_accuracy.json"
COMPARED = ("TEST01",)


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
        whole = _whole(case, tree) if test in COMPARED else None
        if whole is not None:
            said.append(whole[1])
            verdict = Verdict.FAIL if whole[0] is Verdict.FAIL and not found.deltas else verdict
        yield {"audit": audit.path, "verdict": verdict.value, "parts": said,
               "texts": {text.file: text.verdict.value for text in found.texts}}


def parts_said(found: Verification) -> Iterator[str]:
    """Yield the parts of a verification in words."""
    for check in found.speed:
        yield f"{check.verdict.value}: {speed_said(check)}"
    for delta in found.deltas:
        yield (f"{delta.verdict.value}: {delta.metric} {delta.baseline} and {delta.compliance} on "
               f"the sampled answers, allowed {delta.allowed_percent:g} %")
    for limit in found.limits:
        yield f"{limit.verdict.value}: {limit.name} {limit.found}"
    if found.entries is not None:
        yield (f"{found.entries.verdict.value}: {len(found.entries.mismatches)} faults in "
               f"{found.entries.compared} visible answers")
    wrong = [check for check in found.settings if check.verdict is Verdict.FAIL]
    for setting in wrong:
        yield (f"{'note' if setting.harmless else 'fail'}: {setting.setting} was to be "
               f"{setting.wanted}, in force was {setting.found}")
    if found.settings and not wrong:
        yield f"pass: {len(found.settings)} settings were in force"


def _whole(case: Case, tree: Submission) -> tuple[Verdict, str] | None:
    """Compare whole logs; say what a truncated one leaves open."""
    audit, accuracy = case.audit.accuracy, case.accuracy
    if audit is None or accuracy is None or audit.log is None or accuracy.log is None:
        return Verdict.UNDECIDED, "undecided: an accuracy log is missing, no answer can be compared"
    cut = [log.path for log in (audit.log, accuracy.log) if log.truncated]
    if cut:
        return Verdict.UNDECIDED, (
            f"undecided: {' and '.join(cut)} truncated: settings, speed and the visible answers "
            "were judged; the other answers cannot be compared from these files")
    found = streaming.compare(tree.reader.blocks(audit.log.path),
                              tree.reader.blocks(accuracy.log.path))
    return found.verdict, f"{found.verdict.value}: {answers_said(found)}"


def _print(rows: list[dict[str, Any]]) -> None:
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
