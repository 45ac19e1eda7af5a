"""The screen in the README is what the command prints."""

import subprocess
import sys
from pathlib import Path

from fixtures.builder import Tree, run
from tests.conftest import ROOT


def screen(folder: Path) -> str:
    """Return the output of check on the bundled submission with one edited log."""
    Tree.demo(folder).set_log(run("toyllm", "Server"), "early_stopping_met", False)
    done = subprocess.run(
        [sys.executable, "-m", "submission_checker", "check", "submission", "--round", "demo"],
        cwd=folder, text=True, capture_output=True, env={"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def test_screen_in_the_readme_is_current(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("<!-- screen -->\n```console\n")[2].partition("```\n")[0]
    command, _, output = shown.partition("\n")
    assert command == "$ submission-checker check submission --round demo"
    assert output == screen(tmp_path)
