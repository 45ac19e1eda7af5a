"""Time the HTML report: size, writing it, and opening it in a headless Chromium.

    python -m benchmarks.html TREE ROUND [--times N]

Opening is the time from the navigation to the end of the load event, in which the page's script has
drawn its tables; best of N fresh loads from a file. The committed figures stand in RESULTS.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from submission_checker.check import check
from submission_checker.model.report import Report
from submission_checker.render import html
from tests.render.browser import missing, started

LOADED = ("const t = performance.getEntriesByType('navigation')[0];"
          "return t.loadEventEnd - t.startTime")
MANY = 200_000


def opened_ms(browser: Any, page: Path, times: int) -> float:
    best = float("inf")
    for _ in range(times):
        browser.get("about:blank")
        browser.get(page.as_uri())
        best = min(best, float(browser.execute_script(LOADED)))
    return best


def many(report: Report) -> Report:
    """Return the report with its findings repeated, each with a fingerprint of its own."""
    found = report.findings
    made = (replace(found[n % len(found)], fingerprint=f"{n:016x}") for n in range(MANY))
    return replace(report, findings=tuple(sorted(made, key=lambda f: f.sort_key())))


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Time the HTML report.")
    parser.add_argument("tree")
    parser.add_argument("round")
    parser.add_argument("--times", type=int, default=5, help="best of so many")
    wanted = parser.parse_args()
    if missing():
        raise SystemExit(missing())
    report = check(wanted.tree, wanted.round)
    print("| report | results | findings | MB | written, CPU s | opened, ms |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        for name, one in (("tree", report), ("tree, findings repeated", many(report))):
            html.render(report)
            begin = time.process_time()
            text = html.render(one)
            seconds = time.process_time() - begin
            page = Path(folder) / "report.html"
            page.write_text(text, encoding="utf-8")
            print(f"| {name} | {len(one.results)} | {len(one.findings)} "
                  f"| {len(text.encode()) / 1e6:.2f} | {seconds:.2f} "
                  f"| {opened_ms(browser, page, wanted.times):.0f} |")


if __name__ == "__main__":
    main()
