"""The YAML reader: plain values with lines, and nothing that a file could do to the program."""

import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.formats.yaml_reader import read_yaml

TEXT = """name: x
on: on
list:
- 1
- {a: 2.5, b: ~}
- 'quoted: 1'
empty:
date: 2026-08-21
hex: 0x10
seed: 16159082839903944936
anchor: &a [1, 2]
alias: *a
"""


def test_values_and_lines():
    file = read_yaml(TEXT.encode(), "c.yaml")
    assert file.problems == ()
    assert file.value == {
        "name": "x", "on": True, "list": [1, {"a": 2.5, "b": None}, "quoted: 1"], "empty": None,
        "date": "2026-08-21", "hex": "0x10", "seed": 16159082839903944936, "anchor": [1, 2],
        "alias": [1, 2]}
    lines = {pointer: file.lines[pointer] for pointer in ("/on", "/list/1/a", "/list/2", "/alias")}
    assert lines == {"/on": 2, "/list/1/a": 5, "/list/2": 6, "/alias": 12}


@pytest.mark.parametrize(("text", "kind"), [
    ("a: .inf", "not-finite"), ("a: -.NaN", "not-finite"), ("a: 1.0e+400", "not-finite"),
    ("a: " + "9" * 500, "not-finite"), ("a: 1\na: 2", "duplicate-key"),
    ("<<: {a: 1}", "merge"), ("? [a]\n: 1", "key"), ("*a : 1", "syntax"), ("a: *b", "syntax"),
    ("a: !!set {x}", "tag"), ("a: !local 1", "tag"), ("\x07", "syntax"), ("- 1", "not-an-object"),
    ("a: &a 1\nb: *a\n" + "c: [" + "*a, " * 120_000 + "]", "aliases"),
    ("[" * 51, "depth"), ("{a: " * 51, "depth"),
])
def test_what_is_no_plain_data_is_a_problem(text, kind):
    file = read_yaml(text.encode(), "c.yaml")
    assert [problem.kind for problem in file.problems] == [kind]


NUMBER_SINCE_1_2 = re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+")
"""Numbers for YAML 1.2, and so for the reader; a text for the writer, which writes YAML 1.1."""

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
    .filter(lambda text: NUMBER_SINCE_1_2.fullmatch(text) is None),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4), max_leaves=20)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=4), plain))
def test_what_a_writer_writes_is_read_back(value):
    file = read_yaml(yaml.safe_dump(value, allow_unicode=True).encode(), "c.yaml")
    assert same(file.value, value)


def same(one, other):
    if isinstance(other, dict):
        return isinstance(one, dict) and one.keys() == other.keys() and all(
            same(one[key], other[key]) for key in other)
    if isinstance(other, list):
        return isinstance(one, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(other, float):
        return isinstance(one, float | int) and math.isclose(one, other)
    return one == other and type(one) is type(other)


MARKS = st.text("ab:-[]{}&*!#'\"|>%@?,. \n\t~", max_size=60)


@given(st.binary(max_size=200) | MARKS.map(str.encode))
def test_nothing_makes_it_raise(data):
    file = read_yaml(data, "c.yaml")
    assert file.value is not None or file.problems
