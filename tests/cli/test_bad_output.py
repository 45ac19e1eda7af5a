"""The installed command: bad outputs and exceptions, very many findings, hostile names."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from fixtures.builder import BASE, Tree
from submission_checker.formats.resources import demo_submission
from submission_checker.render.formats import FORMATS
from tests import commands
from tests.conftest import ROOT
from tests.made import exception

MANY = 50_000
"""Each format takes 200 000 in tests/render."""
SCRIPT = shutil.which("submission-checker", path=os.path.dirname(sys.executable))
COMMAND = [SCRIPT] if SCRIPT else [sys.executable, "-m", "submission_checker"]


def command(*arguments, **streams):
    """Run the command as it is installed, or by its module in a bare checkout."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=ROOT, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, **streams)


def check(*arguments):
    return commands.command("check", demo_submission(), "--round", "demo", *arguments)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize("arguments", [
    ("--version",), ("explain", "PERF001"), ("rules",), ("rounds", "list"),
    ("check", str(demo_submission()), "--round", "demo"),
])
def test_full_standard_output_is_said_without_a_traceback(arguments):
    with open("/dev/full", "w") as full:
        done = command(*arguments, stdout=full)
    assert done.returncode == 2
    assert done.stderr == "submission-checker: cannot write: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_full_file_is_wrong_use():
    done = check("-o", "json:/dev/full")
    assert (done.returncode, "cannot write /dev/full: No space left" in done.stderr) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes streams")
def test_closed_standard_output_changes_no_exit_code(tmp_path):
    words = " ".join([*COMMAND, "check", str(demo_submission()), "--round", "demo", "-o",
                      f"json:{tmp_path}/r.json", ">&-"])
    done = subprocess.run(["sh", "-c", words], cwd=ROOT, text=True, capture_output=True,
                          check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "r.json").read_text())["round"] == "demo"


@pytest.mark.parametrize(("arguments", "code"), [
    (("rules",), 0), (("rounds", "show", "v5.1"), 0),
    (("check", str(demo_submission()), "--round", "demo", "--format", "html"), 0),
    (("check", str(demo_submission()), "--round", "v5.1", "--format", "json"), 1),
], ids=str)
def test_a_reader_that_goes_changes_no_exit_code(arguments, code):
    with subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          ) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", code)


def workers(of):
    """Return the processes that another one started and that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = stat.read_text().partition(" (")
        except OSError:
            continue
        state, parent = rest.rpartition(") ")[2].split()[:2]
        if int(parent) == of and state != "Z":
            found.append(int(number))
    return found


def runs(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc on this system")
def test_workers_end_with_a_check_that_is_killed():
    code = ("import sys, time; from submission_checker import Options, check\n"
            "check(sys.argv[1], options=Options(round='demo', jobs=2), progress=lambda *_: ("
            "print(flush=True), time.sleep(60)))")
    with subprocess.Popen([sys.executable, "-c", code, str(demo_submission())], cwd=ROOT,
                          stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          ) as process:
        process.stdout.readline()
        begun = workers(process.pid)
        process.kill()
    assert len(begun) == 2
    deadline = time.monotonic() + 30
    while any(map(runs, begun)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [number for number in begun if runs(number)] == []


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_file_in_a_folder_that_is_read_only(tmp_path):
    tmp_path.chmod(0o555)
    done = check("-o", f"json:{tmp_path}/r.json")
    assert (done.returncode, "Permission denied" in done.stderr) == (2, True)


@pytest.mark.parametrize(("arguments", "words"), [
    (("--format", "yaml"), "no format 'yaml'; known: csv, github, html, json"),
    (("--format", "json", "-o", "sarif:-"), "two outputs go to standard output"),
    (("-o", "html:x/y/z.html"), "cannot write x/y/z.html: No such file or directory"),
])
def test_wrong_outputs(arguments, words):
    done = check(*arguments)
    assert (done.returncode, done.stdout, words in done.stderr) == (2, "", True), done.stderr


ENTRY = exception("SYST004", "closed/DemoOrg/systems/demo-host.json")


@pytest.mark.parametrize(("old", "new", "words"), [
    ("SYST004", "SYST0044", "exception 1: no rule 'SYST0044'; did you mean 'SYST004'?"),
    ("SYST004", "BASE001", "exception 1: no rule 'BASE001'"),
    ("2026-08-01", "2026-13-01", "Expected newline or end of document"),
    ("2026-08-01", '"yesterday"', "exception 1: created and expires are dates"),
    ("2026-09-01", "2026-07-01", "exception 1: expires before it was created"),
    ("2026-09-01", "2027-09-01", "exception 1: expires more than 180 days"),
    ('approved_by = "chair"', "", "exception 1: approved_by or link"),
])
def test_exceptions_file_with_a_mistake(old, new, words, tmp_path):
    (tmp_path / "e.toml").write_text(ENTRY.replace(old, new))
    done = check("--exceptions", tmp_path / "e.toml", "--today", "2026-08-10")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split()), done.stderr
    (tmp_path / "e.toml").write_text(ENTRY)
    assert check("--exceptions", tmp_path / "e.toml", "--today", "2026-08-10").returncode == 0


def packed(file, count):
    """Write the bundled submission with so many leftovers of an editor as a tar, quickly."""
    with tarfile.open(file, "w") as tar:
        tar.add(demo_submission(), arcname=".")
    whole = file.read_bytes().rstrip(b"\0")
    head = tarfile.TarInfo("closed/DemoOrg/code/many/00/000000.swp").tobuf()
    name, rest = head[:100], head[100:]
    begin, end = rest[:48], rest[56:]  # around the checksum
    base = sum(begin) + sum(end) + 8 * ord(" ")
    parts = [whole + bytes(-len(whole) % 512)]
    for number in range(count):
        own = name.replace(b"/00/000000.", b"/%02d/%06d." % (number % 100, number))
        parts.append(own + begin + b"%06o\0 " % (base + sum(own)) + end)
    file.write_bytes(b"".join([*parts, bytes(1024)]))


def test_very_many_findings_come_out_in_every_format(tmp_path):
    packed(tmp_path / "many.tar", MANY)
    files = {form: tmp_path / f"out.{form}" for form in FORMATS}
    wanted = [word for form, file in files.items() for word in ("-o", f"{form}:{file}")]
    done = command("check", tmp_path / "many.tar", "--round", "demo", *wanted)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"warning TREE033 rubbish x {MANY}\n" in done.stdout
    assert f"0 errors, {MANY} warnings\n" in done.stdout and len(done.stdout) < 4000
    sizes = {form: file.stat().st_size for form, file in files.items()}
    digest = done.stdout.split()[-1]
    for form, file in files.items():
        assert digest in file.read_text(), form
    small = {form: size for form, size in sizes.items() if form not in ("json", "sarif")}
    assert max(small.values()) < 6 << 20, small
    assert sizes["github"] < 64_000 and sizes["markdown"] < 62_000


NAMES = (
    "\x1b]0;title\x07red\x1b[31m", "::error::owned", "<script>alert(1)</script>",
    "=cmd|' C calc'!A0", "\u202etxt.exe", "a\nb::stop-commands::x", "x" * 200,
    "[link](https:evil.example)", "'; rm -rf ~ #", "${{ secrets.TOKEN }}", "]]>&amp;",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The outputs of the command about a submission with hostile names, by format."""
    folder = tmp_path_factory.mktemp("hostile")
    tree = Tree.demo(folder / "tree")
    for name in NAMES:
        tree.write(f"{BASE}/{name}/notes.swp", "x").write(f"{BASE}/code/digits/{name}.swp", "x")
    files = {form: folder / f"out.{form}" for form in FORMATS}
    wanted = [word for form, file in files.items() for word in ("-o", f"{form}:{file}")]
    done = command("check", tree.root, "--round", "demo", "--show", "all", "--level", "info",
                   *wanted)
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    return {form: file.read_text(encoding="utf-8") for form, file in files.items()} | {
        "screen": done.stdout}


@pytest.mark.parametrize("form", [*FORMATS, "screen"])
def test_hostile_names_stay_names(hostile, form):
    text = hostile[form]
    assert {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} <= {"\n"}
    lines = text.splitlines()
    if form in ("github", "screen", "text", "csv", "markdown"):
        commands = {re.match(r"::([a-z-]+)", line.lstrip()) for line in lines}
        assert {found[1] for found in commands if found} <= {"error", "warning", "notice"}
        assert not any(line.lstrip().startswith("::") for line in lines) or form == "github"
    if form in ("html", "markdown"):
        assert "<script>alert" not in re.sub(r"`[^`\n]*`", "", text)
    if form in ("csv", "summary-csv"):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    if form.startswith("junit"):
        ElementTree.fromstring(text)
    if form == "json" or form.startswith("sarif"):
        json.loads(text)


def test_every_hostile_name_is_in_the_report(hostile):
    paths = {f["location"]["path"] for f in json.loads(hostile["json"])["findings"]}
    assert all(any(name in path for path in paths) for name in NAMES)


def test_command_is_the_installed_one_where_it_is_installed():
    installed = Path(sys.executable).with_name("submission-checker")
    assert (Path(COMMAND[0]) == installed) is installed.exists()
