"""Edits of the bundled submission that the POWR rules must find, and edits they must pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from fixtures.builder import BASE, SYSTEM
from tests.rules.edits import OFF, PERF, SUMMARY, Edit, power, stamp
from tests.rules.power_fixture import FORM, MESSAGES, with_power

SERVER = f"{PERF}/power/server.json"
SPL = f"{PERF}/run_1/spl.txt"
STOPPED = "Stopping untimed measurement"


def message(number: int, **fields: str) -> Edit:
    """Change one message of the session with the analyzer's daemon."""
    return power(lambda t: t.edit_json(
        SERVER, lambda d: d["ptd_messages"][number].update(fields)))


def unrecorded(name: str) -> Edit:
    """Take the hash of a file out of both records of the session."""
    def forget(record: dict[str, dict[str, str]]) -> None:
        del record["results"][name]

    return power(lambda t: t.edit_json(f"{PERF}/power/client.json", forget).edit_json(
        SERVER, forget))


def session(name: str, edit: Callable[[Any], Any]) -> Edit:
    """Change one record of the session."""
    return power(lambda t: t.edit_json(f"{PERF}/power/{name}", edit))


def both(edit: Callable[[Any], Any]) -> Edit:
    """Change both records of the session alike."""
    return power(lambda t: t.edit_json(f"{PERF}/power/client.json", edit).edit_json(SERVER, edit))


def moved(samples: str, by_s: float) -> str:
    """Move the samples of a log in time."""
    def move(found: re.Match[str]) -> str:
        when = datetime.strptime(found[1], FORM) + timedelta(seconds=by_s)
        return f"Time,{when.strftime(FORM)[:-3]}"

    return re.sub(r"Time,([^,]*)", move, samples)


def later(message: dict[str, Any], *parts: str) -> None:
    """Move times of a message by 50 s."""
    for part in parts:
        message[part] += 50


CASES: dict[str, list[Edit]] = {
    "POWR001": [power(lambda t: t.delete(f"{PERF}/ranging"))],
    "POWR002": [power(lambda t: t.delete(f"{PERF}/power/client.log")),
                power(lambda t: t.write(f"{PERF}/power/fan.sh", "x"))],
    "POWR003": [power(lambda t: t.delete(f"{BASE}/measurements/{SYSTEM}/analyzer_table.md"))],
    "POWR004": [power(lambda t: t.del_json(f"{PERF}/power/client.json", "phases"))],
    "POWR005": [power(lambda t: t.set_json(f"{PERF}/power/client.json", "sources",
                                           {"client.py": "0" * 40}))],
    "POWR006": [power(lambda t: t.set_json(f"{PERF}/power/server.json", "ptd_messages", [
        {"cmd": "Identify", "reply": "Homemade,version=0.1-x"}]))],
    "POWR007": [
        message(6, reply="Error: analyzer busy"), message(5, cmd="Go,500,0"),
        message(3, reply="Invalid"), message(11, reply=STOPPED),
        power(lambda t: t.set_json(SERVER, "ptd_messages", [MESSAGES[1]]))],
    "POWR008": [message(12, cmd="SR,V,300"),
                power(lambda t: t.set_json(SERVER, "ptd_messages", MESSAGES[:3]))],
    "POWR009": [power(lambda t: t.set_json(f"{PERF}/power/client.json", "session_name", "x")),
                both(lambda d: d.update(session_name="x")),
                both(lambda d: d["uuid"].update(server="x"))],
    "POWR010": [power(lambda t: t.edit_json(
        f"{PERF}/power/client.json",
        lambda d: d["phases"].update(testing=[[x[0] + 0.9, x[1]]
                                              for x in d["phases"]["testing"]])))],
    "POWR011": [power(lambda t: t.set_log(OFF, "power_begin", "01-01-2026 00:00:00.000"))],
    "POWR012": [power(lambda t: t.set_log(f"{PERF}/ranging/mlperf_log_detail.txt", "power_end",
                                          "01-01-2027 00:00:00.000"))],
    "POWR013": [power(lambda t: t.write(f"{PERF}/ranging/spl.txt", t.text(
        f"{PERF}/ranging/spl.txt").replace("Watts,100.0", "Watts,200.0")))],
    "POWR014": [power(lambda t: t.edit_json(f"{PERF}/power/client.json", lambda d: d[
        "messages"][1].update(reply="no"))),
        power(lambda t: t.set_json(f"{PERF}/power/client.json", "version", "0.9"))],
    "POWR015": [power(lambda t: t.write(SUMMARY, t.text(SUMMARY) + "\n")),
                unrecorded("run_1/mlperf_log_detail.txt"), unrecorded("power/ptd_logs.txt")],
    "POWR032": [
        session("client.json", lambda d: later(d["messages"][3], "cmd_time", "reply_time")),
        session("client.json", lambda d: later(d["messages"][2], "reply_time")),
        session("server.json", lambda d: d["messages"][0].update(reply="1")),
        session("server.json", lambda d: d["phases"]["testing"][2].__setitem__(1, 1e6)),
        both(lambda d: d["phases"]["testing"][3].__setitem__(
            0, d["phases"]["testing"][3][0] + 50)),
    ],
    "POWR033": [
        power(lambda t: t.replace(SPL, "Watts,100.0", "Watts,90.0")),
        power(lambda t: t.write(SPL, t.text(SPL).partition("\n")[2])),
        power(lambda t: t.write(SPL, t.text(SPL).replace("Watts,100.0", "Watts,99.0", 1).replace(
            "Watts,100.0", "Watts,101.0", 1))),
    ],
    "POWR034": [
        power(lambda t: t.write(SPL, moved(t.text(SPL), 30))),
        power(lambda t: t.write(f"{PERF}/ranging/spl.txt", moved(
            t.text(f"{PERF}/ranging/spl.txt"), -6))),
    ],
    "POWR035": [power(lambda t: t.replace(f"{PERF}/ranging/spl.txt", "Amps,1.0", "Amps,0.9")),
                message(7, cmd="SR,V,220"), message(8, cmd="SR,A,0.99000000000000004")],
    "POWR016": [power(lambda t: t.replace(f"{PERF}/power/ptd_logs.txt", "testing'\n",
                                          "testing'\n01-01-2026 00:00:00.000: ERROR: bad\n"))],
    "POWR017": [power(lambda t: t.replace(
        f"{PERF}/power/ptd_logs.txt", "testing'\n",
        f"testing'\n{stamp(t)}: WARNING: Uncertainty 1.29%\n")),
        power(lambda t: t.replace(
            f"{PERF}/power/ptd_logs.txt", "testing'\n", "testing'\n" + "".join(
                f"{stamp(t, 0.7)}: WARNING: {said}\n" for said in (
                    "Uncertainty 1.29%, which is above 1.00% limit for the last sample!",
                    "Uncertainty 1.61%, which is above 1.00% limit for the last sample!",
                    "Uncertainty unknown for the last measurement sample!"))))],
    "POWR018": [power(lambda t: t.replace(f"{PERF}/power/ptd_logs.txt", "is activated", "is off"))],
    "POWR019": [power(lambda t: t.set_json(SERVER, "ptd_config", [
        {"device_type": 77, "channel": [1]}]))],
    "POWR020": [power(lambda t: t.set_json(f"{PERF}/power/server.json", "debug", True))],
    "POWR021": [power(lambda t: t.write(f"{PERF}/run_1/spl.txt", ""))],
    "POWR022": [power(lambda t: t.write(f"{PERF}/run_1/spl.txt", t.text(
        f"{PERF}/run_1/spl.txt") + "\nnonsense\n")),
        power(lambda t: t.replace(f"{PERF}/run_1/spl.txt", "_testing", "_other")),
        power(lambda t: t.replace(f"{PERF}/run_1/spl.txt", "100.0,", "100,0,")),
        power(lambda t: t.write(f"{PERF}/run_1/spl.txt", "\n".join(
            [*t.text(f"{PERF}/run_1/spl.txt").splitlines()[::-1], ""])))],
    "POWR023": [power(lambda t: t.replace(f"{PERF}/run_1/spl.txt", "Amps,1.0", "Amps,9.0"))],
    "POWR024": [power(lambda t: t.write(f"{PERF}/run_1/spl.txt", ""))],
    "POWR026": [power(lambda t: t.set_log(f"{PERF}/ranging/mlperf_log_detail.txt",
                                          "effective_scenario", "Server"))],
    "POWR027": [power(lambda t: t.copy(f"{PERF}/run_1", f"{PERF}/run_2")),
                power(lambda t: t.copy(OFF, f"{PERF}/power/mlperf_log_detail.txt"))],
}

PASSING: dict[str, Edit] = dict.fromkeys(CASES, with_power)
