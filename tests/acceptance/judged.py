"""The published submissions, each judged once for all tests that ask for its report."""

import functools
from datetime import date
from pathlib import Path

from submission_checker.check import check
from submission_checker.model.report import Report
from submission_checker.options import Options
from tests.conftest import published

HERE = Path(__file__).parent
TODAY = date(2026, 11, 1)
ARCHIVES = ("v5.1", "v5.1-more", "v4.1", "v4.1-more", "v6.0", "v2.0", "v1.0", "v0.7", "v0.5")


def round_of(archive: str) -> str:
    """Return the round of an archive."""
    return archive.removesuffix("-more")


@functools.cache
def judged(archive: str) -> Report:
    """Return the report of an archive by its round, with the exceptions that were agreed."""
    file = HERE / "exceptions" / f"{round_of(archive)}.toml"
    exceptions = file.read_text() if file.is_file() else None
    options = Options(round=round_of(archive), exceptions=exceptions, today=TODAY)
    return check(str(published(archive)), options=options)
