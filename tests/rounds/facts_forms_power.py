"""Facts about power and LoadGen that a round holds in other forms."""

import re


def power_mean(match, value, ours, facts):
    """Samples without power are left out where the metric or a rule of the round says so."""
    rules = [rule["id"] for rule in facts["power"]["rules"]]
    said = "positive" in value or "positive_watts" in rules
    return said, ours["power"]["metric"]["positive_only"]


def energy(match, value, ours, facts):
    spec = ours["power"]["metric"]
    milli = re.search(r"\bmJ|millijoules", value) is not None
    rate = "qps_with_loadgen_overhead" in value
    want = ("mJ" if milli else "J", 1000 if milli else 1,
            "rate_times_span" if rate else "result_query_count")
    return want, (spec["stream_unit"], spec["stream_factor"], spec["stream_queries"])


def energy_of_queries(match, value, ours, facts):
    text = facts["power"]["metrics"]["SingleStream"] if value.startswith("same") else value
    want = energy(match, text.replace("generated_query_count", "qps_with_loadgen_overhead"),
                  ours, facts)
    factor = re.search(r"(\d+) times|by (\d+)", value)
    if factor is None:
        return want
    per_query = ours["scenarios"]["MultiStream"]["samples_per_query"]
    return (want[0], int(factor[1] or factor[2])), (want[1], per_query)


def clock(match, value, ours, facts):
    return "utc" if "(UTC)" in value else "offset", ours["power"]["metric"]["clock"]


def limit(name, scale=1):
    def compare(match, value, ours, facts):
        return value * scale, ours["power"]["limits"][name]
    return compare


def duration(match, value, ours, facts):
    """Up to v3.0 an error, and a warning where testing is longer; then a warning only."""
    limits = ours["power"]["limits"]
    if "duration_excess_warning" in limits:
        return [value] * 2, [limits["duration_shortfall_error"], limits["duration_excess_warning"]]
    return [value, 1], [limits["duration_shortfall_warning"], limits["duration_shortfall_error"]]


def ptd(match, value, ours, facts):
    return value, ours["power"]["ptd_versions"]


def analyzers(match, value, ours, facts):
    return value, ours["power"]["analyzers"][match[1]]


def sources(match, value, ours, facts):
    return value, len(ours["power"]["client_server_source_sha1"])


def version_example(match, value, ours, facts):
    starts = [text.rstrip("x") for text in ours["loadgen"]["versions_allowed"]]
    return True, any(value.startswith(start) for start in starts)


def errors_allowed(match, value, ours, facts):
    return value, ours["loadgen"]["errors_allowed"]


def inference(match, value, ours, facts):
    """The first inference of Offline from Server is of no round's rules."""
    streams = ("SingleStream", "MultiStream")
    return ([(i["from"], i["to"]) for i in value if i["from"] in streams],
            [(i["base"], i["inferred"]) for i in ours["inference"]])


FORMS = (
    (r"scenario_inference", inference, "inference"),
    (r"power\.metrics\.Offline", power_mean, "power.metric.positive_only"),
    (r"power\.metrics\.SingleStream", energy, "power.metric.stream_unit",
     "power.metric.stream_factor", "power.metric.stream_queries"),
    (r"power\.metrics\.MultiStream", energy_of_queries),
    (r"power\.time_format", clock, "power.metric.clock"),
    (r"power\.rules\.phase_times\.number", limit("clock_tolerance_ms", 1000),
     "power.limits.clock_tolerance_ms"),
    (r"power\.rules\.PW-PHASE\.number", limit("clock_tolerance_ms"),
     "power.limits.clock_tolerance_ms"),
    (r"power\.rules\.(?:duration_ratio|PW-DURATION)\.number", duration,
     "power.limits.duration_shortfall_error", "power.limits.duration_shortfall_warning",
     "power.limits.duration_excess_warning"),
    (r"power\.rules\.(?:average_power|PW-DROP)\.number", limit("power_drop_percent", -1),
     "power.limits.power_drop_percent"),
    (r"power\.rules\.(?:uncertainty|PW-LOG)\.number", limit("uncertainty_percent"),
     "power.limits.uncertainty_percent"),
    (r"power\.rules\.(?:ptd_version|PW-PTD)\.number", ptd),
    (r"power\.rules\.analyzer\.number\.(\w+)", analyzers),
    (r"power\.rules\.sources\.number", sources),
    (r"loadgen\.version_text_example", version_example),
    (r"loadgen\.error_exceptions", errors_allowed),
)
