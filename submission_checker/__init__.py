"""submission_checker judges MLPerf Inference submissions by the rules of their own round.

The stable names of the library are loaded when they are first asked for.
"""

TYPE_CHECKING = False
"""As in ``typing``, which would be the only import of ``--version``."""

if TYPE_CHECKING:
    from submission_checker.check import check
    from submission_checker.engine.selection import Selection
    from submission_checker.model.errors import WrongUse
    from submission_checker.model.findings import Finding, Level, Location, Subject, Suppression
    from submission_checker.model.report import (
        AccuracyValue,
        AppliedException,
        LatencyPoint,
        NotJudged,
        PublishedNumber,
        Report,
        ResultRow,
        RuleCount,
        Step,
        Verdict,
    )
    from submission_checker.options import Options
    from submission_checker.rounds.loader import UnknownRound
    from submission_checker.sources.base import SourceError

__version__ = "0.1.0"

__all__ = [
    "AccuracyValue", "AppliedException", "Finding", "LatencyPoint", "Level", "Location",
    "NotJudged", "Options", "PublishedNumber", "Report", "ResultRow", "RuleCount", "Selection",
    "SourceError", "Step", "Subject", "Suppression", "UnknownRound", "Verdict", "WrongUse",
    "check",
]

_HOMES = {
    "options": ("Options",),
    "engine.selection": ("Selection",),
    "model.errors": ("WrongUse",),
    "model.findings": ("Finding", "Level", "Location", "Subject", "Suppression"),
    "model.report": (
        "AccuracyValue", "AppliedException", "LatencyPoint", "NotJudged", "PublishedNumber",
        "Report", "ResultRow", "RuleCount", "Step", "Verdict",
    ),
    "rounds.loader": ("UnknownRound",),
    "sources.base": ("SourceError",),
}


if not TYPE_CHECKING:
    def __getattr__(name):
        """Load a stable name; ``check`` is the module of that name, which can be called."""
        from importlib import import_module

        if name == "check":
            return import_module(f"{__name__}.check")
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{home}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
