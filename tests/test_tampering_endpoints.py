"""Each number of a result of the endpoints harness, changed by a tenth: which leave no finding."""

import json

import pytest

from fixtures.endpoints import BASE, CLOUD, ROUND, make_endpoints
from submission_checker.check import Options, check
from submission_checker.engine.selection import Selection

RESULT = f"{BASE}/results/{CLOUD}/gpt-oss-120b/Interactive"
WAN = f"{BASE}/results/{CLOUD}/wan-2.2-t2v-a14b/Offline"
SUMMARY = f"{RESULT}/performance/result_summary.json"
SCORES = f"{RESULT}/accuracy/accuracy_results.json"
AUDIT = f"{WAN}/audit/audit_output_caching_test.json"
NOT_SHOWN = {
    SUMMARY: {"ttft/max", "tpot/max", "latency/max", "output_sequence_lengths/max"},
    SCORES: {"accuracy_scores/0/duration_s", "accuracy_scores/1/duration_s",
             "accuracy_scores/2/duration_s"},
    AUDIT: {"ref_qps", "audit_qps", "threshold", "ref_requested", "ref_completed",
            "audit_requested", "audit_completed"},
}
"""File -> numbers that nothing else in the submission binds to a tenth (docs/limits.md)."""


def numbers(value, pointer=""):
    """Yield pointer and value of every number that is no part of a histogram."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name != "histogram":
                yield from numbers(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from numbers(part, f"{pointer}/{at}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value:
        yield pointer, value


@pytest.mark.parametrize("file", NOT_SHOWN)
def test_a_number_changed_by_a_tenth_is_found_unless_it_stands_alone(file, tmp_path):
    tree = make_endpoints(tmp_path)
    here = file.partition("/performance/")[0].partition("/accuracy/")[0].partition("/audit/")[0]
    for folder in sorted(tree.path(f"{BASE}/results").glob("*/*/*")):
        name = folder.relative_to(tree.root).as_posix()
        if name != here:
            tree.delete(name)

    def found():
        options = Options(round=ROUND, selection=Selection(("ENDP",), ()), jobs=1)
        report = check(str(tree.root), options=options)
        assert not report.crashed
        return {(f.rule, f.found) for f in report.findings}

    before, text = found(), tree.text(file)
    missed = set()
    for pointer, value in numbers(json.loads(text)):
        for factor in (0.9, 1.1):
            changed = value * factor if isinstance(value, float) else round(value * factor)
            if changed != value:
                tree.set_pointer(file, pointer, changed)
                if not found() - before:
                    missed.add(pointer.removeprefix("/"))
                tree.write(file, text)
    assert missed == NOT_SHOWN[file]
