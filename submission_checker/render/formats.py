"""The table of output formats: a new one is one line here and one module with ``render``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import NamedTuple

from submission_checker.model.report import Report

HERE = "submission_checker.render"


class Format(NamedTuple):
    """Where a format is written, and for whom."""

    module: str
    about: str
    function: str = "render"
    named_by_repository: bool = False
    """Whether the function takes ``base``: the path of the input below its repository."""


FORMATS = {
    "text": Format(f"{HERE}.text", "for people in a terminal"),
    "json": Format(f"{HERE}.json_v1", "the whole report, for programs"),
    "csv": Format(f"{HERE}.csv_table", "one row per result"),
    "html": Format(f"{HERE}.html", "one page to filter, sort and open, without network"),
    "summary-csv": Format(f"{HERE}.summary_csv", "valid results in the community's columns"),
    "sarif": Format(f"{HERE}.sarif", "SARIF 2.1.0, everything", named_by_repository=True),
    "sarif-github": Format(f"{HERE}.sarif", "SARIF for upload to code scanning",
                           "render_for_upload", named_by_repository=True),
    "junit": Format(f"{HERE}.junit", "JUnit XML, a suite per result", named_by_repository=True),
    "junit-gitlab": Format(f"{HERE}.junit", "the same with file and line of every case",
                           "render_with_places", named_by_repository=True),
    "github": Format(f"{HERE}.github", "annotations of a GitHub workflow",
                     named_by_repository=True),
    "markdown": Format(f"{HERE}.markdown", "a comment for a pull request"),
}
"""Name -> format. The function takes a report and returns the text."""


def renderer(name: str, base: str = "") -> Callable[[Report], str]:
    """Return the function that writes a format; its module is loaded now.

    ``base`` is the path of the input below the root of its repository.
    """
    form = FORMATS[name]
    function: Callable[..., str] = getattr(import_module(form.module), form.function)
    return partial(function, base=base) if form.named_by_repository else function
