"""All formats are views of one report: their counts agree, they are valid, bounded and harmless."""

import csv
import gzip
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace

import jsonschema
import pytest

from submission_checker.check import Options, check
from submission_checker.model.findings import Level
from submission_checker.model.report import Verdict
from submission_checker.render import github, markdown, sarif, summary_csv
from submission_checker.render.formats import FORMATS, renderer
from tests.acceptance.judged import judged
from tests.conftest import ROOT
from tests.render.support import HOSTILE, edited, edited_tree, hostile, many

DATA = ROOT / "tests" / "data"
SARIF = jsonschema.Draft202012Validator(json.loads((DATA / "sarif-2.1.0.json").read_text()))
MANY = 200_000
LINEAR = ("json", "sarif")
"""Formats that hold every finding."""
LIMITS = {"github": 64_000, "markdown": 62_000, "sarif-github": 10 << 20, "junit": 32 << 20,
          "junit-gitlab": 32 << 20, "text": 4 << 20, "csv": 1 << 20, "summary-csv": 1 << 20}
"""Most bytes of a format for very many findings."""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return edited(tmp_path_factory.mktemp("edited"))


@pytest.fixture(scope="module")
def bad(report):
    return hostile(report)


@pytest.fixture(scope="module")
def large(report):
    return many(report, MANY)


def junit_schema():
    xmlschema = pytest.importorskip("xmlschema", reason="the extra [dev] is not installed")
    return xmlschema.XMLSchema(str(DATA / "junit-10.xsd"))


def wanted(report):
    """Return what every format has to say, as far as it says it."""
    counts = {verdict.value: report.verdicts()[verdict] for verdict in Verdict}
    counts |= {level.label: report.levels()[level] for level in Level}
    return counts | {"suppressed": sum(f.suppressed is not None for f in report.findings),
                     "digest": report.digest}


def verdict_words(text):
    found = {verdict.value: 0 for verdict in Verdict}
    line = next(line for line in text.splitlines() if re.search("FAILED|PASSED", line))
    for number, word in re.findall(r"(\d+) (valid|invalid|incomplete|not judged)\b", line):
        found[word.replace(" ", "_")] = int(number)
    for number, word in re.findall(r"(\d+) (error|warning)s?\b", line):
        found[word] = int(number)
    return found


def read_text(text):
    return verdict_words(text) | {"digest": text.splitlines()[-1].partition("digest ")[2]}


def read_json(text):
    data = json.loads(text)
    return data["summary"]["results"] | data["summary"]["findings"] | {
        "suppressed": sum(f["suppressed"] is not None for f in data["findings"]),
        "digest": data["digest"]}


def read_csv(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    found = Counter(row["verdict"] for row in rows)
    return {v.value: found[v.value] for v in Verdict} | {"digest": rows[0]["digest"]}


def read_summary_csv(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    return {"valid": len({row["Location"] for row in rows}),
            "digest": rows[0]["judgement_digest"]}


def read_sarif(text):
    run = json.loads(text)["runs"][0]
    names = {"error": "error", "warning": "warning", "note": "info"}
    still = Counter(names[r["level"]] for r in run["results"] if "suppressions" not in r)
    properties = run["properties"]
    assert {level: still[level] for level in names.values()} == properties["findings"]
    return properties["results"] | properties["findings"] | {
        "suppressed": properties["suppressed"], "digest": properties["digest"]}


def read_junit(text):
    root = ElementTree.fromstring(text)
    total = Counter()
    for suite in root:
        cases = suite.findall("testcase")
        ends = Counter(child.tag for case in cases for child in case)
        have = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
        assert have == {"tests": len(cases), "failures": ends["failure"],
                        "errors": ends["error"], "skipped": ends["skipped"]}
        total.update(have)
    del total["skipped"]
    assert {name: int(root.get(name)) for name in total} == dict(total)
    said = {p.get("name"): p.get("value") for p in root[0].iter("property")}
    verdicts = Counter(p.get("value") for p in root.iter("property") if p.get("name") == "verdict")
    failed = Counter(case.find("failure") is not None for case in root.iter("testcase")
                     if case.get("classname") == "verdict")
    assert failed[True] == verdicts["invalid"] + verdicts["incomplete"]
    return {v.value: verdicts[v.value] for v in Verdict} | {
        level.label: int(said[f"findings {level.label}"]) for level in Level
    } | {"suppressed": int(said["findings suppressed"]), "digest": said["digest"]}


def read_github(text):
    found = Counter()
    for command, level in (("error", "error"), ("warning", "warning"), ("notice", "info")):
        lines = [line for line in text.splitlines() if line.startswith(f"::{command} ")]
        more = [int(m[1]) for line in lines if (m := re.search("::and (\\d+) more", line))]
        found[level] = len(lines) - len(more) + sum(more)
        assert len(lines) <= 10
    words = verdict_words(text)
    assert {level: words[level] for level in ("error", "warning")} == {
        level: found[level] for level in ("error", "warning")}
    return words | dict(found) | {"digest": text.splitlines()[-1].partition("digest ")[2]}


def read_markdown(text):
    numbers = re.search(r"(\d+) errors?, (\d+) warnings?, (\d+) notes?, (\d+) suppressed", text)
    names = ("error", "warning", "info", "suppressed")
    return verdict_words(text) | dict(zip(names, map(int, numbers.groups()), strict=True)) | {
        "digest": re.findall("digest `([0-9a-f]+)`", text)[-1]}


def read_any(text):
    """For a format without a reader: the digest ties it to the report."""
    return {"digest": next(iter(re.findall(r"\b[0-9a-f]{64}\b", text)), None)}


READERS = {
    "text": read_text, "json": read_json, "csv": read_csv, "summary-csv": read_summary_csv,
    "sarif": read_sarif, "sarif-github": read_sarif, "junit": read_junit,
    "junit-gitlab": read_junit,
    "github": read_github, "markdown": read_markdown,
}


@pytest.mark.parametrize("form", FORMATS)
def test_formats_agree_in_their_counts(form, report):
    said = READERS.get(form, read_any)(renderer(form)(report))
    expected = wanted(report)
    assert said == {name: expected[name] for name in said}
    assert all(expected[name] for name in ("valid", "invalid", "incomplete", "error", "warning",
                                           "info", "suppressed")), "the report shows too little"


@pytest.mark.real
@pytest.mark.parametrize("form", FORMATS)
def test_formats_agree_on_a_published_tree(form):
    report = judged("v5.1")
    said = READERS.get(form, read_any)(renderer(form)(report))
    assert said == {name: wanted(report)[name] for name in said}


@pytest.mark.real
def test_published_tree_is_valid_by_the_schemas():
    report = judged("v5.1")
    for form in ("sarif", "sarif-github"):
        assert next(SARIF.iter_errors(json.loads(renderer(form)(report))), None) is None
    junit_schema().validate(renderer("junit")(report))


@pytest.mark.parametrize("form", ["sarif", "sarif-github"])
@pytest.mark.parametrize("kind", ["report", "bad"])
def test_sarif_is_valid_by_its_schema(form, kind, request):
    data = json.loads(renderer(form, "sub/folder")(request.getfixturevalue(kind)))
    assert [error.message for error in SARIF.iter_errors(data)] == []
    for result in data["runs"][0]["results"]:
        rule = data["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] and rule["help"]["text"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert re.fullmatch(r"sub/folder(/+[A-Za-z0-9_.~%-]+)*", place["uri"])


def test_schema_of_sarif_refuses_what_is_none(report):
    data = json.loads(sarif.render(report))
    data["runs"][0]["results"][0]["level"] = "fatal"
    assert list(SARIF.iter_errors(data)) != []


def test_sarif_carries_suppressions_and_the_upload_leaves_them_out(report):
    full = json.loads(sarif.render(report))["runs"][0]["results"]
    justified = [r["suppressions"][0]["justification"] for r in full if "suppressions" in r]
    assert justified == ["agreed with the working group"]
    upload = json.loads(sarif.render_for_upload(report))["runs"][0]
    assert len(upload["results"]) == len(full) - 1
    assert upload["properties"]["suppressed"] == 1
    lines = [r["partialFingerprints"]["primaryLocationLineHash"] for r in full]
    assert len(set(lines)) == len(lines)


def test_crashed_and_unreadable_runs_are_not_successful(report):
    from dataclasses import replace
    for change in ({"crashed": True}, {"unreadable": True}):
        run = json.loads(sarif.render(replace(report, **change)))["runs"][0]
        assert run["invocations"][0]["executionSuccessful"] is False
    assert json.loads(sarif.render(report))["runs"][0]["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize("kind", ["report", "bad"])
def test_junit_is_valid_by_its_schema(kind, request):
    junit_schema().validate(renderer("junit")(request.getfixturevalue(kind)))


def test_schema_of_junit_refuses_what_its_host_refuses(report):
    assert junit_schema().is_valid(renderer("junit")(report))
    assert not junit_schema().is_valid(renderer("junit-gitlab")(report))


@pytest.mark.parametrize("kind", ["report", "bad"])
def test_junit_for_gitlab_adds_file_and_line_and_nothing_else(kind, request):
    plain = renderer("junit", "sub/folder")(request.getfixturevalue(kind))
    placed = renderer("junit-gitlab", "sub/folder")(request.getfixturevalue(kind))
    cases = list(ElementTree.fromstring(placed).iter("testcase"))
    assert all(int(case.get("line")) > 0 and case.get("file").startswith("sub/folder")
               for case in cases if case.get("file") is not None)
    assert any(case.get("file") for case in cases)
    assert re.sub(r' file="[^"]*" line="\d+"', "", placed) == plain


def test_junit_skips_have_reasons(report):
    root = ElementTree.fromstring(renderer("junit")(report))
    assert all(skip.get("message") for skip in root.iter("skipped"))
    assert any("agreed with the working group" in s.get("message") for s in root.iter("skipped"))


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_stays_text(form, bad):
    text = renderer(form)(bad)
    marks = {char for char in text if unicodedata.category(char)[0] == "C"} - {"\n"}
    assert marks == set(), "control characters, marks and broken bytes are shown, not written"
    text.encode("utf-8")
    if form not in ("json", "csv", "summary-csv", "text", "github", "sarif", "sarif-github"):
        assert "<script>alert" not in without_code(text)


def without_code(text):
    return re.sub(r"(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)", "", text)


def test_no_text_becomes_a_workflow_command(bad):
    for line in github.render(bad).splitlines():
        assert re.match(r"::(error|warning|notice) (file=[^:,]*,)?(line=\d+,)?title=[^:,]*::"
                        r"|submission-checker |digest ", line)
    for form in ("text", "markdown", "csv"):
        assert not [line for line in renderer(form)(bad).splitlines()
                    if line.lstrip().startswith("::")], form


@pytest.mark.parametrize("form", ["csv", "summary-csv"])
def test_no_cell_becomes_a_formula(form, bad):
    cells = [cell for row in csv.reader(io.StringIO(renderer(form)(bad))) for cell in row]
    assert [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert any(c.startswith("'=cmd|") for c in cells)


def test_markdown_brings_nothing_to_life(bad):
    outside = without_code(markdown.summary(bad))
    outside = re.sub(r"\\[!-/:-@\[-`{-~]", "", outside)
    for live in ("](", "@everyone", "<script", "javascript:", "#1", "${{", "](https"):
        assert live not in outside
    assert outside.count("<details>") == outside.count("</details>")
    tags = set(re.findall(r"<[^>]*>", outside))
    assert tags <= {markdown.MARK, "<details>", "</details>", "<summary>", "</summary>"}


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in LINEAR])
def test_very_many_findings_stay_bounded(form, large, report):
    text = renderer(form)(large)
    size = len(text.encode())
    assert size < LIMITS.get(form, 64 << 20)
    if form == "sarif-github":
        run = json.loads(text)["runs"][0]
        assert len(run["results"]) == sarif.HOST_RESULTS
        assert {r["level"] for r in run["results"]} == {"error"}
        assert run["properties"]["omitted"] == MANY - sarif.HOST_RESULTS
        assert "more findings" in run["invocations"][0]["toolExecutionNotifications"][-1][
            "message"]["text"]
        assert len(gzip.compress(text.encode())) < 10 << 20
    if form == "github":
        assert read_github(text)["info"] == wanted(large)["info"]


def test_step_summary_stays_under_the_limit(large):
    text = markdown.summary(large)
    assert 62_000 < len(text.encode()) < 1 << 20
    assert f"{len(large.findings) - shown(text)} more findings" in text


def shown(text):
    """Count the findings of the rules that are shown, with those said to be more of the same."""
    return sum(int(n) for n in re.findall(r"[A-Z]+\d+: (\d+) findings?</summary>", text))


def test_summary_csv_has_the_community_columns(report):
    rows = list(csv.DictReader(io.StringIO(summary_csv.render(report))))
    assert list(rows[0])[:len(summary_csv.COLUMNS)] == list(summary_csv.COLUMNS)
    assert rows[0]["Organization"] == "DemoOrg" and rows[0]["version"] == "demo"
    assert rows[0]["SystemName"] and rows[0]["host_processor_model_name"]


@pytest.mark.real
def test_summary_csv_equals_the_rows_of_the_rounds_checker():
    """Where both have a row, what the community's checker prints stands in ours."""
    shared = ROOT.parent / "shared" / "expected" / "v5.1.csv"
    with shared.open(newline="") as file:
        theirs = {row["location"]: row for row in csv.DictReader(file)}
    ours = list(csv.DictReader(io.StringIO(summary_csv.render(judged("v5.1")))))
    compared = 0
    for row in ours:
        their = theirs.get(row["Location"])
        if their is None or "Watts" in row["Units"] or "oule" in row["Units"]:
            continue
        assert float(row["Result"]) == pytest.approx(float(their["result"]), rel=1e-9)
        for mine, name in (("Scenario", "scenario"), ("MlperfModel", "mlperf_model"),
                           ("SystemType", "system_type"), ("inferred", "inferred"),
                           ("weight_data_types", "weight_data_types")):
            assert row[mine].strip() == their[name].strip(), (row["Location"], mine)
        compared += 1
    assert compared > 100


def test_every_hostile_text_is_shown_somewhere(bad):
    text = renderer("json")(bad)
    assert all(json.dumps(name)[1:-1] in text for name in HOSTILE)


def test_junit_tells_passes_only_when_asked(tmp_path):
    tree = edited_tree(tmp_path)
    plain, full = (check(str(tree.root), options=Options(round="demo", passes=passes, jobs=jobs))
                   for passes, jobs in ((False, 1), (True, 2)))
    assert renderer("json")(plain) == renderer("json")(full)
    assert full.passes == check(str(tree.root), options=Options(
        round="demo", passes=True, jobs=1)).passes
    assert plain.passes == ()
    text = renderer("junit")(full)
    junit_schema().validate(text)
    read_junit(text)
    names = [case.get("name") for case in ElementTree.fromstring(text).iter("testcase")]
    extra = Counter(names) - Counter(
        case.get("name") for case in ElementTree.fromstring(renderer("junit")(plain)).iter(
            "testcase"))
    assert Counter(name.split()[0] for name in extra.elements()) == {
        rule.id: rule.passed for rule in full.rules if rule.passed}


def test_sarif_links_the_sources_of_rules_at_the_revision_of_the_round(report):
    from dataclasses import replace

    rules = json.loads(sarif.render(replace(report, round="v5.1")))["runs"][0]["tool"]["driver"][
        "rules"]
    uris = [rule["helpUri"] for rule in rules if "helpUri" in rule]
    assert len(uris) > len(rules) / 2
    assert all(uri.startswith("https://github.com/mlcommons/") for uri in uris)
    assert any("/v5.1.1/" in uri for uri in uris)


def test_upload_shows_what_is_no_file_at_a_file_that_is_there(tmp_path):
    tree = edited_tree(tmp_path)
    report = tree.report()
    places = {f.fingerprint: f.location.path for f in report.findings
              if f.location.path and not tree.path(f.location.path).is_file()}
    assert len(set(places.values())) > 3
    full, upload = (json.loads(render(report))["runs"][0]["results"]
                    for render in (sarif.render, sarif.render_for_upload))
    for results, exists in ((full, False), (upload, True)):
        told = [r for r in results if r["partialFingerprints"]["submissionChecker/v1"] in places]
        assert len(told) == len(places)
        for result in told:
            path = places[result["partialFingerprints"]["submissionChecker/v1"]]
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert tree.path(uri).is_file() is exists
            assert exists is result["message"]["text"].startswith(f"{path}: ")


def test_annotations_stand_at_files(report):
    finding = report.findings[0]
    text = github.render(replace(report, stand_ins=((finding.location.path, "README.md"),)))
    first = text.splitlines()[0]
    assert first.startswith("::error file=README.md,title=")
    assert finding.location.path in first.partition("::")[2].partition("::")[2]


def test_nearest_file_is_a_readme_or_the_first_of_the_nearest_folder():
    from submission_checker.model.files import Entry, FileTable, Kind

    table = FileTable.build(Entry(path, Kind.FILE) for path in (
        "a/b/x.json", "a/b/README.md", "a/c/z.txt", "a/c/d/e/f"))
    assert [table.nearest_file(path) for path in (
        "a/b/gone", "a/c", "a/c/d", "a/gone/far", "a/c/d/e/g")] == [
        "a/b/README.md", "a/c/z.txt", "a/c/z.txt", None, "a/c/d/e/f"]
