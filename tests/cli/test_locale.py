"""Names are UTF-8 in every locale: the same findings and digest, and no crash at a letter."""

import json
import os
import shutil
import subprocess
import sys
import tarfile

import pytest

from submission_checker.formats.resources import demo_submission
from tests.conftest import ROOT

ELSEWHERE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale in which Python takes a name that is not ASCII for broken bytes."""
LIBRARY = "import sys; from submission_checker import check; print(check(sys.argv[1]," \
          " round='demo').digest)"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Return a tree with names of three scripts, one of them no UTF-8, in a folder of such."""
    root = tmp_path_factory.mktemp("l") / "größe"
    shutil.copytree(demo_submission(), root)
    owner = root / "closed" / "DemoOrg"
    (owner / "grüße ✓.txt").write_text("x", encoding="utf-8")
    (owner / "link-ß").symlink_to("grüße ✓.txt")
    try:
        (owner / os.fsdecode(b"caf\xe9.txt")).write_text("x", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes names of UTF-8 only")
    return root


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "", **environment})


def checked(path, *arguments, **environment):
    return run("-m", "submission_checker", "check", str(path), "--round", "demo", *arguments,
               **environment)


def test_a_report_is_the_same_in_every_locale(tree):
    for arguments in (["--format", "json"], ["--format", "html"], ["--submitter", "DemoOrg"]):
        here, there = checked(tree, *arguments), checked(tree, *arguments, **ELSEWHERE)
        assert there.stderr == b""
        assert (here.returncode, here.stdout) == (there.returncode, there.stdout)
    assert "DemoOrg" in here.stdout.decode()


def test_the_library_has_the_same_digest_in_every_locale(tree):
    here, there = run("-c", LIBRARY, str(tree)), run("-c", LIBRARY, str(tree), **ELSEWHERE)
    assert there.stderr == b""
    assert here.stdout == there.stdout != b""


def test_a_name_of_the_command_line_is_found_in_every_locale(tree):
    done = checked(tree, "--submitter", "größe", **ELSEWHERE)
    assert "no submitter 'größe'" in done.stderr.decode()


def test_a_stream_of_another_encoding_gets_codes_for_what_it_has_no_letter(tree, tmp_path):
    archive = tmp_path / "ü.tar"
    with tarfile.open(archive, "w") as out:
        out.add(tree, "größe")
    latin = {"PYTHONIOENCODING": "latin-1"}
    done = checked(archive / "größe", **latin)
    assert b"gr\xfc\xdfe \\u2713.txt" in done.stdout
    lines = checked(archive / "größe", "--format", "github", **latin)
    assert lines.stdout == checked(archive / "größe", "--format", "github").stdout
    assert "grüße ✓" in lines.stdout.decode()
    data = json.loads(checked(tree, "--format", "json", **latin).stdout)
    assert any("grüße ✓" in f["location"]["path"] for f in data["findings"])
