"""Coverage of complete accuracy logs: the same for every cut into blocks."""

import random

import pytest

from submission_checker.logs import coverage
from submission_checker.logs.accuracy_log import read_accuracy_log


def log(indices, tokens=None, longer=1):
    lines = [
        f'{{ "seq_id" : {seq}, "qsl_idx" : {index}, "data" : "{"0A" * (seq % 5 * longer)}"'
        + ("" if tokens is None else f', "token_count" : {tokens}') + " }"
        for seq, index in enumerate(indices)
    ]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def read(data, size):
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    return read_accuracy_log(blocks, len(data), "f", covers=True)


def test_counts_are_the_same_for_every_size_of_block():
    generator = random.Random(4)
    for trial in range(40):
        indices = [generator.randrange(60) for _ in range(generator.randrange(80))]
        tokens = generator.choice([None, 3])
        data = log(indices, tokens)
        seen = read(data, generator.choice([1, 2, 7, 50, 4096])).coverage
        missing = next(n for n in range(100) if n not in indices)
        assert (seen.entries, seen.distinct, seen.first_missing) == (
            len(indices), len(set(indices)), missing), trial
        assert seen.highest == max(indices, default=-1)
        assert seen.whole_lines == bool(indices)
        if indices:
            assert seen.tokens == (3 * len(indices) if tokens else None)


def test_counts_behind_long_answers_are_the_same_for_every_size_of_block():
    generator = random.Random(5)
    for trial in range(60):
        count = generator.randrange(1, 40)
        data = log(range(count), 7, longer=generator.choice([300, 700, 2000]))
        moved = generator.random() < 0.3
        if moved:  # one record has its count elsewhere, or none
            data = data.replace(b', "token_count" : 7', b"", 1)
            data = data.replace(b'"data"', generator.choice(
                [b'"token_count" : 7, "data"', b'"data"']), 1)
        counted = data.count(b"token_count") == count
        seen = read(data, generator.choice([500, 3000, 20_000, 1 << 20])).coverage
        assert seen.entries == count, trial
        assert seen.tokens == (7 * count if counted else None), trial
        assert seen.whole_lines


def test_truncated_and_cut_logs_are_not_complete():
    data = log(range(500))
    assert read(data, 100).complete
    assert read(data[:-1], 100).complete
    marked = read(data[:4096] + b"\n\n...\n\n" + data[-4096:], 100)
    assert (marked.truncated, marked.coverage, marked.complete) == (True, None, False)
    assert not read(data[:2048] + b"\n" + data[-2048:], 100).complete
    assert not read(data[:3000], 100).complete


def test_absurd_indices_do_not_take_memory():
    seen = read(log([10**19, coverage.MAX_INDEX, 0]), 64).coverage
    assert (seen.highest, seen.entries, seen.distinct) == (10**19, 3, 1)


def test_only_accuracy_runs_ask_for_coverage():
    assert read_accuracy_log([log([0])], 60, "f").coverage is None


@pytest.mark.parametrize("size", [100, 270, 330, 500, 900])
def test_each_visible_entry_is_told_once_with_its_line(size):
    """Both ends are kept as windows; in logs of middle length they overlap."""
    data = log(range(size))
    found = read_accuracy_log([data], len(data), "f", covers=True)
    lines = data.split(b"\n")
    assert len({entry.seq_id for entry in found.entries}) == len(found.entries)
    for entry in found.entries:
        assert f'"seq_id" : {entry.seq_id},'.encode() in lines[entry.line - 1]
    assert list(found.coverage.order[1]) == list(range(size))
