"""XRES019: published tables beside the demonstration submission."""

import csv
import io
import json

import pytest

from fixtures.builder import Tree, result, run
from submission_checker.engine.selection import Selection
from submission_checker.intake.published_table import number_of
from tests.commands import command
from tests.rules.power_fixture import with_power

NAME = "summary_results.json"


def rows_of(report):
    """Return the rows that the community's table has for the results of a report."""
    rows = []
    for row in report.results:
        found = {"ID": "1", "Location": row.location, "Performance_Result": row.result.value,
                 "Performance_Units": row.result.unit, "has_power": row.power is not None}
        if row.power is not None:
            found |= {"Power_Result": row.power.value, "Power_Units": "Watts"}
        rows.append(found)
    return rows


def judged(tree, **options):
    report = tree.report(**options)
    assert not report.crashed
    count = next(count for count in report.rules if count.id == "XRES019")
    found = [(f.level.label, f.location.path, f.location.line, f.location.pointer, f.found,
              f.required) for f in report.findings if f.rule == "XRES019"]
    return found, count


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


@pytest.fixture
def rows(tree):
    return rows_of(with_power(tree).report())


def table(tree, rows):
    return tree.write(NAME, json.dumps(rows, indent=2) + "\n")


def test_without_a_table_the_rule_says_so(tree):
    _, count = judged(tree)
    assert count.skip_reasons == (
        ("no published table given or found (summary_results.json, summary.json, --published)", 1),)


def test_table_of_the_same_numbers_passes(tree, rows):
    assert any(row["has_power"] for row in rows)
    found, count = judged(table(tree, rows))
    assert (found, count.passed) == ([], 1)


def test_table_of_newer_repositories_is_read(tree, rows):
    """mlcommons/inference_results_v6.1 summary.json: rows by number, places with ./ and a run."""
    index = next(i for i, row in enumerate(rows) if row["Location"] == result())
    newer = {str(n): {"Organization": "DemoOrg", "Division": "closed", "errors": 0,
                      "Result": row["Performance_Result"], "PrivateID": None,
                      "Location": f"./{row['Location']}/performance/run_1",
                      "Units": row["Performance_Units"]} for n, row in enumerate(rows)}
    tree.write("summary.json", json.dumps(newer, indent=4) + "\n")
    found, count = judged(tree)
    assert (found, count.passed) == ([], 1)
    newer[str(index)]["Result"] = 42.5
    tree.write("summary.json", json.dumps(newer, indent=4) + "\n")
    ((_, path, _, pointer, text, _),) = judged(tree)[0]
    assert (path, pointer) == ("summary.json", f"/{index}/Result")
    assert text == f'42.5 Samples/s for "{result()}"'
    assert judged(table(tree, rows))[0] == [], "the older name comes first"


def test_numbers_that_differ_are_named_with_their_rows(tree, rows):
    index = next(i for i, row in enumerate(rows) if row["Location"] == result())
    value, watts = rows[index]["Performance_Result"], rows[index]["Power_Result"]
    rows[index] |= {"Performance_Result": 42.5, "Power_Result": 7}
    table(tree, rows)
    lines = tree.text(NAME).splitlines()
    texts = {"result": '"Performance_Result": 42.5', "power": '"Power_Result": 7'}
    at = {key: next(n for n, line in enumerate(lines, 1) if text in line)
          for key, text in texts.items()}
    assert judged(tree)[0] == [
        ("warning", NAME, at["result"], f"/{index}/Performance_Result",
         f'42.5 Samples/s for "{result()}"', f"{value:.10g} Samples/s, by its logs"),
        ("warning", NAME, at["power"], f"/{index}/Power_Result",
         f'7 Watts for "{result()}"', f"{watts:.10g}, the power metric of its logs")]


def test_numbers_are_equal_within_the_digits_printed(tree, rows):
    for row in rows:
        row["Performance_Result"] = round(row["Performance_Result"], 2)
    assert judged(table(tree, rows))[0] == []
    for row in rows:
        row["Performance_Result"] = round(1.3 * row["Performance_Result"] + 0.2, 2)
    assert len(judged(table(tree, rows))[0]) == len(rows)


def test_rows_without_a_result_are_counted_once(tree, rows):
    gone = [dict(rows[0], Location=f"closed/Else/results/x/digits/{name}") for name in "ab"]
    found, _ = judged(table(tree, rows + gone))
    assert [(place, text) for _, _, _, place, text, _ in found] == [
        (f"/{len(rows)}/Performance_Result", '2 rows of results that are not here; the first: '
         '"closed/Else/results/x/digits/a"')]


def test_rows_of_results_that_are_not_chosen_are_left_alone(tree, rows):
    rows[0]["Performance_Result"] = 1

    found, count = judged(table(tree, rows), selection=Selection(scenario=("Server",)))
    assert (found, count.passed) == ([], 1)


def text_of(rows):
    """Return the community's CSV: the power of a result is a second row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ("Location", "Result", "Units"))
    writer.writeheader()
    for row in rows:
        writer.writerow({"Location": row["Location"] + "/performance/run_1",
                         "Result": row["Performance_Result"], "Units": row["Performance_Units"]})
        if row["has_power"]:
            writer.writerow({"Location": row["Location"], "Result": row["Power_Result"],
                             "Units": row["Power_Units"]})
    return out.getvalue()


def test_csv_given_by_the_user(tree, rows):
    data = text_of(rows).encode()
    assert judged(tree, published=data, published_file="summary.csv")[0] == []
    tree.set_log(run(), "result_samples_per_second", 1.5)
    ((level, path, line, pointer, text, required),) = judged(
        tree, published=b"\xef\xbb\xbf" + data, published_file="summary.csv")[0]
    number = next(n for n, row in enumerate(text_of(rows).splitlines(), 1) if result() in row)
    assert (level, path, line, pointer) == ("warning", "summary.csv", number, None)
    assert text.endswith(f'Samples/s for "{result()}"') and required == "1.5 Samples/s, by its logs"


@pytest.mark.parametrize(("data", "text"), [
    (b"[{]", "Expecting property name"), (b"{}", "no list of results"),
    (b'{"rows": {}}', "no list of results"), (b'{"0": 1, "1": {}}', "no row with a Location"),
    (b"[1, {}, null]", "no row with a Location and a number"), (b"", "no row with a Location"),
    (b"Location,Result\nclosed/a,NaN\n", "no row with a Location and a number"),
    (b"Location,Result\n\xff,1\n", "byte 0xff is not UTF-8"),
    (b'Location,Result\n"' + b"x" * 200_000, "field larger than field limit"),
    (b"[" * 200, "nested more than"),
])
def test_tables_that_cannot_be_read_are_one_finding(tree, data, text):
    ((level, path, *_, found, _),) = judged(tree, published=data, published_file="t")[0]
    assert (level, path) == ("warning", "t") and text in found


@pytest.mark.parametrize(("value", "number", "step"), [
    (3062.72, 3062.72, 0.01), ("1e3", 1000.0, 1000.0), (7, 7.0, 1.0), ("0.5000", 0.5, 1e-4),
])
def test_numbers_keep_how_they_were_printed(value, number, step):
    found = number_of(value, "")
    assert found.value == number and found.step == pytest.approx(step)


@pytest.mark.parametrize(
    "value", [None, True, "", "nan", "Infinity", "1e999999", "9" * 50, [], "x"])
def test_what_is_no_number_is_none(value):
    assert number_of(value, "") is None


def test_the_command_takes_a_file(tree, rows, tmp_path):
    file = tmp_path / "summary.csv"
    file.write_text(text_of([dict(rows[0], Performance_Result=1)]))
    done = command("check", tree.root, "--round", "demo", "--published", file, "--select",
                   "XRES019")
    assert (done.returncode, "XRES019" in done.stdout) == (0, True)
    done = command("check", tree.root, "--round", "demo", "--published", f"{file}x")
    assert (done.returncode, "published table" in done.stderr) == (2, True)
