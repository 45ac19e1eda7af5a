"""The published submissions, held against what the checker of their round printed.

Each row agrees, or stands in ``differences/<round>.csv`` with the finding and its proof.
"""

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from submission_checker.check import Options, check
from submission_checker.model.findings import Level
from submission_checker.render import json_v1
from tests.conftest import SHARED, published

HERE = Path(__file__).parent
TODAY = date(2026, 11, 1)
TREES = [("v5.1", "v5.1"), ("v5.1", "v5.1-more"), ("v4.1", "v4.1"), ("v4.1", "v4.1-more"),
         ("v6.0", "v6.0"), ("v2.0", "v2.0"), ("v1.0", "v1.0"), ("v0.7", "v0.7"), ("v0.5", "v0.5")]


def exceptions_of(round_: str) -> str | None:
    file = HERE / "exceptions" / f"{round_}.toml"
    return file.read_text() if file.is_file() else None


@pytest.mark.real
@pytest.mark.parametrize(("round_", "archive"), TREES)
def test_rows_agree_or_are_explained(round_, archive, tmp_path, capsys):
    tree = published(archive)
    options = Options(round=round_, exceptions=exceptions_of(round_), today=TODAY)
    report = check(str(tree), options=options)
    file = tmp_path / "report.json"
    file.write_text(json_v1.render(report))
    assert not report.crashed
    agree = subprocess.run(
        [sys.executable, str(SHARED / "expected" / "agree.py"), str(file),
         str(SHARED / "expected" / f"{round_}.csv"), "--archive", archive,
         "--differences", str(HERE / "differences" / f"{round_}.csv")],
        capture_output=True, text=True, check=False,
    )
    with capsys.disabled():
        print(f"\n{archive}: {agree.stdout.strip().splitlines()[-1]}")
    assert agree.returncode == 0, agree.stdout


@pytest.mark.real
@pytest.mark.parametrize(("round_", "archive"), TREES)
def test_errors_are_listed_with_reasons(round_, archive):
    tree = published(archive)
    options = Options(round=round_, exceptions=exceptions_of(round_), today=TODAY)
    report = check(str(tree), options=options)
    with (HERE / "errors.csv").open(newline="") as file:
        known = {(r["archive"], r["rule"], r["path"]) for r in csv.DictReader(file)}
    have = {
        (archive, f.rule, f.location.path)
        for f in report.findings if f.level is Level.ERROR and f.suppressed is None
    }
    assert have - known == set()
    assert {row for row in known if row[0] == archive} - have == set()
