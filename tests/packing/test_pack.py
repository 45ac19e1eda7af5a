"""`pack` through the installed command: what comes out, what stays behind, what is refused."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from fixtures.builder import BASE, SYSTEM, Tree, accuracy, measurements, result, run
from submission_checker.packing import atomic, writing
from submission_checker.packing.actions import Action, Doing, Plan
from submission_checker.packing.truncation import truncated, with_hash
from submission_checker.sources.base import Unreadable
from submission_checker.sources.memory import MemorySource
from tests.commands import command
from tests.conftest import ROOT
from tests.rules.power_fixture import with_power

LOG = f"{accuracy()}/mlperf_log_accuracy.json"
TEXT = f"{accuracy()}/accuracy.txt"
LONG = b"[\n" + b",\n".join(
    b'{ "seq_id" : %d, "qsl_idx" : %d, "data" : "0000000000000000" }' % (n, n) for n in range(1000)
) + b"\n]\n"


def pack(*arguments):
    done = command("pack", *arguments)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in Path(folder).rglob("*")
            if p.is_file()}


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path / "src")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def with_long_log(tree, hashed=False):
    tree.write(LOG, LONG)
    text = "accuracy=95.000%, good=950, total=1000\n"
    if hashed:
        text += f"hash={hashlib.sha256(LONG).hexdigest()}\n"
    return tree.write(TEXT, text)


def test_sound_submission_is_packed_as_it_is_and_verified(tree, out):
    before = files(tree.root)
    done = pack(tree.root, out, "--round", "demo")
    assert (done.returncode, files(out)) == (0, before)
    assert files(tree.root) == before
    assert pack("--verify", tree.root, out).stdout.startswith(f"OK  {len(before)} files")


@pytest.mark.parametrize("hashed", [False, True])
def test_long_accuracy_log_is_truncated_and_its_hash_stands_once(tree, out, hashed):
    with_long_log(tree, hashed)  # made up, so its result is not valid; it is packed all the same
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 1 and "manifest: " in done.stdout, done.stdout
    packed = files(out)
    assert packed[LOG] == LONG[:4096] + b"\n\n...\n\n" + LONG[-4096:]
    assert packed[TEXT].count(b"hash=") == 1
    assert hashlib.sha256(LONG).hexdigest().encode() in packed[TEXT]
    assert pack("--verify", tree.root, out).returncode == 0


def test_packing_what_is_packed_changes_nothing(tree, out, tmp_path):
    with_long_log(tree)
    pack(tree.root, out, "--round", "demo")
    pack(out, tmp_path / "again", "--round", "demo")
    assert files(tmp_path / "again") == files(out)


def test_hash_of_another_log_is_refused(tree, out):
    with_long_log(tree).append(TEXT, "hash=" + "0" * 64 + "\n")
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 2 and not out.exists()
    assert TEXT in done.stderr and "0" * 64 in done.stderr


def test_junk_links_and_empty_folders_stay_behind(tree, out):
    tree.write(f"{BASE}/.DS_Store", "x").write(f"{BASE}/code/__pycache__/a.pyc", "x")
    tree.write("elsewhere/x.txt", "x").write(f"{PERF}/mlperf_log_trace.json", "[]")
    tree.path(f"{BASE}/link").symlink_to("calibration.md")
    tree.path(f"{result()}/empty").mkdir()
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 0, done.stdout
    assert "5 files left out" in done.stdout
    assert files(out) == files(Tree.demo(out.parent / "clean").root)
    assert not (out / result() / "empty").exists()


PERF = f"{result()}/performance/run_1"


def test_results_that_are_not_valid_are_left_out_with_all_that_belongs_to_them(tree, out):
    tree.set_log(run("toyllm", "Server"), "result_validity", "INVALID")
    done = pack(tree.root, out, "--round", "demo", "--invalid", "leave-out")
    assert done.returncode == 0, done.stdout
    packed = files(out)
    assert not [path for path in packed if "/toyllm/" in path and "/code/" not in path]
    assert "invalid: " in done.stdout and "4 valid" in done.stdout


def test_closed_result_that_is_not_valid_moves_to_open(tree, out):
    tree.set_log(run(), "effective_min_duration_ms", 1)
    done = pack(tree.root, out, "--round", "demo", "--invalid", "open")
    packed = files(out)
    assert f"open/{run().partition('/')[2]}" in packed and run() not in packed
    system = json.loads(packed[f"open/DemoOrg/systems/{SYSTEM}.json"])
    assert system["division"] == "open"
    assert f"open/{measurements().partition('/')[2]}/user.conf" in packed
    assert "moved to open" in done.stdout


def test_inferred_scenario_is_added_where_the_round_allows_it(tree, out):
    for path in (result(), measurements(), f"{BASE}/compliance/{SYSTEM}/digits/Offline"):
        if tree.path(path).exists():
            tree.delete(path)
    assert result() not in " ".join(files(tree.root))
    done = pack(tree.root, out, "--round", "demo", "--infer")
    packed = files(out)
    assert "Offline inferred" in done.stdout
    assert packed[run()] in [files(tree.root)[run(scenario=base)]
                             for base in ("SingleStream", "MultiStream")]
    assert f"{measurements()}/{SYSTEM}_demo_Offline.json" in packed


def test_dry_run_writes_nothing_and_says_the_same(tree, out):
    with_long_log(tree)
    dry = pack(tree.root, out, "--round", "demo", "--dry-run")
    assert list(out.parent.iterdir()) == [tree.root.parent]
    wet = pack(tree.root, out, "--round", "demo")
    assert dry.returncode == wet.returncode == 1
    assert dry.stdout.splitlines()[:-1] == wet.stdout.splitlines()[:-3]


def test_too_large_is_refused_with_the_largest_files(tree, out):
    done = pack(tree.root, out, "--round", "demo", "--max-size", "10KB")
    assert done.returncode == 1 and "more than 0.0 MB; largest: " in done.stdout
    assert not out.exists()


@pytest.mark.parametrize("name", ["inside", "closed/out"])
def test_destination_inside_the_originals_is_refused(tree, name):
    done = pack(tree.root, tree.root / name, "--round", "demo")
    assert done.returncode == 2 and "lies inside" in done.stderr


def test_destination_that_exists_is_never_touched(tree, out):
    out.mkdir()
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 2 and "exists already" in done.stderr
    assert list(out.iterdir()) == []


def test_archive_has_the_same_bytes_each_time(tree, tmp_path):
    for name in ("a.tar.gz", "b.tar.gz", "c.tar"):
        assert pack(tree.root, tmp_path / name, "--round", "demo").returncode == 0
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "c.tar") as archive:
        found = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}
    assert found == files(tree.root)


def test_interrupted_packing_goes_on_where_it_was(tree, out):
    partial = out.with_name("out.partial")
    before = files(tree.root)
    first, *others = list(before)[:5]
    for name in (first, *others):
        (partial / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (partial / "tree" / name).write_bytes(before[name])
    (partial / "tree" / "stale.txt").write_text("of an earlier plan")
    (partial / "tree" / first).write_bytes(b"x" * len(before[first]))
    (partial / writing.NOTE).write_text(writing.NOTE_TEXT)
    assert pack(tree.root, out, "--round", "demo").returncode == 0
    assert files(out) == before and not partial.exists()


def quiet(done, total):
    """Watch nothing."""


def at(folder, name="out"):
    return writing.Place(folder / name, folder / f"{name}.manifest.json")


def hashes(source):
    return {name: hashlib.sha256(data).hexdigest() for name, data in source.files.items()}


def plan_of(source):
    return Plan({n: Action(Doing.COPY, n, n, len(data)) for n, data in source.files.items()})


STALLS = """
import os, runpy, sys, time
real, seen = os.replace, []
def stall(one, other):
    real(one, other)
    seen.append(str(other))
    if sum(name.endswith(".py") for name in seen) == 5:
        open(sys.argv[-1] + ".stalled", "w").close()
        time.sleep(3600)
os.replace = stall
runpy.run_module("submission_checker", run_name="__main__", alter_sys=True)
"""
"""Packs, and stops for ever after the fifth source file: no race decides how far it comes."""


def started(*arguments):
    """Start a packing whose last argument is the destination; return it where it stalls."""
    process = subprocess.Popen(
        [sys.executable, "-c", STALLS, "pack", *map(str, arguments)], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while process.poll() is None and not Path(f"{arguments[-1]}.stalled").exists():
        time.sleep(0.05)
    return process, Path(f"{arguments[-1]}.partial")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_packing_is_continued_and_verified(tree, out, how):
    for number in range(30):
        tree.write(f"{BASE}/code/part{number}.py", "x = 1\n" * 20)
    process, partial = started("--round", "demo", tree.root, out)
    process.send_signal(how)
    said = process.communicate(timeout=400)[0]
    assert "Traceback" not in said and not out.exists() and partial.is_dir()
    if how is signal.SIGINT:
        assert process.returncode == 130 and "goes on from there" in said
    left = {path: path.stat().st_mtime_ns for path in (partial / "tree").rglob("*.py")}
    assert len(left) == 5
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 0, done.stderr
    assert all((out / path.relative_to(partial / "tree")).stat().st_mtime_ns == when
               for path, when in left.items())
    assert files(out) == files(tree.root) and not partial.exists()
    assert pack("--verify", tree.root, out).returncode == 0


def test_manifest_of_a_packing_that_ended_before_its_last_step_is_replaced(tree, out, tmp_path):
    pack(tree.root, out, "--round", "demo")
    os.rename(out, tmp_path / "gone")
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 0 and pack("--verify", tree.root, out).returncode == 0


@pytest.mark.parametrize(("name", "words"), [
    ("out.partial/notes.txt", "is not from pack"), ("out.manifest.json", "no manifest of pack"),
])
def test_files_of_others_are_not_touched(tree, out, name, words):
    mine = out.parent / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 2 and words in done.stderr
    assert mine.read_text() == "mine" and not out.exists()


def test_links_in_the_way_are_not_followed(tree, out):
    before = files(tree.root)
    out.with_name("out.partial").symlink_to(tree.root)
    done = pack(tree.root, out, "--round", "demo")
    assert done.returncode == 2 and files(tree.root) == before


def test_manifest_inside_the_originals_is_refused(tree, out):
    done = pack(tree.root, out, "--round", "demo", "--manifest", tree.root / "m.json")
    assert done.returncode == 2 and "lies inside" in done.stderr
    assert not out.exists() and not (tree.root / "m.json").exists()


def test_archive_of_another_kind_is_refused(tree, out):
    done = pack(tree.root, out.with_suffix(".zip"), "--round", "demo")
    assert done.returncode == 2 and "pack writes a folder, .tar" in done.stderr


@pytest.mark.parametrize("name", ["out", "out.tar", "out.tar.gz"])
@pytest.mark.parametrize("change", [b"b", b"bbb", b"cc"])
def test_file_that_changes_while_it_is_packed_is_noticed(tmp_path, name, change):
    source = MemorySource({"a.txt": b"a", "b.txt": b"bb"})
    plan, known = plan_of(source), hashes(source)
    source.files["b.txt"] = change
    with pytest.raises(Unreadable, match="changed while it was packed"):
        writing.write_tree(plan, source, at(tmp_path, name), known, "{}", quiet)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["out", "out.tar"])
def test_destination_that_appears_meanwhile_is_not_touched(tmp_path, name):
    source = MemorySource({"a.txt": b"a"})

    def appears(done, total):
        (tmp_path / name).write_text("mine")

    with pytest.raises(writing.WrongUse, match="appeared meanwhile"):
        writing.write_tree(plan_of(source), source, at(tmp_path, name), hashes(source), "{}",
                           appears)
    assert (tmp_path / name).read_text() == "mine"


def test_files_get_their_names_without_hard_links_too(tmp_path, monkeypatch):
    def none(one, other):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(atomic.os, "link", none)
    (tmp_path / "part").write_text("new")
    atomic.put(tmp_path / "part", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "new"
    (tmp_path / "part").write_text("newer")
    with pytest.raises(FileExistsError):
        atomic.put(tmp_path / "part", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "new"


@pytest.mark.parametrize("step", ["replace", "rename"])
def test_other_errors_of_the_disk_keep_what_was_written(tmp_path, monkeypatch, step):
    source = MemorySource({"a.txt": b"a"})

    def broken(one, other):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(writing.os, step, broken)
    with pytest.raises(OSError, match="Input/output"):
        writing.write_tree(plan_of(source), source, at(tmp_path), hashes(source), "{}", quiet)
    assert (tmp_path / "out.partial").is_dir() and not (tmp_path / "out").exists()
    monkeypatch.undo()
    writing.write_tree(plan_of(source), source, at(tmp_path), hashes(source), "{}", quiet)
    assert files(tmp_path / "out") == {"a.txt": b"a"}


def test_only_the_submitter_asked_for_is_packed(tree, out):
    tree.copy("closed/DemoOrg", "closed/Other")
    tree.set_json(f"closed/Other/systems/{SYSTEM}.json", "submitter", "Other")
    done = pack(tree.root, out, "--round", "demo", "--submitter", "Other")
    assert done.returncode == 0, done.stdout
    assert {path.split("/")[1] for path in files(out)} == {"Other"}
    wrong = pack(tree.root, out.with_name("two"), "--round", "demo", "--submitter", "Othr")
    assert wrong.returncode == 2 and "did you mean 'Other'" in wrong.stderr


def test_result_stays_without_a_power_measurement_that_is_not_valid(tree, out):
    with_power(tree)
    power = f"{result()}/performance/power"
    tree.replace(f"{power}/ptd_logs.txt", "Uncertainty checking", "ERROR: no checking")
    kept = pack(tree.root, out.with_name("kept"), "--round", "demo")
    assert kept.returncode == 1 and "invalid (POWR" in kept.stdout, kept.stdout
    done = pack(tree.root, out, "--round", "demo", "--drop-power", "--invalid", "leave-out")
    assert done.returncode == 0, done.stdout
    assert "submitted without power" in done.stdout and "6 valid" in done.stdout
    packed = files(out)
    assert run() in packed and not [path for path in packed if "power/" in path
                                    or "ranging/" in path or path.endswith("spl.txt")]


def test_nothing_left_to_pack_is_said(tree, out):
    for benchmark, scenario in ROWS:
        tree.set_log(run(benchmark, scenario), "result_validity", "INVALID")
    done = pack(tree.root, out, "--round", "demo", "--invalid", "leave-out")
    assert done.returncode == 1 and "no result is left" in done.stdout + done.stderr
    assert not out.exists() and not out.with_name("out.partial").exists()


ROWS = [("digits", name) for name in ("Offline", "Server", "SingleStream", "MultiStream")] + [
    ("toyllm", "Offline"), ("toyllm", "Server")]


def test_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    source = MemorySource({"a.txt": b"a", "b.txt": b"b"})
    plan = Plan({n: Action(Doing.COPY, n, n, 1) for n in source.files})
    real, seen = os.replace, []

    def full(one, other):
        seen.append(other)
        if len(seen) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(one, other)

    monkeypatch.setattr(writing.os, "replace", full)
    with pytest.raises(writing.WrongUse, match="full; nothing stays there"):
        writing.write_tree(plan, source, at(tmp_path), hashes(source), "{}", quiet)
    assert list(tmp_path.iterdir()) == []


def test_verify_names_what_was_changed_after_packing(tree, out):
    with_long_log(tree)
    pack(tree.root, out, "--round", "demo")
    (out / TEXT).write_text("accuracy=99.000%\n")
    (out / "extra.txt").write_text("x")
    tree.write(LOG, LONG.replace(b"0000000000000000", b"0000000000000001"))
    done = pack("--verify", tree.root, out)
    assert done.returncode == 1 and "FAILED" in done.stdout
    for path in (TEXT, "extra.txt", LOG):
        assert path in done.stdout


def test_manifest_that_is_none(tree, out):
    out.mkdir()
    (out.with_name("out.manifest.json")).write_text("[]")
    done = pack("--verify", tree.root, out)
    assert done.returncode == 2 and "no manifest" in done.stderr


@pytest.mark.parametrize("size", [0, 1, 4095, 8192, 8193, 8199, 10240, 100_000])
def test_truncation_at_any_size(size):
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size].replace(b"\n", b"x")
    new, sha256 = truncated([data[:5000], data[5000:]])
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert new == (data if size <= 8192 else data[:4096] + b"\n\n...\n\n" + data[-4096:])
    assert truncated([new])[0] == new


def test_hash_line_is_appended_to_text_without_a_last_line_end():
    assert with_hash(b"acc", "ab" * 32, "x") == b"acc\nhash=" + b"ab" * 32 + b"\n"
