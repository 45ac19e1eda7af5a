"""A wheel, an editable install and a bare checkout all run and find their data."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT

SHIPPED = ("submission_checker", "compliance_tests", "schemas", "fixtures")
PROJECT = ("setup.cfg", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "CHANGELOG.md",
           "CONTRIBUTING.md", "LICENSE", "Makefile", "ruff.toml")
BACKEND = "from setuptools import build_meta as b; b.build_{}({!r})"
PROBE = """
import json, pathlib, submission_checker
from submission_checker.formats.resources import demo_submission, schema_text
from submission_checker.rounds import loader
rounds = pathlib.Path(loader.__file__).parent / "data"
print(json.dumps({
    "package": submission_checker.__file__,
    "rounds": sorted(f.name for f in rounds.iterdir()),
    "schema": json.loads(schema_text("report"))["$schema"],
    "demo": sorted(f.relative_to(demo_submission()).as_posix()
                   for f in demo_submission().rglob("*") if f.is_file()),
}))
"""


def run(*command, cwd):
    """Run with the paths of the running environment out of the way; return standard output."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_", "VIRTUAL"))}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, text=True,
                          capture_output=True)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what a clone holds; building in place would leave files behind."""
    folder = tmp_path_factory.mktemp("checkout") / "project"
    waste = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info")
    for name in SHIPPED:
        shutil.copytree(ROOT / name, folder / name, ignore=waste)
    for name in PROJECT:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def environment(tmp_path):
    """An environment without the program, that borrows the libraries of the running one."""
    folder = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=tmp_path)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
                    cwd=tmp_path).strip())
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "borrowed.pth").write_text("\n".join(sorted(borrowed)) + "\n")
    return python


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def installed(python, what, cwd):
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation",
        *what, cwd=cwd)
    return python.parent


def probe(python, cwd, package):
    """Return what the program finds of its own data; it must run from ``package``."""
    found = json.loads(run(python, "-c", PROBE, cwd=cwd))
    assert Path(found["package"]).parent == package
    assert run(python, "-m", "submission_checker", "--version", cwd=cwd).splitlines()[1] == str(
        package)
    assert set(found["rounds"]) == {f.name for f in ROOT.glob("submission_checker/rounds/data/*")}
    assert found["schema"].startswith("https://json-schema.org/")
    return set(found["demo"])


def bundled():
    return {f.relative_to(ROOT / "fixtures/demo_submission").as_posix()
            for f in (ROOT / "fixtures/demo_submission").rglob("*")
            if f.is_file() and "__pycache__" not in f.parts}


def demo_holds(python, cwd):
    """The bundled submission is judged without a finding, wherever it lies."""
    said = run(python, "-m", "submission_checker", "demo", "--bundled", cwd=cwd)
    assert "PASSED" in said
    assert json.loads((cwd / "submission-checker-demo/report.json").read_text())["findings"] == []


def tables_hold(python, cwd):
    """The page of tables finds its template and style, wherever the program lies."""
    place = run(python, "-c", "from submission_checker.formats.resources import demo_submission;"
                "print(demo_submission())", cwd=cwd).strip()
    page = run(python, "-m", "submission_checker", "report", place, "--round", "demo",
               "--format", "html", cwd=cwd)
    assert page.startswith("<!doctype html>") and ":root {" in page


def test_wheel_made_from_the_source_archive(checkout, environment, elsewhere, tmp_path):
    run(sys.executable, "-c", BACKEND.format("sdist", str(tmp_path)), cwd=checkout)
    archive = next(tmp_path.glob("*.tar.gz"))
    shutil.unpack_archive(archive, tmp_path / "source", filter="data")
    source = next((tmp_path / "source").iterdir())
    run(sys.executable, "-c", BACKEND.format("wheel", str(tmp_path)), cwd=source)
    scripts = installed(environment, [next(tmp_path.glob("*.whl"))], elsewhere)
    package = next((scripts.parent / "lib").glob("python3*/site-packages")) / "submission_checker"
    assert probe(environment, elsewhere, package) == bundled()
    demo_holds(environment, elsewhere)
    tables_hold(environment, elsewhere)
    for name in ("submission-checker", "mlperf-check"):
        assert str(package) in run(scripts / name, "--version", cwd=elsewhere)
    shipped = {path.name for path in package.parent.iterdir()} - {"borrowed.pth"}
    assert {n for n in shipped if not n.endswith(".dist-info")} <= {
        "submission_checker", "compliance_tests"}


def test_editable_install(checkout, environment, elsewhere):
    scripts = installed(environment, ["-e", checkout], elsewhere)
    assert probe(environment, elsewhere, checkout / "submission_checker") == bundled()
    demo_holds(environment, elsewhere)
    run(environment, "-c", "import compliance_tests", cwd=elsewhere)
    assert str(checkout) in run(scripts / "mlperf-check", "--version", cwd=elsewhere)


def test_bare_checkout(checkout, environment):
    assert probe(environment, checkout, checkout / "submission_checker") == bundled()
    demo_holds(environment, checkout)
    tables_hold(environment, checkout)
