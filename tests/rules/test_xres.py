"""XRES: results beside each other; subjects made in memory, edits of a tree in cases_xres.py."""

from dataclasses import replace

import pytest

from submission_checker.logs.detail import open_detail
from submission_checker.model.run_facts import RunFacts
from submission_checker.rounds.loader import load_round
from submission_checker.rules import xres_leads, xres_runs, xres_systems
from submission_checker.rules.run_facts import LATENCIES
from tests.rules.support_subjects import (
    facts,
    found,
    judged,
    result,
    run,
    shown,
    status,
    submitter,
    system,
    tree,
)

V51, V07 = load_round("v5.1"), load_round("v0.7")
GPU = {"accelerator_model_name": "Chip X", "accelerators_per_node": 1, "number_of_nodes": 1,
       "status": "available"}


def told(path, value=1.0, *, unit="Samples/s", model=None, runs=(), **fields):
    """Return the facts of a result with a number."""
    known = replace(facts(path), value=value, unit=unit, runs=tuple(runs), **fields)
    return known if model is None else replace(known, model=model)


def place(benchmark="resnet", scenario="Offline", name="node", division="closed", owner="Acme"):
    return f"{division}/{owner}/results/{name}/{benchmark}/{scenario}"


def span(path, begin_s, end_s, **more):
    return RunFacts(f"{path}/performance/run_1/mlperf_log_detail.txt", 8, begin_s=begin_s,
                    end_s=end_s, **more)


# XRES001 to XRES004


def shared(one, other, description=None, other_description=None, round_=V51):
    """Judge two results of one log, each of a system with a description."""
    runs = [RunFacts(f"{path}/detail", 8, identity="a") for path in (one, other)]
    sides = []
    for path, own, fields in zip((one, other), runs, (description, other_description),
                                 strict=True):
        division, owner, _, name, benchmark, _ = path.split("/")
        made = system(fields or GPU, division=division, name=name,
                      results=[replace(told(path, runs=[own]),
                                       model=benchmark if benchmark in V51.models else None)])
        sides.append(submitter(made, division=division)._replace(
            subject=made.description.subject._replace(submitter=owner, system="")))
    return found(xres_runs.one_log_one_result, tree(*sides), round_)


def test_xres001_one_log_under_two_systems():
    one, other = place(), place(name="other")
    both = shared(one, other, GPU, {**GPU, "number_of_nodes": 2})
    assert both == [
        ("error", f"{one}/detail:8", f"the same bytes as {other}/detail: one run for two systems",
         "a log of this result's own run"),
        ("error", f"{other}/detail:8", f"the same bytes as {one}/detail: one run for two systems",
         "a log of this result's own run"),
    ]


def test_xres001_twins_of_one_machine_are_a_warning():
    twin = {**GPU, "system_type": "edge", "system_name": "another name"}
    assert [item[0] for item in shared(place(), place(name="other"), GPU, twin)] == ["warning"]


def test_xres001_two_submitters_are_a_warning_and_two_benchmarks_an_error():
    assert [item[0] for item in shared(place(), place(owner="Best"))] == ["warning"]
    assert [item[0] for item in shared(place(), place("retinanet"))] == ["error", "error"]


def test_xres001_benchmarks_that_the_round_does_not_know_are_a_warning():
    assert [item[0] for item in shared(place("mine-99"), place("mine-99.9"))] == ["warning"]


@pytest.mark.parametrize("other", [
    place("llama2-70b-99.9"), place("llama2-70b-99", "Server"),
    place("llama2-70b-99", division="open"),
])
def test_xres001_variants_scenarios_and_divisions_of_one_system_pass(other):
    assert shared(place("llama2-70b-99"), other) == []


def test_xres003_equal_second_and_pid_with_another_begin_are_a_warning():
    birth = {"date": "2025-07-01T10:00:00Z", "pid": 7, "build": "2025-06-01"}
    runs = [RunFacts(f"r{n}", 8, identity=str(n), begin=f"07-01-2025 10:00:0{n}.000", value=n,
                     **birth) for n in (1, 2)]
    nodes = [system(GPU, name=f"n{n}", results=[told(place(name=f"n{n}"), runs=[own])])
             for n, own in enumerate(runs)]
    assert found(xres_runs.one_birth_one_run, tree(submitter(*nodes)), V51) == [
        ("warning", "r2:8", "test_datetime 2025-07-01T10:00:00Z and pid 7 of r1, with other "
         "measurements", "a log of this result's own run"),
    ]


# XRES005, XRES021


def test_xres005_overlapping_runs_are_counted_once():
    paths = [place(name) for name in ("a", "b", "c")]
    runs = [span(paths[0], 0, 100), span(paths[1], 90, 200), span(paths[2], 120, 150)]
    node = system(GPU, results=[told(path, runs=[own])
                                for path, own in zip(paths, runs, strict=True)])
    assert found(xres_runs.runs_overlap, node, V51) == [
        ("info", f"{runs[2].path}:8", f"2 pairs of runs overlap; the longest by 30 s with "
         f"{runs[1].path}", "runs one after the other"),
    ]


def test_xres005_copies_and_partitions_and_runs_in_a_row_pass():
    one, other = place("a"), place("b")

    def judge(first, second, fields=GPU):
        return status(xres_runs.runs_overlap, system(
            fields, results=[told(one, runs=[first]), told(other, runs=[second])]), V51)

    assert judge(span(one, 0, 100), span(other, 100, 200)) == "passed"
    assert judge(span(one, 0, 100, identity="a"), span(other, 0, 100, identity="a")) == "passed"
    part = {**GPU, "accelerator_model_name": "Chip X MIG 1g"}
    assert judge(span(one, 0, 100), span(other, 50, 200), part) == (
        "the system is a part of a machine")
    assert judge(span(one, 0, 100), span(other, None, None)) == "fewer than two runs have a time"


def five(dates, latencies=(), qps=10.0):
    runs = []
    for number, stamp in enumerate(dates, start=1):
        values = {"test_datetime": stamp, "effective_target_qps": qps, **dict(latencies)}
        made = run(f"closed/Acme/results/node/resnet/Server/performance/run_{number}", "Server",
                   **values)
        runs.append(replace(made, name=f"run_{number}", detail_sha256=str(number)))
    return replace(result(benchmark="resnet", scenario="Server"), performance=tuple(runs))


def test_xres021_a_run_shown_twice_is_an_error():
    stamps = [f"2020-09-01T0{n}:00:00Z" for n in (1, 2, 3, 2)]
    assert found(xres_runs.five_runs, five(stamps), V07) == [
        ("error", "closed/Acme/results/node/resnet/Server/performance/run_4/mlperf_log_detail.txt"
         ":2", 'the same test_datetime "2020-09-01T02:00:00Z" as run_2', "a run of its own"),
    ]


def test_xres021_equal_bytes_and_equal_latencies_are_the_same_run():
    several = five(["2020-09-01T01:00:00Z", "2020-09-01T02:00:00Z"])
    copied = [replace(item, detail_sha256="x") for item in several.performance]
    both = found(xres_runs.five_runs, replace(several, performance=tuple(copied)), V07)
    assert [item[2] for item in both] == ["the same bytes as run_1"]
    equal = five(["2020-09-01T01:00:00Z", "2020-09-01T02:00:00Z"],
                 [(name, number) for number, name in enumerate(LATENCIES)])
    assert [item[2] for item in found(xres_runs.five_runs, equal, V07)] == [
        "the same latencies as run_1"]


def test_xres021_own_runs_pass_and_later_rounds_want_one():
    stamps = [f"2020-09-01T0{n}:00:00Z" for n in range(1, 6)]
    assert status(xres_runs.five_runs, five(stamps), V07) == "passed"
    assert status(xres_runs.five_runs, five(stamps), V51) == (
        "not in force in v5.1 closed")
    one = replace(five(stamps), scenario="Offline")
    assert status(xres_runs.five_runs, one, V07) == "the round wants one run of this scenario"


# XRES006 to XRES010, XRES018, XRES020


def test_xres006_higher_quality_is_not_faster():
    low, high = place("llama2-70b-99"), place("llama2-70b-99.9")

    def judge(rate):
        return found(xres_leads.stricter_variant_faster, system(GPU, results=[
            told(low, 100.0, model="llama2-70b-99"), told(high, rate, model="llama2-70b-99.9"),
        ]), V51)

    assert judge(103.0) == [
        ("info", high, f"103 Samples/s, 3.0% better than {low}", "at most 2% better than 100")]
    assert judge(101.9) == []


def test_xres007_server_is_at_most_two_percent_above_offline():
    def judge(rate, unit="Tokens/s"):
        return found(xres_leads.server_above_offline, system(GPU, results=[
            told(place(scenario="Offline"), 100.0, unit="Tokens/s"),
            told(place(scenario="Server"), rate, unit=unit),
        ]), V51)

    assert judge(102.5) == [("info", place(scenario="Server"), "102.5 Tokens/s",
                             "at most 2% above Offline, 100")]
    assert judge(102.0) == []
    assert judge(500.0, "Queries/s") == []


def test_xres008_offline_reaches_what_one_stream_reaches():
    def judge(rate):
        single, offline = place(scenario="SingleStream"), place()
        return found(xres_leads.offline_below_latency, system(GPU, results=[
            told(single, 1.0, unit="ms", runs=[RunFacts("x", 1, mean_latency_ns=1e6)]),
            told(offline, rate),
        ]), V51)

    assert judge(899.0) == [("info", place(), "899 Samples/s",
                             "at least 900, 0.9 / mean SingleStream latency 1 ms")]
    assert judge(900.0) == []


def scaled(*counts_and_rates, division="closed"):
    return submitter(*[
        system({**GPU, "accelerators_per_node": each}, name=f"n{each}", division=division,
               results=[told(place(name=f"n{each}", division=division), rate)])
        for each, rate in counts_and_rates
    ], division=division)


def test_xres009_rates_per_accelerator():
    few = place(name="n1")
    assert found(xres_leads.scaling, scaled((1, 100.0), (8, 712.0)), V51) == [
        ("info", place(name="n8"), '89 Samples/s on each of 8 "Chip X", -11.0%',
         f"about 100, as on 1 of them ({few})")]
    assert [item[2] for item in found(xres_leads.scaling, scaled((1, 100.0), (2, 212.0)), V51)] == [
        '106 Samples/s on each of 2 "Chip X", +6.0%']
    assert found(xres_leads.scaling, scaled((1, 100.0), (8, 724.0)), V51) == []
    assert status(xres_leads.scaling, scaled((1, 100.0), (8, 8.0), division="open"), V51) == (
        "not in force in v5.1 open")


def among(*rates, power=None, division="closed"):
    """Return a tree in which every rate is of another submitter."""
    sides = []
    for number, rate in enumerate(rates):
        owner = f"S{number}"
        path = place(owner=owner, division=division)
        made = system(GPU, results=[told(path, rate, power=power)], division=division)
        side = submitter(made, division=division)
        sides.append(side._replace(subject=side.subject._replace(submitter=owner)))
    return tree(*sides)


def test_xres010_one_rate_far_from_the_others():
    assert found(xres_leads.outlier_among_equals, among(100, 101, 99, 100, 88), V51) == [
        ("info", place(owner="S4"), '88 Samples/s per "Chip X", 8.1 robust standard deviations '
         "from the median", "about 100, the median of 5 results")]


@pytest.mark.parametrize("rates", [(100, 101, 99, 88), (100, 101, 99, 100, 91),
                                   (100, 120, 80, 140, 60)])
def test_xres010_few_near_or_spread_rates_pass(rates):
    assert found(xres_leads.outlier_among_equals, among(*rates), V51) == []


def test_xres018_same_answers_at_the_same_speed():
    def judge(rate, digest="b" * 64):
        sides = []
        for owner, own in (("Acme", 100.0), ("Best", rate)):
            made = system(GPU, results=[told(place(owner=owner), own, accuracy_hash=digest)])
            sides.append(submitter(made)._replace(
                subject=made.description.subject._replace(submitter=owner, system="")))
        its = sides[1].systems[0]
        one = replace(its.results[0], subject=its.results[0].subject._replace(submitter="Best"))
        sides[1] = sides[1]._replace(systems=(its._replace(results=(one,)),))
        return found(xres_leads.answers_shared, tree(*sides), V51)

    other = place(owner="Best")
    assert judge(101.5) == [("info", other, f"the answers of {place()}, and 101.5 Samples/s "
                             "beside 100", "answers or speed of its own")]
    assert judge(103.0) == []
    assert judge(100.0, xres_leads.EMPTY) == []


def test_xres020_one_efficiency_far_from_the_others():
    assert [item[2] for item in found(
        xres_leads.efficiency_outlier, among(100, 101, 99, 100, 200, power=10.0), V51)] == [
        "20 Samples/s per watt, 67.4 robust standard deviations from the median"]
    assert status(xres_leads.efficiency_outlier, among(100, 101, 99, 100, 105, power=10.0),
                  V51) == "passed"
    assert status(xres_leads.efficiency_outlier, among(100, 101, 99, 100, 200), V51) == (
        "fewer than 5 power results of one accelerator and benchmark")


# XRES015 to XRES017


def test_xres015_reasons_for_an_audit_are_named():
    own = system(GPU, name="n1", results=[told(place(name="n1"), has_power=True)])
    assert found(xres_systems.audit_candidates, tree(submitter(own)), V51) == [
        ("info", "closed/Acme", '2 reasons for an audit; the first: n1: accelerator "Chip X", of '
         "no other submitter here", "none of them; a lead for the committee")]
    preview = system({**GPU, "status": "preview"}, results=[told(place())])
    assert found(xres_systems.audit_candidates, tree(submitter(preview)), V51) == []


def test_xres016_builds_and_dates_of_one_system():
    def judge(*runs):
        made = [RunFacts(f"r{n}", 1, version=version, date=day)
                for n, (version, day) in enumerate(runs)]
        return found(xres_systems.one_suite, system(GPU, results=[told(place(), runs=made)]), V51)

    file = "closed/Acme/systems/node.json"
    assert judge(("5.1 @ a", "2025-01-01T0"), ("5.1 @ b", "2025-07-01T0"), ("5.0 @ c", "")) == [
        ("info", file, '3 builds of LoadGen: "5.0 @ c", "5.1 @ a", "5.1 @ b"', "at most 2"),
        ("info", file, "runs from 2025-01-01 (r0) to 2025-07-01", "within 90 days"),
    ]
    assert judge(("5.1 @ a", "2025-05-01T0"), ("5.1 @ b", "2025-07-01T0")) == []


def test_xres017_two_names_for_one_machine():
    one = system(GPU, name="n1")
    same = system({**GPU, "system_name": "N 2"}, name="n2")
    assert found(xres_systems.identical_descriptions, submitter(one, same)) == [
        ("info", "closed/Acme/systems/n2.json",
         "the hardware and software of closed/Acme/systems/n1.json", "a description of its own")]
    other = system({**GPU, "accelerators_per_node": 2}, name="n2")
    assert found(xres_systems.identical_descriptions, submitter(one, other)) == []


def test_findings_name_the_result_they_are_about():
    node = system(GPU, results=[told(place(scenario="Offline"), 100.0),
                                told(place(scenario="Server"), 200.0)])
    finding, = judged(xres_leads.server_above_offline, node, V51).findings
    assert finding.subject.scenario == "Server"
    assert shown(finding)[0] == "info"


def test_records_of_both_generations_name_their_process():
    stamp = b'"pid": 20768, "tid": 20768, "ts": 39960ns : Date + time of test: 2020-09-16T17:35:40Z'
    record = open_detail(stamp + b"\n", "x").first("test_datetime")
    assert (record.value, record.pid) == ("2020-09-16T17:35:40Z", 20768)
    line = b':::MLLOG {"key": "test_datetime", "value": "d", "metadata": {"pid": 7}}\n'
    assert open_detail(line, "x").first("test_datetime").pid == 7
