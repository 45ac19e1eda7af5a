"""Edits of the made submission of the endpoints harness that the ENDP rules must find."""

from __future__ import annotations

import json
from typing import Any

from fixtures.builder import Tree
from fixtures.endpoints import BASE, CLOUD, EDGE, LOADGEN_MODEL, ROUND, make_endpoints
from tests.rules.edits import Edit

START = make_endpoints
"""Makes the submission in a folder; ``ROUND`` judges it."""
__all__ = ["CASES", "PASSING", "ROUND", "START"]

RESULTS = f"{BASE}/results/{CLOUD}"
OSS, WAN = f"{RESULTS}/gpt-oss-120b", f"{RESULTS}/wan-2.2-t2v-a14b"
VL, AGENT = f"{RESULTS}/qwen3-vl-235b-a22b", f"{BASE}/results/{EDGE}/qwen3.6-27b/SingleStream"
OFFLINE, ONLINE = f"{OSS}/Offline", f"{OSS}/Interactive"
LOADGEN = f"{RESULTS}/{LOADGEN_MODEL}/Offline"
SUMMARY = "performance/result_summary.json"
SCORES = "accuracy/accuracy_results.json"
AUDIT = f"{WAN}/Offline/audit/audit_output_caching_test.json"
P99 = "early_stopping_percentiles/99.0"


def summary(folder: str, pointer: str, value: Any) -> Edit:
    return lambda tree: tree.set_pointer(f"{folder}/{SUMMARY}", pointer, value)


def scores(folder: str, pointer: str, value: Any) -> Edit:
    return lambda tree: tree.set_pointer(f"{folder}/{SCORES}", f"/accuracy_scores/{pointer}",
                                         value)


def config(folder: str, old: str, new: str) -> Edit:
    return lambda tree: tree.replace(f"{folder}/config.yaml", old, new)


def audit(**fields: Any) -> Edit:
    def edit(tree: Tree) -> Tree:
        for name, value in fields.items():
            tree.set_json(AUDIT, name, value)
        return tree

    return edit


def scaled(folder: str, pointer: str, factor: float) -> Edit:
    """Multiply one number of a summary."""
    def edit(tree: Tree) -> Tree:
        data: Any = json.loads(tree.text(f"{folder}/{SUMMARY}"))
        for part in pointer.split("/")[1:]:
            data = data[int(part) if isinstance(data, list) else part]
        return tree.set_pointer(f"{folder}/{SUMMARY}", pointer, data * factor)

    return edit


def tail_lowered(tree: Tree) -> None:
    """Lower the upper half of a latency alike; only the histogram still has it."""
    scaled(ONLINE, "/tpot/median", 0.9)(tree)
    for part in ("percentiles", "early_stopping_percentiles"):
        for share in ("50.0", "75.0", "80.0", "90.0", "95.0", "97.0", "99.0"):
            scaled(ONLINE, f"/tpot/{part}/{share}", 0.9)(tree)


CASES: dict[str, list[Edit]] = {
    "ENDP001": [
        lambda t: t.delete(f"{ONLINE}/config.yaml"),
    ],
    "ENDP002": [
        lambda t: t.write(f"{LOADGEN}/{SUMMARY}", "{}"),
        lambda t: t.write(f"{LOADGEN}/config.yaml", "a: 1\n"),
    ],
    "ENDP003": [
        lambda t: t.rename(f"{ONLINE}/{SUMMARY}",
                           f"{ONLINE}/performance/run_1/result_summary.json"),
        lambda t: t.write(f"{ONLINE}/{SCORES}", "[]"),
        summary(ONLINE, "/n_samples_failed", "none"),
        lambda t: t.delete(f"{WAN}/Offline/accuracy/videos/84.mp4"),
    ],
    "ENDP004": [
        lambda t: t.rename(OSS, f"{BASE}/results/{CLOUD}/llama2-70b-99.9"),
    ],
    "ENDP005": [
        config(OFFLINE, "type: offline", "type: online"),
        config(f"{WAN}/Offline", "benchmark_mode: offline", "benchmark_mode: online"),
    ],
    "ENDP006": [
        config(ONLINE, "min_duration_ms: 600000", "min_duration_ms: 599999"),
        summary(ONLINE, "/duration_ns", int(599e9)),
    ],
    "ENDP007": [
        config(ONLINE, "scheduler_random_seed: 16159082839903944936",
               "scheduler_random_seed: 42"),
    ],
    "ENDP008": [
        summary(f"{VL}/Server", f"/latency/{P99}", 12000100000.0),
    ],
    "ENDP009": [
        summary(ONLINE, f"/tpot/{P99}", 20000000.0),
        summary(ONLINE, f"/tpot/{P99}", 15000000.0),
        summary(ONLINE, f"/ttft/{P99}", None),
        summary(ONLINE, "/ttft", {}),
    ],
    "ENDP010": [
        lambda t: summary(ONLINE, "/state", "interrupted")(
            summary(ONLINE, "/n_samples_failed", 3)(t)),
        summary(ONLINE, "/n_samples_completed", 6393),
    ],
    "ENDP011": [
        summary(OFFLINE, "/n_samples_issued", 6395),
        summary(ONLINE, "/n_samples_issued", 661),
    ],
    "ENDP012": [
        summary(OFFLINE, "/qps", 5.4),
        summary(OFFLINE, "/tps", 7000.0),
    ],
    "ENDP013": [
        scores(OFFLINE, "2/score", 0.82),
        scores(OFFLINE, "1/score", None),
        scores(f"{VL}/Server", "0/score", {"f1": 0.7798}),
    ],
    "ENDP014": [
        scores(OFFLINE, "0/total_samples", 239),
        scores(OFFLINE, "0/complete", False),
    ],
    "ENDP015": [
        lambda t: t.delete(AUDIT),
        audit(passed=False),
        audit(audit_qps=0.265),
        audit(threshold=0.5, audit_completed=100),
        audit(test="other_test"),
        audit(ref_requested=130),
    ],
    "ENDP016": [
        summary(OFFLINE, "/output_sequence_lengths/avg", 1406.03),
    ],
    "ENDP017": [
        config(ONLINE, "streaming: on", "streaming: off"),
    ],
    "ENDP018": [
        config(OFFLINE, "type: max_throughput", "type: poisson"),
        config(f"{WAN}/SingleStream", "target_concurrency: 1", "target_concurrency: 2"),
    ],
    "ENDP019": [
        summary(OFFLINE, "/git_sha", None),
    ],
    "ENDP020": [
        lambda t: t.write(f"{OFFLINE}/performance/events.jsonl", "{}\n"),
    ],
    "ENDP021": [
        config(OFFLINE, "api_key: null", "api_key: sk-0123456789"),
    ],
    "ENDP022": [
        summary(OFFLINE, "/tps", None),
    ],
    "ENDP023": [
        summary(OFFLINE, "/latency/avg", 1e9),
        summary(OFFLINE, "/latency/percentiles/50.0", 1e9),
        lambda t: t.set_pointer(f"{OFFLINE}/{SUMMARY}", "/ttft/histogram/counts/0", 0),
    ],
    "ENDP024": [
        scaled(ONLINE, f"/tpot/{P99}", 0.9),
        scaled(ONLINE, f"/tpot/{P99}", 1.1),
        scaled(ONLINE, "/ttft/median", 0.9),
        scaled(ONLINE, "/latency/min", 0.9),
        scaled(ONLINE, "/latency/max", 20),
        scaled(ONLINE, "/ttft/percentiles/50.0", 0.9),
        scaled(ONLINE, "/latency/histogram/buckets/3/1", 1.1),
        tail_lowered,
    ],
    "ENDP025": [
        scores(OFFLINE, "2/score", 0.84),
        scores(AGENT, "0/score", 0.87),
        lambda t: t.set_json(f"{OFFLINE}/{SCORES}", "average_accuracy", 0.85),
    ],
}


def unchanged(tree: Tree) -> None:
    """Leave the submission as it is."""


def by_the_round(tree: Tree) -> None:
    """Leave out the model for which the harness has settings of its own."""
    tree.delete(AGENT)


PASSING: dict[str, Edit] = {
    rule: by_the_round if rule in ("ENDP006", "ENDP007") else unchanged for rule in CASES
}
