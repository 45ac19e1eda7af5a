"""Edits that the rules replaying LoadGen must find in the bundled submission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fixtures.builder import Tree, accuracy, audit
from tests.rules.edits import ACC_LOG, ANSWERS, OFF, SERVER, TOKENS, Edit

TEST01 = audit("TEST01")
SAMPLED = f"{TEST01}/accuracy/mlperf_log_accuracy.json"
SERVER_AUDIT = audit("TEST01", scenario="Server")
QUERIES, DURATION = "generated_query_count", "generated_query_duration"
SAMPLES = "loaded_qsl_set"


def changed(log: str, key: str, change: Callable[[Any], Any]) -> Edit:
    """Return an edit of every value of a key."""
    def edit(tree: Tree) -> Tree:
        return tree.edit_log(log, key, lambda r: {**r, "value": change(r["value"])})

    return edit


def exchanged(samples: list[int]) -> list[int]:
    return [samples[1], samples[0], *samples[2:]]


def last_set_dropped(tree: Tree) -> Tree:
    seen = 0

    def drop(record: dict[str, Any]) -> dict[str, Any] | None:
        nonlocal seen
        seen += 1
        return None if seen == 4 else record

    return tree.edit_log(ACC_LOG, SAMPLES, drop)


def unknown_loadgen(tree: Tree) -> Tree:
    changed(OFF, SAMPLES, exchanged)(tree)
    return tree.set_log(OFF, "loadgen_version", "a build of ours")


def answers(log: str, change: Callable[[list[str]], list[str]]) -> Edit:
    """Return an edit of the records of an accuracy log, one per line between its brackets."""
    def edit(tree: Tree) -> Tree:
        lines = tree.text(log).splitlines()
        records = [line.rstrip(",") for line in lines[1:-1]]
        return tree.write(log, "\n".join([lines[0], ",\n".join(change(records)), lines[-1]]) + "\n")

    return edit


def indices_exchanged(records: list[str]) -> list[str]:
    """Exchange the sample indices of the first two answers."""
    first, second = (record.partition('"qsl_idx" : ') for record in records[:2])
    one, rest = first[2].split(",", 1)
    two, more = second[2].split(",", 1)
    return [f'{first[0]}"qsl_idx" : {two},{rest}', f'{second[0]}"qsl_idx" : {one},{more}',
            *records[2:]]


CASES: dict[str, list[Edit]] = {
    "LGEN020": [
        changed(OFF, SAMPLES, exchanged),
        changed(OFF, SAMPLES, lambda samples: samples[:-1]),
        lambda t: t.set_log(SERVER, "effective_qsl_rng_seed", 1),
        last_set_dropped,
        unknown_loadgen,
        changed(f"{TEST01}/performance/run_1/mlperf_log_detail.txt", SAMPLES, exchanged),
    ],
    "LGEN021": [
        changed(SERVER, QUERIES, lambda n: n - 2),
        changed(SERVER, DURATION, lambda ns: ns + 1),
        changed(TOKENS, "effective_schedule_rng_seed", lambda seed: seed + 1),
        changed(SERVER, "effective_target_qps", lambda qps: qps * 1.01),
        changed(SERVER, "result_scheduled_samples_per_sec", lambda rate: rate * 1.001),
        changed(ACC_LOG, QUERIES, lambda n: n + 1),
        changed(OFF, "generated_samples_per_query", lambda n: n - 1),
    ],
    "LGEN022": [
        answers(ANSWERS, indices_exchanged),
        lambda t: t.set_log(f"{accuracy(scenario='Server')}/mlperf_log_detail.txt",
                            "effective_sample_index_rng_seed", 1),
        answers(SAMPLED, indices_exchanged),
        answers(SAMPLED, lambda records: records[:3] + records[4:]),
        answers(SAMPLED, lambda records: [*records, records[0]]),
        lambda t: t.set_log(f"{SERVER_AUDIT}/performance/run_1/mlperf_log_detail.txt",
                            "effective_accuracy_log_rng_seed", 1),
        lambda t: t.copy(f"{audit('TEST01', scenario='SingleStream')}/accuracy", TEST01 +
                         "/accuracy"),
    ],
}

PASSING: dict[str, Edit] = {}
