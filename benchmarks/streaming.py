"""Whole accuracy logs compared: ``python -m benchmarks.streaming [FOLDER]``.

Two pairs of generated logs: 300 MB of 4-byte answers with an audit log of a tenth, and 1 GB of 12
answers of 42 MB with an audit log of half. Compared are the streaming verification, which looks at
whole payloads, and the steps of the community's script written anew: both logs as JSON, a table of
the accuracy run, the first element of each answer decoded. CPU seconds (start-up of Python and
numpy included) and peak memory of child processes, best of 3.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import Process
from pathlib import Path

import numpy as np

SMALL_ENTRIES, SMALL_EVERY = 4_600_000, 10
LARGE_ENTRIES, LARGE_BYTES = 12, 42_000_000
REPEATS = 3

STREAMING = """
import sys
from pathlib import Path
from compliance_tests.streaming import compare_files
found = compare_files(Path(sys.argv[1]), Path(sys.argv[2]))
print(found.compared, found.differing)
"""
BY_JSON = """
import json, sys
import numpy as np
with open(sys.argv[2]) as file:
    accuracy = json.load(file)
with open(sys.argv[1]) as file:
    audit = json.load(file)
table, repeated, contradictory = {}, 0, 0
for entry in accuracy:
    index, data = entry["qsl_idx"], entry["data"]
    if index in table:
        repeated += 1
        contradictory += data != table[index]
    else:
        table[index] = data
matched = differing = missing = 0
for entry in audit:
    index, data = entry["qsl_idx"], entry["data"]
    if index not in table:
        missing += 1
        continue
    one = np.frombuffer(bytes.fromhex(data), np.int32)
    two = np.frombuffer(bytes.fromhex(table[index]), np.int32)
    if one[0] == two[0]:
        matched += 1
    else:
        differing += 1
print(matched + differing, differing)
"""


def small(path: Path, every: int) -> None:
    """Write entries of 4 bytes, every so many samples, as LoadGen does."""
    with path.open("w", encoding="ascii") as file:
        file.write("[\n")
        rows = range(0, SMALL_ENTRIES, every)
        for row in rows:
            end = "" if row == rows[-1] else ","
            data = (row % 1000).to_bytes(4, "little").hex().upper()
            file.write(f'{{ "seq_id" : {row}, "qsl_idx" : {row}, "data" : "{data}" }}{end}\n')
        file.write("]\n")


def large(path: Path, entries: int) -> None:
    """Write long entries; an entry's payload follows from its sample."""
    with path.open("wb") as file:
        file.write(b"[\n")
        for row in range(entries):
            payload = np.random.default_rng(row).bytes(LARGE_BYTES).hex().upper().encode()
            end = b"" if row == entries - 1 else b","
            file.write(b'{ "seq_id" : %d, "qsl_idx" : %d, "data" : "' % (row, row))
            file.write(payload + b'" }' + end + b"\n")
        file.write(b"]\n")


def generate(folder: Path) -> None:
    """Write all four logs."""
    small(folder / "small.json", 1)
    small(folder / "small_audit.json", SMALL_EVERY)
    large(folder / "large.json", LARGE_ENTRIES)
    large(folder / "large_audit.json", LARGE_ENTRIES // 2)


def measured(code: str, audit: Path, accuracy: Path) -> tuple[float, float, str]:
    """Return (CPU seconds, peak MB, output) of a child process, best CPU time of several."""
    best, peak, said = float("inf"), 0.0, ""
    for _ in range(REPEATS):
        child = subprocess.Popen([sys.executable, "-c", code, str(audit), str(accuracy)],
                                 stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        said = child.stdout.read().strip()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"a measurement failed: {said}")
        best = min(best, used.ru_utime + used.ru_stime)
        peak = max(peak, used.ru_maxrss / 1024)
    return best, peak, said


def main() -> None:
    """Generate, measure, print the table."""
    base = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=base) as name:
        folder = Path(name)
        made = Process(target=generate, args=(folder,))  # its memory would count for children
        made.start()
        made.join()
        print("| logs | way | CPU s | peak MB | factor | compared, differing |\n"
              "|---|---|---|---|---|---|")
        for kind in ("small", "large"):
            audit, accuracy = folder / f"{kind}_audit.json", folder / f"{kind}.json"
            size = f"{kind}: {accuracy.stat().st_size / 1e6:.0f} MB"
            whole = measured(STREAMING, audit, accuracy)
            plain = measured(BY_JSON, audit, accuracy)
            for way, (cpu, peak, said) in (("JSON, first element", plain),
                                           ("streaming, whole payload", whole)):
                print(f"| {size} | {way} | {cpu:.2f} | {peak:.0f} | {plain[0] / cpu:.1f} | "
                      f"{said.replace(' ', ', ')} |")
    print(f"{time.monotonic() - began:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
