"""Source states of LoadGen: what is public, what is not, and what differs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.loadgen_sources import (
    SourceVerdict,
    _known,
    core_of,
    is_core,
    match_sources,
    revision_of,
)
from tests.conftest import facts_folder

STATES = _known()


def hashes_of(number):
    return dict(STATES.cores[number])


def test_data_hold_every_known_state():
    assert len(STATES.states) == len(STATES.cores) == 823
    assert all(len(sha1) == 40 and is_core(path) for path, sha1 in STATES.files)


@pytest.mark.real
def test_data_equal_the_reference():
    reference = json.loads((facts_folder() / "loadgen_sources.json").read_text(encoding="utf-8"))
    files = [tuple(file) for file in reference["files"]]
    for state, core in zip(reference["states"], STATES.cores, strict=True):
        assert core == {files[file] for file in state["f"] if is_core(files[file][0])}
    for commit, known in reference["named_commits"].items():
        assert STATES.commits[commit] == known["state"]


@pytest.mark.parametrize("number", [0, 400, 822])
def test_every_state_is_found_by_its_commit_and_without(number):
    state = STATES.states[number]
    named = match_sources(hashes_of(number), f"5.1.0 @ {state.commit}")
    assert named.verdict is SourceVerdict.NAMED and named.state == state
    other = match_sources(hashes_of(number), "5.1.0 @ 0123456789")
    assert other.verdict is SourceVerdict.PUBLIC and not other.revision_known
    assert match_sources(hashes_of(number), "NA @ NA").verdict is SourceVerdict.PUBLIC


def test_a_changed_file_is_named():
    state = STATES.states[700]
    changed = hashes_of(700) | {"/loadgen.cc": "0" * 40}
    found = match_sources(changed, f"5.1.0 @ {state.commit}")
    assert found.verdict is SourceVerdict.UNKNOWN
    assert found.differing == ("/loadgen.cc",) == found.unpublished
    assert match_sources(changed, "NA").differing == ("/loadgen.cc",)


def test_absent_and_added_files_are_named():
    state = STATES.states[700]
    fewer = hashes_of(700)
    del fewer["/loadgen.cc"]
    found = match_sources(fewer | {"/mine.cc": "1" * 40}, f"5.1.0 @ {state.commit}")
    assert (found.missing, found.extra) == (("/loadgen.cc",), ("/mine.cc",))


def test_generated_and_documentation_files_do_not_count():
    extra = {"/version_generated.cc": "0" * 40, "/mlperf_conf.h": "0" * 40,
             "/README.md": "0" * 40, "/build/lib.o": "0" * 40, "/left.txt": "0" * 40}
    assert core_of(hashes_of(700) | extra) == STATES.cores[700]
    assert is_core("/bindings/python_api.cc") and not is_core("/tests/basic.cc")


@pytest.mark.parametrize(("text", "revision"), [
    ("5.1.0 @ b9ed3c7fec", "b9ed3c7fec"), (".5a1 @ 5aae975fc4", "5aae975fc4"),
    ("5.1 @ NA", None), ("", None), ("5.1.0 @b9ed3c7fec", "b9ed3c7fec"),
])
def test_revision_of_a_version(text, revision):
    assert revision_of(text) == revision


def test_a_log_without_hashes_says_so():
    assert match_sources({}, "5.1.0 @ b9ed3c7fec").verdict is SourceVerdict.ABSENT


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.none())), st.text())
def test_any_values_are_matched(hashes, version):
    match_sources(hashes, version)
