"""The documentation site builds without a warning, and every rule has its anchor."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from submission_checker.cli.exit_codes import MEANINGS, ORDER
from submission_checker.model.exceptions_rules import ENTRY_RULES
from submission_checker.rules.registry import all_rules
from tests.conftest import ROOT

MKDOCS = importlib.util.find_spec("mkdocs") and importlib.util.find_spec("material")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if not MKDOCS:
        pytest.skip("mkdocs-material is not installed (extra [docs])")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)], cwd=ROOT,
        capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_site_builds_with_every_page(site):
    pages = {f.relative_to(ROOT / "docs").with_suffix("") for f in ROOT.glob("docs/**/*.md")}
    built = {f.parent.relative_to(site) for f in site.glob("**/index.html")}
    assert {p.parent if p.name == "index" else p for p in pages} <= built


def test_site_asks_no_other_host_for_anything(site):
    for page in (site / "index.html", site / "rules" / "index.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//[^"]*"', text) == []
        assert re.findall(r'<link[^>]* rel="stylesheet"[^>]* href="(?:https?:)?//', text) == []


def test_every_rule_has_a_section_with_an_anchor():
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    anchors = re.findall(r'^### <a id="([a-z0-9]+)"></a>', page, re.M)
    assert anchors == [rule.id.lower() for rule in (*all_rules(), *ENTRY_RULES)]


def test_rules_page_tells_where_a_rule_changes_between_rounds():
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    section = page.partition('<a id="perf015"></a>')[2].partition("###")[0]
    assert "off in v0.5 to v1.1, error in v2.0 to" in section
    assert "*example*: found `early_stopping_met false`" in section


def test_readme_and_page_name_the_same_exit_codes():
    rows = {f"| {code} | {meaning} |" for code, meaning in MEANINGS.items()}
    for name in ("README.md", "docs/exit-codes.md"):
        lines = set((ROOT / name).read_text(encoding="utf-8").splitlines())
        assert rows - lines == set()
    used = {int(n) for file in ROOT.glob("submission_checker/cli/*.py") for line in
            re.findall(r"^EXIT_.*= (.*)$", file.read_text(encoding="utf-8"), re.M)
            for n in line.split(",")}
    assert used
    assert used <= set(MEANINGS)
    assert set(ORDER) < set(MEANINGS)
