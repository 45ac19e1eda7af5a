"""Time `check` on a tree of each round: CPU and wall time per megabyte, and the ratio to reading.

python -m benchmarks.rounds ROUND=TREE [ROUND=TREE ...] [--times N]

Starting (Python, rules, round, numpy) costs the same for any tree. It is measured by itself, and
left out of what a megabyte costs beyond it.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.check import READ, cpu, size_of

START = """
import sys
from submission_checker.cli import check, tuning
tuning.tune()
from submission_checker.check import check
from submission_checker.judging import make_ready
from submission_checker.rounds.loader import load_round
from submission_checker.rules.registry import all_rules
load_round(sys.argv[1])
make_ready(rule.id for rule in all_rules())
"""


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Time check on a tree of each round.")
    parser.add_argument("trees", nargs="+", metavar="ROUND=TREE")
    parser.add_argument("--times", type=int, default=2, help="best of so many")
    wanted = parser.parse_args()
    bare = cpu([sys.executable, "-I", "-c", "pass"], wanted.times)[0]
    print("| round | files | MB | reading, CPU s | check, CPU s | ratio | CPU ms per MB "
          "| wall s | wall ms per MB | starting, s | ms per MB beyond it |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|")
    for pair in wanted.trees:
        round_, _, tree = pair.partition("=")
        files, megabytes = size_of(tree)
        read = cpu([sys.executable, "-I", "-c", READ, tree], wanted.times)[0] - bare
        program = [sys.executable, "-m", "submission_checker", "check", tree, "--round", round_]
        seconds = cpu([*program, "--jobs", "1"], wanted.times)[0]
        wall = cpu(program, wanted.times)[1]
        start = cpu([sys.executable, "-c", START, round_], wanted.times)[1]
        print(f"| {round_} | {files} | {megabytes:.0f} | {read:.2f} | {seconds:.1f} | "
              f"{seconds / read:.0f} | {seconds / megabytes * 1000:.0f} | {wall:.1f} | "
              f"{wall / megabytes * 1000:.0f} | {start:.2f} | "
              f"{(wall - start) / megabytes * 1000:.0f} |")


if __name__ == "__main__":
    main()
