"""What `check` writes: one report, several views that agree, the same bytes for any --jobs."""

import csv
import io
import json

import jsonschema
import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree, accuracy, run
from submission_checker.formats.resources import schema_text
from tests.commands import command

SCHEMA = json.loads(schema_text("report"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)


def edited(tmp_path):
    """Return the bundled submission with findings of every level, some of them suppressed."""
    tree = Tree.demo(tmp_path)
    tree.set_log(run("toyllm", "Server"), "early_stopping_met", False)
    tree.set_json(SYSTEM_FILE, "hw_note", "x")
    tree.write(f"{BASE}/notes.swp", "x")
    tree.write(f"{accuracy()}/accuracy.txt", "nothing\n")
    return tree


def test_schema_is_sound():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_report_is_valid_by_its_schema(tmp_path):
    tree = edited(tmp_path)
    done = command("check", tree.root, "--round", "demo", "--format", "json")
    report = json.loads(done.stdout)
    assert [error.message for error in VALIDATOR.iter_errors(report)] == []
    assert {f["level"] for f in report["findings"]} == {"error", "warning", "info"}


@pytest.mark.parametrize("change", [
    lambda r: r.pop("summary"), lambda r: r["results"][0].pop("verdict"),
    lambda r: r["findings"][0].update(level="fatal"), lambda r: r.update(schema_version=2),
])
def test_schema_refuses_what_is_no_report(change, tmp_path):
    tree = edited(tmp_path)
    report = json.loads(command("check", tree.root, "--round", "demo", "--format", "json").stdout)
    change(report)
    assert list(VALIDATOR.iter_errors(report)) != []


def test_same_bytes_for_any_number_of_jobs(tmp_path):
    tree = edited(tmp_path)
    outputs = {
        command("check", tree.root, "--round", "demo", "--format", form, "--jobs", jobs).stdout
        for jobs in ("1", "2", "3", "auto") for form in ("json",)
    }
    assert len(outputs) == 1


def test_views_agree_in_their_counts(tmp_path):
    tree = edited(tmp_path)
    files = {form: tmp_path / f"report.{form}" for form in ("json", "csv")}
    outputs = [part for form, file in files.items() for part in ("-o", f"{form}:{file}")]
    text = command("check", tree.root, "--round", "demo", *outputs).stdout
    report = json.loads(files["json"].read_text())
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text())))
    verdicts = report["summary"]["results"]
    assert {v: sum(row["verdict"] == v for row in rows) for v in verdicts} == verdicts
    assert [row["location"] for row in rows] == [r["location"] for r in report["results"]]
    last = text.splitlines()[-2]
    assert f"{verdicts['invalid']} invalid" in last
    levels = report["summary"]["findings"]
    assert f"{levels['error']} errors, {levels['warning']} warning" in last
    assert {level: sum(f["level"] == level and not f["suppressed"] for f in report["findings"])
            for level in levels} == levels


def test_text_fits_eighty_columns_apart_from_paths(tmp_path):
    text = command("check", edited(tmp_path).root, "--round", "demo", "--level", "info").stdout
    assert "\x1b" not in text
    long = [line for line in text.splitlines() if len(line) > 80 and "/" not in line
            and "INVALID" not in line]
    assert long == []


def test_report_can_be_repeated(tmp_path):
    tree = edited(tmp_path)
    first, second = (command("check", tree.root, "--round", "demo", "--format", "json").stdout
                     for _ in range(2))
    assert first == second


def test_explain_names_limit_and_source():
    text = command("explain", "PERF011", "--round", "v5.1").stdout
    assert text.startswith("PERF011 ")
    assert "models.resnet.latency_bound_ms: Server 15" in text
    assert "mlcommons/inference@v5.1.1" in text


@pytest.mark.parametrize(("given", "near"), [("PERF11", "PERF011"), ("early-stoping-met",
                                                                     "early-stopping-met")])
def test_explain_proposes_the_nearest_rule(given, near):
    done = command("explain", given)
    assert done.returncode == 2
    assert near in done.stderr
