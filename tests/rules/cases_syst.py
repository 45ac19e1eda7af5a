"""Edits of the bundled submission that the SYST rules must find, and edits they must pass."""

from __future__ import annotations

from fixtures.builder import BASE, SYSTEM, SYSTEM_FILE, run
from tests.rules.edits import MS, NETWORK, OFF, SERVER, SS, TOKENS, Edit, network, two_divisions

CASES: dict[str, list[Edit]] = {
    "SYST001": [lambda t: t.write(SYSTEM_FILE, t.text(SYSTEM_FILE)[:300]),
                lambda t: t.replace(SYSTEM_FILE, '"cooling": "air"',
                                    '"cooling": "air", "cooling": "water"'),
                lambda t: t.write(SYSTEM_FILE, "[" * 300 + "]" * 300),
                lambda t: t.replace(SYSTEM_FILE, '"number_of_nodes": 1',
                                    '"number_of_nodes": NaN'),
                lambda t: t.replace(SYSTEM_FILE, '"number_of_nodes": 1',
                                    '"number_of_nodes": 1e400')],
    "SYST002": [lambda t: t.edit_json(SYSTEM_FILE, lambda d: d.update(
        host_memory_capcity=d.pop("host_memory_capacity")))],
    "SYST003": [lambda t: t.set_json(SYSTEM_FILE, "framework", " "),
                lambda t: t.set_json(SYSTEM_FILE, "framework", "TBD")],
    "SYST004": [lambda t: t.set_json(SYSTEM_FILE, "hw_note", "x")],
    "SYST005": [lambda t: t.set_json(SYSTEM_FILE, "submitter", "Other"),
                lambda t: t.set_json(SYSTEM_FILE, "submitter", "demoorg")],
    "SYST006": [lambda t: t.set_json(SYSTEM_FILE, "division", "open")],
    "SYST007": [lambda t: t.set_json(SYSTEM_FILE, "status", "availabel")],
    "SYST008": [lambda t: t.set_json(SYSTEM_FILE, "system_type", "laptop"),
                lambda t: t.set_json(SYSTEM_FILE, "system_type", "datacenter, edge")],
    "SYST009": [lambda t: t.set_json(SYSTEM_FILE, "number_of_nodes", "2 (big); 4 (LITTLE)"),
                lambda t: t.set_json(SYSTEM_FILE, "number_of_nodes", 0)],
    "SYST010": [lambda t: t.set_json(SYSTEM_FILE, "accelerators_per_node", 4)],
    "SYST012": [lambda t: network(t)],
    "SYST013": [lambda t: network(t, network_type="Ethernet")],
    "SYST014": [lambda t: network(t)],
    "SYST015": [lambda t: (t.rename("closed", "network"), t.set_json(
        f"network/DemoOrg/systems/{SYSTEM}.json", "system_type", "edge"))],
    "SYST016": [lambda t: network(t, network_type="carrier pigeon")],
    "SYST018": [lambda t: (t.set_json(SYSTEM_FILE, "framework", "ours"), t.set_json(
        SYSTEM_FILE, "other_software_stack", "an internal build"))],
    "SYST022": [lambda t: t.set_json(SYSTEM_FILE, "host_processor_core_count", "")],
    "SYST023": [lambda t: t.edit_json(SYSTEM_FILE, lambda d: d.update(
        accelerators_per_node=4, accelerator_model_name="A100")) and [
            t.rename(f"{BASE}/{a}/{SYSTEM}{e}", f"{BASE}/{a}/A100x8{e}")
            for a, e in (("results", ""), ("measurements", ""), ("compliance", ""),
                         ("systems", ".json"))]],
    "SYST024": [two_divisions],
}

PASSING: dict[str, Edit] = {
    "SYST013": lambda t: network(t, **dict.fromkeys(NETWORK, "x")),
    "SYST014": lambda t: [network(t).set_log(log, "sut_name", "Network SUT demo") for log in (
        OFF, SERVER, SS, MS, TOKENS, run("toyllm", "Offline"))],
    "SYST015": lambda t: (t.rename("closed", "network"), t.set_json(
        f"network/DemoOrg/systems/{SYSTEM}.json", "division", "network")),
    "SYST016": lambda t: network(t, network_type="Ethernet"),
    "SYST023": lambda t: t.edit_json(SYSTEM_FILE, lambda d: d.update(
        accelerators_per_node=4, accelerator_model_name="A")),
}
