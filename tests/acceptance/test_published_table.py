"""The table that was published with a round holds the numbers of its logs (XRES019)."""

import csv
import json

import pytest

from submission_checker.check import Options, check
from submission_checker.engine.selection import Selection
from tests.conftest import SHARED, published

ROUND = "v5.1"


def table():
    """Return the published rows in the form of summary_results.json."""
    with (SHARED / "expected" / f"{ROUND}-published.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found = {"Location": row["location"], "Performance_Result": row["published_result"],
                     "Performance_Units": row["published_unit"]}
            if row["published_power_result"]:
                found |= {"Power_Result": row["published_power_result"],
                          "Power_Units": row["published_power_unit"]}
            yield found


@pytest.mark.real
@pytest.mark.parametrize("archive", ["v5.1", "v5.1-more"])
def test_published_numbers_are_those_of_the_logs(archive):
    tree = published(archive)
    rows = [row for row in table() if (tree / row["Location"]).is_dir()]
    assert len(rows) > 100
    report = check(str(tree), options=Options(
        round=ROUND, published=json.dumps(rows).encode(),
        selection=Selection(select=("XRES019",))))
    count = next(count for count in report.rules if count.id == "XRES019")
    assert [f.found for f in report.findings if f.rule == "XRES019"] == []
    assert (count.passed, count.failed) == (1, 0)
