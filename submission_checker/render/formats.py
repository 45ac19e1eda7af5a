"""The table of output formats: a new one is one line here and one module with ``render``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from submission_checker.model.report import Report

HERE = "submission_checker.render"


class Format(NamedTuple):
    """Where a format is written, and for whom."""

    module: str
    about: str
    function: str = "render"


FORMATS = {
    "text": Format(f"{HERE}.text", "for people in a terminal"),
    "json": Format(f"{HERE}.json_v1", "the whole report, for programs"),
    "csv": Format(f"{HERE}.csv_table", "one row per result"),
    "html": Format(f"{HERE}.html", "one page to filter, sort and open, without network"),
}
"""Name -> format. The function takes a report and returns the text."""


def renderer(name: str) -> Callable[[Report], str]:
    """Return the function that writes a format; its module is loaded now."""
    form = FORMATS[name]
    function: Callable[[Report], str] = getattr(import_module(form.module), form.function)
    return function
