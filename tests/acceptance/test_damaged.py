"""Published submissions with files removed, emptied, cut off or filled with bytes.

What is damaged is drawn from a fixed seed. Nothing crashes, no result is lost, and what the
damage touches is found.
"""

import random
import shutil

import pytest

from submission_checker.check import Options, check
from submission_checker.rounds.loader import load_round
from tests.conftest import published

KINDS = ("missing", "empty", "cut", "bytes")
SUBMITTERS = {"v5.1": "v5.1", "v4.1": "v4.1", "v6.0": "v6.0", "v2.0": "v2.0", "v0.7": "v0.7"}
LARGEST = 3_000_000
"""Larger files only make the copies slow."""


def small_part(archive, folder):
    """Copy the submitter with the fewest files that has results, whole."""
    tree = published(archive)
    submitters = [path for division in ("closed", "open") if (tree / division).is_dir()
                  for path in sorted((tree / division).iterdir()) if (path / "results").is_dir()]
    best = min(submitters, key=lambda p: sum(1 for _ in p.rglob("*")))
    shutil.copytree(best, folder / best.relative_to(tree), symlinks=True)
    return folder


def damage(path, kind, random_):
    data = path.read_bytes()
    if kind == "missing":
        path.unlink()
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "cut":
        path.write_bytes(data[:random_.randrange(len(data) + 1)])
    else:
        at = random_.randrange(len(data) + 1)
        path.write_bytes(data[:at] + random_.randbytes(40) + b"\xff\xfe\x00" + data[at:])


@pytest.mark.real
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("archive", SUBMITTERS)
def test_damage_never_crashes_nor_loses_a_result(archive, kind, tmp_path):
    random_ = random.Random(f"{archive} {kind}")
    root = small_part(archive, tmp_path)
    whole = check(str(root), options=Options(round=archive))
    assert whole.results and not whole.crashed
    free = {"code", "compliance"} if (root / "open").is_dir() else {"code"}
    files = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink()
                   and not free.intersection(p.parts) and 0 < p.stat().st_size <= LARGEST)
    for path in random_.sample(files, k=max(5, len(files) // 8)):
        damage(path, kind, random_)
    report = check(str(root), options=Options(round=archive))
    assert not report.crashed
    before = {row.location for row in whole.results}
    named = {row.location for row in report.results} | {
        finding.location.path for finding in report.findings}
    lost = [row for row in before - {row.location for row in report.results}
            if not any(path.startswith(row) or row.startswith(path) for path in named)]
    assert lost == []
    assert {f.fingerprint for f in report.findings} != {f.fingerprint for f in whole.findings}


@pytest.mark.real
@pytest.mark.parametrize("archive", SUBMITTERS)
def test_every_log_of_one_result_damaged_in_turn(archive, tmp_path):
    """Each cut of a result's own files is found; cut runs that count take its validity."""
    root = small_part(archive, tmp_path)
    whole = check(str(root), options=Options(round=archive))
    row = next(r for r in whole.results if r.result is not None)
    paths = sorted((root / row.location / "performance").rglob("mlperf_log_detail.txt"))
    assert paths
    needed = load_round(archive).layout.runs_of(row.scenario or "")
    for number, path in enumerate(paths):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        report = check(str(root), options=Options(round=archive))
        again = next(r for r in report.results if r.location == row.location)
        assert not report.crashed
        assert number >= needed or again.verdict.value != "valid"
        assert {f.fingerprint for f in report.findings} != {f.fingerprint for f in whole.findings}
        path.write_bytes(data)
