"""``submission-checker exceptions``: the only writer of the exceptions file."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from submission_checker.check import check
from submission_checker.cli.check import LEVELS, today, unreadable
from submission_checker.engine.exceptions import (
    FILE_NAME,
    ROOT,
    SOON,
    Entry,
    path_fits,
    read_exceptions,
)
from submission_checker.engine.exceptions_text import (
    added,
    baseline,
    changed,
    entry_text,
    without,
)
from submission_checker.engine.exceptions_upkeep import Upkeep, upkeep
from submission_checker.engine.near_paths import did_you_mean_path
from submission_checker.model.errors import WrongUse
from submission_checker.model.findings import LEVEL_BY_NAME
from submission_checker.model.report import Report
from submission_checker.options import Options
from submission_checker.render.escape import printable
from submission_checker.rounds.loader import UnknownRound, load_round
from submission_checker.rules.registry import all_rules, find_rule
from submission_checker.rules.texts import counted
from submission_checker.sources.base import SourceError
from submission_checker.sources.opening import open_source

DAYS = 30
GONE = ("expired", "unused", "duplicate", "wrong-round", "not-suppressible")
"""States in which an entry does nothing."""


@click.group("exceptions", help="""Keep the exceptions file: who tolerates which finding until when.

It is submission-exceptions.toml in the submission, or the file given. `check` only reads it.""")
def command() -> None:
    """Group of the five commands."""


def _file(path: str, given: str | None) -> Path:
    """Return the file that was named, else the one in a folder."""
    if not given and not os.path.isdir(path):
        there = "no folder" if os.path.lexists(path) else "no such folder"
        raise click.UsageError(f"{path}: {there}; name the file with --exceptions")
    return Path(given) if given else Path(path) / FILE_NAME


def _kept(path: str, given: str | None) -> Path:
    """Return the file of a command that changes what is there; one that was named must be."""
    file = _file(path, given)
    if given and not os.path.isfile(file):
        raise click.UsageError(f"no exceptions file {file}")
    return file


def _read(file: Path) -> tuple[str, tuple[Entry, ...]]:
    """Return text and entries of a file; both empty where there is none."""
    if not os.path.exists(file):
        return "", ()
    try:
        text = file.read_text(encoding="utf-8")
        return text, read_exceptions(text, str(file), _rules())
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(str(file), error) from None
    except WrongUse as error:
        raise click.UsageError(str(error)) from None


def _rules() -> list[str]:
    return [rule.id for rule in all_rules()]


def _write(file: Path, text: str) -> None:
    """Write a file after reading it back as ``check`` will."""
    try:
        read_exceptions(text, str(file), _rules())
        file.write_text(text, encoding="utf-8", newline="")
    except WrongUse as error:
        raise click.UsageError(f"nothing was written: {error}") from None
    except OSError as error:
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from None


FILE = click.option("--exceptions", "given", type=click.Path(), metavar="FILE",
                    help="Exceptions file; default: submission-exceptions.toml in PATH.")
TODAY = click.option("--today", "now", type=click.DateTime(["%Y-%m-%d"]), hidden=True)
DRY = click.option("--dry-run", is_flag=True, help="Say what would happen, write nothing.")


def _who(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every new entry needs."""
    for option in reversed((
        click.option("--reason", required=True, help="Why it is tolerated, a whole sentence."),
        click.option("--approved-by", default="", help="Person or committee that stands for it."),
        click.option("--link", default="", help="Issue, pull request or minutes instead."),
        click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
                     help=f"Last day; default: in {DAYS} days."),
    )):
        function = option(function)
    return function


def _common(given: dict[str, Any], now: date) -> dict[str, str | date]:
    expires = given["expires"]
    return {"reason": given["reason"], "approved_by": given["approved_by"], "link": given["link"],
            "created": now, "expires": expires.date() if expires else now + timedelta(days=DAYS)}


@command.command("list", help="List the entries with what their dates say.")
@click.argument("path", type=click.Path(), default=".")
@FILE
@TODAY
def list_(path: str, given: str | None, now: datetime | None) -> None:
    """Print a line and the reason per entry."""
    file = _kept(path, given)
    _, entries = _read(file)
    day = today(now)
    for entry in entries:
        state = "expired" if entry.expires < day else (
            "expires soon" if entry.expires - day <= SOON else "in force")
        click.echo(f"{entry.number:>3} {entry.rule:<8} {state:<12} until {entry.expires} "
                   f"{printable(entry.round)} {printable(entry.subject)}")
        click.echo(f"    {printable(entry.reason)} ({printable(entry.approved_by)})")
    click.echo(f"{counted(len(entries), 'exception')} in {file}")


@command.command("add", help="Add an entry for RULE at SUBJECT.")
@click.argument("path", type=click.Path())
@click.option("--rule", required=True, help="Id of the rule.")
@click.option("--subject", required=True,
              help="Path of the findings; * stands for one name, . for the whole tree.")
@click.option("--subcode", default="", help="Only findings about this key or test.")
@click.option("--round", "round_name", required=True, help="The round it is for.")
@_who
@FILE
@TODAY
def add(path: str, given: str | None, now: datetime | None, **values: Any) -> None:
    """Append an entry and check the whole file."""
    file = _file(path, given)
    text, _ = _read(file)
    _known_round(values["round_name"])
    _excepted(values["rule"].upper())
    absent = _absent(path, values["subject"].strip("/"))
    entry = entry_text({
        **_common(values, today(now)), "rule": values["rule"].upper(),
        "subject": values["subject"], "subcode": values["subcode"], "round": values["round_name"],
    })
    _write(file, added(text, [entry]))
    click.echo(f"added to {file}:\n{printable_lines(entry)}")
    if absent:
        click.echo(f"note: {printable(absent)}", err=True)


def _excepted(rule: str) -> None:
    """Refuse an entry for a rule that knows none; it could never apply."""
    known = find_rule(rule)
    if known is not None and not known.suppressible:
        raise click.UsageError(f"{rule} knows no exception: it guards the integrity of the logs")


def _absent(path: str, subject: str) -> str:
    """Return what to say where nothing in the tree fits the subject, "" where something does."""
    try:
        entries = [entry.path for entry in open_source(path).walk()]
    except SourceError as error:
        raise click.UsageError(str(error)) from None
    if subject == ROOT or any(path_fits(subject, entry) for entry in entries):
        return ""
    near = "" if set(subject) & set("*?[") else did_you_mean_path(subject, entries)
    return (f"nothing in {path} fits {subject!r}, so it can only answer for a finding about what "
            f"is absent{near}")


def _known_round(name: str) -> None:
    """Refuse an entry for a round that does not exist; it could never apply."""
    try:
        load_round(name)
    except UnknownRound as error:
        raise click.UsageError(str(error)) from None


def printable_lines(text: str) -> str:
    """Return several lines as they may be printed."""
    return "\n".join(printable(line) for line in text.splitlines())


@command.command("prune", help="Judge PATH and remove the entries that do nothing.")
@click.argument("path", type=click.Path())
@click.option("--round", "round_name", metavar="ROUND", help="Round to judge by.")
@FILE
@DRY
@TODAY
def prune(
    path: str, round_name: str | None, given: str | None, dry_run: bool, now: datetime | None
) -> None:
    """Remove what is expired, unused, doubled, of another round or without effect."""
    file = _kept(path, given)
    text, entries = _read(file)
    report = _judged(path, round_name, text, today(now))
    gone = {entry.number: state.state for entry, state in
            zip(entries, report.exceptions, strict=True) if state.state in GONE}
    for number, state in gone.items():
        entry = entries[number - 1]
        click.echo(f"{'would remove' if dry_run else 'removed'} {number}: {entry.rule} "
                   f"{printable(entry.subject)} ({state})")
    if gone and not dry_run:
        _write(file, _edited(text, [Upkeep(n, s, gone=True) for n, s in gone.items()], entries))
    click.echo(f"{len(entries) - len(gone)} of {counted(len(entries), 'exception')} needed")


@command.command("update", help="""Judge PATH and bring the entries up to date; adds none.

An entry whose fingerprint matches nothing gets that of the one finding at its place. Entries that
answer for nothing are removed. With --expires, those that have expired or will within two weeks,
and whose findings are still there, are in force until that day.""")
@click.argument("path", type=click.Path())
@click.option("--round", "round_name", metavar="ROUND", help="Round to judge by.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="Last day of the entries that are renewed; without it none is.")
@FILE
@DRY
@TODAY
def update(
    path: str, round_name: str | None, expires: datetime | None, given: str | None, dry_run: bool,
    now: datetime | None,
) -> None:
    """Refresh fingerprints and dates, remove what does nothing, say what is left to people."""
    file = _kept(path, given)
    text, entries = _read(file)
    report = _judged(path, round_name, text, today(now))
    steps = upkeep(entries, report.exceptions, report.findings, today(now),
                   expires.date() if expires else None)
    new = _edited(text, steps, entries)
    steps = _without_vain(steps, path, round_name, new, today(now))
    new = _edited(text, steps, entries)
    for step in steps:
        entry = entries[step.number - 1]
        verb = "removed" if step.gone else "changed" if step.values else "left"
        if dry_run and verb != "left":
            verb = f"would be {verb}"
        click.echo(f"{verb} {step.number}: {entry.rule} {printable(entry.subject)} ({step.note})")
    if new != text and not dry_run:
        _write(file, new)
    kept = len(entries) - sum(step.gone for step in steps)
    verb = "would be kept" if dry_run else "kept"
    click.echo(f"{kept} of {counted(len(entries), 'exception')} {verb}")


def _judged(path: str, round_name: str | None, text: str, now: date) -> Report:
    try:
        return check(path, options=Options(round=round_name, exceptions=text, today=now))
    except (WrongUse, UnknownRound, SourceError) as error:
        raise click.UsageError(str(error)) from None


def _edited(text: str, steps: Sequence[Upkeep], entries: Sequence[Entry]) -> str:
    """Return the text of the file after these steps."""
    try:
        new = changed(text, {s.number: s.values for s in steps if s.values}, len(entries))
        return without(new, [s.number for s in steps if s.gone], len(entries)) if any(
            s.gone for s in steps) else new
    except WrongUse as error:
        raise click.UsageError(str(error)) from None


def _without_vain(
    steps: list[Upkeep], path: str, round_name: str | None, new: str, now: date
) -> list[Upkeep]:
    """Return the steps, a new fingerprint that does not serve left out.

    A finding that stands for several results has a fingerprint that no single one of them has.
    """
    fresh = {s.values["fingerprint"] for s in steps if "fingerprint" in s.values}
    if not fresh:
        return steps
    states = _judged(path, round_name, new, now).exceptions
    after = read_exceptions(new, "", _rules())
    vain = {entry.fingerprint for entry, state in zip(after, states, strict=True)
            if entry.fingerprint in fresh and not state.matches}
    return [
        replace(s, values={}, note="its fingerprint matches nothing, and the finding at its place "
                                   "stands for several results; leave the fingerprint out")
        if s.values.get("fingerprint") in vain else s for s in steps
    ]


@command.command("baseline", help="""Write an entry for every open finding of REPORT (JSON).

For a tree that is tolerated as it is, until a date. Rules that guard the integrity of logs get
none.""")
@click.argument("report", type=click.Path())
@click.option("--level", type=click.Choice(LEVELS), default="error", show_default=True,
              help="Lowest level that gets an entry.")
@click.option("-o", "--output", "out", type=click.Path(), required=True, metavar="FILE",
              help="Exceptions file; entries are added at its end.")
@_who
@DRY
@TODAY
def baseline_(
    report: str, level: str, out: str, dry_run: bool, now: datetime | None, **given: Any
) -> None:
    """Turn findings into entries."""
    data = _report(Path(report))
    fixed = {rule.id for rule in all_rules() if not rule.suppressible}
    levels = [name for name, value in LEVEL_BY_NAME.items() if value >= LEVEL_BY_NAME[level]]
    common: dict[str, Any] = {**_common(given, today(now)), "round": str(data["round"])}
    entries, refused = baseline(data, levels, fixed, common)
    text, _ = _read(Path(out))
    if entries and not dry_run:
        _write(Path(out), added(text, entries))
    verb = "would be added" if dry_run else "added"
    click.echo(f"{counted(len(entries), 'exception')} {verb}: {out}")
    if entries and not dry_run:
        click.echo("next: remove what only follows from other findings\n"
                   "  submission-checker exceptions prune PATH --round "
                   f"{printable(common['round'])} --exceptions {shlex.quote(out)}")
    if refused:
        click.echo(f"{counted(refused, 'finding')} cannot be excepted: their rules guard the "
                   "integrity of logs, or they are about exceptions")


def _report(file: Path) -> dict[str, Any]:
    """Return a JSON report, or say why the file is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["schema_version"] == 1 and isinstance(data["findings"], list):
            return dict(data)
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise click.UsageError(f"{file} is no JSON report of this program (check --format json)")
