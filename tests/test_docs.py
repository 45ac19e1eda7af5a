"""Generated pages are current, and links of the documents lead somewhere."""

import re
import runpy

import pytest

from submission_checker.review.tables import NAMES
from submission_checker.rules.registry import all_rules
from tests.conftest import ROOT

PAGES = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md")),
             ROOT / "fixtures" / "README.md", ROOT / "benchmarks" / "RESULTS.md"]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), (
        "run python -m docs.generate")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_tests_that_the_founding_page_names_exist():
    text = (ROOT / "docs" / "founding.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 30
    assert [(file, test) for file, test in named if not (ROOT / file).is_file()
            or (test and f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8"))] == []


def test_rules_that_the_founding_page_names_exist():
    text = (ROOT / "docs" / "founding.md").read_text(encoding="utf-8")
    known = {rule.id for rule in all_rules()}
    assert sorted(set(re.findall(r"\b[A-Z]{4}[0-9]{3}\b", text)) - known) == []


def test_every_table_of_report_is_described():
    text = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"(?m)^\| `(\w+)` \|", text)) == NAMES
