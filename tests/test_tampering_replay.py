"""Edits that make a log tell of another run are errors, each at the right file and line.

Each edit is one that somebody would make who knows what the other rules compare: it keeps what a
reader sees consistent, and only the seeds tell.
"""

import shutil

import pytest

from fixtures.builder import Tree, accuracy, audit, result, run
from submission_checker.check import Options, check
from submission_checker.engine.selection import Selection
from submission_checker.evidence.rng import MASK, Library
from submission_checker.evidence.shuffle import first_permutation
from submission_checker.model.findings import Level
from tests.conftest import published

OFFLINE, SERVER = run(), run(scenario="Server")
ACCURACY = f"{accuracy(scenario='Server')}/mlperf_log_accuracy.json"
AUDIT = f"{audit('TEST01')}/accuracy/mlperf_log_accuracy.json"
SAMPLES = 1000


def line_of(tree, path, text):
    """Return the first line of a file that holds a text."""
    return next(n for n, line in enumerate(tree.text(path).splitlines(), start=1) if text in line)


def errors(tree):
    return {(f.rule, f.location.path, f.location.line) for f in tree.findings()
            if f.level is Level.ERROR}


def other_samples(tree):
    """Load the samples of a seed of one's own, and name the official one."""
    size = len(tree.log(OFFLINE, "loaded_qsl_set"))
    order = first_permutation(12345 & MASK, SAMPLES, Library.LIBSTDCXX_11)[:size].tolist()
    tree.set_log(OFFLINE, "loaded_qsl_set", order)
    return "LGEN020", OFFLINE, "loaded_qsl_set"


def edited_sample(tree):
    """Load the 100th sample twice and the 101st never."""
    def twice(record):
        samples = record["value"]
        return {**record, "value": [*samples[:100], samples[99], *samples[101:]]}

    tree.edit_log(SERVER, "loaded_qsl_set", twice)
    return "LGEN020", SERVER, "loaded_qsl_set"


def dropped_queries(tree):
    """Leave two queries out of every count."""
    for key in ("generated_query_count", "result_query_count"):
        tree.edit_log(SERVER, key, lambda record: {**record, "value": record["value"] - 2})
    return "LGEN021", SERVER, "generated_query_count"


def other_target(tree):
    """Claim another target rate, in user.conf as in the log, for the schedule of the true one."""
    tree.set_log(SERVER, "effective_target_qps", 202)
    tree.set_log(SERVER, "requested_server_target_qps", 202)
    tree.set_conf("closed/DemoOrg/measurements/demo-host/digits/Server/user.conf",
                  "digits.Server.target_qps", 202)
    return "LGEN021", SERVER, "generated_query_duration"


def other_schedule(tree):
    """Name the official schedule seed for arrivals of another: a longer duration tells."""
    tree.edit_log(SERVER, "generated_query_duration",
                  lambda record: {**record, "value": record["value"] + 1})
    return "LGEN021", SERVER, "generated_query_duration"


def scheduled_rate(tree):
    """Raise the scheduled rate by a thousandth."""
    key = "result_scheduled_samples_per_sec"
    tree.edit_log(SERVER, key, lambda r: {**r, "value": float(f"{r['value'] * 1.001:.6g}")})
    return "LGEN021", SERVER, key


def exchanged(log, first, second):
    """Return an edit that exchanges the samples of two answers, by their lines from 0."""
    def edit(tree):
        lines = tree.text(log).splitlines()
        one, two = (lines[n].split(", ", 2) for n in (first, second))
        one[1], two[1] = two[1], one[1]
        lines[first], lines[second] = ", ".join(one), ", ".join(two)
        tree.write(log, "\n".join(lines) + "\n")
        return "LGEN022", log, first + 1

    return edit


def other_order(tree):
    """Name the official sample seed for the order of another."""
    detail = f"{accuracy(scenario='Server')}/mlperf_log_detail.txt"
    tree.set_log(detail, "effective_sample_index_rng_seed", 1)
    return "LGEN022", ACCURACY, 2


def other_choice(tree):
    """Name an audit seed under which other answers had been logged."""
    detail = f"{audit('TEST01')}/performance/run_1/mlperf_log_detail.txt"
    tree.set_log(detail, "effective_accuracy_log_rng_seed", 1)
    return "LGEN022", AUDIT, 2


def answers_of_another_audit(tree):
    """Put the answers of another scenario's audit beside the log."""
    tree.copy(f"{audit('TEST01', scenario='SingleStream')}/accuracy", f"{audit('TEST01')}/accuracy")
    return "LGEN022", AUDIT, 2


EDITS = {
    edit.__name__: edit for edit in (
        other_samples, edited_sample, dropped_queries, other_target, other_schedule, scheduled_rate,
        other_order, other_choice, answers_of_another_audit)
} | {
    "answers exchanged": exchanged(ACCURACY, 3, 7),
    "sampled answers exchanged": exchanged(AUDIT, 5, 6),
}


@pytest.mark.parametrize("name", EDITS)
def test_edit_is_an_error_at_its_line(name, tmp_path):
    tree = Tree.demo(tmp_path)
    rule, path, place = EDITS[name](tree)
    line = place if isinstance(place, int) else line_of(tree, path, f'"{place}"')
    assert (rule, path, line) in errors(tree)


def test_result_copied_to_a_second_system_is_an_error(tmp_path):
    """The copy has everything in it that makes a result, and a machine of its own."""
    tree = Tree.demo(tmp_path).copy_system("second-host")
    tree.set_json("closed/DemoOrg/systems/second-host.json", "host_processor_model_name", "Other")
    copy = SERVER.replace("demo-host", "second-host")
    assert ("XRES001", copy, line_of(tree, copy, '"test_datetime"')) in errors(tree)


@pytest.mark.real
@pytest.mark.parametrize(("old", "new", "rule", "key"), [
    ('"generated_query_count", "value": {}', -2, "LGEN021", "generated_query_count"),
    ('"generated_query_duration", "value": {}', 1000, "LGEN021", "generated_query_duration"),
    ('"effective_schedule_rng_seed", "value": {}', 1, "LGEN021", "generated_query_duration"),
    ('"effective_qsl_rng_seed", "value": {}', 1, "LGEN020", "loaded_qsl_set"),
], ids=["count", "duration", "schedule seed", "sample seed"])
def test_edits_of_a_published_log_are_errors(old, new, rule, key, tmp_path):
    """One published system, with one number of a Server log changed."""
    source = published("v5.1")
    systems = sorted(source.glob("closed/CoreWeave/results/*/*/Server"))
    system = systems[0].parents[1]
    target = tmp_path / system.relative_to(source)
    shutil.copytree(system, target)
    log = target / systems[0].relative_to(system) / "performance/run_1/mlperf_log_detail.txt"
    selection = Selection(("LGEN020", "LGEN021", "LGEN022"), ())

    def found():
        report = check(str(tmp_path), "v5.1", options=Options(selection=selection, jobs=1))
        return {(f.rule, f.location.line) for f in report.findings if f.level is Level.ERROR}

    assert found() == set()
    text = log.read_text()
    head = old.partition("{}")[0]
    value = int(text.partition(head)[2].partition(",")[0])
    log.write_text(text.replace(f"{head}{value},", f"{head}{value + new},"))
    line = next(n for n, x in enumerate(log.read_text().splitlines(), 1) if f'"{key}"' in x)
    assert found() == {(rule, line)}


def test_untouched_submission_has_no_error(tmp_path):
    tree = Tree.demo(tmp_path)
    assert errors(tree) == set()
    assert tree.path(result()).is_dir()
