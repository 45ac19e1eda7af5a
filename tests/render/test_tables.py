"""Tables in each format: the same cells, hostile names, narrow terminals."""

import csv
import io
import json
import re
from dataclasses import replace

import jsonschema
import pytest

from submission_checker.formats.resources import schema_text
from submission_checker.render.style import Style
from submission_checker.render.tables import csv_file, json_file, page, text
from submission_checker.review.tables import NAMES, tables_of
from tests.render import support
from tests.review.made_report import RESULTS, SYSTEMS, report

SCHEMA = json.loads(schema_text("tables"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
TAG = re.compile(r"<(/?[a-zA-Z!][^>]*)>")


def hostile():
    """Return the made report with every hostile text as name, model, category and numerics."""
    own = support.hostile(report(RESULTS, SYSTEMS))
    return replace(own, round=report().round)


def test_json_is_valid_by_its_schema_and_has_every_cell():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    made = tables_of(report())
    data = json.loads(json_file.render(report(), made))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert [t["name"] for t in data["tables"]] == list(NAMES)
    assert [[tuple(row) for row in t["rows"]] for t in data["tables"]] == [
        list(t.rows) for t in made]


@pytest.mark.parametrize("name", NAMES)
def test_csv_has_every_row_with_full_numbers(name):
    (made,) = tables_of(report(), (name,))
    rows = list(csv.reader(io.StringIO(csv_file.render(report(), made))))
    assert rows[0][-1] == "digest"
    assert rows[1:] == [[*("" if v is None else str(v) for v in row), "d1"] for row in made.rows]


def test_page_has_every_section_and_no_script():
    made = tables_of(report())
    html = page.render(report(), made)
    assert html.count("<h2>") == len(made)
    assert html.count("<tr>") == sum(len(t.rows) for t in made) + html.count("<thead>")
    assert "<script" not in html and "http" not in html.split("</title>")[1].split("<style>")[1]
    assert '<rect width="100.0%" height="100%"/>' in html


def test_text_is_columns_where_they_fit_and_lines_where_not():
    made = tables_of(report(), ("coverage",))
    wide = text.render(report(), made, Style(width=80)).splitlines()
    at = wide.index("  closed")
    assert wide[at + 1:at + 3] == [
        "  benchmark  Offline  Server  SingleStream  all  share [%]",
        "  resnet50         3       2             2    7        100"]
    narrow = text.render(report(), made, Style(width=40)).splitlines()
    assert "  Offline       3" in narrow


def test_a_note_is_told_once():
    said = text.render(report(), tables_of(report()), Style(width=300))
    assert said.count("8 results count") == 1
    assert page.render(report(), tables_of(report())).count("8 results count") == 1


def test_hostile_names_stay_text():
    made = tables_of(hostile())
    plain = text.render(hostile(), made, Style(width=200))
    assert "\x1b" not in plain and "\u202e" not in plain and "\x00" not in plain
    assert not re.search(r"(?m)^\s*::", plain)
    html = page.render(hostile(), made)
    assert {tag.split()[0] for tag in TAG.findall(html)} <= {
        "!doctype", "html", "/html", "head", "/head", "meta", "title", "/title", "style", "/style",
        "body", "/body", "header", "/header", "p", "/p", "h1", "/h1", "h2", "/h2", "nav", "/nav",
        "a", "/a", "main", "/main", "section", "/section", "div", "/div", "table", "/table",
        "caption", "/caption", "thead", "/thead", "tbody", "/tbody", "tr", "/tr", "th", "/th",
        "td", "/td", "svg", "/svg", "rect", "footer", "/footer", "b", "/b"}
    html.encode("utf-8")
    for table in made:
        for row in csv.reader(io.StringIO(csv_file.render(hostile(), table))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t"))]
    data = json.loads(json_file.render(hostile(), made))
    assert list(VALIDATOR.iter_errors(data)) == []
