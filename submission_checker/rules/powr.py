"""POWR001-006, 009-011: files, session, analyzer and clocks of a power measurement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.power import PowerPart
from submission_checker.model.submission import Result
from submission_checker.rules.power_metric import window
from submission_checker.rules.texts import listed, quote

CHECKER = "mlcommons/inference tools/submission/power/power_checker.py"
POWER_RULES = "inference_policies power_measurement.adoc"
SECTIONS = ("version", "timezone", "modules", "sources", "messages", "uuid", "session_name",
            "results", "phases")
SERVER_SECTIONS = ("ptd_messages", "ptd_config")
RUN = "run_1"
HOUR_S = 3600.0


def no_power(result: Result, context: Context) -> str | None:
    """Return why a rule about power does not apply."""
    return "no power measurement" if result.power is None else None


def power_of(result: Result) -> PowerPart:
    """Return the power part, or skip the rule."""
    if result.power is None:
        raise Skip("no power measurement")
    return result.power


def both_of(result: Result) -> tuple[JsonFile, JsonFile]:
    """Return client and server records, or skip the rule."""
    power = power_of(result)
    if power.client is None or power.server is None:
        raise Skip("client.json or server.json is absent")
    if not power.client.readable or not power.server.readable:
        raise Skip("client.json or server.json cannot be read")
    return power.client, power.server


def limits_of(context: Context) -> Mapping[str, Any]:
    """Return the limits of the power checks of the round."""
    limits = context.round.power.get("limits", {})
    return limits if isinstance(limits, Mapping) else {}


def limit_of(context: Context, name: str) -> float:
    """Return a limit of the power checks of the round."""
    value = limits_of(context).get(name)
    return context.limit(value if isinstance(value, (int, float)) else None,
                         f"power.limits.{name}")


def phases_of(document: JsonFile, name: str) -> list[float]:
    """Return the start times of a phase in seconds."""
    phases = document.get("phases")
    rows = phases.get(name) if isinstance(phases, dict) else None
    starts = [row[0] for row in rows if isinstance(row, list) and row] if isinstance(
        rows, list) else []
    return [float(t) for t in starts if isinstance(t, (int, float))]


@rule(
    id="POWR001", name="power-complete", title="The power measurement is complete",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power,
    why="power counts only with the ranging run, the testing run and the session's records",
    fix="add the missing part of the power session, or remove the others",
    source=CHECKER, key="layout.required_files.power",
)
def power_complete(result: Result, context: Context) -> Iterator[Fault]:
    """power/, ranging/ and run_1/spl.txt come together."""
    power = power_of(result)
    here = f"{result.path}/performance"
    for name, there in (("power", power.power is not None), ("ranging", power.ranging is not None),
                        (f"{RUN}/spl.txt", power.spl is not None)):
        if not there:
            yield Fault(Location(f"{here}/{name}"), "absent", f"{name}, as the other parts are "
                        "there", subcode=name, absent=True)


@rule(
    id="POWR002", name="power-files", title="The power folders have their files",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="the power metric and its checks are made from these files",
    fix="add the file as the power tools wrote it",
    source=CHECKER, key="layout.required_files.power",
)
def power_files(result: Result, context: Context) -> Iterator[Fault]:
    """The required files are present; others are named."""
    power = power_of(result)
    cite = context.cite("layout.required_files.power")
    wanted: dict[str, set[str]] = {}
    for path in context.round.layout.required_power:
        folder, _, name = path.removeprefix("performance/").partition("/")
        wanted.setdefault(folder, set()).add(name)
    have = {"power": power.power, "ranging": power.ranging.folder if power.ranging else None,
            RUN: result.performance[0].folder if result.performance else None}
    for folder, names in wanted.items():
        listing = have.get(folder)
        if listing is None:
            continue
        for name in sorted(names - set(listing.files)):
            yield Fault(Location(f"{listing.path}/{name}"), "no such file",
                        f"{quote(name)} ({cite})", subcode=f"{folder}/{name}", absent=True)
        if folder == "power" and (extra := sorted(set(listing.files) - names)):
            yield Fault(Location(f"{listing.path}/{extra[0]}"),
                        f"extra files: {listed(extra)}", f"only {listed(sorted(names), 6)}",
                        subcode="extra", level=Level.WARNING)


@rule(
    id="POWR003", name="power-texts", title="Analyzer and power settings are described",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power,
    why="a reader must know how the power was measured and how the system was set",
    fix="add analyzer_table and power_settings to the measurements folder",
    source=f"{POWER_RULES}, What needs to be submitted", key="layout.required_files",
)
def power_texts(result: Result, context: Context) -> Iterator[Fault]:
    """Both texts, not empty, lie in the measurements folder or up to three levels above."""
    power = power_of(result)
    for name, sizes in power.texts.items():
        if not any(sizes.values()):
            empty = next(iter(sizes), None)
            yield Fault(Location(empty or result.measurements.path),
                        "0 bytes" if empty else f"no {name}.*", f"{name}.* with content",
                        subcode=name, absent=True)


@rule(
    id="POWR004", name="power-records", title="The session records can be read",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR002",),
    why="clocks, phases and checksums of the session stand in these files",
    fix="submit client.json and server.json as the power tools wrote them",
    source=CHECKER,
)
def power_records(result: Result, context: Context) -> Iterator[Fault]:
    """client.json and server.json are objects with every section."""
    power = power_of(result)
    for document, sections in ((power.client, SECTIONS),
                               (power.server, SECTIONS + SERVER_SECTIONS)):
        if document is None:
            continue
        if not document.readable:
            problem = document.problems[0] if document.problems else None
            yield Fault(problem.at if problem else document.at(),
                        problem.text if problem else "no JSON object", "a JSON object")
            continue
        missing = [name for name in sections if name not in document.value]
        if missing:
            yield Fault(document.at(), f"no {listed(missing)}", f"{', '.join(sections)}")


@rule(
    id="POWR005", name="power-sources", title="The power tools are an approved set",
    level=Level.WARNING, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="changed tools can measure something else",
    fix="use the released power tools of the round",
    source="mlcommons/inference tools/submission/power/sources_checksums.json",
    key="power.client_server_source_sha1",
)
def power_sources(result: Result, context: Context) -> Iterator[Fault]:
    """The hashes of the tools' sources are one of the round's approved sets."""
    approved = context.round.power.get("client_server_source_sha1")
    if not isinstance(approved, list) or not approved:
        raise Skip("the round data give no approved set")
    for document in both_of(result):
        own = document.get("sources")
        if not isinstance(own, dict) or not any(
            _same_sources(own, known) for known in approved
        ):
            yield Fault(document.at("sources"), "hashes of no approved set",
                        f"an approved set ({context.cite('power.client_server_source_sha1')})")


def _same_sources(own: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    return all(own.get(name) == value for name, value in known.items() if name in own) and bool(
        set(own) & set(known))


@rule(
    id="POWR006", name="ptd-identity", title="PTDaemon and analyzer are supported",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="only accepted analyzers and PTDaemon versions have known accuracy",
    fix="measure with a supported analyzer and PTDaemon version",
    source=CHECKER, key="power.ptd_versions",
)
def ptd_identity(result: Result, context: Context) -> Iterator[Fault]:
    """The reply to Identify names a version of the round and a known analyzer."""
    _, server = both_of(result)
    reply = _reply(server, "Identify")
    if reply is None:
        yield Fault(server.at("ptd_messages"), "no reply to Identify",
                    "the analyzer's identity")
        return
    analyzers = context.round.power.get("analyzers", {})
    versions = context.round.power.get("ptd_versions", [])
    assert isinstance(analyzers, Mapping) and isinstance(versions, list)
    model = reply.partition(",")[0]
    if model not in analyzers:
        yield Fault(server.at("ptd_messages"), f"analyzer {quote(model)}",
                    f"one of {', '.join(analyzers)} ({context.cite('power.analyzers')})",
                    subcode="analyzer")
    version = reply.partition("version=")[2].partition("-")[0]
    if version not in versions:
        yield Fault(server.at("ptd_messages"), f"PTDaemon {quote(version)}",
                    f"{' or '.join(versions)} ({context.cite('power.ptd_versions')})",
                    subcode="version", level=Level.WARNING)


class Message(NamedTuple):
    """A message of a session: its number in the record, command and reply, and all fields."""

    number: int
    command: str
    reply: str
    fields: Mapping[str, Any]


def messages_in(document: JsonFile, key: str) -> list[Message]:
    """Return the messages of a record, those to the other side or to the daemon."""
    said = document.get(key)
    return [Message(number, str(item.get("cmd", "")), str(item.get("reply", "")), item)
            for number, item in enumerate(said if isinstance(said, list) else ())
            if isinstance(item, dict)]


def _reply(server: JsonFile, command: str) -> str | None:
    return next((message.reply for message in messages_in(server, "ptd_messages")
                 if message.command == command), None)


@rule(
    id="POWR009", name="power-session", title="Client and server are of one session",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="records of two sessions say nothing about each other",
    fix="submit both files of the same session",
    source=CHECKER,
)
def power_session(result: Result, context: Context) -> Iterator[Fault]:
    """The uuids and the session name are equal, and those that the messages agreed on."""
    client, server = both_of(result)
    for name in ("uuid", "session_name"):
        if client.get(name) != server.get(name):
            yield Fault(client.at(name), f"{name} {quote(client.get(name))}",
                        f"{quote(server.get(name))}, as in server.json", subcode=name)
            return
    agreed = _agreed(client)
    uuid = client.get("uuid")
    have = {"session_name": client.get("session_name"), **{
        f"uuid/{side}": uuid.get(side) for side in ("client", "server") if isinstance(uuid, dict)}}
    for name, value in agreed.items():
        if value and name in have and have[name] != value:
            yield Fault(client.at_pointer(f"/{name}"), f"{name} {quote(have[name])}",
                        f"{quote(value)}, as client and server agreed in the message new",
                        subcode=name)


def _agreed(client: JsonFile) -> dict[str, str]:
    """Return name and uuids of the session from ``new,LABEL,UUID`` and ``OK NAME,UUID``."""
    for message in messages_in(client, "messages"):
        asked = message.command.split(",")
        if asked[0] == "new" and len(asked) == 3:
            name, comma, server = message.reply.removeprefix("OK ").partition(",")
            if comma and message.reply.startswith("OK "):
                return {"session_name": name, "uuid/client": asked[2], "uuid/server": server}
    return {}


@rule(
    id="POWR010", name="power-clocks", title="The clocks of client and server agree",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="samples are matched to the run by time",
    fix="synchronise both clocks and measure again",
    source=CHECKER, key="power.limits.clock_tolerance_ms",
)
def power_clocks(result: Result, context: Context) -> Iterator[Fault]:
    """Both sides have the same phases, each starting within the tolerance."""
    client, server = both_of(result)
    tolerance_ms = limit_of(context, "clock_tolerance_ms")
    for name in ("ranging", "testing"):
        mine, theirs = phases_of(client, name), phases_of(server, name)
        if len(mine) != len(theirs):
            yield Fault(client.at("phases"), f"{len(mine)} {name} phases",
                        f"{len(theirs)}, as in server.json", subcode=name)
            continue
        apart = [abs(a - b) * 1000 for a, b in zip(mine, theirs, strict=True)]
        if apart and max(apart) > tolerance_ms:
            yield Fault(client.at("phases"), f"{name} phases {max(apart):.0f} ms apart",
                        f"at most {tolerance_ms:g} ms "
                        f"({context.cite('power.limits.clock_tolerance_ms')})", subcode=name)


@rule(
    id="POWR011", name="run-in-phase", title="The run lies inside its phase of the session",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004", "PERF001"),
    why="a run outside the phase is not the one whose power was measured",
    fix="submit the logs of the power session's own run",
    source=CHECKER,
)
def run_in_phase(result: Result, context: Context) -> Iterator[Fault]:
    """power_begin and power_end lie between the second and the third start of their phase."""
    power = power_of(result)
    client, _ = both_of(result)
    for name, run in (("ranging", power.ranging), ("testing", result.run)):
        starts = phases_of(client, name)
        span = window(run, power, context.round) if run is not None else None
        if span is None or run is None or len(starts) < 3:
            continue
        shift = _offset_hours(span[0] - starts[1])
        low, high = starts[1] + shift, starts[2] + shift
        if not low - 1 <= span[0] <= span[1] <= high + 1:
            yield Fault(run.at("power_begin"), f"{name} run from {span[0]:.3f} to {span[1]:.3f}",
                        f"between {low:.3f} and {high:.3f} (client.json phases)", subcode=name)
        elif shift and abs(shift) == HOUR_S:
            yield Fault(run.at("power_begin"), f"{name} run shifted by one hour",
                        "the clock of the session", subcode=name, level=Level.INFO)


def _offset_hours(difference_s: float) -> float:
    """Return the whole quarter-hours by which two clocks are set apart."""
    quarter = HOUR_S / 4
    return round(difference_s / quarter - 0.3) * quarter if abs(difference_s) > quarter else 0.0
