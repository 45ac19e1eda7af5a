"""One content is one report: folder, archives, git; and every source lists and reads alike."""

import os
import pickle
import subprocess
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.builder import Tree
from submission_checker.check import Options, check
from submission_checker.render import json_v1
from submission_checker.sources import streams
from submission_checker.sources.base import SourceError, Unreadable
from submission_checker.sources.limits import Meter
from submission_checker.sources.opening import open_source
from tests.conftest import published
from tests.sources.making import archived, committed, git, repository

HAS_ZSTD = find_spec("zstandard") is not None
FORMS = ("tar", "tar.gz", "tar.xz", *(["tar.zst"] if HAS_ZSTD else []), "zip")


def report(path, **options):
    return json_v1.render(check(str(path), options=Options(round="demo", **options)))


@pytest.fixture
def tree(tmp_path):
    """The bundled submission with findings, a link, and a name that is not ASCII."""
    tree = Tree.demo(tmp_path)
    tree.write("closed/DemoOrg/documentation/größe.md", "x\n")
    tree.path("closed/DemoOrg/documentation/link.md").symlink_to("größe.md")
    tree.path("closed/DemoOrg/documentation/out").symlink_to("../../../../etc/passwd")
    tree.write("closed/DemoOrg/code/run.sh", "#!/bin/sh\n").path(
        "closed/DemoOrg/code/run.sh").chmod(0o755)
    return tree


@pytest.fixture
def sources(tree, tmp_path):
    packed = {form: archived(tree.root, tmp_path / f"upload.{form}") for form in FORMS}
    repository(tree.root)
    git(tmp_path, "clone", "-q", "--bare", tree.root, "bare.git")
    return {"folder": str(tree.root), **packed, "git": f"git:{tree.root}@HEAD",
            "bare": f"git:{tmp_path}/bare.git@main"}


def test_same_report_from_every_source(sources):
    reports = {kind: report(path) for kind, path in sources.items()}
    assert {kind for kind, text in reports.items() if text != reports["folder"]} == set()
    assert '"rule": "TREE008"' in reports["folder"]


def test_same_report_from_worker_processes(sources):
    reports = {report(sources[kind], jobs=2) for kind in ("folder", "tar.gz", "zip", "git")}
    assert reports == {report(sources["folder"], jobs=1)}


def test_every_source_lists_and_reads_alike(sources):
    folder = open_source(sources["folder"])
    entries = list(folder.walk())
    assert len(entries) > 100
    for kind, path in sources.items():
        source = pickle.loads(pickle.dumps(open_source(path)))
        assert list(source.walk()) == entries, kind
        for entry in entries[::7]:
            if entry.kind.value == "file":
                assert source.read(entry.path) == folder.read(entry.path)
                assert b"".join(source.blocks(entry.path)) == folder.read(entry.path)
        with pytest.raises(Unreadable, match="no such file"):
            source.read("closed/none.txt")


def test_two_files_may_be_read_in_turn(sources):
    paths = [entry.path for entry in open_source(sources["folder"]).walk()
             if entry.size_bytes > 1000][:2]
    assert len(paths) == 2
    for path in sources.values():
        source = open_source(path)
        whole = [source.read(name) for name in paths]
        turns = [source.blocks(name) for name in paths]
        first = [next(turn) for turn in turns]
        assert [one + b"".join(turn) for one, turn in zip(first, turns, strict=True)] == whole


@pytest.mark.parametrize("form", FORMS)
def test_folder_inside_of_an_archive_can_be_named(tree, tmp_path, form):
    path = archived(tree.root, tmp_path / f"deep.{form}", "a/")
    with pytest.raises(SourceError, match=f"did you mean {path}/a"):
        check(path, "demo")
    assert report(f"{path}/a") == report(tree.root)


def test_folder_inside_of_a_revision_can_be_named(tree, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    os.rename(tree.root, outer / "submission")
    repository(outer)
    with pytest.raises(SourceError, match=f"did you mean git:{outer}@HEAD:submission"):
        check(f"git:{outer}@HEAD", "demo")
    assert report(f"git:{outer}@HEAD:submission") == report(outer / "submission")


DEEP = "closed/DemoOrg"


@pytest.mark.parametrize(("inner", "words"), [
    ("", "no submission; did you mean git:OUTER@HEAD:submission?"),
    ("@HEAD:submission/closed", "a division folder; give git:OUTER@HEAD:submission, and choose"),
    (f"@HEAD:submission/{DEEP}", "one submitter; give git:OUTER@HEAD:submission, and choose"),
    ("/submission@HEAD", "but a folder of one; did you mean git:OUTER@HEAD:submission?"),
    ("/submission@HEAD@{0}:closed", "did you mean git:OUTER@HEAD@{0}:submission/closed?"),
    (":submission", "no such folder; did you mean git:OUTER@HEAD:submission?"),
    ("@HEAD:submissoin", "no folder 'submissoin' in this revision"),
])
def test_what_is_proposed_for_a_revision_is_spelled_as_it_must_be(tree, tmp_path, inner, words):
    outer = tmp_path / "outer"
    outer.mkdir()
    os.rename(tree.root, outer / "submission")
    repository(outer)
    with pytest.raises(SourceError) as error:
        check(f"git:{outer}{inner}", "demo")
    assert words.replace("OUTER", str(outer)) in str(error.value)


@pytest.mark.parametrize(("inside", "prefix", "named", "words"), [
    (DEEP, "", "", "the folder of one submitter without the folders above; every path in it must "
                   "begin with division and submitter (closed/<submitter>/results/...)"),
    (DEEP, "DemoOrg/", "", "a division folder without the folders above"),
    (DEEP, "DemoOrg/", "/DemoOrg", "the folder of one submitter without the folders above"),
    ("", "a/", "/a/closed", "a division folder; give ARCHIVE/a, and choose with --division"),
    ("", "a/", f"/a/{DEEP}", "the folder of one submitter; give ARCHIVE/a, and choose"),
    ("", "", "/closd", "no folder 'closd' in the archive"),
])
def test_an_archive_that_begins_too_deep_is_told_what_it_must_hold(
    tree, tmp_path, inside, prefix, named, words,
):
    path = archived(tree.root / inside, tmp_path / "deep.tar.gz", prefix)
    with pytest.raises(SourceError) as error:
        check(f"{path}{named}", "demo")
    assert words.replace("ARCHIVE", str(path)) in str(error.value)


def test_work_tree_does_not_count_only_the_revision(tree):
    first = repository(tree.root)
    tree.delete("closed/DemoOrg/systems")
    assert report(f"git:{tree.root}@HEAD") == report(f"git:{tree.root}@{first}")
    committed(tree.root)
    assert report(f"git:{tree.root}@HEAD") != report(f"git:{tree.root}@HEAD~1")


def test_repository_of_another_owner_is_read(tree, tmp_path):
    repository(tree.root)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "12345:12345", str(tree.root)], check=True)
    assert report(f"git:{tree.root}") == report(tree.root)


BLOCKS = st.lists(st.tuples(st.integers(0, 3 << 20), st.integers(1, 300_000)), min_size=1,
                  max_size=12)


KINDS = st.sampled_from(("gz", "xz", *(["zst"] if HAS_ZSTD else [])))


@settings(max_examples=25)
@given(BLOCKS, KINDS, st.sampled_from((0, 1 << 18, 1 << 30)))
def test_streams_give_the_same_bytes_at_any_offset(reads, kind, keep):
    """Also with few marks and little memory, so that streams begin again."""
    for offset, size in reads:
        assert stream(kind, keep).read_at(offset, size) == DATA[offset:offset + size]


DATA = b"".join(b"%d %d\n" % (n, n * n) for n in range(180_000))
MADE = {}


def zstd(data):
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def stream(kind, keep):
    """Return a stream that is kept between reads."""
    import gzip
    import lzma
    import tempfile

    if (kind, keep) not in MADE:
        pack = {"gz": lambda data: gzip.compress(data[:1 << 20]) + gzip.compress(data[1 << 20:]),
                "xz": lzma.compress, "zst": zstd}[kind]
        with tempfile.NamedTemporaryFile() as file:
            file.write(pack(DATA))
            file.flush()
            handle = streams.Handle(file.name)
        meter = Meter()
        pull = {"xz": streams.xz_pieces, "zst": streams.zstd_pieces}.get(kind)
        MADE[kind, keep] = (streams.GzipStream(handle, meter) if pull is None else
                            streams.KeptStream(lambda: pull(handle), meter, keep))
    return MADE[kind, keep]


@pytest.mark.real
@pytest.mark.parametrize("form", ["tar", "tar.gz", "tar.xz", "zip", "git"])
def test_published_round_is_judged_alike(tmp_path, form):
    root = published("v6.0")
    wanted = json_v1.render(check(str(root), "v6.0"))
    if form == "git":
        git(root.parent, "init", "-q", "--bare", tmp_path / "store.git")
        env = {"GIT_DIR": str(tmp_path / "store.git"), "GIT_WORK_TREE": str(root)}
        git(root, "add", "-Af", ".", **env)
        git(root, "commit", "-q", "-m", "x", **env)
        path = f"git:{tmp_path}/store.git@HEAD"
    else:
        path = archived(root, tmp_path / f"upload.{form}")
    assert json_v1.render(check(path, "v6.0")) == wanted
