"""The library: the example of its page runs, names are stable and lazy, values can be pickled."""

import importlib
import pickle
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import submission_checker
from docs.generate import low_quality
from fixtures.builder import Tree
from submission_checker.formats.resources import demo_submission
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"<!-- run by tests/test_library.py -->\n```python\n(.*?)```", PAGE, re.S)[1]
OUTPUT = re.search(r"<!-- output -->\n```text\n(.*?)```", PAGE, re.S)[1]


def python(code, cwd=ROOT):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd,
                          env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_example_prints_what_the_page_says(tmp_path):
    low_quality(Tree.demo(tmp_path))
    assert python(EXAMPLE, cwd=tmp_path) == OUTPUT


def test_readme_shows_the_library():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "from submission_checker import" in readme
    assert "docs/library.md" in readme


def test_importing_the_package_loads_nothing():
    out = python("import sys; before = set(sys.modules); import submission_checker\n"
                 "print(sorted(set(sys.modules) - before))")
    assert out == "['submission_checker']\n"


@pytest.mark.parametrize("name", submission_checker.__all__)
def test_stable_name_is_there_listed_and_on_the_page(name):
    assert getattr(submission_checker, name) is not None
    assert name in dir(submission_checker)
    assert f"`{name}`" in PAGE


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        _ = submission_checker.chekc
    assert not hasattr(submission_checker, "anything")


@pytest.mark.parametrize("first", [
    "from submission_checker import check", "import submission_checker.check",
    "from submission_checker.check import Options", "import submission_checker.check as check",
    "from submission_checker.check import check",
])
def test_check_can_be_called_whatever_was_imported_first(first):
    code = (f"{first}\nimport submission_checker\n"
            f"report = submission_checker.check({str(demo_submission())!r}, round='demo')\n"
            "from submission_checker.check import fails\n"
            "print(len(report.results), submission_checker.check.fails is fails)")
    results = sum(1 for _ in demo_submission().glob("*/*/results/*/*/*"))
    assert python(code) == f"{results} True\n"


def test_check_goes_to_worker_processes():
    check = pickle.loads(pickle.dumps(submission_checker.check))
    with ProcessPoolExecutor(1) as pool:
        report = pool.submit(check, str(demo_submission()), "demo").result()
    assert report == submission_checker.check(str(demo_submission()), "demo")


def test_package_says_that_it_is_typed():
    assert (Path(submission_checker.__file__).parent / "py.typed").is_file()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    assert "py.typed" in (ROOT / "setup.py").read_text()


def test_types_are_seen_by_mypy(tmp_path):
    api = importlib.util.find_spec("mypy")
    if api is None:
        pytest.skip("mypy is not installed (extra [dev])")
    file = tmp_path / "use.py"
    file.write_text("from submission_checker import Report, check\n"
                    "report: Report = check('x', round='demo')\n"
                    "reveal_type(report.results[0].verdict)\n"
                    "check(3)\n")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", str(file)], cwd=tmp_path,
                          capture_output=True, text=True,
                          env={"MYPYPATH": str(ROOT), "HOME": str(tmp_path)})
    assert "model.report.Verdict" in done.stdout
    assert 'incompatible type "int"' in done.stdout
    assert len(re.findall(r"^use\.py:\d+: error", done.stdout, re.M)) == 1
