"""The text of a report for where it goes: a terminal with its width and colours, a pipe, a file."""

from __future__ import annotations

import os
import sys
from typing import Any

from submission_checker.model.findings import LEVEL_BY_NAME
from submission_checker.model.report import Report
from submission_checker.render import text, to_do

WIDEST = 120
"""Wider lines of prose are hard to read; paths are never broken."""


def text_of(report: Report, given: dict[str, Any], *, to_terminal: bool) -> str:
    """Return the report as text, with the things to do where the profile asks for them."""
    style = text.Style(
        width=width() if to_terminal else text.DEFAULT_WIDTH,
        colour=to_terminal and colour(given["colour"]),
        everything=given["show"] == "all",
        level=LEVEL_BY_NAME[given["level"]],
        statistics=given["statistics"],
        path=given["path"],
        exceptions=given["exceptions"],
    )
    return text.render(report, style, tasks_of(report))


def tasks_of(report: Report) -> list[to_do.ToDo]:
    """Return what is still to be done; empty outside of the self-check."""
    if report.profile != to_do.PROFILE:
        return []
    from submission_checker.packing.to_do import to_do_of
    from submission_checker.rounds.loader import load_round

    return to_do_of(report, load_round(report.round))


def width(widest: int = WIDEST) -> int:
    """Return the columns of the terminal; COLUMNS says it where there is none."""
    import shutil

    return min(shutil.get_terminal_size((text.DEFAULT_WIDTH, 24)).columns, widest)


def can_write_over() -> bool:
    """Return whether standard error is a terminal that can write over its last line."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def colour(wanted: bool | None) -> bool:
    """Return whether colours are wanted: option, NO_COLOR, FORCE_COLOR, else a terminal.

    NO_COLOR (no-color.org) wins over FORCE_COLOR (force-color.org); empty values do not count.
    """
    if wanted is not None:
        return wanted
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
