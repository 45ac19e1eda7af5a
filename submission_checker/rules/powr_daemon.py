"""POWR033-035: the samples of a session against what the analyzer's daemon told of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.power import PowerPart, PtdLine, SplLog
from submission_checker.model.submission import Result
from submission_checker.rules.powr import both_of, no_power, power_of
from submission_checker.rules.powr_session import AUTO, at_message, messages_of
from submission_checker.rules.texts import count, place, quote, seconds
from submission_checker.rules.values import number_in

WATTS_FIELDS = 7
PRINTED_W = 1e-6
"""The daemon prints watts with six decimals."""

GO, DONE = "Go with mark", "Completed test"
EDGE_S = 5.0
"""The first and the last sample are so near to the marks (measured: 0.34 s and 1.85 s)."""

FACTORS = {"V": (1.0,), "A": (1.0, 1.1)}
"""The tools take the largest readings of the ranging run, later ones amps with a tenth on top."""

SAME = 1e-6
RANGE = re.compile(r"\d{1,9}(?:\.\d{1,20})?")


@rule(
    id="POWR033", name="told-watts", title="The samples are those that the daemon summed up",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="after each measurement the daemon tells mean, extremes and number of its samples; other "
        "samples were not measured in this session",
    fix="submit spl.txt and server.json as the power tools wrote them",
    source="SPEC PTDaemon; measured on the published sessions", suppressible=False,
)
def told_watts(result: Result, context: Context) -> Iterator[Fault]:
    """Mean, minimum, maximum and number of samples are those of the reply to ``Watts``.

    Samples of 0 W or less are readings that failed: they are counted, not summed up.
    """
    power = power_of(result)
    _, server = both_of(result)
    told = _told_watts(server)
    judged = False
    for kind, spl in _logs(power):
        if kind not in told or spl.bad_count:
            continue
        judged = True
        number, reply = told[kind]
        different = _different(reply.split(","), spl)
        if different is not None:
            yield Fault(Location(spl.path), different[0],
                        f"{different[1]}, as {place(at_message(server, number))} says: "
                        f"{quote(reply)}", subcode=kind)
    if not judged:
        raise Skip("the session tells no watts")


def _told_watts(server: JsonFile) -> dict[str, tuple[int, str]]:
    """Return, by kind, number and text of the last reply to Watts after a measurement stopped."""
    found: dict[str, tuple[int, str]] = {}
    kind, stopped = "", False
    for number, command, reply in messages_of(server):
        if command.startswith("Go"):
            kind, stopped = command.rpartition("_")[2], False
        elif command == "Stop":
            stopped = True
        elif command == "Watts" and stopped and reply.startswith("Watts,"):
            found[kind] = (number, reply)
    return found


def _different(fields: list[str], spl: SplLog) -> tuple[str, str] | None:
    """Return what the samples give and what was told, where they differ."""
    numbers = [number_in(field) for field in fields[1:WATTS_FIELDS]]
    watts = [value for value in spl.samples.watts if value > 0]
    if len(numbers) < WATTS_FIELDS - 1 or None in numbers or not watts:
        return None
    mean, low, high, total = (value or 0.0 for value in numbers[:4])
    if len(spl.samples) != total:
        return f"{count(len(spl.samples))} samples", f"{count(round(total))}"
    for name, have, want in (("a mean of", math.fsum(watts) / len(watts), mean),
                             ("a minimum of", min(watts), low),
                             ("a maximum of", max(watts), high)):
        if abs(have - want) > max(PRINTED_W * abs(want), 2 * PRINTED_W):
            return f"{name} {have:.6f} W", f"{want:.6f} W"
    return None


def _logs(power: PowerPart) -> Iterator[tuple[str, SplLog]]:
    """Yield the samples of both measurements, by kind."""
    for kind, spl in (("testing", power.spl), ("ranging", power.ranging_spl)):
        if spl is not None and spl.samples:
            yield kind, spl


@rule(
    id="POWR034", name="measurement-edges", title="The samples begin and end with the measurement",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="the daemon notes by its own clock when it began and completed each measurement; samples "
        "of other times were moved, cut off or put in",
    fix="submit spl.txt and ptd_logs.txt as the power tools wrote them",
    source="SPEC PTDaemon; measured on the published sessions", suppressible=False,
)
def measurement_edges(result: Result, context: Context) -> Iterator[Fault]:
    """First and last sample are near the marks of their measurement in ptd_logs.txt."""
    power = power_of(result)
    _, server = both_of(result)
    name = server.get("session_name")
    if power.ptd is None or not isinstance(name, str):
        raise Skip("no ptd_logs.txt or no session name")
    judged = False
    for kind, spl in _logs(power):
        marks = _marks(power.ptd.lines, f"{GO} '{name}_{kind}'")
        if marks is None or spl.bad_count or not spl.samples.in_order:
            continue
        judged = True
        for at, mark, words in ((0, marks[0], "first"), (-1, marks[1], "last")):
            time_s = spl.samples.times_s[at]
            if mark.time_s is not None and abs(time_s - mark.time_s) > EDGE_S:
                yield Fault(Location(spl.path, spl.samples.lines[at]),
                            f"the {words} sample {seconds(abs(time_s - mark.time_s))} "
                            f"{'before' if time_s < mark.time_s else 'after'} the daemon's "
                            f"{quote(mark.text[:60])}",
                            f"within {seconds(EDGE_S)} of it (ptd_logs.txt line {mark.line})",
                            subcode=f"{kind}-{words}")
                break
    if not judged:
        raise Skip("ptd_logs.txt has no marks of this session")


def _marks(lines: tuple[PtdLine, ...], begin: str) -> tuple[PtdLine, PtdLine] | None:
    """Return the only beginning of a measurement and its end, None where they are not there."""
    starts = [at for at, line in enumerate(lines) if begin in line.text]
    if len(starts) != 1:
        return None
    end = next((line for line in lines[starts[0]:] if DONE in line.text), None)
    return None if end is None else (lines[starts[0]], end)


@rule(
    id="POWR035", name="ranges-from-ranging", title="The ranges are those that ranging found",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="the tools set the analyzer to the largest volts and amps of the ranging run; other "
        "samples are not those of that run",
    fix="submit ranging/spl.txt and server.json as the power tools wrote them",
    source="mlcommons/power-dev ptd_client_server/lib/server.py; own measurements",
    suppressible=False,
)
def ranges_from_ranging(result: Result, context: Context) -> Iterator[Fault]:
    """The ranges set between ranging and testing are the largest readings of ranging/spl.txt."""
    power = power_of(result)
    _, server = both_of(result)
    spl = power.ranging_spl
    if spl is None or spl.bad_count or spl.peaks is None:
        raise Skip("no samples of the ranging run")
    judged = False
    for letter, name, peak in (("V", "volts", spl.peaks[0]), ("A", "amps", spl.peaks[1])):
        asked = _asked(server, letter)
        value = _range(asked[1]) if asked is not None else None
        if asked is None or value is None or peak <= 0:
            continue
        judged = True
        if not any(abs(value - peak * factor) <= SAME * value for factor in FACTORS[letter]):
            yield Fault(Location(spl.path), f"at most {peak:.10g} {name}",
                        f"{value:.10g}, the range that {place(at_message(server, asked[0]))} sets "
                        "from them (later tools: 1.1 times the amps)", subcode=name)
    if not judged:
        raise Skip("no range was set after the ranging run")


def _range(text: str) -> float | None:
    """Return a range as the tools write it: with all 17 digits of a product."""
    return float(text) if RANGE.fullmatch(text) else None


def _asked(server: JsonFile, letter: str) -> tuple[int, str] | None:
    """Return message and value of a range that was set between the two measurements."""
    starts = 0
    found = None
    for number, command, _ in messages_of(server):
        starts += command.startswith("Go")
        if starts == 1 and command.startswith(f"SR,{letter},") and not command.endswith(AUTO):
            found = (number, command.rpartition(",")[2])
    return found if starts > 1 else None
