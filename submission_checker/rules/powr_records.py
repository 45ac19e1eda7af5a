"""POWR014-015, 020: what the two records of a power session say of each other and of the files."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.power import PowerPart
from submission_checker.model.submission import Result
from submission_checker.rules.powr import CHECKER, both_of, no_power, power_of
from submission_checker.rules.texts import place, quote

RECORDS = ("power/client.json", "power/server.json")


@rule(
    id="POWR014", name="power-messages", title="Client and server tell of the same messages",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="the two sides of one conversation are equal",
    fix="submit both files of the same session",
    source=CHECKER,
)
def power_messages(result: Result, context: Context) -> Iterator[Fault]:
    """Versions and commands are equal, and so are replies other than those to time."""
    client, server = both_of(result)
    if client.get("version") != server.get("version"):
        yield Fault(client.at("version"), f"version {quote(client.get('version'))}",
                    f"{quote(server.get('version'))}, as in server.json", subcode="version")
    mine, theirs = client.get("messages"), server.get("messages")
    if not isinstance(mine, list) or not isinstance(theirs, list):
        raise Skip("no list of messages")
    if not 0 <= len(theirs) - len(mine) <= 1:
        yield Fault(client.at("messages"), f"{len(mine)} messages",
                    f"{len(theirs)}, as in server.json, or one fewer (the last is sent after "
                    "the client's record is written)")
        return
    for number, (a, b) in enumerate(zip(mine, theirs, strict=False)):
        if not isinstance(a, dict) or not isinstance(b, dict):
            continue
        same_reply = a.get("cmd") == "time" or a.get("reply") == b.get("reply")
        if a.get("cmd") != b.get("cmd") or not same_reply:
            yield Fault(client.at("messages"), f"message {number}: {quote(a.get('cmd'))} with "
                        f"reply {quote(a.get('reply'))}",
                        f"{quote(b.get('cmd'))} with reply {quote(b.get('reply'))}")
            return


@rule(
    id="POWR015", name="power-checksums", title="The files are those of the session",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="the checksums tie the published logs to the power session",
    fix="submit the session's files unchanged; keep line ends with `-text` in .gitattributes",
    source=CHECKER, suppressible=False, key="power.checksummed_files",
)
def power_checksums(result: Result, context: Context) -> Iterator[Fault]:
    """SHA-1 of each recorded file equals the record; other line ends are a warning."""
    power = power_of(result)
    documents = both_of(result)
    wanted = context.round.power.get("checksummed_files", [])
    assert isinstance(wanted, list)
    yield from _unrecorded(result, power, documents, wanted, context)
    for document in documents:
        recorded = document.get("results")
        for name, value in recorded.items() if isinstance(recorded, dict) else ():
            have = power.sha1.get(name)
            if have is None or have == value or (wanted and name not in wanted):
                continue
            ends = power.sha1_by_line_ends.get(name)
            had = ends.that_give(value) if ends is not None and isinstance(value, str) else None
            mild = had is not None or name.startswith("power/")
            recorded = document.at_pointer("/results/" + name.replace("/", "~1"))
            yield Fault(
                Location(f"{result.path}/performance/{name}"),
                f"SHA-1 {have}: "
                + (f"equal with {had} at the end of each line" if had
                   else "another file than the one that the session measured or wrote"),
                f"SHA-1 {value}, as {place(recorded)} records", subcode=name,
                level=Level.WARNING if mild else None,
            )


def _unrecorded(
    result: Result, power: PowerPart, documents: tuple[JsonFile, JsonFile], wanted: list[str],
    context: Context,
) -> Iterator[Fault]:
    """Name files of the session that neither record has; a record cannot hold its own hash."""
    known = {name for document in documents if isinstance(have := document.get("results"), dict)
             for name in have}
    for name in wanted:
        if name in power.sha1 and name not in known and name not in RECORDS:
            yield Fault(
                Location(f"{result.path}/performance/{name}"),
                "recorded neither in client.json nor in server.json",
                f"its SHA-1 in one of them ({context.cite('power.checksummed_files')})",
                subcode=f"{name}-unrecorded",
                level=Level.WARNING if name.startswith("power/") else None,
            )


@rule(
    id="POWR020", name="no-debug", title="The power server did not run in debug mode",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="debug mode changes what the server records",
    fix="measure again without debug mode",
    source=CHECKER,
)
def no_debug(result: Result, context: Context) -> Iterator[Fault]:
    """``debug`` is absent or false."""
    _, server = both_of(result)
    if server.get("debug"):
        yield Fault(server.at("debug"), f"debug {quote(server.get('debug'))}", "false")
