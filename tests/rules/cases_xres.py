"""Edits of the bundled submission that the XRES rules must find, and edits they must pass."""

from __future__ import annotations

from typing import Any

from fixtures.builder import BASE, SYSTEM, SYSTEM_FILE, Tree, audit, result
from tests.rules.edits import ACC_LOG, ANSWERS, OFF, Edit, two_divisions

OTHER = OFF.replace(SYSTEM, "other-host")
AUDIT_LOG = f"{audit('TEST01')}/performance/run_1/mlperf_log_detail.txt"


def second_system(tree: Tree, **fields: Any) -> Tree:
    """Add a system that shows the Offline result of the first one as its own."""
    there = f"{BASE}/systems/other-host.json"
    tree.copy(SYSTEM_FILE, there)
    for name, value in {"system_name": "other host", **fields}.items():
        tree.set_json(there, name, value)
    return tree.copy(result(), result().replace(SYSTEM, "other-host"))


def changed(key: str, value: Any) -> Edit:
    return lambda tree: second_system(tree).set_log(OTHER, key, value)


CASES: dict[str, list[Edit]] = {
    "XRES001": [lambda t: second_system(t, host_memory_capacity="1 TB"), second_system,
                lambda t: t.copy(OFF, OFF.replace("digits", "toyllm"))],
    "XRES002": [changed("result_samples_per_second", 9000.5)],
    "XRES003": [changed("result_max_latency_ns", 1),
                lambda t: changed("power_begin", "01-01-2026 00:00:00.000")(t).set_log(
                    OTHER, "result_max_latency_ns", 1)],
    "XRES004": [changed("test_datetime", "2026-01-01T00:00:00Z")],
    "XRES022": [
        lambda t: t.copy(ANSWERS, ANSWERS.replace("digits", "toyllm")),
        lambda t: t.copy(ACC_LOG, ACC_LOG.replace("digits", "toyllm")),
        lambda t: t.copy(OFF.replace("digits", "toyllm"), AUDIT_LOG),
        lambda t: second_system(t, host_memory_capacity="1 TB"),
    ],
}

PASSING: dict[str, Edit] = {
    "XRES001": two_divisions,
    "XRES022": second_system,
}
