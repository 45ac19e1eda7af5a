"""The small records of logs and runs that rules across results work on."""

from __future__ import annotations

from typing import NamedTuple


class LogFacts(NamedTuple):
    """A log that another one of the tree may equal."""

    path: str
    line: int | None
    """Where the log tells when it was made."""
    identity: str
    """What logs of equal bytes share."""
    answers: bool = False
    """Whether it is a log of answers, not of a run."""
    performance: bool = False


class RunFacts(NamedTuple):
    """What identifies a run, and what its log measured. Times are seconds since the epoch."""

    path: str
    """The detail log."""
    line: int | None
    """Line of ``test_datetime`` in it."""
    identity: str | None = None
    """What logs of equal bytes share."""
    date: str | None = None
    """``test_datetime`` as logged."""
    pid: int | None = None
    build: str | None = None
    """Date of LoadGen's build."""
    begin: str | None = None
    """``power_begin`` as logged, with milliseconds."""
    begin_s: float | None = None
    end_s: float | None = None
    latencies_ns: tuple[float, ...] = ()
    """Minimum, maximum, mean and percentiles; empty where the log does not hold them all."""
    mean_latency_ns: float | None = None
    target_qps: float | None = None
    value: float | None = None
    """The number that this run gives for the result."""
    version: str | None = None
    """LoadGen's version and revision."""

    @property
    def birth(self) -> tuple[str, int, str] | None:
        """When and by which process the run was started, None where the log does not say."""
        if self.date is None or self.pid is None or self.build is None:
            return None
        return self.date, self.pid, self.build

    def told_as(self, other: RunFacts) -> bool:
        """Return whether two logs are known to be of one run: equal bytes, or equal birth."""
        same = self.identity is not None and self.identity == other.identity
        return same or (self.birth is not None and self.birth == other.birth)
