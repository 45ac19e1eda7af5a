"""PERF010, PERF011: bounds of two sources, of which the stricter one warns."""

import pytest

from submission_checker.rules.perf import latency
from tests.compliance.building import judged, result

STRICT = "by the stricter of two sources"


def bounds(model, round_name, milliseconds, division="closed"):
    """Return (level, required) of both rules for a Server run with this tail and bound."""
    nanoseconds = round(milliseconds * 1e6)
    subject = result(model, "Server", round_name=round_name, division=division, detail_values={
        "result_99.00_percentile_latency_ns": nanoseconds,
        "effective_target_latency_ns": nanoseconds,
    })
    return [(level, required.removeprefix("above 0 and "))
            for rule in (latency.server_latency_met, latency.latency_bound_configured)
            for level, _, _, _, required in judged(rule, subject, round_name)]


@pytest.mark.parametrize(("model", "round_name", "strict", "loose"), [
    ("dlrm-v3", "v6.0", 80, 60_000), ("dlrm-v3", "v6.1", 80, 60_000),
    ("qwen3-vl-235b-a22b", "v6.0", 12_000, 60_000)])
def test_between_both_bounds_is_a_warning(model, round_name, strict, loose):
    asked = f"at most {strict:,} ms".replace(",", " ")
    assert bounds(model, round_name, strict) == []
    assert bounds(model, round_name, strict + 1) == [("warning", f"{asked} {STRICT}")] * 2
    assert bounds(model, round_name, loose) == [("warning", f"{asked} {STRICT}")] * 2
    assert bounds(model, round_name, loose + 1) == [("error", "at most 60 000 ms")] * 2


def test_one_bound_is_one_bound():
    assert bounds("qwen3-vl-235b-a22b", "v6.1", 12_000) == []
    assert bounds("qwen3-vl-235b-a22b", "v6.1", 12_001) == [("error", "at most 12 000 ms")] * 2
    assert bounds("resnet", "v6.0", 15) == []


def test_open_is_told_only():
    assert {level for level, _ in bounds("dlrm-v3", "v6.0", 90_000, "open")} == {"info"}
