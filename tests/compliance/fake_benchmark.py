"""A benchmark command that writes prepared logs, well or badly: fake_benchmark.py WAY LOGS OUTDIR.

It stands for somebody else's harness: reads audit.config from its working directory, writes logs.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path


def main():
    way, logs, outdir = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    print("configuration:", Path("audit.config").exists(), flush=True)
    if way == "hangs":
        time.sleep(600)
    if way == "is-killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if way == "crashes":
        print("Traceback (most recent call last):\nValueError: no device", file=sys.stderr,
              flush=True)
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGSEGV)
    if way == "writes-none":
        return 0
    shutil.copytree(logs, outdir, dirs_exist_ok=True)
    for path in outdir.iterdir():
        path.touch()
    if way == "dies-early":
        (outdir / "mlperf_log_summary.txt").write_bytes(b"")
        detail = outdir / "mlperf_log_detail.txt"
        detail.write_bytes(detail.read_bytes()[:8000])
    return 7 if way == "ends-with-7" else 0


if __name__ == "__main__":
    sys.exit(main())
