"""Per rule: edits of the bundled submission that the rule must find.

The exact findings stand in ``expected.json``; ``python -m tests.rules.cases`` rewrites it, and the
difference is to be read line by line. The passing case of a rule is the unchanged submission,
or the edit named in ``PASSING``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fixtures.builder import (
    BASE,
    SYSTEM,
    SYSTEM_FILE,
    Tree,
    accuracy,
    measurements,
    result,
    run,
)
from tests.rules.power_fixture import with_power

Edit = Callable[[Tree], Any]
OFF = run()
SERVER, SS, MS = run(scenario="Server"), run(scenario="SingleStream"), run(scenario="MultiStream")
TOKENS = run("toyllm", "Server")
TEXT = f"{accuracy()}/accuracy.txt"
ACC_LOG = f"{accuracy()}/mlperf_log_detail.txt"
ANSWERS = f"{accuracy()}/mlperf_log_accuracy.json"
CONF = f"{measurements()}/user.conf"
DESC = f"{measurements()}/{SYSTEM}_demo_Offline.json"
SUMMARY = f"{result()}/performance/run_1/mlperf_log_summary.txt"
OTHER_SEEDS = (1780908523862526354, 14771362308971278857, 18209322760996052031)
PERF_KEYS = ("effective_qsl_rng_seed", "effective_sample_index_rng_seed",
             "effective_schedule_rng_seed")


def seeds(tree: Tree, log: str, triple: tuple[int, int, int]) -> Tree:
    for key, value in zip(PERF_KEYS, triple, strict=True):
        tree.set_log(log, key, value)
    return tree


def special(tree: Tree) -> None:
    os.mkfifo(tree.path(f"{BASE}/results/{SYSTEM}/pipe"))


def link(tree: Tree, name: str, target: str) -> None:
    tree.path(name).symlink_to(target)


def open_bad_accuracy(tree: Tree) -> Tree:
    tree.open_division()
    return tree.write("open/DemoOrg/results/demo-host/digits/Offline/accuracy/accuracy.txt",
                      "nothing\n\nhash=" + "0" * 64 + "\n")


def network(tree: Tree, **fields: Any) -> Tree:
    for name, value in {"is_network": True, **fields}.items():
        tree.set_json(SYSTEM_FILE, name, value)
    return tree


def two_divisions(tree: Tree) -> Tree:
    tree.copy(BASE, "open/DemoOrg")
    tree.set_json(f"open/DemoOrg/systems/{SYSTEM}.json", "division", "open")
    return tree.set_json(f"open/DemoOrg/systems/{SYSTEM}.json", "number_of_nodes", 2)


def pointer(tree: Tree) -> Tree:
    return tree.write(TEXT, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n")


def power(edit: Edit) -> Edit:
    def both(tree: Tree) -> Any:
        return edit(with_power(tree))

    return both


PERF = f"{result()}/performance"
CASES: dict[str, list[Edit]] = {
    "TREE001": [lambda t: t.rename("closed", "Closed"), lambda t: t.write("other/x.txt", "x")],
    "TREE002": [lambda t: t.write("stray.txt", "x")],
    "TREE003": [lambda t: t.write("closed/notes.txt", "x")],
    "TREE004": [lambda t: t.rename(f"{BASE}/results", f"{BASE}/reslts")],
    "TREE005": [lambda t: t.write(f"{BASE}/extras/x.txt", "x")],
    "TREE006": [lambda t: t.write(f"{BASE}/results/{SYSTEM}/digits/log.txt", "x")],
    "TREE007": [lambda t: link(t, f"{BASE}/gone", "absent")],
    "TREE008": [lambda t: link(t, f"{BASE}/out", "/etc/hostname"),
                lambda t: link(t, f"{BASE}/up", "../../../x")],
    "TREE009": [lambda t: link(t, f"{BASE}/same.md", "calibration.md")],
    "TREE010": [lambda t: t.path(f"{BASE}/big.bin").open("wb").truncate(52428801)],
    "TREE011": [lambda t: t.write(f"{BASE}/results/{SYSTEM}/digits/Offline/.hidden", "x"),
                lambda t: t.write(f"{BASE}/.gitkeep", "x")],
    "TREE012": [lambda t: t.write(f"{BASE}/a b.md", "x")],
    "TREE013": [lambda t: t.write(f"{BASE}/code/__pycache__/x.pyc", "x"),
                lambda t: t.write(f"{BASE}/code/x.pyc", "x")],
    "TREE014": [lambda t: t.path(f"{result()}/empty").mkdir()],
    "TREE015": [lambda t: t.write(f"{BASE}/documentation/{'d' * 100}/{'e' * 120}.md", "x"),
                lambda t: t.write(f"{BASE}/documentation/{'d' * 150}/{'e' * 150}.md", "x")],
    "TREE016": [lambda t: t.write(f"{BASE}/Calibration.md", "x"),
                lambda t: t.write(f"{BASE}/bad\nname.md", "x"),
                lambda t: t.write(f"{BASE}/evil\u202egnp.md", "x")],
    "TREE017": [special],
    "TREE018": [lambda t: t.delete(SYSTEM_FILE)],
    "TREE019": [lambda t: t.copy(SYSTEM_FILE, f"{BASE}/systems/unused.json")],
    "TREE020": [lambda t: t.rename(f"{BASE}/results/{SYSTEM}/digits",
                                   f"{BASE}/results/{SYSTEM}/digit")],
    "TREE021": [lambda t: (t.open_division(),
                           t.write("open/DemoOrg/model_mapping.json", '{"mine": "digts"}')),
                lambda t: (t.open_division(),
                           t.write("open/DemoOrg/model_mapping.json", "[1]"))],
    "TREE022": [lambda t: t.set_json(SYSTEM_FILE, "system_type", "edge")],
    "TREE023": [lambda t: t.delete(result(scenario="Server")),
                lambda t: t.set_log(SS, "result_validity", "INVALID")],
    "TREE024": [lambda t: t.set_json(SYSTEM_FILE, "system_type", "edge")],
    "TREE025": [lambda t: t.rename(result(), result(scenario="Offlin"))],
    "TREE026": [lambda t: t.copy(result(), result(scenario="offline"))],
    "TREE027": [lambda t: t.rename(f"{PERF}/run_1", f"{PERF}/run_2")],
    "TREE028": [lambda t: t.delete(OFF), lambda t: t.write(f"{PERF}/run_1/notes.txt", "x")],
    "TREE029": [lambda t: t.rename(TEXT, f"{accuracy()}/acuracy.txt")],
    "TREE030": [lambda t: t.write(SUMMARY, "")],
    "TREE031": [pointer],
    "TREE032": [lambda t: t.write(SUMMARY, t.text(SUMMARY).replace("\n", "\r\n")),
                lambda t: t.write(DESC, b"\xef\xbb\xbf" + t.text(DESC).encode())],
    "TREE033": [lambda t: t.write(f"{BASE}/notes.swp", "x")],
    "TREE034": [lambda t: t.delete(accuracy()), lambda t: t.delete(result("toyllm", "Server"))],
    "TREE036": [lambda t: t.copy(BASE, "open/demo-org")],
    "SYST001": [lambda t: t.write(SYSTEM_FILE, t.text(SYSTEM_FILE)[:300]),
                lambda t: t.replace(SYSTEM_FILE, '"cooling": "air"',
                                    '"cooling": "air", "cooling": "water"'),
                lambda t: t.write(SYSTEM_FILE, "[" * 300 + "]" * 300),
                lambda t: t.replace(SYSTEM_FILE, '"number_of_nodes": 1',
                                    '"number_of_nodes": NaN'),
                lambda t: t.replace(SYSTEM_FILE, '"number_of_nodes": 1',
                                    '"number_of_nodes": 1e400')],
    "SYST002": [lambda t: t.edit_json(SYSTEM_FILE, lambda d: d.update(
        host_memory_capcity=d.pop("host_memory_capacity")))],
    "SYST003": [lambda t: t.set_json(SYSTEM_FILE, "framework", " "),
                lambda t: t.set_json(SYSTEM_FILE, "framework", "TBD")],
    "SYST004": [lambda t: t.set_json(SYSTEM_FILE, "hw_note", "x")],
    "SYST005": [lambda t: t.set_json(SYSTEM_FILE, "submitter", "Other"),
                lambda t: t.set_json(SYSTEM_FILE, "submitter", "demoorg")],
    "SYST006": [lambda t: t.set_json(SYSTEM_FILE, "division", "open")],
    "SYST007": [lambda t: t.set_json(SYSTEM_FILE, "status", "availabel")],
    "SYST008": [lambda t: t.set_json(SYSTEM_FILE, "system_type", "laptop"),
                lambda t: t.set_json(SYSTEM_FILE, "system_type", "datacenter, edge")],
    "SYST009": [lambda t: t.set_json(SYSTEM_FILE, "number_of_nodes", "2 (big); 4 (LITTLE)"),
                lambda t: t.set_json(SYSTEM_FILE, "number_of_nodes", 0)],
    "SYST010": [lambda t: t.set_json(SYSTEM_FILE, "accelerators_per_node", 4)],
    "SYST012": [lambda t: network(t)],
    "SYST013": [lambda t: network(t, network_type="Ethernet")],
    "SYST014": [lambda t: network(t)],
    "SYST015": [lambda t: (t.rename("closed", "network"), t.set_json(
        f"network/DemoOrg/systems/{SYSTEM}.json", "system_type", "edge"))],
    "SYST016": [lambda t: network(t, network_type="carrier pigeon")],
    "SYST018": [lambda t: (t.set_json(SYSTEM_FILE, "framework", "ours"), t.set_json(
        SYSTEM_FILE, "other_software_stack", "an internal build"))],
    "SYST022": [lambda t: t.set_json(SYSTEM_FILE, "host_processor_core_count", "")],
    "SYST023": [lambda t: t.edit_json(SYSTEM_FILE, lambda d: d.update(
        accelerators_per_node=4, accelerator_model_name="A100")) and [
            t.rename(f"{BASE}/{a}/{SYSTEM}{e}", f"{BASE}/{a}/A100x8{e}")
            for a, e in (("results", ""), ("measurements", ""), ("compliance", ""),
                         ("systems", ".json"))]],
    "SYST024": [two_divisions],
    "MEAS001": [lambda t: t.delete(measurements())],
    "MEAS002": [lambda t: t.delete(CONF)],
    "MEAS003": [lambda t: t.write(f"{measurements()}/README.md", "")],
    "MEAS004": [lambda t: t.delete(DESC)],
    "MEAS005": [lambda t: t.del_json(DESC, "retraining")],
    "MEAS006": [lambda t: t.set_json(DESC, "weight_data_types", ""),
                lambda t: t.set_json(DESC, "starting_weights_filename", "TODO")],
    "MEAS007": [lambda t: t.write(DESC, '{"retraining": ')],
    "MEAS008": [lambda t: t.set_json(DESC, "retraining", "Yes, 3 epochs"),
                lambda t: t.set_json(DESC, "retraining", "perhaps")],
    "MEAS009": [lambda t: t.set_json(DESC, "input_data_types", "UNSET")],
    "MEAS010": [lambda t: t.set_json(DESC, "weight_data_types", "int8")],
    "MEAS011": [lambda t: (t.set_json(DESC, "weight_data_types", "int8"),
                           t.delete(f"{BASE}/calibration.md"))],
    "MEAS012": [lambda t: t.delete(f"{BASE}/code/digits")],
    "MEAS016": [lambda t: t.write(CONF, "digits.Offline.target_qps=5\n*.*.tarqet_qps = 3\n")],
    "MEAS017": [lambda t: t.replace(CONF, "target_qps = 60000", "target_qps = 50000")],
    "MEAS018": [lambda t: (t.replace(CONF, "min_duration = 1000", "min_duration = 500"),
                           t.set_log(OFF, "effective_min_duration_ms", 500))],
    "MEAS020": [lambda t: t.rename(DESC, f"{measurements()}/{SYSTEM}_demo_Server.json")],
    "PERF001": [lambda t: t.write(OFF, "nothing of LoadGen\n"),
                lambda t: t.write(OFF, t.text(OFF).replace(
                    ':::MLLOG {"key": "qsl_name"', ':::MLLOG {"key": qsl_name"')),
                lambda t: t.write(OFF, t.text(OFF)[:-100])],
    "PERF002": [lambda t: t.set_log(OFF, "result_validity", "INVALID"),
                lambda t: t.del_log(OFF, "result_validity").write(SUMMARY, "")],
    "PERF003": [lambda t: t.replace(SUMMARY, "Result is : VALID", "Result is : INVALID")],
    "PERF004": [lambda t: t.set_log(OFF, "effective_test_mode", "AccuracyOnly"),
                lambda t: t.set_log(OFF, "effective_test_mode", "SubmissionRun")],
    "PERF005": [lambda t: t.copy(SERVER, OFF)],
    "PERF006": [lambda t: t.add_log(OFF, "error_runtime", "Ending early", is_error=True)],
    "PERF007": [lambda t: t.set_log(OFF, "num_errors", 2),
                lambda t: t.replace(SUMMARY, "No errors encountered", "3 ERRORS encountered")],
    "PERF008": [lambda t: t.set_log(OFF, "effective_performance_sample_count", 255)],
    "PERF009": [lambda t: t.set_log(OFF, "effective_qsl_rng_seed", 1)],
    "PERF010": [lambda t: t.set_log(SERVER, "result_99.00_percentile_latency_ns", 100000001)],
    "PERF011": [lambda t: t.set_log(SERVER, "effective_target_latency_ns", 100000001)],
    "PERF012": [lambda t: t.set_log(SERVER, "effective_target_latency_percentile", 0.9)],
    "PERF013": [lambda t: t.set_log(
        TOKENS, "result_first_token_99.00_percentile_latency_ns", 200000001),
        lambda t: t.del_log(TOKENS, "result_time_per_output_token_99.00_percentile_ns")],
    "PERF014": [lambda t: t.set_log(TOKENS, "requested_server_ttft_latency", 200000001),
                lambda t: t.del_log(TOKENS, "requested_use_token_latencies")],
    "PERF015": [lambda t: t.set_log(SERVER, "early_stopping_met", False)],
    "PERF016": [lambda t: t.set_log(SERVER, "result_query_count", 699)],
    "PERF017": [lambda t: t.set_log(OFF, "effective_samples_per_query", 255)],
    "PERF018": [lambda t: t.set_log(OFF, "effective_min_duration_ms", 999)],
    "PERF019": [lambda t: t.set_log(OFF, "result_max_latency_ns", 999980000)],
    "PERF020": [lambda t: t.set_log(
        TOKENS, "effective_sample_concatenate_permutation", False)],
    "PERF021": [lambda t: t.set_log(MS, "effective_samples_per_query", 4)],
    "PERF023": [lambda t: t.set_log(OFF, "effective_performance_issue_same", True)],
    "PERF024": [lambda t: t.set_log(OFF, "effective_accuracy_log_sampling_target", 64)],
    "PERF025": [lambda t: t.add_log(OFF, "warning_generic_message",
                                    "Found Audit Config file (audit.config).", is_warning=True)],
    "PERF026": [lambda t: t.set_log(OFF, "effective_max_duration_ms", 5000)],
    "PERF027": [lambda t: t.del_log(OFF, "result_samples_per_second"),
                lambda t: t.set_log(OFF, "result_samples_per_second", 0)],
    "PERF029": [lambda t: t.set_log(OFF, "qsl_reported_total_count", 999)],
    "LGEN005": [lambda t: t.del_log(OFF, "early_stopping_met"),
                lambda t: t.del_log(SERVER, "power_end")],
    "ACCU001": [lambda t: t.set_log(ACC_LOG, "effective_test_mode", "PerformanceOnly")],
    "ACCU002": [lambda t: t.write(TEXT, "{'rouge1': 44.1}\n\nhash=" + "0" * 64 + "\n")],
    "ACCU003": [lambda t: t.write(TEXT, "accuracy=89.900%, good=899, total=1000\n\nhash="
                                  + "0" * 64 + "\n")],
    "ACCU004": [lambda t: t.replace(f"{accuracy('toyllm')}/accuracy.txt",
                                    "'tokens_per_sample': ", "'tokens_per_sample': 9")],
    "ACCU005": [lambda t: t.replace(TEXT, "hash=", "hash:"),
                lambda t: t.write(TEXT, t.text(TEXT) + "hash=" + "0" * 64 + "\n"),
                lambda t: t.replace(TEXT, "hash=", "hash=xyz")],
    "ACCU006": [lambda t: t.write(ANSWERS, '[\n{ "seq_id" : 0, "qsl_idx" : 1, "data" : "00" }\n]')],
    "ACCU007": [lambda t: t.write(TEXT, "accuracy=95.000%, good=950, total=1000\n\nhash="
                                  + _sha(t, ANSWERS) + "\n")],
    "ACCU008": [lambda t: t.write(ANSWERS, t.text(ANSWERS) + " " * 10000)],
    "ACCU009": [lambda t: t.write(ANSWERS, t.text(ANSWERS)[1:]),
                lambda t: t.write(ANSWERS, t.text(ANSWERS).replace("\n\n...\n\n", " \n\n...\n\n"))],
    "ACCU010": [lambda t: t.set_log(ACC_LOG, "effective_accuracy_sample_count", 999)],
    "ACCU011": [lambda t: t.add_log(ACC_LOG, "error_runtime", "boom", is_error=True)],
    "ACCU013": [lambda t: t.set_log(ACC_LOG, "effective_scenario", "Server")],
    "ACCU014": [lambda t: t.write(TEXT, "accuracy=95.000%, good=95, total=100\n\nhash="
                                  + "0" * 64 + "\n"),
                lambda t: t.write(TEXT, "accuracy=96.000%, good=950, total=1000\n\nhash="
                                  + "0" * 64 + "\n")],
    "ACCU015": [lambda t: t.write(TEXT, "accuracy=95.000%, good=950, total=1000\n"
                                  "accuracy=96.000%, good=960, total=1000\n\nhash="
                                  + "0" * 64 + "\n")],
    "ACCU016": [lambda t: t.write(TEXT, "accuracy=100.100%\n\nhash=" + "0" * 64 + "\n"),
                lambda t: t.write(TEXT, "accuracy=99.100%\n\nhash=" + "0" * 64 + "\n")],
    "ACCU017": [lambda t: t.set_log(ACC_LOG, "loadgen_version", "6.0.16 @ 0123456789")],
    "ACCU018": [lambda t: t.set_log(ACC_LOG, "qsl_reported_total_count", 20)],
    "ACCU021": [lambda t: t.set_log(ACC_LOG, "effective_qsl_rng_seed", 0)],
    "ACCU023": [open_bad_accuracy],
    "POWR001": [power(lambda t: t.delete(f"{PERF}/ranging"))],
    "POWR002": [power(lambda t: t.delete(f"{PERF}/power/client.log")),
                power(lambda t: t.write(f"{PERF}/power/fan.sh", "x"))],
    "POWR003": [power(lambda t: t.delete(f"{BASE}/measurements/{SYSTEM}/analyzer_table.md"))],
    "POWR004": [power(lambda t: t.del_json(f"{PERF}/power/client.json", "phases"))],
    "POWR005": [power(lambda t: t.set_json(f"{PERF}/power/client.json", "sources",
                                           {"client.py": "0" * 40}))],
    "POWR006": [power(lambda t: t.set_json(f"{PERF}/power/server.json", "ptd_messages", [
        {"cmd": "Identify", "reply": "Homemade,version=0.1-x"}]))],
    "POWR009": [power(lambda t: t.set_json(f"{PERF}/power/client.json", "session_name", "x"))],
    "POWR010": [power(lambda t: t.edit_json(
        f"{PERF}/power/client.json",
        lambda d: d["phases"].update(testing=[[x[0] + 0.9, x[1]]
                                              for x in d["phases"]["testing"]])))],
    "POWR011": [power(lambda t: t.set_log(OFF, "power_begin", "01-01-2026 00:00:00.000"))],
    "POWR012": [power(lambda t: t.set_log(f"{PERF}/ranging/mlperf_log_detail.txt", "power_end",
                                          "01-01-2027 00:00:00.000"))],
    "POWR013": [power(lambda t: t.write(f"{PERF}/ranging/spl.txt", t.text(
        f"{PERF}/ranging/spl.txt").replace("Watts,100.0", "Watts,200.0")))],
    "POWR014": [power(lambda t: t.edit_json(f"{PERF}/power/client.json", lambda d: d[
        "messages"][1].update(reply="no")))],
    "POWR015": [power(lambda t: t.write(SUMMARY, t.text(SUMMARY) + "\n"))],
    "POWR016": [power(lambda t: t.replace(f"{PERF}/power/ptd_logs.txt", "testing'\n",
                                          "testing'\n01-01-2026 00:00:00.000: ERROR: bad\n"))],
    "POWR017": [power(lambda t: t.replace(
        f"{PERF}/power/ptd_logs.txt", "testing'\n",
        f"testing'\n{_stamp(t)}: WARNING: Uncertainty 1.29%\n"))],
    "POWR018": [power(lambda t: t.replace(f"{PERF}/power/ptd_logs.txt", "is activated", "is off"))],
    "POWR020": [power(lambda t: t.set_json(f"{PERF}/power/server.json", "debug", True))],
    "POWR021": [power(lambda t: t.write(f"{PERF}/run_1/spl.txt", ""))],
    "POWR022": [power(lambda t: t.write(f"{PERF}/run_1/spl.txt", t.text(
        f"{PERF}/run_1/spl.txt") + "\nnonsense\n")),
        power(lambda t: t.replace(f"{PERF}/run_1/spl.txt", "_testing", "_other"))],
    "POWR023": [power(lambda t: t.replace(f"{PERF}/run_1/spl.txt", "Amps,1.0", "Amps,9.0"))],
    "POWR024": [power(lambda t: t.write(f"{PERF}/run_1/spl.txt", ""))],
    "POWR026": [power(lambda t: t.set_log(f"{PERF}/ranging/mlperf_log_detail.txt",
                                          "effective_scenario", "Server"))],
}

PASSING: dict[str, Edit] = {
    "ACCU006": lambda t: t.write(ANSWERS, "[\n]").write(
        TEXT, "accuracy=95.000%, good=950, total=1000\n\nhash=" + _sha(t, ANSWERS) + "\n"),
    "ACCU023": lambda t: t.open_division(),
    "SYST013": lambda t: network(t, **dict.fromkeys(NETWORK, "x")),
    "SYST014": lambda t: [network(t).set_log(log, "sut_name", "Network SUT demo") for log in (
        OFF, SERVER, SS, MS, TOKENS, run("toyllm", "Offline"))],
    "SYST015": lambda t: (t.rename("closed", "network"), t.set_json(
        f"network/DemoOrg/systems/{SYSTEM}.json", "division", "network")),
    "SYST016": lambda t: network(t, network_type="Ethernet"),
    "SYST023": lambda t: t.edit_json(SYSTEM_FILE, lambda d: d.update(
        accelerators_per_node=4, accelerator_model_name="A")),
    "TREE021": lambda t: (t.open_division(), t.write(
        "open/DemoOrg/model_mapping.json", '{"digits": "digits"}')),
    **{rule: with_power for rule in CASES if rule.startswith("POWR")},
}
NETWORK = ("network_type", "network_media", "network_rate", "nic_loadgen", "number_nic_loadgen",
           "net_software_stack_loadgen", "network_protocol", "number_connections", "nic_sut",
           "number_nic_sut", "net_software_stack_sut", "network_topology")

ELSEWHERE = {
    "INPUT001": "tests/test_bad_input.py", "RNDX003": "tests/rules/test_other_rounds.py",
    "RNDX004": "tests/rules/test_other_rounds.py", "RNDX005": "tests/rules/test_other_rounds.py",
    "RNDX006": "tests/rules/test_other_rounds.py", "RNDX007": "tests/rules/test_other_rounds.py",
    "MEAS019": "tests/rules/test_other_rounds.py", "PERF028": "tests/rules/test_other_rounds.py",
    "ACCU012": "tests/rules/test_other_rounds.py",
}
"""Rules whose cases need another round or a special file; the file named holds them."""


def _sha(tree: Tree, name: str) -> str:
    import hashlib

    return hashlib.sha256(tree.path(name).read_bytes()).hexdigest()


def _stamp(tree: Tree) -> str:
    lines = [line for line in tree.text(OFF).splitlines() if '"power_begin"' in line]
    return str(json.loads(lines[0].removeprefix(":::MLLOG "))["value"])


def outcome(rule: str, edit: Edit, folder: Path) -> list[dict[str, Any]]:
    """Return the findings of a rule on an edited copy of the bundled submission."""
    tree = Tree.demo(folder)
    edit(tree)
    return [
        {"level": f.level.label, "path": f.location.path, "line": f.location.line,
         "pointer": f.location.pointer, "found": f.found, "required": f.required,
         "absent": f.absent}
        for f in tree.findings(rule)
    ]


def main() -> None:
    """Write what is found now; read the difference before committing it."""
    expected = {}
    for rule, edits in sorted(CASES.items()):
        for number, edit in enumerate(edits):
            with tempfile.TemporaryDirectory() as folder:
                found = outcome(rule, edit, Path(folder))
            expected[f"{rule}-{number}"] = found
            if not found:
                print(f"{rule}-{number} finds nothing", file=sys.stderr)
    file = Path(__file__).with_name("expected.json")
    file.write_text(json.dumps(expected, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
