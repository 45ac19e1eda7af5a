"""Edits of power sessions whose hashes were written anew: the session's own words tell of them."""

import hashlib
import re
import shutil
from datetime import datetime, timedelta

import pytest

from fixtures.builder import Tree
from submission_checker.check import Options, check
from submission_checker.engine.selection import Selection
from submission_checker.model.findings import Level
from tests.conftest import published

FORM = "%m-%d-%Y %H:%M:%S.%f"
SYSTEMS = {
    "v1.0": "closed/NVIDIA/results/AGX_Xavier_TRT_MaxQ/resnet50/Offline",
    "v2.0": "closed/NVIDIA/results/Orin_TRT_MaxQ/resnet50/SingleStream",
    "v4.1": "closed/NVIDIA/results/H200-SXM-141GBx8_TRT_MaxQ/bert-99/Server",
    "v5.1": "open/GATEOverflow/results/TRIGKEY_Mini_PC_Ryzen_5_5560-ctuning_cpp_tflite-cpu-"
            "tflite_vmaster-default_config/mobilenet-v1-precision_float-1.0-160/singlestream",
}
"""Round -> a published result with power."""

RECORDS = ("client.json", "server.json")


def recorded(tree, folder, *names):
    """Write the hashes of files into the records that have them."""
    for record in RECORDS:
        def edit(data):
            for name in names:
                if name in data["results"]:
                    sha1 = hashlib.sha1(tree.path(f"{folder}/{name}").read_bytes())
                    data["results"][name] = sha1.hexdigest()

        tree.edit_json(f"{folder}/power/{record}", edit)


def scaled(*parts):
    """Let the analyzer have measured a tenth less, in volts times amps too."""
    def edit(tree, folder):
        names = [f"{part}/spl.txt" for part in parts]
        for name in names:
            path = f"{folder}/{name}"
            tree.write(path, re.sub(
                r"(Watts|Amps),(\d[\d.]*)", lambda m: f"{m[1]},{float(m[2]) * 0.9:.6f}",
                tree.text(path)))
        recorded(tree, folder, *names)

    return edit


def moved(tree, folder):
    """Move the samples of the testing run by half a minute."""
    def later(found):
        when = datetime.strptime(found[1], FORM) + timedelta(seconds=30)
        return f"Time,{when.strftime(FORM)[:-3]}"

    path = f"{folder}/run_1/spl.txt"
    tree.write(path, re.sub(r"Time,([^,]*)", later, tree.text(path)))
    recorded(tree, folder, "run_1/spl.txt")


def messages_later(*records):
    def edit(tree, folder):
        def later(data):
            for message in data["messages"]:
                message["cmd_time"] += 50
                message["reply_time"] += 50

        for record in records:
            tree.edit_json(f"{folder}/power/{record}", later)

    return edit


def phases_later(tree, folder):
    def later(data):
        for rows in data["phases"].values():
            for row in rows:
                row[0] += 50

    for record in RECORDS:
        tree.edit_json(f"{folder}/power/{record}", later)


def renamed(tree, folder):
    for record in RECORDS:
        tree.set_json(f"{folder}/power/{record}", "session_name", "other")


ALL = tuple(SYSTEMS)
EDITS = {
    "watts of both runs": (scaled("run_1", "ranging"), ALL, "POWR035", "ranging/spl.txt"),
    "watts of the run": (scaled("run_1"), ("v4.1", "v5.1"), "POWR033", "run_1/spl.txt"),
    "samples moved": (moved, ALL, "POWR034", "run_1/spl.txt"),
    "messages of the client": (messages_later("client.json"), ALL, "POWR032", "power/client.json"),
    "messages of both": (messages_later(*RECORDS), ALL, "POWR032", "power/server.json"),
    "phases of both": (phases_later, ALL, "POWR032", "power/client.json"),
    "name of the session": (renamed, ALL, "POWR009", "power/client.json"),
}
"""Name -> edit, rounds, and the rule and file of the error that is due."""


@pytest.mark.real
@pytest.mark.parametrize(("name", "round_"), [
    (name, round_) for name, (_, rounds, _, _) in EDITS.items() for round_ in rounds])
def test_an_edited_session_is_an_error_in_its_file(name, round_, tmp_path):
    edit, _, rule, file = EDITS[name]
    result = SYSTEMS[round_]
    division, submitter, _, system, *_ = result.split("/")
    shutil.copytree(published(round_) / result, tmp_path / result)
    systems = f"{division}/{submitter}/systems/{system}.json"
    (tmp_path / systems).parent.mkdir(parents=True)
    shutil.copy(published(round_) / systems, tmp_path / systems)
    tree = Tree(tmp_path)

    def errors():
        options = Options(selection=Selection(("POWR",), ()), jobs=1)
        report = check(str(tmp_path), round_, options=options)
        assert not report.crashed
        return {(f.rule, f.location.path) for f in report.findings if f.level is Level.ERROR}

    before = errors()
    edit(tree, f"{result}/performance")
    assert (rule, f"{result}/performance/{file}") in errors() - before
