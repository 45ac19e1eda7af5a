"""Time `check` on a tree of each round: CPU and wall time per megabyte, and the ratio to reading.

python -m benchmarks.rounds ROUND=TREE [ROUND=TREE ...] [--times N]
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.check import READ, cpu, size_of


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Time check on a tree of each round.")
    parser.add_argument("trees", nargs="+", metavar="ROUND=TREE")
    parser.add_argument("--times", type=int, default=2, help="best of so many")
    wanted = parser.parse_args()
    bare = cpu([sys.executable, "-I", "-c", "pass"], wanted.times)[0]
    print("| round | files | MB | reading, CPU s | check, CPU s | ratio | CPU ms per MB "
          "| wall s | wall ms per MB |\n|---|---|---|---|---|---|---|---|---|")
    for pair in wanted.trees:
        round_, _, tree = pair.partition("=")
        files, megabytes = size_of(tree)
        read = cpu([sys.executable, "-I", "-c", READ, tree], wanted.times)[0] - bare
        program = [sys.executable, "-m", "submission_checker", "check", tree, "--round", round_]
        seconds = cpu([*program, "--jobs", "1"], wanted.times)[0]
        wall = cpu(program, wanted.times)[1]
        print(f"| {round_} | {files} | {megabytes:.0f} | {read:.2f} | {seconds:.1f} | "
              f"{seconds / read:.0f} | {seconds / megabytes * 1000:.0f} | {wall:.1f} | "
              f"{wall / megabytes * 1000:.0f} |")


if __name__ == "__main__":
    main()
