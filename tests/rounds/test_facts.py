"""Resolved rounds equal the facts in numbers, lists, names and files.

Every leaf of the facts is either wording (``WORDS``), outside of what a round holds
(``OUTSIDE``, with the reason), or it stands in the resolved round under the same or a renamed key.
A value that differs is listed in ``deviations.toml`` with its reason.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest

from submission_checker.rounds.loader import resolved_data, round_names
from tests.conftest import facts_folder

ROUNDS = [name for name in round_names() if name.startswith("v")]
OUTSIDE = {
    "sources": "kept as the sources table, one line per section",
    "rules": "written rules: the rule catalogue of the project stands for them",
    "quirks": "mistakes of other tools", "contradictions": "decided one by one (strict values)",
    "unverified": "words", "community_outcomes": "what another tool did",
    "community_measured": "what another tool did", "legacy_checker": "another tool",
    "log_fields": "names of log keys are part of the log readers",
    "endpoints": "compared by test_endpoints_equal_the_facts, as most of it is words and schemas",
    "duration_notes": "words", "model_alias_rule": "words; structured as model_aliases",
    "scenario_name_in_summary": "kept as log_scenarios, spelled as in the JSON logs",
    "aliases_not_resolving_here": "aliases without a model of the round",
}
WORDS = re.compile(
    r"(_note|_rule|_words|_where|_rules_note|\.notes?|\.note|\.words|\.text|\.purpose|\.algorithm"
    r"|\.exceptions|\.checked_by_community|\.community_outcome|\.source|\.equation|\.use|\.condition"
    r"|\.formula|\.sample|\.scale|\.hash_line|\.comparison|\.token_latency_comparison|\.pattern_words"
    r"|\.announced|\.checked_on|\.details|\.layout|\.readme_table_note|\.log_evidence.*|\.unknown_fields"
    r"|\.result_unit|\.published_scaling|\.spl_line|\.time_format|\.detect|\.efficiency.*|\.metrics.*"
    r"|\.nameplate.*|\.line_shape|\.line_prefix|\.duplicate_keys|\.result_validity|\.hash_rules"
    r"|\.version_value|\.version_text_example|\.versions_seen|\.error_exceptions.*|\.error_rule"
    r"|\.single_multi_stream|\.server|\.community_check|\.log_keys|\.not_required|\.harness"
    r"|\.file_list_rule|\.tree_rules|\.root_files_allowed|\.division_files_allowed|\.prose_rule"
    r"|\.compared_metric|\.applies_to_words|\.result_tolerance|\.required_this_round"
    r"|\.performance_run_checked|\.accuracy_file\.name|\.accuracy_file\.pattern|\.verdict_lines.*"
    r"|\.weight_data_types.*|\.file_name_rule|\.system_types_rules.*|\.numeric_fields_used"
    r"|\.delta_rule|\.alias_rule|\.accuracy_file\.scale_note|\.required_files\.compliance.*"
    r"|\.model_mapping\.(file|order|substring_rules|command_line_option)"
    r"|\.measurements_json|\.required_files\.endpoints.*|\.required_files\.note|\.dataset_size_checked.*"
    r"|\.loadgen\.notes|\.latency_bound_ms_rules.*|\.accuracy_hash_rule|\.log_key|\.mlperf_conf_test05_note"
    r"|\.seeds\.endpoints.*|\.divisions|\.in_force_note|\.reference_mean|\.samples_note"
    r"|\.system\.required_nonempty|\.power\.required_files|\.measurements\.required_files"
    r"|\.power_measurements|\.optional|\.unit|\.rate|\.pattern_words\..*|min_query_formula\.verified"
    r"|\.size|measurements\.required_files|power\.required_files|\.summary_line_plain"
    r"|system\.required_nonempty|seeds\.endpoints\..*|\.alternative_prefix|\.num_errors_key)\Z"
)
RENAMED = [
    (r"^layout\.model_mapping\.fixed", "layout.model_mapping"),
    (r"^layout\.model_mapping\.submitter_file", "layout.templates.model_mapping"),
    (r"^scenario_inference", "inference"),
    (r"^compliance\.tests\.([^.]+|\"[^\"]+\")\.audit_config", r"compliance.tests.\1.settings"),
    (r"\.files_required_on_mismatch", ".files_required_on_mismatch"),
    (r"^models\.(\"[^\"]+\"|[^.]+)\.audits\.required", r"models.\1.audits"),
]
DEVIATIONS = tomllib.loads((Path(__file__).parent / "deviations.toml").read_text())["deviation"]


def key(part):
    return f'"{part}"' if "." in part else part


def leaves(value, path=""):
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves(item, f"{path}.{key(name)}" if path else key(name))
    elif value is not None and value != [] and value != {}:
        yield path, value


def plain(value):
    """Return a value with big integers as numbers and remarks in file names cut."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, str):
        text = re.sub(r"\s*\(.*\)$", "", value)
        return int(text) if re.fullmatch(r"\d{16,20}", text) else text
    return value


def wanted(facts):
    """Yield (path, value) of every fact that a round must hold, in the form it holds it in."""
    for section, content in facts.items():
        if section in OUTSIDE or section.removesuffix("_note") in OUTSIDE or section == "round":
            continue
        for path, value in leaves(content, section):
            if WORDS.search(path):
                continue
            for old, new in RENAMED:
                path = re.sub(old, new, path)
            yield path, plain(value)


def special(path, value, ours):
    """Return the value in the facts' form where the round holds it in another structure."""
    found = re.match(r"models\.(\"[^\"]+\"|[^.]+)\.(.*)", path)
    if path == "inference":
        pairs = [(i["from"], i["to"]) for i in value if i["from"] in ("SingleStream",
                                                                   "MultiStream")]
        return pairs, [(i["base"], i["inferred"]) for i in ours["inference"]]
    if path.startswith("compliance.required_in."):
        name = path.rpartition(".")[2]
        return value, name in ours["compliance"]["required_in"]
    if path == "seeds.accuracy_log_rng_seed_audits" and isinstance(value, int):
        return value, ours["seeds"]["accuracy_log_rng_seed_audits"]["*"]
    if path.startswith("seeds.audits.") and "accuracy_log_rng_seed" in path:
        have = ours["seeds"]["accuracy_log_rng_seed_audits"]
        return value, have.get(path.rpartition(".")[2], have.get("*"))
    if path.startswith("layout.templates."):
        have = ours["layout"]["templates"][path.rpartition(".")[2]]
        texts = [p for t in (value if isinstance(value, list) else [value])
                 for p in re.split(r" or (?=\{division\})", t)]
        return [re.sub(r"\s*\(.*$", "", t).rstrip("/") for t in texts], have
    if path == "power.rules":
        return ({r["id"]: r["number"] for r in value if r["number"] is not None},
                ours["power"]["numbers"])
    if path == "measurements.required_nonempty":
        return bool(value), ours["measurements"]["required_nonempty"]
    if path.startswith("scenarios.") and path.endswith("published_unit"):
        have = get(path, ours)
        return value.lower(), have.lower() if have else None
    if path == "loadgen.versions_allowed":
        return value, ours["loadgen"]["versions_allowed"]
    if found and found[2] == "accuracy":
        keys = ("metric", "reference", "ratio", "upper_ratio", "lower", "upper")
        have = ours["models"][found[1].strip('"')]["accuracy"]
        return ([[a.get(k) for k in keys] for a in value], [[a.get(k) for k in keys] for a in have])
    return None


def get(path, data):
    for part in re.findall(r'"[^"]+"|[^.]+', path):
        if not isinstance(data, dict) or part.strip('"') not in data:
            return None
        data = data[part.strip('"')]
    return data


def nested(path, value, ours):
    """Return (fact, ours) for values whose form is a nested list or an accuracy table."""
    found = re.match(r"models\.(\"[^\"]+\"|[^.]+)\.(.*)", path)
    name = found[1].strip('"') if found else ""
    rest = found[2] if found else ""
    if rest.startswith("system_types.") and rest.endswith(".required"):
        return [v if isinstance(v, list) else [v] for v in value], get(path, ours)
    if rest.startswith("accuracy_file.patterns."):
        metric = rest.rpartition("patterns.")[2].strip('"')
        have = {a["metric"]: a["pattern"] for a in ours["models"][name]["accuracy"]}
        return value, have.get(metric)
    if rest == "accuracy_file.threshold_factor":
        return value, ours["models"][name].get("threshold_factor", 1)
    if rest == "tokens_per_sample":
        have = ours["models"][name].get("tokens_per_sample", {})
        return value, [have.get("lower"), have.get("upper")]
    if rest.startswith("accuracy_by_scenario."):
        keys = ("metric", "lower", "upper")
        have = get(path, ours)
        return ([[a.get(k) for k in keys] for a in value], [[a.get(k) for k in keys] for a in have])
    if rest.startswith("published_unit_overrides."):
        return {"Latency (s)": "s", "Latency": "s"}.get(value, value), get(path, ours)
    if rest in ("accuracy_any_of", "use_token_latencies", "power_ok"):
        return value, get(path, ours) or False
    return value, get(path, ours)


def differences(name):
    facts = json.loads((facts_folder() / "rounds" / f"{name}.json").read_text())
    ours = plain(resolved_data(name))
    compared = 0
    for path, value in wanted(facts):
        want, have = special(path, value, ours) or nested(path, value, ours)
        compared += 1
        if plain(want) != plain(have) and not (want is False and have is None):
            yield path, want, have
    assert compared > 300


@pytest.mark.parametrize("name", ROUNDS)
def test_resolved_round_equals_the_facts(name):
    listed = [d for d in DEVIATIONS if name in d["rounds"]]
    unlisted, used = [], set()
    for path, want, have in differences(name):
        hits = [n for n, d in enumerate(listed) if re.fullmatch(d["path"], path)]
        used.update(hits)
        if not hits:
            unlisted.append((path, want, have))
    assert unlisted == []
    assert [listed[n]["path"] for n in range(len(listed)) if n not in used] == []


def test_every_deviation_has_a_reason():
    assert all(len(d["reason"]) > 20 for d in DEVIATIONS)


def test_seed_triples_read_alone_equal_the_resolved_ones():
    from submission_checker.rounds.loader import load_round, rule_tables, seed_triples

    for name in round_names():
        round_ = load_round(name)
        triple = (round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule)
        assert seed_triples().get(name) == (triple if round_.detectable else None)
        assert rule_tables()[name] == resolved_data(name)["rules"]


def test_endpoints_equal_the_facts():
    from submission_checker.rounds.loader import load_round

    for name in ROUNDS:
        facts = json.loads((facts_folder() / "rounds" / f"{name}.json").read_text())
        ours = resolved_data(name).get("endpoints")
        assert bool(ours) == bool(facts.get("endpoints"))
        if ours is not None:
            compare_endpoints(facts["endpoints"], ours, load_round(name))


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
