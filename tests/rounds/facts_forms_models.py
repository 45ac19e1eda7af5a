"""Facts about models, scenarios and numbers of the written rules, held in other forms."""

import re

from tests.rounds.facts import get, key, plain
from tests.rounds.facts_shared import MODEL, lists, model

METRIC_KEYS = ("metric", "reference", "ratio", "upper_ratio", "lower", "upper", "unit")


def accuracy(match, value, ours, facts):
    have = model(match, ours)["accuracy"]
    return ([[a.get(k) for k in METRIC_KEYS] for a in value],
            [[a.get(k) for k in METRIC_KEYS] for a in have])


def accuracy_by_scenario(match, value, ours, facts):
    keys = ("metric", "lower", "upper")
    have = model(match, ours)["accuracy_by_scenario"][match[2]]
    return [[a.get(k) for k in keys] for a in value], [[a.get(k) for k in keys] for a in have]


def pattern(match, value, ours, facts):
    have = {a["metric"]: a["pattern"] for a in model(match, ours)["accuracy"]}
    return value, have.get(match[2].strip('"'))


def main_pattern(match, value, ours, facts):
    return True, plain(value) in [a["pattern"] for a in model(match, ours)["accuracy"]]


def sample(match, value, ours, facts):
    """Every metric with a lower limit is found in the sample lines."""
    rows = value if isinstance(value, list) else [value]
    own = facts["models"][match[1].strip('"')]["accuracy_file"]["patterns"]
    have = model(match, ours)["accuracy"]
    return [], [a["metric"] for a in have if a.get("lower") is not None
                and not any(re.search(own[a["metric"]], row) for row in rows)]


def accuracy_text(match, value, ours, facts):
    return True, value in ours["layout"]["required_files"]["accuracy"]


def threshold_factor(match, value, ours, facts):
    return value, model(match, ours).get("threshold_factor", 1)


def tokens(match, value, ours, facts):
    have = model(match, ours).get("tokens_per_sample", {})
    return value, [have.get("lower"), have.get("upper")]


def required(match, value, ours, facts):
    return lists(value), get(match[0], ours)


def rules_scenarios(match, value, ours, facts):
    """What the written rules require: a table of its own, where it is not the checker's."""
    own = get(match[0], ours)
    kept = get(match[0].replace("system_types_rules", "system_types"), ours)
    return lists(value), own if own is not None else kept


def unit(match, value, ours, facts):
    return {"Latency (s)": "s", "Latency": "s"}.get(value, value), get(match[0], ours)


def flag(match, value, ours, facts):
    return value, get(match[0], ours) or False


def rules_bound(match, value, ours, facts):
    """Bounds of the written rules: the stricter of two decides a warning."""
    own = model(match, ours)
    strict = own.get("latency_bound_strict_ms", {})
    return value, strict.get(match[2], own["latency_bound_ms"].get(match[2]))


def required_audits(match, value, ours, facts):
    return value, model(match, ours)["audits"]


def other_audits(match, value, ours, facts):
    tests = set(ours["compliance"]["tests"])
    return sorted(value), sorted(tests - set(model(match, ours)["audits"]))


def alias_words(match, value, ours, facts):
    """``any folder name containing X, Y or Z``: the substrings that lead to the model."""
    text = re.split(r"containing |starting with ", value)[1]
    text = re.split(r" (?:but|also|\(checked|\(open)", re.sub(r" \(v0\.7 on[^)]*\)", "", text))[0]
    named = set(re.split(r", | or ", text.replace(" (checked before bert-99)", "")))
    own = {n for n, target in ours["model_aliases"]["substrings"] if target == match[1].strip('"')}
    return named, own


def published_scaling(match, value, ours, facts):
    return 1000000 if "1e6" in value else 1, ours["scenarios"][match[1]]["divisor"]


def published_unit(match, value, ours, facts):
    have = get(match[0], ours)
    return value.lower(), have.lower() if have else None


def metric_key(match, value, ours, facts):
    """Keys of one model stand with the model."""
    name = match[2].removesuffix("_metric_key")
    have = {own.get("result_metric_overrides", {}).get(match[1])
            for key, own in ours["models"].items() if key.startswith(name)}
    return {value}, have


def log_scenario(match, value, ours, facts):
    return value.replace(" ", ""), ours["log_scenarios"][match[1]]


# Numbers of the written rules


def sample_count(match, value, ours, facts):
    return value, model(match, ours)["performance_sample_count"]


def per_query(match, value, ours, facts):
    return value, ours["scenarios"]["MultiStream"]["samples_per_query"]


def percentile(match, value, ours, facts):
    return value, ours["scenarios"][match[1]]["percentile"]


def runs(match, value, ours, facts):
    return value, ours["layout"]["performance_runs"]["default" if match[1] == "runs" else match[1]]


def seconds(match, value, ours, facts):
    return {value * 1000}, set(ours["durations_ms"].values())


def offline_samples(match, value, ours, facts):
    """The least of an Offline query is the rules' number, or the set where that is smaller."""
    short = [name for name, own in ours["models"].items() if own.get("offline_min_samples")
             and "Offline" in own["min_queries"]
             and max(own["offline_min_samples"], own.get("offline_min_samples_strict", 0))
             < min(value, own["dataset_size"])]
    return [], short


LONGEST = {"gptj_parameters": "gptj", "R-GPTJ": "gptj", "R-LLAMA2": "llama2-70b",
           "R-MIXTRAL": "mixtral-8x7b", "R-405B": "llama3.1-405b", "R-8B": "llama3.1-8b",
           "R-DSR1": "deepseek-r1", "R-GPTOSS": "gpt-oss-120b"}


def longest(match, value, ours, facts):
    have = {name: own.get("max_output_tokens") for name, own in ours["models"].items()
            if name.startswith(LONGEST[match[1]])}
    return {value}, set(have.values()), [f"models.{key(n)}.max_output_tokens" for n in have]


def pipeline(match, value, ours, facts):
    spec = ours["models"]["e2e-rag-qna"]["pipeline_log"]
    return value, (spec["exactly"] | spec["at_most"])[match[1]]


def agentic(match, value, ours, facts):
    goals = {g["metric"]: g["lower"] for g in ours["endpoints"]["accuracy"]["qwen3.6-27b"]}
    have = {"overall": goals["overall_accuracy"],
            "normalized": goals["normalized_single_turn_score"],
            "samples": ours["models"]["qwen3.6-27b"]["dataset_size"],
            "seed": ours["endpoints"]["own_ruleset"]["qwen3.6-27b"]["seed"]}
    return value, have[match[1]]


def point_painting(match, value, ours, facts):
    return value, ours["models"]["pointpainting"]["accuracy"][0]["reference"]


FORMS = (
    (rf"{MODEL}\.accuracy", accuracy, r"models.\1.accuracy"),
    (rf"{MODEL}\.accuracy_by_scenario\.(\w+)", accuracy_by_scenario,
     r"models.\1.accuracy_by_scenario.\2"),
    (rf'{MODEL}\.accuracy_file\.patterns\.("[^"]+"|.+)', pattern),
    (rf"{MODEL}\.accuracy_file\.pattern", main_pattern),
    (rf"{MODEL}\.accuracy_file\.sample", sample),
    (rf"{MODEL}\.accuracy_file\.name", accuracy_text),
    (rf"{MODEL}\.accuracy_file\.threshold_factor", threshold_factor, r"models.\1.threshold_factor"),
    (rf"{MODEL}\.tokens_per_sample", tokens, r"models.\1.tokens_per_sample.lower",
     r"models.\1.tokens_per_sample.upper"),
    (rf"{MODEL}\.system_types\.[^.]+\.required", required, r"\g<0>"),
    (rf"{MODEL}\.system_types_rules\.[^.]+\.required", rules_scenarios, r"\g<0>"),
    (rf"{MODEL}\.published_unit_overrides\.\w+", unit, r"\g<0>"),
    (rf"{MODEL}\.(?:accuracy_any_of|use_token_latencies|power_ok)", flag, r"\g<0>"),
    (rf"{MODEL}\.latency_bound_ms_rules\.(\w+)", rules_bound,
     r"models.\1.latency_bound_strict_ms.\2"),
    (rf"{MODEL}\.audits\.required", required_audits, r"models.\1.audits"),
    (rf"{MODEL}\.audits\.not_required", other_audits),
    (rf"{MODEL}\.alias_rule", alias_words),
    (r"scenarios\.(\w+)\.published_scaling", published_scaling, r"scenarios.\1.divisor"),
    (r"scenarios\.(\w+)\.(?:llm_)?published_unit", published_unit, r"\g<0>"),
    (r"scenarios\.(\w+)\.(gptj_metric_key)", metric_key),
    (r"scenario_name_in_summary\.(\w+)", log_scenario, r"log_scenarios.\1"),
    (r"rules\.qsl_sampling\.numbers\.(.+)", sample_count),
    (r"rules\.multistream_samples\.numbers\.samples_per_query", per_query),
    (r"rules\.target_percentiles\.numbers\.(\w+)", percentile),
    (r"rules\.(?:combinations|runs|R-RUNS)\.numbers\.(\w+)", runs),
    (r"rules\.R-DUR\.numbers\.seconds", seconds),
    (r"rules\.R-OFFLINE\.numbers\.samples", offline_samples),
    (r"rules\.([\w-]+)\.numbers\.(?:max_new_tokens|performance)", longest),
    (r"rules\.R-RAG\.numbers\.(\w+)", pipeline),
    (r"rules\.R-EDGEAGENTIC\.numbers\.(\w+)", agentic),
    (r"rules\.R-POINT\.numbers\.mAP", point_painting),
)
