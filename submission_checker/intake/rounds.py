"""Find out which round a tree belongs to, or take the one that the user named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from submission_checker.intake.reading import DETAIL_LOG
from submission_checker.logs.detail import open_detail
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.findings import Location
from submission_checker.model.run import SEED_KEYS, RecordStore, Run
from submission_checker.rounds.detect import Votes, detect, fits_layout
from submission_checker.rounds.loader import load_round, round_names, seed_triples
from submission_checker.rounds.types import Round
from submission_checker.sources.base import Source, SourceError, Unreadable
from submission_checker.sources.opening import above, has_no_such_folder, inside

LOGS_LOOKED_AT = 40
"""Performance logs that vote on the round; they are spread over the tree."""


PARTS = ("results", "systems")
"""Folders that every submitter has, in every round."""


class RoundUndecided(WrongUse):
    """The round was not named and the tree does not tell; the votes are part of the message."""


class Choice(NamedTuple):
    """The round to judge by, and why it was chosen."""

    round: Round
    reason: str


def no_submission(table: FileTable, source: Source) -> None:
    """Raise ``SourceError`` where the folder is no submission, with the folder to take instead."""
    path = source.label
    folders = [name for name in table.names("") if table.is_folder(name)]
    if any(table.is_folder(f"{name}/{owner}/{role}")
           for name in folders for owner in table.names(name) for role in PARTS):
        return
    newest = max(name for name in round_names() if name in seed_triples())
    divisions = set(load_round(newest).layout.root_dirs)
    if not divisions.isdisjoint(folders):
        return
    wanted = f"a folder with division folders ({', '.join(sorted(divisions))})"
    if not table.entries:
        if table.refused:
            raise SourceError(path, table.refused[0])
        if absent := has_no_such_folder(source):
            raise SourceError(path, f"no folder {absent!r} in the archive")
        raise SourceError(path, f"an empty folder; give {wanted}")
    deeper = [f"{name}/{inner}" for name in folders for inner in table.names(name)]
    below = [name for name in (*folders, *deeper) if any(
        table.is_folder(f"{name}/{division}") for division in divisions)]
    if below:
        raise SourceError(path, f"no submission; did you mean {inside(source, below[0])}?")
    if any(table.is_folder(role) for role in PARTS):
        raise SourceError(path, _too_deep(source, "the folder of one submitter", 2))
    if any(table.is_folder(f"{name}/{role}") for name in folders for role in PARTS):
        raise SourceError(path, _too_deep(source, "a division folder", 1))
    shown = ", ".join(table.names("")[:5])
    raise SourceError(path, f"no submission here, only {shown}; give {wanted}")


def _too_deep(source: Source, what: str, levels: int) -> str:
    """Return what to do where the root lies deeper in the tree than that of a submission."""
    upper = above(source, levels)
    if upper is None:
        return (f"{what} without the folders above; every path in it must begin with division and "
                "submitter (closed/<submitter>/results/...): make it from the folder that holds "
                "the division")
    options = "--division and --submitter" if levels > 1 else "--division"
    return f"{what}; give {upper}, and choose with {options}"


def choose_round(source: Source, table: FileTable, name: str | None) -> Choice:
    """Return the named round, or the one that the tree's votes point to."""
    if name is not None:
        return Choice(load_round(name), "named by the user")
    votes = collect_votes(source, table)
    found = detect(votes, [load_round(known) for known in round_names()])
    if found.round is None:
        scores = ", ".join(f"{round_} {score}" for round_, score in found.scores[:4] if score)
        raise RoundUndecided(
            f"cannot tell the round: {found.reason}"
            + (f" (votes: {scores})" if scores else "")
            + f"; name it with --round ({', '.join(round_names())})"
        )
    return Choice(load_round(found.round), found.reason)


def laid_out_as(table: FileTable, round_: Round) -> bool:
    """Return whether folders and files lie as in a round, whatever the logs say."""
    return fits_layout(round_, Votes(signatures=frozenset(_signatures(table))))


def collect_votes(source: Source, table: FileTable) -> Votes:
    """Look at names and at the beginnings of some performance logs."""
    signatures = set(_signatures(table))
    seeds: Counter[tuple[int, int, int]] = Counter()
    versions: Counter[str] = Counter()
    dates: list[date] = []
    benchmarks: set[str] = set()
    for path in table.entries:
        parts = path.split("/")
        if len(parts) == 5 and parts[2] == "results" and table.is_folder(path):
            benchmarks.add(parts[4])
    for path in _logs(table):
        run = _beginning(source, table, path)
        if run is None or run.log is None or not run.log.records_count:
            continue
        signatures.add("text-logs" if run.log.generation.startswith("txt") else "json-logs")
        values = [run.integer(key) for key in SEED_KEYS]
        if all(value is not None for value in values):
            first, second, third = (value.value for value in values if value is not None)
            seeds[first, second, third] += 1
        version, day = run.text("loadgen_version"), run.text("test_datetime")
        if version is not None:
            versions[version.value.partition(" ")[0]] += 1
        if day is not None:
            dates += _dates(day.value)
    return Votes(seeds, frozenset(signatures), frozenset(benchmarks), versions, tuple(dates))


def _dates(text: str) -> list[date]:
    try:
        return [date.fromisoformat(text[:10])]
    except ValueError:
        return []


def _signatures(table: FileTable) -> Iterator[str]:
    for path in table.entries:
        parts = path.split("/")
        if len(parts) == 3 and table.is_folder(path):
            if parts[2] == "audit":
                yield "audit-folder"
            elif parts[2] in ("compliance", "measurements"):
                yield f"{parts[2]}-folder"
        elif len(parts) == 7 and parts[2] == "results":
            if parts[6] == "measurements.json":
                yield "measurements-json-in-results"
            elif parts[6] in ("config.yaml", "config.yml"):
                yield "endpoints-config"


def _logs(table: FileTable) -> Iterator[str]:
    """Yield performance logs of results, spread evenly over the tree; audits have other seeds."""
    found = sorted(
        path for path in table.entries
        if path.endswith(f"/{DETAIL_LOG}") and "/results/" in path and "/performance/run_" in path
        and "/TEST" not in path
    )
    step = max(1, len(found) // LOGS_LOOKED_AT)
    yield from islice(found, 0, None, step)


def _beginning(source: Source, table: FileTable, path: str) -> Run | None:
    entry = table.follow(path)
    if entry is None:
        return None
    try:
        block = next(source.blocks(entry.path), b"")
    except Unreadable:
        return None
    log: RecordStore = open_detail(block, path)
    folder = table.folder(path.rpartition("/")[0])
    return None if folder is None else Run("", folder, Location(path).path, log, None)
