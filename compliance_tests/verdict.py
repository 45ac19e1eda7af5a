"""The outcome of a comparison; alone here, so that comparing logs imports little."""

import enum


class Verdict(enum.Enum):
    """Outcome of one comparison; ``UNDECIDED`` where something that it needs is not there."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"
