"""Archives that lie, lead elsewhere, explode or end early: a finding or a clear error each.

One test per line of the contract (design.md section 8) that concerns archives; the rest is in
test_git.py, tests/test_hostile_tree.py and beside the readers of logs and formats.
"""

import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.builder import Tree
from submission_checker.check import check
from submission_checker.model.files import Entry, FileTable, Kind
from submission_checker.sources import limits, tar_headers
from submission_checker.sources.archive import _opened
from submission_checker.sources.base import SourceError, SourceProblem, Unreadable
from submission_checker.sources.listing import Listing
from submission_checker.sources.opening import open_source
from submission_checker.sources.streams import Damaged
from tests.commands import command
from tests.conftest import ROOT
from tests.sources.making import archived, tar_of

GOOD = ("closed/DemoOrg/systems/demo-host.json", b"{}")


def table_of(path):
    return FileTable.build(open_source(str(path)).walk())


def refusals(path):
    """Return the reasons of INPUT findings of an archive."""
    report = check(str(path), "demo")
    assert not report.crashed
    return [f.found for f in report.findings if f.rule.startswith("INPUT")]


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


@pytest.mark.parametrize(("name", "words"), [
    ("../evil.txt", "'..' in its name"), ("closed/../../evil.txt", "'..' in its name"),
    ("/etc/cron.d/evil", "an absolute name"), ("closed/" + "x" * 5000, "a name of 5007 bytes"),
])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name, words):
    path = tar_of(tmp_path / "x.tar", GOOD, (name, b"evil"))
    assert [words in text for text in refusals(path)] == [True]
    assert not any(".." in known or known.startswith("/") for known in table_of(path).entries)


def test_names_in_a_zip_are_refused_alike(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as out:
        for name, data in (GOOD, ("../evil.txt", b""), ("/abs.txt", b""), ("a\\..\\b", b"")):
            out.writestr(name, data)
    found = refusals(tmp_path / "x.zip")
    assert sorted(text.partition(": ")[2] for text in found) == [
        "'..' in its name", "an absolute name"]


@pytest.mark.parametrize(("target", "escapes", "resolved"), [
    ("/etc/passwd", True, None), ("../../../../etc/passwd", True, None),
    ("absent", False, None), ("demo-host.json", False, GOOD[0]), ("loop", False, None),
    ("out/passwd", True, None),
])
def test_links_are_never_followed_outside(tmp_path, target, escapes, resolved):
    folder = "closed/DemoOrg/systems"
    link = {"type": tarfile.SYMTYPE}
    path = tar_of(tmp_path / "x.tar", GOOD, (f"{folder}/link", {**link, "linkname": target}),
                  (f"{folder}/loop", {**link, "linkname": "loop"}),
                  (f"{folder}/out", {**link, "linkname": "/etc"}))
    entry = table_of(path).entries[f"{folder}/link"]
    assert (entry.kind, entry.escapes, entry.resolved) == (Kind.LINK, escapes, resolved)
    with pytest.raises(Unreadable):
        open_source(path).read(f"{folder}/link")


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "closed/none", "closed/DemoOrg"])
def test_hard_links_lead_only_to_files_of_the_archive(tmp_path, target):
    path = tar_of(tmp_path / "x.tar", GOOD,
                  ("closed/DemoOrg/b", {"type": tarfile.LNKTYPE, "linkname": target}))
    assert any("a hard link to" in text for text in refusals(path))


def test_hard_link_inside_is_the_same_file(tmp_path):
    path = tar_of(tmp_path / "x.tar", GOOD, ("closed/DemoOrg/systems/b.json", {
        "type": tarfile.LNKTYPE, "linkname": GOOD[0]}))
    assert open_source(path).read("closed/DemoOrg/systems/b.json") == b"{}"


@pytest.mark.parametrize(("kind", "words"), [
    (tarfile.CHRTYPE, "a character device"), (tarfile.BLKTYPE, "a block device"),
    (tarfile.FIFOTYPE, "a FIFO"),
])
def test_device_files_are_named_and_never_opened(tmp_path, kind, words):
    path = tar_of(tmp_path / "x.tar", GOOD, ("closed/DemoOrg/dev", {"type": kind}))
    report = check(path, "demo")
    assert [f.found for f in report.findings if f.rule == "TREE017"] == [words]
    with pytest.raises(Unreadable):
        open_source(path).read("closed/DemoOrg/dev")


def test_entries_that_stand_twice_are_named_and_the_last_counts(tmp_path):
    path = tar_of(tmp_path / "x.tar", GOOD, (GOOD[0], b'{"a": 1}'))
    assert any("stands more than once" in text for text in refusals(path))
    assert open_source(path).read(GOOD[0]) == b'{"a": 1}'


def test_file_in_the_place_of_a_folder_is_named(tmp_path):
    path = tar_of(tmp_path / "x.tar", ("closed/DemoOrg/systems", b"x"), GOOD)
    assert any("a folder and something else" in text for text in refusals(path))


def test_names_that_are_not_utf8_are_findings(tmp_path):
    with tarfile.open(tmp_path / "x.tar", "w", format=tarfile.GNU_FORMAT,
                      errors="surrogateescape") as out:
        for name in (GOOD[0], "closed/DemoOrg/caf\udce9.md"):
            out.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    report = check(str(tmp_path / "x.tar"), "demo")
    assert [f.found for f in report.findings if f.rule == "TREE016"] == [
        "name with bytes that are not UTF-8"]


def test_tar_bomb_stops_at_the_limit_on_compression(tmp_path):
    """One gigabyte of blanks in a megabyte: a JSON file that is never made."""
    path = tmp_path / "bomb.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=9) as out:
        add(out, GOOD[0], 2)
        add(out, "closed/DemoOrg/systems/huge.json", 1 << 30)
    (text,) = refusals(path)
    assert "limit on compression" in text


def add(out, name, size):
    info = tarfile.TarInfo(name)
    info.size = size
    out.addfile(info, Blanks(size))


class Blanks(io.RawIOBase):
    """So many blanks."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        size = min(self.left, size if size >= 0 else self.left)
        self.left -= size
        return b" " * size


def test_zip_bomb_is_one_unreadable_entry(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        out.writestr(*GOOD)
        with out.open("closed/DemoOrg/systems/huge.json", "w") as file:
            for _ in range(300):
                file.write(b" " * (1 << 20))
    (text,) = refusals(path)
    assert "limit on compression" in text


def test_zip_whose_entries_share_their_bytes_is_refused(tmp_path):
    """Overlapping files give a bomb without any high ratio."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(GOOD[0], "{}" * 50)
        out.writestr("closed/DemoOrg/systems/b.json", "{}" * 50)
    data = bytearray(path.read_bytes())
    second = data.rfind(b"PK\1\2")
    data[second + 42:second + 46] = struct.pack("<L", 0)
    path.write_bytes(data)
    assert len([t for t in refusals(path) if "shares its bytes" in t]) == 2


def test_entries_names_and_total_size_have_limits(monkeypatch, tmp_path):
    path = tar_of(tmp_path / "x.tar", GOOD, *((f"closed/DemoOrg/{n}", b"x" * n)
                                              for n in range(30)))
    for name, value, words in (("MAX_ENTRIES", 20, "limit on entries"),
                               ("MAX_NAME_BYTES", 300, "limit on names"),
                               ("MAX_TOTAL_BYTES", 100, "limit on total size")):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, value)
            _opened.cache_clear()
            assert words in refusals(path)[0]


def test_archives_inside_are_files_and_never_opened(tmp_path):
    inner = tar_of(tmp_path / "inner.tar.gz", GOOD)
    with open(inner, "rb") as file:
        path = tar_of(tmp_path / "x.tar", GOOD, ("closed/DemoOrg/inner.tar.gz", file.read()))
    assert "closed/DemoOrg/inner.tar.gz" in table_of(path).entries
    assert len(table_of(path).entries) == 5


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="memory is read from /proc")
def test_half_a_million_files_are_read(tmp_path):
    """From an archive of empty files, in bounded memory."""
    path = tmp_path / "many.tar.gz"
    header = bytearray(tarfile.TarInfo("closed/DemoOrg/code/0000/000000.txt").tobuf())
    packer = zlib.compressobj(1, wbits=31)
    packed = []
    for number in range(500_000):
        name = b"closed/DemoOrg/code/%04d/%06d.txt" % (number // 1000, number)
        header[:len(name)] = name
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        packed.append(packer.compress(bytes(header)))
    path.write_bytes(b"".join([*packed, packer.compress(b"\0" * 1024), packer.flush()]))
    code = (
        "import sys; from submission_checker.model.files import FileTable;"
        "from submission_checker.sources.opening import open_source;"
        "t = FileTable.build(open_source(sys.argv[1]).walk());"
        "print(len(t.entries), *(line.split()[1] for line in open('/proc/self/status')"
        " if line.startswith('VmHWM')))"
    )
    out = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True, text=True,
                         capture_output=True).stdout.split()
    assert int(out[0]) == 500_503
    assert int(out[1]) < 500_000, "kilobytes of memory"


def test_file_larger_than_what_is_read_whole_is_a_finding_in_bounded_memory(tree, tmp_path):
    """A system description of 200 MB in an archive is named, not loaded."""
    path = tmp_path / "x.tar.gz"
    tree.delete("closed/DemoOrg/systems/demo-host.json")
    with tarfile.open(path, "w:gz", compresslevel=1) as out:
        for folder in sorted(tree.root.iterdir()):
            out.add(folder, folder.name)
        add(out, "closed/DemoOrg/systems/demo-host.json", 200 << 20)
    tracemalloc.start()
    found = refusals(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ["209715200 bytes, more than the 8388608 read whole"]
    assert peak < 100 << 20


@pytest.mark.parametrize("form", ["tar", "tar.gz", "tar.xz", "tar.zst"])
def test_archive_cut_off_in_the_middle_is_exit_three_and_judged_so_far(tree, tmp_path, form):
    if form == "tar.zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"x.{form}"
    archived(tree.root, path)
    data = path.read_bytes()
    path.write_bytes(data[:len(data) * 9 // 10])
    done = command("check", path, "--round", "demo", "--format", "json")
    assert (done.returncode, done.stderr) == (3, "")
    found = [f["found"] for f in json.loads(done.stdout)["findings"] if f["rule"] == "INPUT002"]
    assert len(found) == 1 and "not read to its end" in found[0] and "cut off" in found[0]


@pytest.mark.parametrize(("data", "words"), [
    (b"", "an empty file"), (b"hello\n" * 200, "neither a folder nor an archive"),
    (b"\x1f\x8b" + b"x" * 600, "damaged"), (b"\xfd7zXZ\0" + b"x" * 600, "damaged"),
    (b"PK\3\4" + b"x" * 600, "its directory at the end is absent"),
])
def test_no_archive_is_a_clear_error(tmp_path, data, words):
    path = tmp_path / "upload"
    path.write_bytes(data)
    done = command("check", path)
    assert done.returncode == 3 and words in done.stderr and "Traceback" not in done.stderr


def encrypted(path, *names):
    """Set the flag of encryption of some entries, in the directory and before the bytes."""
    data = bytearray(path.read_bytes())
    for name in names:
        at = -1
        while (at := data.find(name.encode(), at + 1)) >= 0:
            for back, mark, flag in ((30, b"PK\3\4", 6), (46, b"PK\1\2", 8)):
                if data[at - back:at - back + 4] == mark:
                    data[at - back + flag] |= 1
    path.write_bytes(data)


def test_encrypted_zip_is_said(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(*GOOD)
    encrypted(path, GOOD[0])
    done = command("check", path)
    assert done.returncode == 3 and "encrypted" in done.stderr


def test_one_encrypted_entry_is_a_finding(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(*GOOD)
        out.writestr("closed/DemoOrg/b.md", "x")
    encrypted(path, "closed/DemoOrg/b.md")
    assert refusals(path) == ["is encrypted"]


def test_zip_with_a_damaged_file_is_a_finding(tree, tmp_path):
    path = tmp_path / "x.zip"
    archived(tree.root, path)
    name = b"demo-host.json"
    data = bytearray(path.read_bytes())
    at = data.find(name) + len(name) + 40
    data[at] ^= 0xFF
    path.write_bytes(data)
    assert any("damaged" in text for text in refusals(path))


def test_archive_that_changes_or_vanishes_while_read(tmp_path):
    path = tar_of(tmp_path / "x.tar", GOOD)
    source = open_source(path)
    tar_of(path, GOOD, GOOD)
    with pytest.raises(Unreadable, match="changed while it was read"):
        source.read(GOOD[0])
    (tmp_path / "x.tar").unlink()
    with pytest.raises(Unreadable, match="vanished"):
        source.read(GOOD[0])


def test_zstd_without_a_library_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    path = tmp_path / "x.tar.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + b"\0" * 600)
    with pytest.raises(SourceError, match=r"install mlperf-submission-checker\[zstd\]"):
        open_source(str(path))


def test_fifo_as_path_is_refused_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="neither a folder nor a file"):
        open_source(str(tmp_path / "pipe"))


def small(tmp_path_factory, form):
    folder = tmp_path_factory.mktemp("small")
    for name in ("closed/A/results/x/log.txt", "closed/A/systems/x.json"):
        (folder / "t" / name).parent.mkdir(parents=True)
        (folder / "t" / name).write_bytes(b"hello " * 200)
    (folder / "t" / "closed" / "link").symlink_to("A")
    path = archived(folder / "t", folder / f"x.{form}")
    with open(path, "rb") as file:
        return file.read()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return {form: small(tmp_path_factory, form) for form in ("tar", "tar.gz", "tar.xz", "zip")}


EDITS = st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 255)), max_size=6)


@settings(max_examples=150)
@given(form=st.sampled_from(["tar", "tar.gz", "tar.xz", "zip"]), edits=EDITS,
       cut=st.none() | st.integers(0, 1 << 30))
def test_damaged_archives_raise_nothing_but_problems(whole, tmp_path_factory, form, edits, cut):
    data = bytearray(whole[form])
    for at, value in edits:
        data[at % len(data)] = value
    if cut is not None:
        del data[cut % len(data):]
    path = tmp_path_factory.getbasetemp() / f"damaged.{form}"
    path.write_bytes(data)
    try:
        source = open_source(str(path))
        entries = list(source.walk())
    except SourceProblem:
        return
    for entry in entries:
        if entry.kind is Kind.FILE:
            try:
                source.read(entry.path)
            except Unreadable:
                continue


NAMES = st.text(st.sampled_from("ab/.é"), min_size=1, max_size=300).filter(
    lambda name: name.strip("/.") and ".." not in name and not name.startswith("/"))


@settings(max_examples=100)
@given(st.dictionaries(NAMES, st.binary(max_size=2000), max_size=5),
       st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_headers_are_read_as_tarfile_reads_them(files, form):
    """Long names, extended headers and all three formats."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as out:
        for name, data in files.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.size = len(data)
            try:
                out.addfile(info, io.BytesIO(data))
            except ValueError:
                continue
    data = file.getvalue()

    class Whole:
        def read_at(self, offset, size):
            return data[offset:offset + size]

    with tarfile.open(fileobj=io.BytesIO(data)) as known:
        expected = [(m.name.encode(), m.size, m.offset_data) for m in known.getmembers()]
    found = [(m.name, m.size, m.offset) for m in tar_headers.members(Whole())]
    assert found == expected


@settings(max_examples=200)
@given(st.binary(max_size=1500))
def test_any_bytes_as_tar_are_damage(data):
    class Whole:
        def read_at(self, offset, size):
            return data[offset:offset + size]

    if data[:512].strip(b"\0"):
        with pytest.raises(Damaged):
            list(tar_headers.members(Whole()))


def test_deep_folders_do_not_exhaust_the_stack():
    listing = Listing(limits.Meter())
    listing.add(Entry("a/" * 2000 + "x", Kind.FILE))
    table = FileTable.build(listing.walk())
    assert sum(1 for _ in table.below("a")) == 2000
