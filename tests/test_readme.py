"""The screen in the README is what the command prints."""

import runpy

from tests.conftest import ROOT


def test_screen_in_the_readme_is_current():
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert generate["SCREEN"] in readme
    assert readme == generate["readme"](), "run python -m docs.generate"
