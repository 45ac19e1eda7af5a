"""`report`: tables through the command as a user calls it."""

import csv
import io
import json

import pytest

from fixtures.builder import Tree, accuracy
from submission_checker.review.tables import NAMES
from tests.commands import command


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return Tree.demo(tmp_path_factory.mktemp("report"))


def run(*arguments, **more):
    return command("report", *arguments, **more)


def csv_rows(*arguments):
    done = run(*arguments, "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_published_table_of_the_bundled_submission(tree):
    rows = csv_rows(tree.root, "--round", "demo", "--table", "results")
    assert [row["suite"] for row in rows] == ["datacenter", "edge"]
    row = rows[0]
    report = json.loads(command("check", tree.root, "--round", "demo", "--format", "json").stdout)
    assert row["system"] and row["division"] == "closed"
    numbers = {f"{r['model']} {r['scenario']} [{r['result']['unit']}]": r["result"]["value"]
               for r in report["results"]}
    assert len(numbers) == 6
    assert {name: float(row[name]) for name in numbers} == numbers
    assert row["digest"] == report["digest"]


def test_scenario_ratio_follows_from_the_two_results(tree):
    rows = csv_rows(tree.root, "--round", "demo", "--table", "ratios")
    assert {(row["benchmark"], row["scenario"]) for row in rows} == {
        ("digits", "Server"), ("toyllm", "Server")}
    for row in rows:
        assert float(row["ratio"]) == float(row["result"]) / float(row["Offline"])


def test_results_that_are_not_valid_count_only_when_asked(tmp_path):
    tree = Tree.demo(tmp_path)
    tree.replace(f"{accuracy(scenario='Server')}/accuracy.txt", "accuracy=95.300%, good=953",
                 "accuracy=89.900%, good=899")
    options = (tree.root, "--round", "demo", "--table", "coverage")
    assert [(r["benchmark"], r["all"]) for r in csv_rows(*options)] == [
        ("toyllm", "2"), ("all", "2")]
    assert [(r["benchmark"], r["all"]) for r in csv_rows(*options, "--all-results")] == [
        ("digits", "4"), ("toyllm", "2"), ("all", "6")]


def test_every_format_into_a_file(tree, tmp_path):
    for form, start in (("html", "<!doctype html>"), ("json", "{"), ("text", "submission-")):
        file = tmp_path / f"tables.{form}"
        done = run(tree.root, "--round", "demo", "--format", form, "-o", file)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert file.read_text(encoding="utf-8").startswith(start)
    assert [t["name"] for t in json.loads((tmp_path / "tables.json").read_text())["tables"]] == [
        *NAMES]


@pytest.mark.parametrize(("options", "said"), [
    (("--table", "ratio"), "did you mean 'ratios'"),
    (("--format", "csv"), "holds one table"),
    (("--format", "csv", "--table", "power", "--table", "open"), "holds one table"),
    (("--round", "v9.9"), "v9.9"), (("-o", "/no/such/folder/x"), "cannot write"),
    (("--submitter", "Nobody"), "Nobody"),
])
def test_wrong_use(tree, options, said):
    done = run(tree.root, *(() if "--round" in options else ("--round", "demo")), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_nothing_to_judge(tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        done = run(path)
        assert done.returncode == 3
        assert done.stderr.startswith("submission-checker: ")


def test_output_names_a_format_as_check_does(tree, tmp_path):
    done = run(tree.root, "--round", "demo", "-o", f"html:{tmp_path}/t.html", "--jobs", "auto")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "t.html").read_text().startswith("<!")
    assert "holds one table" in run(tree.root, "-o", f"csv:{tmp_path}/t.csv").stderr
    text = run(tree.root, "--round", "demo", "--table", "power", "-o", "text:-").stdout
    assert text.startswith("submission-checker")


def test_the_suffix_of_the_file_tells_the_format(tree, tmp_path):
    for name, begins in (("t.html", "<!doctype html>"), ("t.json", "{"), ("t.txt", ""), ("t", "")):
        done = run(tree.root, "--round", "demo", "-o", tmp_path / name)
        assert (done.returncode, done.stderr) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    assert (tmp_path / "t").read_text() == (tmp_path / "t.txt").read_text()
    table = run(tree.root, "--round", "demo", "-o", tmp_path / "t.csv", "--table", "results")
    assert table.returncode == 0 and (tmp_path / "t.csv").read_text().startswith("suite,")


def test_suffixes_that_fit_no_format_and_two_formats(tree, tmp_path):
    for name in ("t.xlsx", "t.md"):
        done = run(tree.root, "--round", "demo", "-o", name, cwd=tmp_path)
        assert done.returncode == 2 and "its suffix is none of text, csv, json, html" in done.stderr
    done = run(tree.root, "--round", "demo", "--format", "json", "-o", "html:x.html", cwd=tmp_path)
    assert done.returncode == 2 and "name two formats" in done.stderr
    done = run(tree.root, "--round", "demo", "--format", "json", "-o", "x.html", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "note: x.html gets json, not html as its name "
                                                 "says\n")
    assert [file.name for file in tmp_path.iterdir()] == ["x.html"]
