"""The published submissions, held against what the checker of their round printed.

Each row agrees, or stands in ``differences/<round>.csv`` with the finding and its proof.
"""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from submission_checker.model.findings import Level
from submission_checker.render import json_v1
from tests.acceptance.judged import ARCHIVES, judged, round_of
from tests.conftest import SHARED

HERE = Path(__file__).parent


@pytest.mark.real
@pytest.mark.parametrize("archive", ARCHIVES)
def test_rows_agree_or_are_explained(archive, tmp_path, capsys):
    report = judged(archive)
    round_ = round_of(archive)
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
@pytest.mark.parametrize("archive", ARCHIVES)
def test_errors_are_listed_with_reasons(archive):
    report = judged(archive)
    with (HERE / "errors.csv").open(newline="") as file:
        known = {(r["archive"], r["rule"], r["path"]) for r in csv.DictReader(file)}
    have = {
        (archive, f.rule, f.location.path)
        for f in report.findings if f.level is Level.ERROR and f.suppressed is None
    }
    assert have - known == set()
    assert {row for row in known if row[0] == archive} - have == set()
