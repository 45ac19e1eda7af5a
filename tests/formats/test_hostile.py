"""No bytes make a reader of JSON, configuration or text raise."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from submission_checker.formats.conf import read_conf
from submission_checker.formats.json_reader import read_json
from submission_checker.formats.text import read_text
from tests.logs.mutations import CONF, SYSTEM, damaged

MANY = settings(max_examples=300, deadline=None)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2**63, 2**63) | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner,
                                                                max_size=4), max_leaves=12)


@MANY
@given(st.one_of(damaged(SYSTEM), st.binary(max_size=300)))
def test_json_never_raises(data):
    read_json(data, "x.json")


@MANY
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=6), st.sampled_from([None, 1]))
def test_json_reads_what_json_writes(value, indent):
    assert read_json(json.dumps(value, indent=indent).encode(), "x.json").value == value


@MANY
@given(st.one_of(damaged(CONF), st.binary(max_size=300)))
def test_configurations_never_raise(data):
    read_conf(data, "user.conf")


@MANY
@given(st.binary(max_size=300))
def test_texts_never_raise(data):
    assert "\r" not in "".join(read_text(data, "README.md").lines) or b"\r" in data
