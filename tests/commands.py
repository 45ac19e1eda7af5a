"""The command in a process of its own, forked from one that has loaded the program once.

It has its own streams, folder, environment and exit status, as a start has, at a quarter of the
time. ``tests/cli/test_installed.py`` starts every command as users do; tests of what depends on how
the interpreter starts and ends (streams closed, modules loaded, the script) do so, too.
"""

import atexit
import functools
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 600
"""A command that hangs fails its test."""
DEMO = ROOT / "fixtures" / "demo_submission"


@functools.cache
def _server():
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "tests.commands", str(theirs.fileno())], cwd=ROOT,
        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    theirs.close()
    ours.settimeout(PATIENCE_S)

    def end():
        ours.shutdown(socket.SHUT_RDWR)
        process.wait()

    atexit.register(end)
    return ours.makefile("r"), ours


def command(*arguments, cwd=ROOT, env=None):
    """Run the command as ``subprocess.run`` would, and capture what it says as text.

    ``env`` is added to this environment, of which options of the program are left out.
    """
    answers, server = _server()
    words = [str(word) for word in arguments]
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("SUBMISSION_CHECKER", "_SUBMISSION_CHECKER"))}
    kept |= {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    with (tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error):
        asked = {"arguments": words, "cwd": str(cwd), "environment": {**kept, **(env or {})}}
        socket.send_fds(server, [b"."], [out.fileno(), error.fileno()])
        server.sendall(json.dumps(asked).encode() + b"\n")
        code = int(answers.readline())
        texts = []
        for file in (out, error):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(["submission-checker", *words], code, *texts)


def _asked(server):
    """Return the streams and the words of the next command, or end where nobody asks any more."""
    byte, streams, _, _ = socket.recv_fds(server, 1, 2)
    if not byte:
        sys.exit()
    text = b""
    while not text.endswith(b"\n"):
        text += server.recv(1 << 16)
    return streams, json.loads(text)


def _become(streams, asked):
    """Take on what a start would have been given."""
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["submission-checker", *asked["arguments"]]


def _serve(server):
    """Fork for each command; return in the fork only."""
    while True:
        streams, asked = _asked(server)
        child = os.fork()
        if not child:
            server.close()
            _become(streams, asked)
            return
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        server.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _load():
    """Load every command, and judge once what many commands judge."""
    from importlib import import_module

    from submission_checker.check import check
    from submission_checker.cli.lazy import COMMANDS
    from submission_checker.options import Options

    for module, _ in COMMANDS.values():
        import_module(module)
    check(str(DEMO), options=Options(round="demo", jobs=1))
    gc.freeze()


def _main():
    """Run the program, and end without the work of taking the interpreter down."""
    from submission_checker.cli.main import main

    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    _main()
