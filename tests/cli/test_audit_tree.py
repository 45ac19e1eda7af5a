"""`audit plan` and `audit verify`: the same options, errors and exit codes; what each says."""

import json
import re
import tarfile
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from compliance_tests.records import Case, Verdict
from fixtures.builder import Tree, audit
from submission_checker.cli import audit_verify
from submission_checker.cli.audit_plan import command as plan
from submission_checker.cli.audit_verify import command as verify
from submission_checker.rounds.loader import load_round
from tests.compliance.building import audit as made_audit
from tests.compliance.building import result

BOTH = pytest.mark.parametrize("command", [plan, verify])
DEMO = ("--round", "demo")


def called(command, *arguments):
    """Return (exit code, everything that was said)."""
    done = CliRunner().invoke(command, [str(word) for word in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def rows(command, *arguments):
    return json.loads(called(command, *arguments, *DEMO, "--format", "json")[1])["audits"]


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path / "tree")


@BOTH
@pytest.mark.parametrize(("arguments", "code", "said"), [
    (("--round", "v9.9"), 2, "v9.9"), (("--benchmark", "digit"), 2, "did you mean"),
    (("--nothing",), 2, "No such option"),
])
def test_wrong_use_is_told(tree, command, arguments, code, said):
    found = called(command, tree.root, *(arguments if "--round" in arguments
                                         else (*DEMO, *arguments)))
    assert found[0] == code and said in found[1]


@BOTH
def test_nothing_to_read_is_told(tmp_path, command):
    code, said = called(command, tmp_path / "absent", *DEMO)
    assert code == 3 and "absent" in said


def test_plan_says_what_is_missing_and_how_long_it_takes(tree):
    tree.delete(audit("TEST01", "digits", "Offline"))
    tree.delete(f"{audit('TEST04', 'digits', 'Offline')}/verify_performance.txt")
    found = {row["test"]: row for row in rows(plan, tree.root) if row["result"].endswith(
        "digits/Offline")}
    assert found["TEST01"]["state"] == "missing" and found["TEST01"]["about_s"] > 0
    assert (found["TEST04"]["state"], found["TEST04"]["lacks"]) == (
        "incomplete", ["verify_performance.txt"])
    code, said = called(plan, tree.root, *DEMO)
    assert code == 0 and "10 audits required, 8 present, 2 to be run" in said


def test_filters_are_those_of_check(tree):
    for command in (plan, verify):
        found = rows(command, tree.root, "--benchmark", "toyllm", "--scenario", "Server")
        assert len(found) == 1


def test_verify_fails_where_logs_contradict(tree):
    assert called(verify, tree.root, *DEMO)[0] == 0
    tree.set_log(f"{audit('TEST04', 'digits', 'SingleStream')}/performance/run_1/"
                 "mlperf_log_detail.txt", "effective_performance_issue_same", False)
    code, said = called(verify, tree.root, *DEMO, "--scenario", "SingleStream")
    assert code == 1 and "performance_issue_same was to be true, in force was false" in said
    assert "1 fail" in said


def test_nothing_to_judge_is_code_3(tree):
    tree.delete("closed/DemoOrg/compliance")
    assert called(verify, tree.root, *DEMO) == (3, "no audit to judge\n")


# TEST08: predictions in whole logs


def entries(*rows_):
    lines = [f'{{ "seq_id" : {seq}, "qsl_idx" : {seq}, "data" : '
             f'"{np.array(row, "<f4").tobytes().hex()}" }}' for seq, row in enumerate(rows_)]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


ANSWER = (7, 3, 0.4, 0.6, 1, 0, 1, 1, 2)


def predictions(given, *, truncated=False):
    """Compare a submitted log with one answer of the accuracy run."""
    logs = {"audit": entries((7, 3, *given)), "accuracy": entries(ANSWER)}
    log = SimpleNamespace(path="accuracy", truncated=truncated)
    audited = SimpleNamespace(accuracy=SimpleNamespace(
        log=SimpleNamespace(path="audit", truncated=False)))
    case = SimpleNamespace(audit=audited, accuracy=SimpleNamespace(log=log),
                           spec=load_round("v6.0").audits["TEST08"])
    tree = SimpleNamespace(reader=SimpleNamespace(blocks=lambda path: iter([logs[path]])))
    return audit_verify.WHOLE["TEST08"](case, tree)


@pytest.mark.parametrize(("given", "verdict"), [
    ((0.4, 0.6), Verdict.PASS), ((0.4, 0.7), Verdict.FAIL),
])
def test_submitted_predictions_are_compared(given, verdict):
    assert predictions(given)[0] is verdict


def test_predictions_in_truncated_logs_are_open():
    verdict, said = predictions((0.4, 0.6), truncated=True)
    assert verdict is Verdict.UNDECIDED and said.startswith("accuracy truncated")


def test_predictions_need_not_be_submitted():
    subject = result("dlrm-v3", round_name="v6.0", audits=[made_audit("TEST08")])
    round_ = load_round("v6.0")
    case = Case(subject.audits["TEST08"], round_.audits["TEST08"], round_,
                round_.models["dlrm-v3"], "Offline", (), None, {})
    assert audit_verify.WHOLE["TEST08"](case, None) is None


def test_plan_says_how_the_first_one_is_run_and_what_to_fill_in(tree, tmp_path):
    tree.delete(audit("TEST01", "digits", "Offline"))
    said = called(plan, tree.root, *DEMO)[1]
    folder = f"{tree.root}/closed/DemoOrg/results/demo-host/digits/Offline"
    assert "--round demo --benchmark digits --scenario Offline" in said
    assert f"--result {folder} -- COMMAND {{outdir}}" in said
    assert "COMMAND is how you run the benchmark" in said
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w") as out:
        out.add(tree.root, ".")
    said = called(plan, archive, *DEMO)[1]
    assert "--result FOLDER --" in said and "FOLDER is the result, unpacked" in said


def test_verify_shows_latencies_with_their_unit(tree):
    said = called(verify, tree.root, *DEMO, "--scenario", "SingleStream")[1]
    first = next(line for line in said.splitlines() if "early_stopping_latency_ss" in line)
    values = re.findall(r"([0-9.e+]+) ms", first)
    assert len(values) == 4 and all(0.01 < float(value) < 100 for value in values)


def test_verify_passes_no_audit_whose_speed_cannot_be_compared(tree):
    tree.write("closed/DemoOrg/results/demo-host/digits/Offline/performance/run_1/"
               "mlperf_log_detail.txt", "{")
    code, said = called(verify, tree.root, *DEMO, "--scenario", "Offline", "--benchmark", "digits")
    assert (code, said.splitlines()[-1]) == (0, "0 pass, 0 fail, 2 undecided")
    assert said.count("undecided: the performance run of the result gives no number: the ") == 2
