"""Time `check` on a tree and print the ratio to reading the same bytes.

    python -m benchmarks.check TREE ROUND [--rounds N]

Each step is measured as CPU time of a child process (best of N); ratios travel between machines,
seconds do not. The committed figures stand in benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

READ = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), 'rb', buffering=0) as file:
            file.read()
"""


AS_INSTALLED = {key: value for key, value in os.environ.items()
                if key != "PYTHONDONTWRITEBYTECODE"}
"""Byte code is kept, as pip keeps it when it installs; else each start compiles every module."""


def cpu(arguments: list[str], times: int) -> tuple[float, float, float]:
    """Return (best CPU seconds, best wall seconds, peak megabytes) of a command."""
    best = wall = float("inf")
    peak_kb = 0
    for _ in range(times):
        began = time.perf_counter()
        child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, env=AS_INSTALLED)
        _, status, used = os.wait4(child.pid, 0)  # of this child alone, with its own children
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode > 1:
            raise SystemExit(f"{' '.join(arguments)} ended with exit code {child.returncode}")
        wall = min(wall, time.perf_counter() - began)
        best = min(best, used.ru_utime + used.ru_stime)
        peak_kb = max(peak_kb, used.ru_maxrss)
    return best, wall, peak_kb / 1024


def size_of(tree: str) -> tuple[int, float]:
    """Return (files, megabytes) of a tree."""
    sizes = [os.path.getsize(os.path.join(folder, name))
             for folder, _, names in os.walk(tree) for name in names]
    return len(sizes), sum(sizes) / 1e6


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Time check on a tree.")
    parser.add_argument("tree")
    parser.add_argument("round")
    parser.add_argument("--rounds", type=int, default=3, help="best of so many")
    wanted = parser.parse_args()
    tree, round_, times = wanted.tree, wanted.round, wanted.rounds
    program = [sys.executable, "-m", "submission_checker"]
    files, megabytes = size_of(tree)
    bare, _, _ = cpu([sys.executable, "-I", "-c", "pass"], times)
    read, read_wall, _ = cpu([sys.executable, "-I", "-c", READ, tree], times)
    read -= bare
    rows = [("read every file", read, read_wall, 0.0)]
    check = [*program, "check", tree, "--round", round_, "--no-exceptions"]
    for name, arguments in (
        ("check --jobs 1, all rules", [*check, "--jobs", "1"]),
        ("check --jobs auto, all rules", check),
        ("check --jobs 1 --ignore LGEN", [*check, "--jobs", "1", "--ignore", "LGEN"]),
        ("check --jobs auto --ignore LGEN", [*check, "--ignore", "LGEN"]),
        ("--version", [*program, "--version"]),
        ("explain PERF018", [*program, "explain", "PERF018", "--round", round_]),
    ):
        rows.append((name, *cpu(arguments, times)))
    print(f"{files} files, {megabytes:.0f} MB, best of {times}, CPU seconds\n")
    print("| step | CPU s | ratio to reading | wall s | peak MB |\n|---|---|---|---|---|")
    for name, seconds, wall, peak in rows:
        print(f"| {name} | {seconds:.2f} | {seconds / read:.1f} | {wall:.2f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
