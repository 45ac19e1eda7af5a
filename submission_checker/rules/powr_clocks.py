"""POWR032: the times that a power session noted while it ran."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import Result
from submission_checker.rules.powr import both_of, no_power
from submission_checker.rules.texts import quote, seconds
from submission_checker.rules.values import number_in

APART_S = 5.0
"""The times of one session agree within this (measured: 0.42 s in 79 published sessions)."""

KINDS = ("ranging", "testing")
PARTS = ("cmd_time", "reply_time")

class Told(NamedTuple):
    """A time that a record of the session tells, with where it stands and what it is."""

    time_s: float
    pointer: str
    words: str


def _real(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None


def _times(document: JsonFile) -> list[list[Told]]:
    """Return the times of each message: sent or received, and answered."""
    found = []
    messages = document.get("messages")
    for number, message in enumerate(messages if isinstance(messages, list) else ()):
        item = message if isinstance(message, dict) else {}
        found.append([
            Told(time_s, f"/messages/{number}/{part}", f"{part} of message {number} "
                 f"({quote(item.get('cmd'))})")
            for part in PARTS if (time_s := _real(item.get(part))) is not None
        ])
    return found


def _at(document: JsonFile, pointer: str) -> Location:
    return Location(document.path, document.lines.get(pointer), pointer)


@rule(
    id="POWR032", name="session-times", title="The times of a power session agree",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="client and server each note when a message was sent and answered, and read two clocks at "
        "each phase: times that do not fit were put in later",
    fix="submit both files as the power tools wrote them",
    source="own; measured on the published sessions", suppressible=False,
)
def session_times(result: Result, context: Context) -> Iterator[Fault]:
    """Messages follow each other, reach the other side, and frame the phases; clocks run alike."""
    client, server = both_of(result)
    for document in (client, server):
        first = next(_contradictions(document), None)
        if first is not None:
            yield first
    for mine, theirs in zip(_times(client), _times(server), strict=False):
        for here, there in zip(mine, theirs, strict=False):
            apart = abs(here.time_s - there.time_s)
            if apart > APART_S:
                line = server.lines.get(there.pointer)
                yield Fault(_at(client, here.pointer), f"{here.words} {here.time_s:.3f}",
                            f"within {seconds(APART_S)} of {there.time_s:.3f} (server.json"
                            f"{f' line {line}' if line else ''}); apart {seconds(apart)}",
                            subcode="apart")
                return


def _contradictions(document: JsonFile) -> Iterator[Fault]:
    """Yield what one record says against itself."""
    told = [time for times in _times(document) for time in times]
    for before, after in pairwise(told):
        if before.time_s - after.time_s > APART_S:
            yield Fault(_at(document, after.pointer), f"{after.words} {after.time_s:.3f}",
                        f"not before {before.time_s:.3f}, the {before.words}", subcode="order")
    yield from _replies(document)
    yield from _phases(document)


def _replies(document: JsonFile) -> Iterator[Fault]:
    """Yield answers to ``time`` that are not of the time at which they were given."""
    messages = document.get("messages")
    for number, (message, times) in enumerate(zip(
        messages if isinstance(messages, list) else (), _times(document), strict=False)):
        if not isinstance(message, dict) or message.get("cmd") != "time" or len(times) < len(PARTS):
            continue
        said = number_in(message.get("reply"))
        if said is not None and not times[0].time_s - APART_S <= said <= times[1].time_s + APART_S:
            yield Fault(_at(document, f"/messages/{number}/reply"),
                        f"time {said:.3f} as reply of message {number}",
                        f"from {times[0].time_s:.3f} to {times[1].time_s:.3f}, when the message "
                        "was sent and answered", subcode="reply")


def _phases(document: JsonFile) -> Iterator[Fault]:
    """Yield phases that begin at another time than their message, or by one clock only."""
    phases = document.get("phases")
    rows = [
        (f"/phases/{kind}/{number}", kind, number, row)
        for kind, starts in (phases.items() if isinstance(phases, dict) else ())
        if isinstance(starts, list)
        for number, row in enumerate(starts) if isinstance(row, list)
    ]
    both = [(pointer, wall - steady) for pointer, _, _, row in rows if len(row) > 1
            and (wall := _real(row[0])) is not None and (steady := _real(row[1])) is not None]
    middle = median([offset for _, offset in both]) if both else 0.0
    for pointer, offset in both:
        if abs(offset - middle) > APART_S:
            yield Fault(_at(document, pointer), "wall clock and steady clock "
                        f"{seconds(abs(offset - middle))} further apart than in the other phases",
                        f"within {seconds(APART_S)}", subcode="clocks")
    framed = _frames(document)
    for pointer, kind, number, row in rows:
        start = _real(row[0]) if row else None
        frame = framed.get(kind, [])
        if start is not None and number < len(frame) and (
            abs(start - frame[number].time_s) > APART_S
        ):
            yield Fault(_at(document, pointer), f"{kind} phase {number} at {start:.3f}",
                        f"within {seconds(APART_S)} of {frame[number].time_s:.3f}, the "
                        f"{frame[number].words}", subcode="phase")


def _frames(document: JsonFile) -> dict[str, list[Told]]:
    """Return, by kind, the times at which its phases begin: start and stop, sent and answered."""
    found: dict[str, list[Told]] = {}
    messages, times = document.get("messages"), _times(document)
    for kind in KINDS:
        frame = []
        for verb in ("start", "stop"):
            of_verb = [told for message, told in zip(
                messages if isinstance(messages, list) else (), times, strict=False)
                if isinstance(message, dict)
                and str(message.get("cmd", "")).endswith(f",{verb},{kind}")]
            if len(of_verb) == 1 and len(of_verb[0]) == len(PARTS):
                frame += of_verb[0]
        if len(frame) == 2 * len(PARTS):
            found[kind] = frame
    return found
