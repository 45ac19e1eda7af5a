"""Where the published submissions and the reference files lie, if they lie beside the checkout."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.register_profile("ci", deadline=None, derandomize=True)  # a change fails or passes alike
settings.load_profile("ci" if os.environ.get("CI") else "untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts jobs in the background so; children that tests interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@functools.cache
def published(archive: str) -> Path:
    """Return the folder of an archive of published submissions, or skip the test."""
    unpack = SHARED / "submissions" / "unpack.py"
    if not unpack.is_file():
        pytest.skip("the published submissions are not beside the checkout (../shared)")
    out = subprocess.run([sys.executable, str(unpack), archive], check=True, capture_output=True,
                         text=True, env={**os.environ})
    folder = Path(out.stdout.strip())
    return folder / "sample_1" if (folder / "sample_1").is_dir() else folder


@functools.cache
def facts_folder() -> Path:
    """Return the folder of facts, or skip the test."""
    folder = SHARED / "facts"
    if not folder.is_dir():
        pytest.skip("the facts are not beside the checkout (../shared)")
    return folder
