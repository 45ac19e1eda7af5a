"""Edits of accuracy logs that the ACCU rules about answers must find, and edits they must pass."""

from __future__ import annotations

import hashlib

from fixtures.builder import Tree, accuracy, result
from tests.rules.edits import ANSWERS, OFF, TEXT, Edit

LLM = accuracy("toyllm", "Server")
SAMPLES, LLM_SAMPLES = 1000, 200
PERF_ANSWERS = f"{result()}/performance/run_1/mlperf_log_accuracy.json"


def record(seq: int, index: int, data: str = "07000000", tokens: int | None = None) -> str:
    count = "" if tokens is None else f', "token_count" : {tokens}'
    return f'{{ "seq_id" : {seq}, "qsl_idx" : {index}, "data" : "{data}"{count} }}'


def whole(*records: str) -> str:
    return "[\n" + ",\n".join(records) + "\n]\n"


def evaluated(folder: str, log: str) -> Edit:
    """Return an edit that writes a log and names its hash in accuracy.txt."""
    digest = hashlib.sha256(log.encode()).hexdigest()

    def edit(tree: Tree) -> Tree:
        text = tree.text(f"{folder}/accuracy.txt")
        tree.write(f"{folder}/accuracy.txt", text.partition("hash=")[0] + f"hash={digest}\n")
        return tree.write(f"{folder}/mlperf_log_accuracy.json", log)

    return edit


def answered(*indices: int) -> Edit:
    return evaluated(accuracy(), whole(*(record(s, i) for s, i in enumerate(indices))))


def without_hash(tree: Tree) -> Tree:
    answered(*range(SAMPLES - 1))(tree)
    return tree.write(TEXT, tree.text(TEXT).partition("hash=")[0])


def tokens(each: int) -> Edit:
    return evaluated(LLM, whole(*(
        record(n, n, "0E000000" * each, each) for n in range(LLM_SAMPLES))))


def same_sequence(tree: Tree) -> Tree:
    records = [record(min(n, SAMPLES - 2), n) for n in range(SAMPLES)]
    return evaluated(accuracy(), whole(*records))(tree)


CASES: dict[str, list[Edit]] = {
    "ACCU019": [
        lambda t: t.write(ANSWERS, whole(record(0, 1, "FFFFFF7F"), record(1, 2, "07"))),
        lambda t: t.write(ANSWERS, whole(record(0, 1, "E9030000"), record(1, 2, "0000E040"))),
        lambda t: t.write(f"{LLM}/mlperf_log_accuracy.json",
                          whole(record(0, 1, "0E00000009000000", 3))),
    ],
    "ACCU020": [
        answered(*range(SAMPLES - 2)), answered(*range(SAMPLES), 7, 7),
        answered(*range(1, SAMPLES + 1)), answered(0, *range(SAMPLES - 1)), same_sequence,
        without_hash,
    ],
    "ACCU022": [lambda t: t.write(PERF_ANSWERS, whole(record(0, 1)))],
    "ACCU024": [lambda t: t.append(TEXT, "read /data/toyllm/reference.json\n")],
    "ACCU026": [tokens(41)],
}

PASSING: dict[str, Edit] = {
    "ACCU019": lambda t: t.write(ANSWERS, whole(
        record(0, 1), record(1, 2, "0000E040"), record(2, 3, "0700000000000000"))),
    "ACCU020": answered(*reversed(range(SAMPLES))),
    "ACCU022": lambda t: t.write(PERF_ANSWERS, whole(record(0, 1))).set_log(
        OFF, "effective_accuracy_log_sampling_target", 64),
    "ACCU024": lambda t: t.append(TEXT, "read /data/toyllm/x for /results/digits/Offline\n"),
    "ACCU026": lambda t: tokens(41)(t).replace(
        f"{LLM}/accuracy.txt", "8105", str(41 * LLM_SAMPLES)),
}
