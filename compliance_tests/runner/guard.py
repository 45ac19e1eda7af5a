"""Clean up after a runner that was killed: a script of its own, with the standard library only.

It waits on its standard input. ``done`` ends it; an end without that word means that the runner is
gone, and then the process group is ended and the files named on the command line are removed.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_S = 5.0


def end(group: int) -> None:
    """End a process group: asked first, killed after a while."""
    for number, wait in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, 0.0)):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        until = time.monotonic() + wait
        while time.monotonic() < until:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)


def main() -> None:
    """Wait, then clean up where the runner did not."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = []
    for line in sys.stdin:
        word, _, value = line.strip().partition(" ")
        if word == "done":
            return
        if word == "group":
            groups.append(int(value))
    for group in groups:
        end(group)
    for path in sys.argv[1:]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


if __name__ == "__main__":
    main()
