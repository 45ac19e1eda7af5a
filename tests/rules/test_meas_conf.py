"""MEAS016-019: user.conf and mlperf.conf, as LoadGen reads them, against the log and the round."""

from dataclasses import replace

import pytest

from submission_checker.rules import meas_conf, meas_limits
from tests.rules.support_subjects import DEMO, found, judged, result, round_with, status

CONF = "closed/Acme/measurements/node/digits/Offline/user.conf"
OFFICIAL = "closed/Acme/measurements/node/digits/Offline/mlperf.conf"
LOG = "closed/Acme/results/node/digits/{}/performance/run_1/mlperf_log_detail.txt"


def at(scenario):
    return CONF.replace("Offline", scenario)


# MEAS016: syntax. What becomes of a line was tried with mlcommons-loadgen 6.0.17.


@pytest.mark.parametrize(("line", "why"), [
    ("*.Offline.target_qps=5", meas_conf.IGNORED), ("*.Offline.target_qps =", meas_conf.IGNORED),
    ("target_qps = 5", meas_conf.IGNORED), ("some words", meas_conf.REFUSED),
    ("*.Offline.target_qps = 5 # fast", meas_conf.REFUSED),
    ("*.Offline.target_qps = 5 6", meas_conf.LAST_COUNTS),
])
def test_meas016_odd_lines_say_what_loadgen_makes_of_them(line, why):
    findings = judged(meas_conf.conf_syntax, result(conf=f"# own\n{line}\n"), DEMO).findings
    assert [(f.level.label, f.location.path, f.location.line, f.found, f.required, f.why)
            for f in findings] == [
        ("warning", CONF, 2, f'"{line}"', "model.Scenario.key = value", why),
    ]


@pytest.mark.parametrize(("conf", "expected"), [
    ("*.*.tarqet_qps = 3\n", ("warning", f"{CONF}:1", 'key "tarqet_qps"',
                              'a key of LoadGen; did you mean "target_qps"?')),
    ("*.*.colour = 3\n", ("warning", f"{CONF}:1", 'key "colour"', "a key of LoadGen")),
    ("a.*.performance_sample_count_override = 3\na.*.performance_sample_count = 3\n",
     ("info", f"{CONF}:2", 'key "performance_sample_count"',
      'a key of LoadGen; did you mean "performance_sample_count_override"?')),
    ("*.*.multi_stream_samples_per_query = 3\n",
     ("warning", f"{CONF}:1", 'key "multi_stream_samples_per_query"',
      'a key of LoadGen; did you mean "samples_per_query"?')),
    ("*.*.min_duration = ten\n", ("warning", f"{CONF}:1", 'min_duration = "ten"', "a number")),
])
def test_meas016_unknown_keys_and_values_are_named(conf, expected):
    assert found(meas_conf.conf_syntax, result(conf=conf)) == [expected]


def test_meas016_plain_settings_pass():
    conf = "# own settings\n\n*.Offline.target_qps = 1e3\ndigits.*.min_duration = 0x10\n"
    assert status(meas_conf.conf_syntax, result(conf=conf)) == "passed"
    assert status(meas_conf.conf_syntax, result()) == "no user.conf"


# MEAS017: agreement with the log


def test_meas017_value_of_the_log_is_named_with_its_line():
    subject = result(conf="*.Offline.target_qps = 17\n", log={"requested_offline_expected_qps": 16})
    assert found(meas_conf.conf_agrees, subject) == [
        ("warning", f"{CONF}:1", "*.Offline.target_qps = 17",
         f"16, as requested_offline_expected_qps in {LOG.format('Offline')}:2"),
    ]


@pytest.mark.parametrize(("scenario", "line", "log", "agrees"), [
    ("Offline", "*.Offline.target_qps = 26.496000000000002",
     {"requested_offline_expected_qps": 26.496}, True),
    ("SingleStream", "*.SingleStream.target_latency = 5.9",
     {"requested_single_stream_expected_latency_ns": 5_000_000}, True),
    ("SingleStream", "*.SingleStream.target_latency = 5.9",
     {"requested_single_stream_expected_latency_ns": 5.9e6}, True),
    ("SingleStream", "*.SingleStream.target_latency = 1",
     {"requested_single_stream_expected_latency_ns": 900_000}, False),
    ("Server", "digits.Server.coalesce_queries = 1",
     {"requested_server_coalesce_queries": True}, True),
    ("Server", "digits.Server.coalesce_queries = 1",
     {"requested_server_coalesce_queries": False}, False),
    ("Server", "*.*.min_duration = 600000.9", {"requested_min_duration_ms": 600000}, True),
    ("Server", "*.*.min_query_count = 1e3", {"requested_min_query_count": 1}, True),
    ("Server", "*.*.max_async_queries = 4", {"requested_server_max_async_queries": 0}, False),
    ("Server", "*.Offline.target_qps = 5", {"requested_server_target_qps": 7}, True),
])
def test_meas017_numbers_are_compared_as_loadgen_reads_them(scenario, line, log, agrees):
    subject = result(scenario=scenario, conf=f"{line}\n", log=log)
    assert (found(meas_conf.conf_agrees, subject) == []) is agrees


def test_meas017_latencies_are_shown_in_milliseconds():
    subject = result(scenario="SingleStream", conf="*.*.target_latency = 1\n",
                     log={"requested_single_stream_expected_latency_ns": 900_000})
    assert found(meas_conf.conf_agrees, subject) == [
        ("warning", f"{at('SingleStream')}:1", "*.*.target_latency = 1",
         "0.9 ms, as requested_single_stream_expected_latency_ns in "
         f"{LOG.format('SingleStream')}:2"),
    ]


def test_meas017_most_specific_setting_counts_and_the_last_of_equals():
    conf = ("*.*.target_qps = 1\ndigits.*.target_qps = 2\n*.Offline.target_qps = 3\n"
            "*.Offline.target_qps = 4\n")
    subject = result(conf=conf, log={"requested_offline_expected_qps": 4})
    assert status(meas_conf.conf_agrees, subject) == "passed"


def test_meas017_an_mlperf_conf_read_later_excuses():
    subject = result(
        conf="digits.Offline.performance_sample_count_override = 500\n",
        mlperf_conf="digits.*.performance_sample_count_override = 256\n",
        log={"requested_performance_sample_count_override": 256})
    assert status(meas_conf.conf_agrees, subject) == "passed"


def test_meas017_settings_of_several_other_models_cannot_be_told():
    subject = result(conf="a.*.target_qps = 1\nb.*.target_qps = 2\n", log={})
    assert status(meas_conf.conf_agrees, subject) == "user.conf holds settings for several models"


# MEAS018: settings that loosen the rules


@pytest.mark.parametrize(("scenario", "line", "log", "level", "required"), [
    ("Offline", "min_duration = 500", {"effective_min_duration_ms": 500}, "error", "1000"),
    ("Offline", "min_duration = 500", {"effective_min_duration_ms": 1000}, "warning", "1000"),
    ("Offline", "min_duration = 500", {}, "warning", "1000"),
    ("Server", "target_latency = 200", {"effective_target_latency_ns": 200_000_000}, "error",
     "100"),
    ("Server", "target_latency_percentile = 90",
     {"effective_target_latency_percentile": 0.9}, "error", "99"),
    ("MultiStream", "samples_per_query = 4", {"effective_samples_per_query": 4}, "error", "8"),
    ("Offline", "qsl_rng_seed = 5", {"effective_qsl_rng_seed": 5}, "error",
     "2085463073848966840"),
    ("Offline", "performance_issue_unique = 1", {"effective_performance_issue_unique": True},
     "error", "not set by a submitter"),
    ("Offline", "accuracy_log_probability = 10", {"effective_accuracy_log_probability": 0},
     "warning", "not set by a submitter"),
    ("Offline", "mode = 1", {}, "warning", "2, the performance mode"),
])
def test_meas018_looser_settings_are_errors_where_they_took_effect(
    scenario, line, log, level, required
):
    subject = result(scenario=scenario, conf=f"digits.{scenario}.{line}\n", log=log)
    assert found(meas_limits.conf_override, subject) == [
        (level, f"{at(scenario)}:1", line, required),
    ]


@pytest.mark.parametrize(("scenario", "line"), [
    ("Offline", "digits.Offline.min_duration = 2000"),
    ("Offline", "digits.Server.min_duration = 1"),
    ("Offline", "other.Offline.target_qps = 1\ndigits.Offline.target_qps = 2"),
    ("SingleStream", "*.SingleStream.target_latency = 900"),
    ("Offline", "*.*.qsl_rng_seed = 2085463073848966840"), ("Offline", "*.*.mode = 2"),
    ("Server", "digits.Server.target_latency = 100"),
    ("Offline", "*.*.performance_issue_unique = 0"),
])
def test_meas018_official_and_stricter_settings_pass(scenario, line):
    subject = result(scenario=scenario, conf=f"{line}\n", log={})
    assert status(meas_limits.conf_override, subject) == "passed"


def test_meas018_open_results_are_only_told():
    subject = result(division="open", conf="digits.Offline.min_duration = 500\n",
                     log={"effective_min_duration_ms": 500})
    assert [item[0] for item in found(meas_limits.conf_override, subject)] == ["info"]


def test_meas018_number_of_streams_is_free_where_the_round_fixes_none():
    subject = result(scenario="MultiStream", conf="*.MultiStream.samples_per_query = 2\n",
                     log={"effective_samples_per_query": 2})
    streams = DEMO.scenarios["MultiStream"]._replace(samples_per_query=None)
    free = replace(DEMO, scenarios={**DEMO.scenarios, "MultiStream": streams})
    assert found(meas_limits.conf_override, subject) != []
    assert status(meas_limits.conf_override, subject, free) == "passed"


def test_meas018_query_counts_follow_early_stopping():
    conf = replace(DEMO, mlperf_conf={
        "*.Server.min_query_count": 270336, "*.Offline.min_query_count": 24576})
    server = result(scenario="Server", conf="*.*.min_query_count = 100\n",
                    log={"requested_min_query_count": 100})
    offline = result(conf="*.*.min_query_count = 100\n", log={"requested_min_query_count": 100})
    assert status(meas_limits.conf_override, server, conf) == "passed"
    assert found(meas_limits.conf_override, offline, conf) == [
        ("error", f"{CONF}:1", "min_query_count = 100", "24 576"),
    ]


# MEAS019: the official mlperf.conf

ON = round_with(rules={"MEAS019": {"*": "on"}})


def with_official(text, log=None, scenario="Server", division="closed"):
    return result(division=division, scenario=scenario, mlperf_conf=text, log=log or {})


def test_meas019_changed_settings_are_counted_and_the_first_is_named():
    text = "*.Server.min_duration = 1000\ndigits.Server.target_latency = 50\n" \
           "*.Offline.min_duration = 9\n"
    assert found(meas_limits.official_mlperf_conf, with_official(text), ON) == [
        ("warning", f"{OFFICIAL.replace('Offline', 'Server')}:2",
         "2 settings changed; the first: digits.Server.target_latency = 50", "100"),
    ]


def test_meas019_is_an_error_where_a_looser_setting_counted():
    text = "*.Offline.min_duration = 9\ndigits.Server.target_latency = 200\n"
    log = {"effective_target_latency_ns": 200_000_000}
    assert found(meas_limits.official_mlperf_conf, with_official(text, log), ON) == [
        ("error", f"{OFFICIAL.replace('Offline', 'Server')}:2",
         "2 settings changed; it counted in this run: digits.Server.target_latency = 200", "100"),
    ]
    open_ = with_official(text, log, division="open")
    assert [item[0] for item in found(meas_limits.official_mlperf_conf, open_, ON)] == ["warning"]


def test_meas019_expectations_that_only_size_a_run_are_told():
    official = replace(ON, mlperf_conf={"*.SingleStream.target_latency": 10})
    text = "*.SingleStream.target_latency = 1.0\n"
    assert [item[0] for item in found(meas_limits.official_mlperf_conf, with_official(text),
                                      official)] == ["info"]


def test_meas019_equal_settings_pass():
    text = "*.Server.min_duration = 1000\ndigits.Server.target_latency = 100.0\n" \
           "other.Server.target_latency = 1\n"
    assert status(meas_limits.official_mlperf_conf, with_official(text), ON) == "passed"
    assert status(meas_limits.official_mlperf_conf, result(), ON) == "no mlperf.conf"
