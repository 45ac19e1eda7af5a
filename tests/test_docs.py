"""Generated pages are current, and links of the documents lead somewhere."""

import re
import runpy

import click
import pytest
import yaml

from submission_checker.cli.lazy import COMMANDS, group
from submission_checker.render.formats import FORMATS
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


def options(command, context):
    """Return every option of a command and of those below it."""
    found = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                found |= options(below, context)
    return found


OF_OTHERS = {"--backup", "--batch", "--outdir"}
"""Options of the community's scripts, of git, and of a harness in an example."""
OTHER_PROGRAMS = re.compile(r"\b(pip|pytest|git|mypy|ruff|openssl|mkdocs|docker)\b")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_options_that_documents_name_exist(document):
    program = group()
    known = options(program, click.Context(program, info_name="submission-checker"))
    known |= {"--help", "--version"} | OF_OTHERS
    text = document.read_text(encoding="utf-8")
    ours = "\n".join(line for line in text.splitlines()
                     if not OTHER_PROGRAMS.search(line))
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+[a-z])(?![\w-]*\.)", ours))
    assert sorted(named - known) == []


def test_commands_that_documents_name_exist():
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:submission-checker|mlperf-check) ([a-z][a-z-]+)\b", text))
        assert named <= set(COMMANDS) | WORDS, document.name


WORDS = {"and", "by"}
"""Words that follow the name of the program in a sentence."""


def test_pages_tell_every_format_and_input():
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    table = page.partition("## JSON")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.M)) == set(FORMATS)
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")
    rows = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    named = set(re.findall(r"`([a-z-]+)`", rows))
    assert named == {*action["inputs"], *action["outputs"]}
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert all(f"- id: {hook['id']}" in page for hook in hooks)


def test_profiles_are_told():
    from submission_checker.cli.check import PROFILES

    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)`", page, re.M)) == set(PROFILES)
