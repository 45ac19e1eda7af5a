"""Design power in every view: beside the measured power, and marked as what it is."""

import csv
import io
import json
from dataclasses import replace

import jsonschema
import pytest

from fixtures.endpoints import BASE, CLOUD, LOADGEN_MODEL, ROUND, make_endpoints
from submission_checker.formats.resources import schema_text
from submission_checker.model.report import PublishedNumber
from submission_checker.render import csv_table, json_v1
from submission_checker.render.html.data import page_data
from submission_checker.review.tables import tables_of

OFFLINE = f"{BASE}/results/{CLOUD}/{LOADGEN_MODEL}/Offline"
FILE = f"{BASE}/systems/{CLOUD}_power.yaml"
RACK = "Server:\n- Min PSUs Needed: 1\n  PSUs:\n  - {PowerCapacityWatts: 1800}\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    tree = make_endpoints(tmp_path_factory.mktemp("nameplate") / "submission")
    tree.write(FILE, RACK).write(f"{OFFLINE}/performance/power/client.json", "{}")
    return tree.report(round=ROUND)


def row_of(report):
    return next(row for row in report.results if row.location == OFFLINE)


def test_only_results_with_power_have_it(report):
    assert [row.location for row in report.results if row.nameplate is not None] == [OFFLINE]
    row = row_of(report)
    assert row.power is None
    assert (row.nameplate.value, row.nameplate.unit) == (1800, "W")
    assert [(s.path, s.key) for s in row.derivation][-1] == (FILE, "nameplate")


def test_json_has_it_beside_the_measured_power(report):
    data = json_v1.as_data(report)
    schema = json.loads(schema_text("report"))
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(data)) == []
    row = next(row for row in data["results"] if row["location"] == OFFLINE)
    assert row["power"] is None
    assert row["nameplate_power"] == {"value": 1800, "unit": "W", "printed": "1800"}
    assert sum(row["nameplate_power"] is not None for row in data["results"]) == 1


def test_csv_has_columns_of_its_own(report):
    rows = {row["location"]: row for row in csv.DictReader(io.StringIO(csv_table.render(report)))}
    row = rows[OFFLINE]
    assert (row["power"], row["nameplate_power"], row["nameplate_power_unit"]) == ("", "1800", "W")
    assert {row["nameplate_power"] for place, row in rows.items() if place != OFFLINE} == {""}


def test_page_and_tables_have_it(report):
    assert '"1800"' in page_data(report).text
    both = row_of(report)._replace(power=PublishedNumber(950.0, "W", "950"))
    (table,) = tables_of(replace(report, results=(both,)), ("power",), everything=True)
    names = [column.name for column in table.columns]
    assert table.rows[0][names.index("nameplate")] == 1800
    assert table.rows[0][names.index("power")] == 950.0
