"""Made reports and what a page says about itself."""

import json
import re
from dataclasses import replace
from functools import cache

from fixtures.builder import BASE, SYSTEM_FILE, Tree, run
from submission_checker.check import check
from submission_checker.formats.resources import demo_submission
from submission_checker.model.findings import Finding, Level, Location, Subject, Suppression
from submission_checker.model.report import Report

HOSTILE = (
    "<script>window.hit=1</script>", "</script><img src=x onerror=window.hit=1>",
    "\"'><svg onload=window.hit=1>", "a\u202egpj.exe\u2066", "${7*7}{{7*7}}{% raw %}",
    "javascript:window.hit=1", "]]><!--", "&lt;b&gt;", "x" * 10_000, "\x1b[31mred\x07\x00",
    "\ud800\udcff", "::error::hit", "=cmd|'/c calc'!A1", "\u2028line\u2029",
)


@cache
def demo_report() -> Report:
    """Return the report of the bundled submission."""
    return check(str(demo_submission()), round="demo")


def broken_report(tmp_path) -> Report:
    """Return a report of the bundled submission with findings of every level."""
    tree = Tree.demo(tmp_path)
    tree.set_log(run("toyllm", "Server"), "early_stopping_met", False)
    tree.set_json(SYSTEM_FILE, "hw_note", "x")
    tree.write(f"{BASE}/notes.swp", "x")
    return tree.report()


def finding(n: int = 0, level: Level = Level.ERROR, rule: str = "PERF001", **changes) -> Finding:
    """Return a made finding."""
    made = Finding(
        rule, level, Location(f"closed/A/results/s/b/Offline/file_{n}.txt", n + 1),
        Subject("closed", "A", "s", "b", "Offline"), "", f"found {n}", "required", "why", "fix",
        (), f"{n:016x}")
    return made._replace(**changes)


def hostile_report() -> Report:
    """Return a report in which every text of a submission is hostile in turn."""
    report = demo_report()
    rows, findings = [], []
    for n, text in enumerate(HOSTILE):
        row = report.results[n % len(report.results)]
        subject = Subject("closed", text, text, text, row.subject.scenario)
        step = row.derivation[0]._replace(path=text, key=text, value=text, formula=text)
        rows.append(row._replace(subject=subject, location=f"closed/{n}/{text}", model=text,
                            reason=text, category=text, derivation=(step,), scenario=text))
        findings.append(finding(n, subject=subject, location=Location(text, 1, text), found=text,
                                required=text, why=text, fix=text, evidence=(text,),
                                suppressed=Suppression(text, text, text) if n % 3 == 0 else None))
    return replace(report, results=tuple(rows), findings=tuple(findings), round_reason=HOSTILE[0],
                   options=(("submitter", HOSTILE[1]),), partial=True)


def data_of(page: str):
    """Return the data that the page's script reads."""
    return json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.S)[1])
