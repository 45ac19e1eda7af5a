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
from submission_checker.model.findings import Level
from submission_checker.model.submission import Result
from submission_checker.rules.powr import Message, both_of, messages_in, no_power
from submission_checker.rules.texts import place, quote, seconds
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


Timed = list[tuple[Message, list[Told]]]
"""Messages with their times: sent or received, and answered."""


def _timed(document: JsonFile) -> Timed:
    return [
        (message, [
            Told(time_s, f"/messages/{message.number}/{part}",
                 f"{part} of message {message.number} ({quote(message.command)})")
            for part in PARTS if (time_s := _real(message.fields.get(part))) is not None])
        for message in messages_in(document, "messages")
    ]


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
    timed = [_timed(document) for document in (client, server)]
    for document, messages in zip((client, server), timed, strict=True):
        first = next(_contradictions(document, messages), None)
        if first is not None:
            yield first
    for (_, mine), (_, theirs) in zip(*timed, strict=False):
        for here, there in zip(mine, theirs, strict=False):
            apart = abs(here.time_s - there.time_s)
            if apart > APART_S:
                yield Fault(client.at_pointer(here.pointer), f"{here.words} {here.time_s:.3f}",
                            f"within {seconds(APART_S)} of {there.time_s:.3f} "
                            f"({place(server.at_pointer(there.pointer))}); apart {seconds(apart)}",
                            subcode="apart")
                return


def _contradictions(document: JsonFile, timed: Timed) -> Iterator[Fault]:
    """Yield what one record says against itself."""
    for before, after in pairwise(time for _, times in timed for time in times):
        if before.time_s - after.time_s > APART_S:
            yield Fault(document.at_pointer(after.pointer), f"{after.words} {after.time_s:.3f}",
                        f"not before {before.time_s:.3f}, the {before.words}", subcode="order")
    yield from _replies(document, timed)
    yield from _phases(document, timed)


def _replies(document: JsonFile, timed: Timed) -> Iterator[Fault]:
    """Yield answers to ``time`` that are not of the time at which they were given."""
    for message, times in timed:
        said = number_in(message.reply)
        if message.command != "time" or said is None or len(times) < len(PARTS):
            continue
        if not times[0].time_s - APART_S <= said <= times[1].time_s + APART_S:
            yield Fault(document.at_pointer(f"/messages/{message.number}/reply"),
                        f"time {said:.3f} as reply of message {message.number}",
                        f"from {times[0].time_s:.3f} to {times[1].time_s:.3f}, when the message "
                        "was sent and answered", subcode="reply")


def _phases(document: JsonFile, timed: Timed) -> Iterator[Fault]:
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
            yield Fault(document.at_pointer(pointer), "wall clock and steady clock "
                        f"{seconds(abs(offset - middle))} further apart than in the other phases",
                        f"within {seconds(APART_S)}", subcode="clocks")
    framed = _frames(timed)
    for pointer, kind, number, row in rows:
        start = _real(row[0]) if row else None
        frame = framed.get(kind, [])
        if start is not None and number < len(frame) and (
            abs(start - frame[number].time_s) > APART_S
        ):
            yield Fault(document.at_pointer(pointer), f"{kind} phase {number} at {start:.3f}",
                        f"within {seconds(APART_S)} of {frame[number].time_s:.3f}, the "
                        f"{frame[number].words}", subcode="phase")


def _frames(timed: Timed) -> dict[str, list[Told]]:
    """Return, by kind, the times at which its phases begin: start and stop, sent and answered."""
    found: dict[str, list[Told]] = {}
    for kind in KINDS:
        frame = []
        for verb in ("start", "stop"):
            told = [times for message, times in timed
                    if message.command.endswith(f",{verb},{kind}")]
            if len(told) == 1 and len(told[0]) == len(PARTS):
                frame += told[0]
        if len(frame) == 2 * len(PARTS):
            found[kind] = frame
    return found
