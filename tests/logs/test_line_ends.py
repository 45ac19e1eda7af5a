"""Hashes by line ends are those of the whole text, wherever its blocks end."""

import hashlib
import random

import pytest

from submission_checker.logs.line_ends import hashes_by_line_ends


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_hashes_are_those_of_the_whole_text_for_every_cut(algorithm):
    generator = random.Random(7)
    for _ in range(200):
        data = bytes(generator.choice(b"ab\r\n") for _ in range(generator.randrange(30)))
        size = generator.randrange(1, 8)
        found = hashes_by_line_ends(
            [data[at : at + size] for at in range(0, len(data), size)], algorithm)
        lf = data.replace(b"\r\n", b"\n")
        assert found.lf == hashlib.new(algorithm, lf).hexdigest()
        assert found.crlf == hashlib.new(algorithm, lf.replace(b"\n", b"\r\n")).hexdigest()


def test_the_line_ends_that_give_a_hash_are_named():
    found = hashes_by_line_ends([b"a\nb\n"], "sha1")
    assert found.that_give(hashlib.sha1(b"a\r\nb\r\n").hexdigest().upper()) == "CR LF"
    assert found.that_give(hashlib.sha1(b"a\nb\n").hexdigest()) == "LF"
    assert found.that_give(hashlib.sha1(b"a\nb").hexdigest()) is None
