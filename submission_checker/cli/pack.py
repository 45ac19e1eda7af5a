"""``submission-checker pack``: an upload that passes, made beside the originals."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from submission_checker.cli import completion
from submission_checker.cli.check import EXIT_NOTHING, exceptions_given, exceptions_name, today
from submission_checker.cli.terminal import can_write_over
from submission_checker.model.errors import WrongUse
from submission_checker.model.findings import Level
from submission_checker.model.report import Report
from submission_checker.options import Options
from submission_checker.packing.actions import Plan
from submission_checker.packing.choosing import Invalid, chosen, judged, without_wrong_power
from submission_checker.packing.inferring import with_inferred
from submission_checker.packing.manifest import lines_of, read_manifest, text_of, verified
from submission_checker.packing.planning import first_plan
from submission_checker.packing.writing import Place, place, write_tree
from submission_checker.render.escape import printable as plain
from submission_checker.render.style import exceptions_option
from submission_checker.rounds.loader import load_round
from submission_checker.rules.texts import counted
from submission_checker.sources.base import Source, SourceError, SourceProblem
from submission_checker.sources.opening import open_source

SHOWN = 8
UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
MAX_DIGITS = 18
"""Digits of a size; an exabyte has no more."""


def _bytes(text: str | None) -> int | None:
    """Return a size such as 500MB in bytes."""
    if text is None:
        return None
    number = text.rstrip("BKMGbkmg ")
    unit = text[len(number):].strip().upper()
    if unit not in UNITS or not number.replace(".", "", 1).isdecimal() or len(number) > MAX_DIGITS:
        raise click.UsageError(f"--max-size is a number with B, KB, MB or GB, not {text!r}")
    return int(float(number) * UNITS[unit])


@click.command("pack", help="""Make the upload DEST from the results in SRC.

Long accuracy logs are truncated and their hash recorded, junk is left out, and what comes out is
judged before it is written. SRC is only read; DEST (a folder, .tar or .tar.gz) must not exist.

Exit codes: 0 packed and nothing at error level, 1 findings or refused, 2 wrong use, 3 SRC cannot
be read.""")
@click.argument("src", type=click.Path())
@click.argument("dest", type=click.Path())
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Round of the submission.")
@click.option("--submitter", multiple=True, metavar="NAME",
              help="Pack only this submitter; may be repeated.")
@click.option("--invalid", type=click.Choice([item.value for item in Invalid]), default="keep",
              show_default=True,
              help="Results that are not valid: keep them, leave them out, or move them from "
                   "closed to open.")
@click.option("--drop-power", is_flag=True,
              help="Submit a result without its power where only the power is not valid.")
@click.option("--infer", is_flag=True, help="Add the results that the round lets you infer.")
@click.option("--max-size", metavar="SIZE", help="Refuse to write more than this, e.g. 500MB.")
@click.option("--accept-private", is_flag=True,
              help="Write although keys or tokens were found.")
@click.option("--exceptions", type=click.Path(), metavar="FILE",
              help="Exceptions file; default: submission-exceptions.toml in SRC.")
@click.option("--manifest", type=click.Path(), metavar="FILE",
              help="Where the record of every file is written; default: DEST.manifest.json.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, write nothing.")
@click.option("--verify", is_flag=True,
              help="Prove that DEST was packed from SRC, by the manifest.")
def command(src: str, dest: str, **given: Any) -> None:
    """Plan, judge, write, record."""
    target = Path(dest)
    record = Path(given["manifest"] or f"{dest.rstrip('/')}.manifest.json")
    try:
        source = open_source(src)
        if given["verify"]:
            _verify(source, target, record)
            return
        _pack(source, src, target, record, given)
    except WrongUse as error:
        raise click.UsageError(str(error)) from None
    except SourceError as error:
        click.echo(f"submission-checker: {error}", err=True)
        sys.exit(EXIT_NOTHING)
    except SourceProblem as error:
        click.echo(f"submission-checker: {plain(str(error))}; {dest} was not made", err=True)
        sys.exit(EXIT_NOTHING)
    except KeyboardInterrupt:
        partial = Place(target, record).partial
        if partial.exists():
            click.echo(f"\n{partial} stays; the same command goes on from there", err=True)
        raise
    except OSError as error:
        raise click.UsageError(
            f"cannot write {error.filename or dest}: {error.strerror or error}") from None


def _pack(source: Source, src: str, dest: Path, record: Path, given: dict[str, Any]) -> None:
    limit = _bytes(given["max_size"])
    at = place(dest, record, Path(src) if os.path.isdir(src) else None)
    plan, report = _planned(source, src, given)
    _show(plan, report)
    refused = _refusals(plan, report, limit, accept_private=given["accept_private"])
    for line in refused:
        click.echo(f"refused: {line}")
    if refused:
        sys.exit(1)
    errors = report.levels()[Level.ERROR]
    if given["dry_run"]:
        click.echo(f"dry run: nothing was written; {dest} would have "
                   f"{counted(len(plan.actions), 'file')}, {plan.size_bytes / 1e6:.1f} MB")
        sys.exit(1 if errors else 0)
    lines = list(lines_of(plan, source))
    expected = {line.target: line.sha256_after or "" for line in lines if line.target}
    write_tree(plan, source, at, expected, text_of(lines, report.round), _progress)
    files = counted(len(plan.actions), "file")
    click.echo(f"packed {files}, {plan.size_bytes / 1e6:.1f} MB: {dest}\n"
               f"manifest: {record}\n"
               f"next: submission-checker check {shlex.quote(str(dest))} --round {report.round}"
               + exceptions_option(given["exceptions"]))
    sys.exit(1 if errors else 0)


def _planned(source: Source, src: str, given: dict[str, Any]) -> tuple[Plan, Report]:
    """Return the final plan and the report on the tree that it makes."""
    from submission_checker.intake.rounds import choose_round, no_submission
    from submission_checker.model.files import FileTable

    table = FileTable.build(source.walk())
    no_submission(table, source)
    round_ = load_round(choose_round(source, table, given["round_name"]).round.name)
    options = Options(round=round_.name, exceptions=exceptions_given(source, given["exceptions"]),
                      exceptions_file=exceptions_name(given["exceptions"]), today=today(None))
    plan = first_plan(source, table, round_, given["submitter"])
    if given["infer"]:
        report = judged(plan, source, options).report
        edge = frozenset(
            type(row.subject)(row.subject.division, row.subject.submitter, row.subject.system)
            for row in report.results if "edge" in row.system_type
        )
        plan = with_inferred(plan, source, round_, edge)
    if given["drop_power"]:
        plan = without_wrong_power(judged(plan, source, options), source, round_, options).plan
    done = chosen(plan, source, round_, options, Invalid(given["invalid"]))
    return done.plan, done.report


def _refusals(
    plan: Plan, report: Report, limit: int | None, *, accept_private: bool,
) -> list[str]:
    """Return why nothing is written, empty where it may be; ``limit`` is in bytes."""
    found = [] if report.results else ["no result is left to pack"]
    if limit is not None and plan.size_bytes > limit:
        largest = sorted(plan.actions.values(), key=lambda a: -a.size_bytes)[:SHOWN]
        found.append(f"{plan.size_bytes / 1e6:.1f} MB, more than {limit / 1e6:.1f} MB; largest: "
                     + ", ".join(f"{a.target} ({a.size_bytes / 1e6:.1f} MB)" for a in largest))
    secrets = [f for f in report.findings if f.rule.startswith("PRIV") and f.level is Level.ERROR
               and f.suppressed is None]
    if secrets and not accept_private:
        first = secrets[0].location
        found.append(f"{len(secrets)} keys or tokens, the first in {plain(first.path)}, line "
                     f"{first.line}; remove them, or give --accept-private")
    return found


def _show(plan: Plan, report: Report) -> None:
    """Print what happens to the files, what is private, and the verdicts."""
    done = Counter(action.doing.value for action in plan.actions.values())
    done.update(action.doing.value for action in plan.left_out)
    click.echo(", ".join(f"{counted(n, 'file')} {name}" for name, n in sorted(done.items())))
    by_reason: dict[str, list[str]] = {}
    for action in (*(a for a in plan.ordered() if a.why), *plan.left_out):
        why = action.why.partition(";")[0]
        by_reason.setdefault(f"{action.doing.value}: {why}", []).append(action.source)
    for reason, paths in sorted(by_reason.items()):
        click.echo(f"  {plain(reason)}: {plain(paths[0])}"
                   + (f" and {len(paths) - 1} more" if len(paths) > 1 else ""))
    for note in plan.notes:
        click.echo(f"  {plain(note)}")
    private = [f for f in report.findings if f.rule.startswith("PRIV") and f.suppressed is None]
    if private:
        click.echo(f"private details: {len(private)}")
        for finding in private[:SHOWN]:
            line = f":{finding.location.line}" if finding.location.line else ""
            click.echo(f"  {plain(finding.location.path)}{line}: {plain(finding.found)}")
        if len(private) > SHOWN:
            click.echo(f"  and {len(private) - SHOWN} more; submission-checker check SRC "
                       "--select PRIV --level info --show all lists them")
    verdicts = report.verdicts()
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.items())
    click.echo(f"packed tree: {told or 'no result'}; "
               f"{counted(report.levels()[Level.ERROR], 'error')}, "
               f"{counted(report.levels()[Level.WARNING], 'warning')}")
    for row in report.results:
        if row.verdict.value != "valid":
            click.echo(f"  {plain(row.location)}: {row.verdict.value} ({row.reason})")


def _verify(source: Source, dest: Path, record: Path) -> None:
    """Compare every file of DEST and SRC with the manifest."""
    try:
        text = record.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WrongUse(f"no manifest {record}; pack writes it beside DEST, and --manifest names "
                       "another place") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"cannot read the manifest {record}: {error}") from None
    lines = read_manifest(text, str(record))
    wrong = list(verified(lines, open_source(str(dest)), source))
    for mismatch in wrong:
        click.echo(f"{plain(mismatch.path)}\n  found    {plain(mismatch.found)}\n"
                   f"  needs    {plain(mismatch.required)}")
    packed = sum(1 for line in lines if line.target)
    if wrong:
        click.echo(f"FAILED  {len(wrong)} of {packed} files do not belong to {source.label}")
        sys.exit(1)
    click.echo(f"OK  {packed} files of {dest} belong to {source.label}")


def _progress(done: int, total: int) -> None:
    if can_write_over():
        end = "\r" if done < total else "\r\x1b[K"
        print(f"wrote {done} of {total} files", end=end, file=sys.stderr, flush=True)
