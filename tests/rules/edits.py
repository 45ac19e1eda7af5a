"""Edits of the bundled submission that the cases of the rules share."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from fixtures.builder import (
    BASE,
    SYSTEM,
    SYSTEM_FILE,
    Tree,
    accuracy,
    measurements,
    result,
    run,
)
from tests.rules.power_fixture import with_power

Edit = Callable[[Tree], Any]
OFF = run()
SERVER, SS, MS = run(scenario="Server"), run(scenario="SingleStream"), run(scenario="MultiStream")
TOKENS = run("toyllm", "Server")
TEXT = f"{accuracy()}/accuracy.txt"
ACC_LOG = f"{accuracy()}/mlperf_log_detail.txt"
ANSWERS = f"{accuracy()}/mlperf_log_accuracy.json"
CONF = f"{measurements()}/user.conf"
DESC = f"{measurements()}/{SYSTEM}_demo_Offline.json"
SUMMARY = f"{result()}/performance/run_1/mlperf_log_summary.txt"
PERF_KEYS = ("effective_qsl_rng_seed", "effective_sample_index_rng_seed",
             "effective_schedule_rng_seed")


def seeds(tree: Tree, log: str, triple: tuple[int, int, int]) -> Tree:
    for key, value in zip(PERF_KEYS, triple, strict=True):
        tree.set_log(log, key, value)
    return tree


def special(tree: Tree) -> None:
    os.mkfifo(tree.path(f"{BASE}/results/{SYSTEM}/pipe"))


def link(tree: Tree, name: str, target: str) -> None:
    tree.path(name).symlink_to(target)


def open_bad_accuracy(tree: Tree) -> Tree:
    tree.open_division()
    return tree.write("open/DemoOrg/results/demo-host/digits/Offline/accuracy/accuracy.txt",
                      "nothing\n\nhash=" + "0" * 64 + "\n")


def mapped(tree: Tree) -> Tree:
    """Move digits to the open division, below a name of its own."""
    tree.open_division().write("open/DemoOrg/model_mapping.json", '{"mine": "digits"}')
    for kind in ("results", "measurements"):
        folder = f"open/DemoOrg/{kind}/{SYSTEM}"
        tree.rename(f"{folder}/digits", f"{folder}/mine")
    return tree


def network(tree: Tree, **fields: Any) -> Tree:
    for name, value in {"is_network": True, **fields}.items():
        tree.set_json(SYSTEM_FILE, name, value)
    return tree


def two_divisions(tree: Tree) -> Tree:
    tree.copy(BASE, "open/DemoOrg")
    tree.set_json(f"open/DemoOrg/systems/{SYSTEM}.json", "division", "open")
    return tree.set_json(f"open/DemoOrg/systems/{SYSTEM}.json", "number_of_nodes", 2)


def pointer(tree: Tree) -> Tree:
    return tree.write(TEXT, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n")


def power(edit: Edit) -> Edit:
    def both(tree: Tree) -> Any:
        return edit(with_power(tree))

    return both


PERF = f"{result()}/performance"
NETWORK = ("network_type", "network_media", "network_rate", "nic_loadgen", "number_nic_loadgen",
           "net_software_stack_loadgen", "network_protocol", "number_connections", "nic_sut",
           "number_nic_sut", "net_software_stack_sut", "network_topology")


def sha(tree: Tree, name: str) -> str:
    return hashlib.sha256(tree.path(name).read_bytes()).hexdigest()


def stamp(tree: Tree, later_s: float = 0) -> str:
    """Return power_begin of the bundled run, or a time that much later, as the logs write it."""
    lines = [line for line in tree.text(OFF).splitlines() if '"power_begin"' in line]
    begin = str(json.loads(lines[0].removeprefix(":::MLLOG "))["value"])
    when = datetime.strptime(begin, "%m-%d-%Y %H:%M:%S.%f") + timedelta(seconds=later_s)
    return when.strftime("%m-%d-%Y %H:%M:%S.%f")[:-3]


