"""What the facts say of the endpoints harness, as numbers and names, is that of the round."""

import re

from submission_checker.rounds.loader import load_round, resolved_data
from tests.rounds.facts import ROUNDS, facts_of


def test_endpoints_equal_the_facts():
    for name in ROUNDS:
        facts = facts_of(name)
        ours = resolved_data(name).get("endpoints")
        assert bool(ours) == bool(facts.get("endpoints"))
        if ours is not None:
            compare_endpoints(facts["endpoints"], ours, load_round(name))
            compare_files(facts, resolved_data(name)["layout"])


def compare_endpoints(facts, ours, round_):
    assert ours["allowed_models"] == facts["allowed_models"]
    assert ours["audits"]["names"] == facts["audit_names"]
    caching = facts["audit_rule_output_caching"]
    assert ours["audits"]["thresholds"] == {"Offline": caching["threshold_offline"],
                                            "SingleStream": caching["threshold_single_stream"]}
    floors = facts["result_summary_schema"]["latency"]["early_stopping_percentiles"]["floors"]
    assert ours["early_stopping_floors"] == floors
    seeds, durations = facts["seeds"], facts["durations"]
    assert round_.seeds.sample_index == seeds["dataloader_random_seed"]
    assert round_.seeds.schedule == seeds["scheduler_random_seed"]
    assert set(round_.durations_ms.values()) == {durations["min_duration_ms"]}
    for model, own in ours["own_ruleset"].items():
        assert own["min_duration_ms"] == durations[f"{model}_harness"]["min_duration_ms"]
        assert f"asks for {own['seed']} " in seeds["exception"]
    for model, limits in facts["latency_limits"].items():
        compare_latencies(round_.models[model], limits)
    for model, counts in ours["accuracy_samples"].items():
        want = facts["accuracy_sample_counts"][model]
        assert counts == (want if isinstance(want, dict) else {"any": want})
        parts = facts["accuracy_sample_counts"].get(f"{model}_parts")
        assert ours["accuracy_parts"].get(model) == parts
    lower, upper = facts["test09_mean_output_tokens"]
    bounds = [spec.thresholds.get("gpt-oss-120b", {}) for spec in round_.audits.values()]
    assert [lower, upper] in [b["mean_output_tokens"] for b in bounds if "mean_output_tokens" in b]
    compare_goals(facts["accuracy_thresholds"], ours)
    for scenario, want in facts["scenario_metrics"].items():
        have = ours["metrics"][scenario]
        assert have["key"] == want["key"]
        assert want["unit"].startswith(have["unit"])
        assert have.get("token_key", "") in want.get("llm", "")
    for scenario, words in facts["load_pattern_by_scenario"].items():
        patterns = ours["load_patterns"].get(scenario, [])
        assert all(pattern in words for pattern in patterns)


def compare_latencies(model, limits):
    """Compare the limits; where the rules are looser the round's stricter value is the fact's."""
    for scenario, want in limits.items():
        strict = model.tpot_strict_ms.get(scenario, model.tpot_ms.get(scenario))
        have = {"ttft_p99_ms": model.ttft_ms.get(scenario), "tpot_p99_ms": strict,
                "latency_p99_ms": model.latency_bound_ms.get(scenario)}
        assert {key: have[key] for key in want} == want
        assert model.target_latency_percentile[scenario] == 0.99
    assert set(model.ttft_ms) <= set(limits)


def compare_goals(facts, ours):
    listed = {**facts["not_checked_by_community"]}
    for model, want in facts["checked_by_community"].items():
        own = ours["accuracy_by_scenario"].get(model, {})
        for scenario, value in want.items():
            goal, = own.get(scenario) or ours["accuracy"][model]
            assert goal["lower"] == value
    for model, want in listed.items():
        goals = ours["accuracy"][model]
        if not isinstance(want, dict):
            assert [goal["lower"] for goal in goals] == [want]
            continue
        have = {goal["keys"][0]: [goal["lower"], goal["upper"]] if "upper" in goal
                else goal["lower"] for goal in goals}
        assert have == want
    assert set(listed) | set(facts["checked_by_community"]) == set(ours["accuracy"])


def compare_files(facts, layout):
    """Each file that the harness leaves has its template; the rest is required as of others."""
    templates = {name: path for name, (path, *_) in layout["templates"].items()}
    places = {"config.yaml": "endpoints_config", "result_summary.json": "endpoints_performance",
              "accuracy_results.json": "endpoints_accuracy", "audit": "endpoints_audit"}
    here = templates["results"].removesuffix("{scenario}")
    for name, place in places.items():
        path = re.sub(r" \(.*\)", "", facts["endpoints"]["files"][name]["path"])
        assert here + path == templates[place].replace("{test_name}", "<test name>")
    listed = facts["layout"]["required_files"]["endpoints"]
    for part, names in (("performance", listed["performance"]), ("accuracy", listed["accuracy"])):
        assert [templates[f"endpoints_{part}"].rpartition("/")[2]] == names
    assert set(listed["scenario"][1:]) <= set(layout["required_files"]["measurements"])
    assert facts["endpoints"]["divisions"] == layout["root_dirs"]
