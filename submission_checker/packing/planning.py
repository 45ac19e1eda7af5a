"""From the originals to a plan: junk stays behind, long accuracy logs are truncated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from submission_checker.engine.selection import did_you_mean
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import Entry, FileTable, Kind
from submission_checker.packing.actions import Action, Doing, Plan
from submission_checker.packing.truncation import (
    ACCURACY_LOG,
    ACCURACY_TEXT,
    truncated,
    with_hash,
)
from submission_checker.rounds.types import Round
from submission_checker.rules.tree.layout import VERSION_CONTROL
from submission_checker.rules.tree.names import HIDDEN_TOLERATED, RUBBISH_ENDINGS, RUBBISH_NAMES
from submission_checker.sources.base import Source

TRACE = "mlperf_log_trace.json"
COMPILED = ("__pycache__", ".pyc")


def first_plan(
    source: Source, table: FileTable, round_: Round, submitters: tuple[str, ...] = ()
) -> Plan:
    """Return the plan that changes no result: everything but junk, accuracy logs truncated.

    ``submitters`` names those to be packed; empty packs all.

    Raises:
        WrongUse: no such submitter, or an accuracy.txt names another log than the one beside it.
        Unreadable: a file that has to be truncated cannot be read.
    """
    _known_submitters(table, round_, submitters)
    actions: dict[str, Action] = {}
    left_out: list[Action] = []
    for entry in table.entries.values():
        if entry.kind is Kind.FOLDER:
            continue
        why = reason_to_leave(entry, round_)
        owner = entry.path.split("/")[1:2]
        if submitters and not why and owner and owner[0] not in submitters:
            why = "of another submitter"
        if why:
            left_out.append(Action(Doing.LEAVE_OUT, entry.path, "", 0, why))
        else:
            actions[entry.path] = Action(Doing.COPY, entry.path, entry.path, entry.size_bytes)
    for action in list(truncations(source, actions, round_)):
        actions[action.target] = action
    return Plan(actions, tuple(left_out))


def _known_submitters(table: FileTable, round_: Round, wanted: tuple[str, ...]) -> None:
    known = [name for division in round_.layout.root_dirs for name in table.names(division)]
    for name in wanted:
        if name not in known:
            raise WrongUse(f"no submitter {name!r}{did_you_mean(name, known)}")


def reason_to_leave(entry: Entry, round_: Round) -> str:
    """Return why an entry is not packed, "" where it is."""
    parts = entry.path.split("/")
    if entry.kind is not Kind.FILE:
        return f"a {entry.kind.value}, which a submission does not need"
    if parts[0] in VERSION_CONTROL:
        return "belongs to the repository"
    if parts[0] not in round_.layout.root_dirs and len(parts) > 1:
        return "outside of the divisions"
    if entry.name == TRACE:
        return "a trace of LoadGen that no rule asks for"
    if any(part.endswith(COMPILED) for part in parts):
        return "compiled code"
    if any(part in RUBBISH_NAMES or part.endswith(RUBBISH_ENDINGS) for part in parts):
        return "left by an editor, the system or a tool"
    if any(part.startswith(".") and part not in HIDDEN_TOLERATED for part in parts):
        return "a hidden file"
    return ""


def truncations(
    source: Source, actions: dict[str, Action], round_: Round
) -> Iterator[Action]:
    """Yield the truncated logs, and the texts that receive the hash of their original."""
    limit = round_.layout.accuracy_log_max_bytes
    for path, action in actions.items():
        if not path.endswith(f"/{ACCURACY_LOG}") or limit is None or action.size_bytes <= limit:
            continue
        data, sha256 = truncated(source.blocks(path))
        yield replace(action, doing=Doing.TRUNCATE, size_bytes=len(data), content=data,
                      why=f"longer than {limit} bytes; SHA-256 of the original {sha256}")
        beside = f"{path.rpartition('/')[0]}/{ACCURACY_TEXT}"
        if beside in actions:
            old = source.read(beside)
            new = with_hash(old, sha256, beside)
            if new != old:
                yield replace(actions[beside], doing=Doing.REWRITE, size_bytes=len(new),
                              content=new, why="the hash of the original accuracy log added")
