"""LGEN rules on logs of unknown, foreign or damaged origin: a finding, never a crash."""

import pytest

from fixtures.builder import Tree
from submission_checker.model.findings import Level
from tests.rules.edits import ACC_LOG, OFF, SERVER, SS

SEEDS = tuple(f"{kind}_{name}_rng_seed" for kind in ("requested", "effective")
              for name in ("qsl", "sample_index", "schedule"))


def judged(tree):
    """Return the findings of the LGEN rules as (rule, level, line); no rule may crash."""
    report = tree.report()
    assert not report.crashed
    return {(f.rule, f.level, f.location.line) for f in report.findings
            if f.rule.startswith("LGEN")}


def test_unknown_loadgen_is_a_warning_and_all_else_is_judged(tmp_path):
    tree = Tree.demo(tmp_path).set_log(SERVER, "loadgen_version", "9.9 @ 0123456789")
    found = judged(tree)
    assert ("LGEN001", Level.WARNING, 1) in found
    assert {rule for rule, level, _ in found if level is Level.ERROR} <= {"LGEN003"}
    passed = {rule.id: rule.passed for rule in tree.report().rules}
    assert passed["LGEN013"] and passed["LGEN018"]


def test_log_of_a_windows_build_is_read_like_any_other(tmp_path):
    tree = Tree.demo(tmp_path)
    for log in (OFF, ACC_LOG):
        tree.write(log, tree.path(log).read_bytes().replace(b"\n", b"\r\n"))
    assert {rule for rule, level, _ in judged(tree) if level >= Level.WARNING} == set()


def test_other_folder_of_sources_is_no_other_source(tmp_path):
    tree = Tree.demo(tmp_path)
    tree.write(ACC_LOG, tree.text(ACC_LOG).replace('"file": "', '"file": "/Users/me/loadgen/'))
    assert judged(tree) == set()


@pytest.mark.parametrize("prefix", [
    "loadgen_", "requested_", "effective_", "generated_", "result_", "early_stopping", "power_",
    "loaded_qsl_set", "test_datetime", "qsl_", "sut_name"])
def test_missing_keys_never_crash(tmp_path, prefix):
    tree = Tree.demo(tmp_path)
    for log in (OFF, SERVER, SS, ACC_LOG):
        lines = [line for line in tree.text(log).splitlines(keepends=True)
                 if not line.startswith(f':::MLLOG {{"key": "{prefix}')]
        tree.write(log, "".join(lines))
    judged(tree)


def test_seeds_of_zero_are_numbers_like_others(tmp_path):
    tree = Tree.demo(tmp_path)
    for key in SEEDS:
        tree.set_log(SERVER, key, 0)
    found = judged(tree)
    assert "LGEN011" not in {rule for rule, _, _ in found}
    assert "LGEN010" not in {rule for rule, _, _ in found}


@pytest.mark.parametrize("number", [10**18, 2**64 - 1, 10**30, 1e300, -1, 0])
def test_absurd_counts_are_bounded_work(tmp_path, number):
    tree = Tree.demo(tmp_path)
    for log in (OFF, SERVER, SS):
        for key in ("result_query_count", "generated_query_count", "effective_min_query_count",
                    "generated_samples_per_query", "result_max_latency_ns"):
            tree.set_log(log, key, number)
    assert any(level is Level.ERROR for _, level, _ in judged(tree))


def test_two_runs_in_one_file_are_one_finding(tmp_path):
    tree = Tree.demo(tmp_path)
    first = len(tree.text(OFF).splitlines())
    tree.append(OFF, tree.text(SERVER))
    found = judged(tree)
    assert ("LGEN009", Level.ERROR, first + 1) in found
    assert not {"LGEN006", "LGEN007", "LGEN029"} & {rule for rule, _, _ in found}
