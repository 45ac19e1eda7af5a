"""The HTML report without a browser: counts, policy, hostile texts, bounds."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from submission_checker.model.findings import Level, Subject
from submission_checker.model.report import Verdict
from submission_checker.render import html as renderer
from submission_checker.render.html.data import FINDINGS_BUDGET, as_script
from submission_checker.render.html.texts import MOST_CHARACTERS
from submission_checker.render.html.todo import steps
from tests.render.support_html import (
    HOSTILE,
    broken_report,
    data_of,
    demo_report,
    finding,
    hostile_report,
)

VOID = {"meta", "br", "wbr", "img", "input", "link", "hr"}


class Page(HTMLParser):
    """Elements, attributes and text of a page; complains of wrong nesting."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.texts.append(data)


def test_counts_are_those_of_the_report(tmp_path):
    report = broken_report(tmp_path)
    page = renderer.render(report)
    text = " ".join(" ".join(Page(page).texts).split())
    verdicts, levels = report.verdicts(), report.levels()
    assert {report.findings[0].level, *levels} == set(Level)
    for number, word in ((verdicts[Verdict.VALID], "valid"), (verdicts[Verdict.INVALID], "invalid"),
                         (levels[Level.ERROR], "errors"), (levels[Level.INFO], "note")):
        assert f"{number} {word}" in text
    data = data_of(page)
    assert len(data["results"]) == len(report.results)
    assert len(data["findings"]) == len(report.findings)
    assert data["left_out"] == []


@pytest.mark.parametrize(("change", "word"), [
    ({}, "Failed"), ({"findings": ()}, "Passed"), ({"results": (), "findings": ()},
                                                   "Nothing to judge"),
])
def test_verdict_comes_first(change, word, tmp_path):
    page = renderer.render(replace(broken_report(tmp_path), **change))
    assert re.search(r"<title>(.*?):", page)[1] == word
    assert re.search(r"<h1>.*</i>(.*?)</h1>", page)[1] == word


def test_same_report_gives_the_same_bytes(tmp_path):
    report = broken_report(tmp_path)
    assert renderer.render(report) == renderer.render(report)


@pytest.mark.parametrize("make", [demo_report, hostile_report])
def test_policy_allows_this_style_and_script_only(make):
    page = renderer.render(make())
    policy = next(a["content"] for t, a in Page(page).elements
                  if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        inside = re.findall(rf"<{element}>(.*?)</{element}>", page, re.S)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


def test_nothing_is_loaded_from_elsewhere():
    page = renderer.render(demo_report())
    for tag, attributes in Page(page).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert {"src", "style", "srcset", "action"}.isdisjoint(attributes)
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")


def test_hostile_texts_stay_texts():
    plain, hostile = (Page(renderer.render(make())) for make in (demo_report, hostile_report))
    assert {tag for tag, _ in hostile.elements} <= {tag for tag, _ in plain.elements} | {
        "p", "small", "ol", "li", "h3", "b"}
    page = renderer.render(hostile_report())
    assert page.count("<script") == 2
    assert page.count("</script") == 2
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b\ud800-\udfff]", page)
    assert html.escape(HOSTILE[0], quote=False) in page
    page.encode()


def test_long_texts_are_cut_and_say_so():
    strings = data_of(renderer.render(hostile_report()))["strings"]
    longest = max(strings, key=len)
    assert longest == f"{'x' * MOST_CHARACTERS}… (8,000 characters more)"


@pytest.mark.parametrize("text", HOSTILE)
def test_data_cannot_end_its_element(text):
    assert re.search("[<>&\u2028\u2029]", as_script({"a": text})) is None


def test_a_report_of_200_000_findings_is_bounded_and_counts_the_rest():
    errors = [finding(n) for n in range(150_000)]
    others = [finding(n, Level.WARNING, "PERF002") for n in range(49_999)]
    last = finding(7, Level.INFO, "PERF003")
    report = replace(demo_report(), findings=(*errors, *others, last))
    page = renderer.render(report)
    assert len(page.encode()) < 1.5 * FINDINGS_BUDGET
    data = data_of(page)
    left_out = sum(times for _, _, times in data["left_out"])
    assert len(data["findings"]) + left_out == 200_000
    assert 1000 < len(data["findings"]) < 100_000
    assert {data["strings"][row[1]] for row in data["findings"]} == {
        "PERF001", "PERF002", "PERF003"}, "no rule hides the others"
    assert f"{left_out:,} more findings, counted above, did not fit" in page
    assert "<b>150,000</b>" in page


def test_many_results_are_bounded_and_the_worst_stay():
    rows = demo_report().results
    many = tuple(rows[0]._replace(location=f"closed/{n}/{'long/' * 60}") for n in range(20_000))
    bad = rows[0]._replace(location="closed/zzz", verdict=Verdict.INVALID)
    page = renderer.render(replace(demo_report(), results=(*many, bad)))
    assert len(page.encode()) < 8_000_000
    data = data_of(page)
    assert 0 < len(data["results"]) < 20_001
    assert "closed/zzz" in {data["strings"][row[6]] for row in data["results"]}
    assert f"{20_001 - len(data['results']):,} more results, counted above, did not fit" in page


def test_steps_say_what_to_do_per_rule(tmp_path):
    text = " ".join(" ".join(Page(renderer.render(broken_report(tmp_path))).texts).split())
    assert "run longer or lower the load; the log says how many more queries are needed" in text
    assert "submission-checker explain" in text
    fine = "".join(Page(renderer.render(replace(demo_report(), findings=()))).texts)
    assert "Nothing has to be fixed." in fine


def test_steps_put_causes_before_what_follows_from_them():
    follows = [finding(n, rule="TREE023", subject=Subject("closed", "A", "s", "b"))
               for n in range(3)]
    report = replace(demo_report(), findings=(finding(3, rule="ACCU012"), *follows))
    assert [step.rule for step in steps(report)] == ["ACCU012", "TREE023"]
