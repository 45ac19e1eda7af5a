"""A power session around a run of the bundled submission, made in the session's own forms."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

from fixtures.builder import BASE, SYSTEM, Tree, result, run

FORM = "%m-%d-%Y %H:%M:%S.%f"
SESSION = "2026-11-01_00-00-00"


V, A, GO, STOP = "Range V changed", "Range A changed", "Go,1000,0", "Stop"
STARTING = "Starting untimed measurement, maximum 1000000 samples at 1000ms with 0 rampup s"
STOPPING = "Stopping untimed measurement"
MESSAGES = [{"cmd": cmd, "reply": reply} for cmd, reply in (
    ("Hello", "Hello, PTDaemon here!"),
    ("Identify", "YokogawaWT210,1000,version=1.11.1-462c978e"),
    ("RR", "Ranges,1,2.000000,0,150.000000"),
    ("SR,V,Auto", V), ("SR,A,Auto", A), (f"{GO},{SESSION}_ranging", STARTING), (STOP, STOPPING),
    ("SR,V,200.0", V), ("SR,A,1.1", A), (f"{GO},{SESSION}_testing", STARTING), (STOP, STOPPING),
    (STOP, "Error: no measurement to stop"), ("SR,V,150.000000", V), ("SR,A,Auto", A),
)]
"""What the tools say to the analyzer's daemon and hear, in the order of published sessions."""


def stamp(when: datetime) -> str:
    return when.strftime(FORM)[:-3]


def times(tree: Tree) -> tuple[datetime, datetime]:
    found = {}
    for line in tree.text(run()).splitlines():
        record = json.loads(line.removeprefix(":::MLLOG "))
        if record["key"] in ("power_begin", "power_end"):
            found[record["key"]] = datetime.strptime(record["value"], FORM).replace(tzinfo=UTC)
    return found["power_begin"], found["power_end"]


def samples(begin: datetime, end: datetime, kind: str) -> str:
    lines, at = [], begin - timedelta(seconds=1)
    while at < end + timedelta(seconds=1):
        lines.append(f"Time,{stamp(at)},Watts,100.0,Volts,200.0,Amps,1.0,PF,0.5,"
                     f"Mark,{SESSION}_{kind}")
        at += timedelta(seconds=0.2)
    return "\n".join(lines) + "\n"


def with_power(tree: Tree) -> Tree:
    """Add a complete power session to digits Offline; ranging is the same run, seen twice."""
    performance = f"{result()}/performance"
    begin, end = times(tree)
    for name in ("mlperf_log_detail.txt", "mlperf_log_summary.txt"):
        tree.copy(f"{performance}/run_1/{name}", f"{performance}/ranging/{name}")
    testing = samples(begin, end, "testing")
    tree.write(f"{performance}/run_1/spl.txt", testing)
    tree.write(f"{performance}/ranging/spl.txt", samples(begin, end, "ranging"))
    tree.write(f"{performance}/power/ptd_logs.txt", "\n".join([
        f"{stamp(begin)}: Uncertainty checking for YokogawaWT210 is activated",
        f"{stamp(begin)}: Go with mark '{SESSION}_ranging'", f"{stamp(end)}: Completed test",
        f"{stamp(begin)}: Go with mark '{SESSION}_testing'", f"{stamp(end)}: Completed test",
    ]) + "\n")
    for name in ("client.log", "server.log"):
        tree.write(f"{performance}/power/{name}", "session log\n")
    _records(tree, performance, begin, end, testing.count("Time,"))
    tree.write(f"{BASE}/measurements/{SYSTEM}/analyzer_table.md", "one analyzer\n")
    return tree.write(f"{BASE}/measurements/{SYSTEM}/power_settings.md", "defaults\n")


def _said(starts: list[float]) -> list[dict[str, object]]:
    """Return what client and server said: the clock, the session, the testing run."""
    session = f"session,{SESSION}"
    told = [("time", str(starts[0] - 2), starts[0] - 2, starts[0] - 2),
            ("new,,a", f"OK {SESSION},b", starts[0] - 1, starts[0] - 1),
            (f"{session},start,testing", "OK", starts[0], starts[1]),
            (f"{session},stop,testing", "OK", starts[2], starts[3])]
    return [{"cmd": cmd, "cmd_time": sent, "reply": reply, "reply_time": answered}
            for cmd, reply, sent, answered in told]


def _records(
    tree: Tree, performance: str, begin: datetime, end: datetime, measured: int
) -> None:
    starts = [begin.timestamp() - 5, begin.timestamp() - 1, end.timestamp() + 1,
              end.timestamp() + 5]
    hashes = {
        name: hashlib.sha1(tree.path(f"{performance}/{name}").read_bytes()).hexdigest()
        for name in (*(f"{part}/{name}" for part in ("run_1", "ranging") for name in (
            "mlperf_log_detail.txt", "mlperf_log_summary.txt", "spl.txt")),
            "power/client.log", "power/server.log", "power/ptd_logs.txt")
    }
    shared = {
        "version": "1.0", "timezone": 0, "modules": {},
        "sources": {"client.py": "33ca4f26368777ac06e01f9567b714a4b8063886"},
        "messages": _said(starts),
        "uuid": {"client": "a", "server": "b"}, "session_name": SESSION, "results": hashes,
        "phases": {kind: [[at, at - starts[0]] for at in starts]
                   for kind in ("ranging", "testing")},
    }
    watts = {"cmd": "Watts", "reply": f"Watts{',100.000000' * 3},{measured},0,{measured}"}
    tree.write(f"{performance}/power/client.json", json.dumps(shared))
    tree.write(f"{performance}/power/server.json", json.dumps({
        **shared, "ptd_messages": [*MESSAGES, watts], "ptd_config": [{"device_type": 8}],
    }))
