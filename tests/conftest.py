"""Where the published submissions and the reference files lie, if they lie beside the checkout."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Its threads double the CPU time of each start of numpy, and workers share the cores."""

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


FIRST = (
    "tests/acceptance/test_published.py", "tests/compliance/test_matrix.py",
    "tests/cli/test_demo.py", "tests/rules/test_cases.py", "tests/render/test_html_browser.py",
    "tests/cli/test_bad_output.py", "tests/sources/test_hostile.py",
    "tests/compliance/test_audit_run.py", "tests/fixtures/test_harness.py",
)
"""Files that take longest; begun first, none is left over for one worker at the end."""

TOGETHER = ("tests/acceptance/", "tests/review/test_community_log.py")
"""Tests that ask for reports of the same published trees, for one worker."""


def pytest_collection_modifyitems(items):
    """Put the longest files first, and keep the order otherwise."""
    order = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a worker whole files, as their fixtures and reports are made once for each worker."""
    from xdist.scheduler import LoadScopeScheduling

    class Files(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return next((name for name in TOGETHER if nodeid.startswith(TOGETHER)),
                        nodeid.partition("::")[0])

    config.option.loadscopereorder = False
    return Files(config, log)
