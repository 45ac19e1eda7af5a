"""The table of output formats: a new one is one line here and one module with ``render``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import PurePath
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
    suffixes: tuple[str, ...] = ()
    """Ends of names that files of this format have."""


FORMATS = {
    "text": Format(f"{HERE}.text", "for people in a terminal",
                   suffixes=(".txt", ".log")),
    "json": Format(f"{HERE}.json_v1", "the whole report, for programs",
                   suffixes=(".json",)),
    "csv": Format(f"{HERE}.csv_table", "one row per result",
                  suffixes=(".csv",)),
    "html": Format(f"{HERE}.html", "one page to filter, sort and open, without network",
                   suffixes=(".html", ".htm")),
    "summary-csv": Format(f"{HERE}.summary_csv", "valid results in the community's columns",
                          suffixes=(".csv",)),
    "sarif": Format(f"{HERE}.sarif", "SARIF 2.1.0, everything", named_by_repository=True,
                    suffixes=(".sarif", ".json")),
    "sarif-github": Format(f"{HERE}.sarif", "SARIF for upload to code scanning",
                           "render_for_upload", named_by_repository=True,
                           suffixes=(".sarif", ".json")),
    "junit": Format(f"{HERE}.junit", "JUnit XML, a suite per result", named_by_repository=True,
                    suffixes=(".xml",)),
    "junit-gitlab": Format(f"{HERE}.junit", "the same with file and line of every case",
                           "render_with_places", named_by_repository=True, suffixes=(".xml",)),
    "github": Format(f"{HERE}.github", "annotations of a GitHub workflow",
                     named_by_repository=True),
    "markdown": Format(f"{HERE}.markdown", "a comment for a pull request",
                       suffixes=(".md", ".markdown")),
}
"""Name -> format. The function takes a report and returns the text."""


def formats_of(file: str) -> list[str]:
    """Return the formats that the suffix of a file's name stands for, the plainest first."""
    suffix = PurePath(file).suffix.casefold()
    return [name for name, form in FORMATS.items() if suffix in form.suffixes]


def disagreement(form: str, file: str) -> str:
    """Return what to say where a file's name promises another format than it gets, else ""."""
    promised = formats_of(file)
    if not promised or form in promised or not FORMATS[form].suffixes:
        return ""
    return f"{file} gets {form}, not {promised[0]} as its name says"


def renderer(name: str, base: str = "") -> Callable[[Report], str]:
    """Return the function that writes a format; its module is loaded now.

    ``base`` is the path of the input below the root of its repository.
    """
    form = FORMATS[name]
    function: Callable[..., str] = getattr(import_module(form.module), form.function)
    return partial(function, base=base) if form.named_by_repository else function
