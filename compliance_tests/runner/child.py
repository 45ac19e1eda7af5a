"""Drive a Python system under test through one LoadGen test: the only job of a fresh process.

    python -m compliance_tests.runner.child JOB.json

One test per process: a second configuration in a process makes LoadGen log errors.
"""

from __future__ import annotations

import json
import queue
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from compliance_tests.runner import overrides
from compliance_tests.runner.protocol import Data, Sut

CONF_TYPE_USER = 1
NO_AUDIT_FILE = "no-audit.config"
"""A name that never exists: LoadGen then looks for no audit.config at all."""

FAILED_SUT, NO_LOADGEN = 3, 4


class BadSut(Exception):
    """The system under test cannot be made; the message says why."""


def make(name: str) -> Sut:
    """Return the SUT of ``module:factory[,module:factory]``; the second is handed to the first.

    Raises:
        BadSut: a module or factory cannot be imported, or making fails.
    """
    try:
        factory, *inner = [_found(part) for part in name.split(",")]
        made: Sut = factory(*inner)
    except BadSut:
        raise
    except Exception as error:
        raise BadSut(f"{name} cannot be made: {type(error).__name__}: {error}") from error
    missing = [part for part in ("benchmark", "total_count", "performance_count", "tokens", "load",
                                 "unload", "issue", "flush") if not hasattr(made, part)]
    if missing:
        raise BadSut(f"{name} lacks {', '.join(missing)} of the adapter protocol")
    return made


def _found(name: str) -> Callable[..., Any]:
    module, colon, attribute = name.partition(":")
    if not colon:
        raise BadSut(f"{name!r} is no module:factory")
    try:
        found: Callable[..., Any] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BadSut(f"{name} cannot be imported: {error}") from error
    return found


class Driver:
    """Connects a SUT with LoadGen; queries are answered on one worker thread.

    An exception that leaves a callback would kill the process and its logs: it is kept, the query
    is completed without data, and the process ends with an error code after the test.
    """

    def __init__(self, sut: Sut, lg: Any) -> None:
        self.sut, self.lg = sut, lg
        self._queue: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, daemon=True)
        self.failed: str | None = None
        self.loads: list[tuple[int, float, float]] = []
        """(samples, seconds, seconds of them without a CPU) of every call of load."""

    def _work(self) -> None:
        while (samples := self._queue.get()) is not None:
            self._answer(samples)

    def _response(self, sample: Any, data: Data, extra: tuple[int, ...]) -> tuple[Any, Any]:
        """Return (what keeps the bytes alive, the response)."""
        kept = np.ascontiguousarray(data) if isinstance(data, np.ndarray) else (
            np.frombuffer(data, np.uint8) if len(data) else np.empty(0, np.uint8))
        return kept, self.lg.QuerySampleResponse(
            sample.id, kept.ctypes.data, kept.nbytes, *extra)

    def _answer(self, samples: list[Any]) -> None:
        done = [False] * len(samples)

        def respond(position: int, data: Data, token_count: int | None = None) -> None:
            done[position] = True
            count = len(data) if token_count is None else token_count
            kept, response = self._response(
                samples[position], data, (count,) if self.sut.tokens else ())
            self.lg.QuerySamplesComplete([response])
            del kept  # has to live until LoadGen has copied it

        def first(position: int, data: Data, token_count: int | None = None) -> None:
            kept, response = self._response(samples[position], data, ())
            self.lg.FirstTokenComplete([response])
            del kept

        self._guarded(lambda: self.sut.issue([s.index for s in samples], respond, first))
        for sample, answered in zip(samples, done, strict=True):
            if not answered:
                self.lg.QuerySamplesComplete([self.lg.QuerySampleResponse(sample.id, 0, 0)])

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            self.failed = self.failed or traceback.format_exc()

    def _load(self, indices: Sequence[int]) -> None:
        began, waited = time.perf_counter(), waited_seconds()
        self._guarded(lambda: self.sut.load(indices))
        self.loads.append((len(indices), time.perf_counter() - began, waited_seconds() - waited))

    def _unload(self, indices: Sequence[int]) -> None:
        self._guarded(lambda: self.sut.unload(indices))

    def run(self, settings: Any, log: Any, audit_file: str) -> None:
        """Run one test."""
        self._worker.start()
        sut = self.lg.ConstructSUT(self._queue.put, lambda: self._guarded(self.sut.flush))
        qsl = self.lg.ConstructQSL(self.sut.total_count, self.sut.performance_count,
                                   self._load, self._unload)
        self.lg.StartTestWithLogSettings(sut, qsl, settings, log, audit_file)
        self._queue.put(None)
        self._worker.join()
        self.lg.DestroyQSL(qsl)
        self.lg.DestroySUT(sut)


def settings_of(job: Mapping[str, Any], sut: Sut, lg: Any) -> Any:
    """Return the test's settings: built-in, then user.conf, then what is set in the process."""
    settings = lg.TestSettings()
    settings.scenario = getattr(lg.TestScenario, job["scenario"])
    if settings.FromConfig(job["conf"], sut.benchmark, job["scenario"], CONF_TYPE_USER) != 0:
        raise BadSut(f"LoadGen cannot read {job['conf']}")
    settings.mode = getattr(lg.TestMode, job["mode"])
    if sut.tokens:
        settings.use_token_latencies = True
    overrides.apply(settings, job["scenario"], job["settings"], lg.TestMode)
    return settings


WAITED = Path("/proc/thread-self/schedstat")
"""Time on a CPU, time ready but without one (both in ns), and slices of this thread (Linux)."""


def waited_seconds() -> float:
    """Return how long this thread was ready to run but had no CPU; 0 where the system is silent."""
    try:
        return int(WAITED.read_bytes().split()[1]) / 1e9
    except OSError:
        return 0.0


def cpu_seconds() -> float:
    """Return the CPU time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def drive(job: Mapping[str, Any]) -> int:
    """Run the job; return the process's exit code."""
    try:
        import mlperf_loadgen as lg
    except ImportError as error:
        print(f"LoadGen cannot be imported: {error}", file=sys.stderr)
        return NO_LOADGEN
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Python exception in a callback would crash
    sys.path[:0] = job["path"]
    try:
        driver = Driver(make(job["sut"]), lg)
        settings = settings_of(job, driver.sut, lg)
    except (BadSut, overrides.UnknownSetting) as error:
        print(error, file=sys.stderr)
        return FAILED_SUT
    log = lg.LogSettings()
    log.enable_trace = False
    log.log_output.outdir = job["outdir"]
    log.log_output.copy_summary_to_stdout = False
    before, began = cpu_seconds(), time.perf_counter()
    driver.run(settings, log, job["audit_file"])
    Path(job["told"]).write_text(json.dumps({
        "cpu_s": cpu_seconds() - before, "wall_s": time.perf_counter() - began,
        "loads": driver.loads, "failed": driver.failed,
    }) + "\n", encoding="utf-8")
    (Path(job["outdir"]) / "mlperf_log_trace.json").unlink(missing_ok=True)
    if driver.failed is not None:
        print(driver.failed, file=sys.stderr)
        return FAILED_SUT
    return 0


if __name__ == "__main__":
    sys.exit(drive(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
