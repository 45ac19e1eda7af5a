"""Puts template, style, script and data together under a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from submission_checker.model.report import Report, Verdict
from submission_checker.render.html import todo, view
from submission_checker.render.html.data import page_data
from submission_checker.render.html.texts import counted, shown

HERE = Path(__file__).resolve().parent
SCRIPTS = ("base", "data", "filters", "table", "plots", "results", "findings", "peers", "main")
"""Parts of the script, in the order in which they stand in the page."""


def page(report: Report) -> str:
    """Return the page of a report."""
    style, script = _style(), _script()
    data = page_data(report)
    text: str = _environment().get_template("report.html.j2").render(
        report=report,
        policy=policy(style, script),
        style=style, script=script, data=data,
        word=view.verdict_word(report),
        sentence=view.sentence(report),
        verdicts=view.verdict_counts(report.results),
        findings=view.finding_counts(report),
        steps=todo.steps(report), steps_shown=todo.STEPS_SHOWN,
        submitters=view.submitter_lines(report),
        most=view.PLAIN_ROWS, words=view.WORDS, valid=Verdict.VALID,
        counted=counted,
    )
    return text


def policy(style: str, script: str) -> str:
    """Return the content security policy: this style and this script, and no network at all."""
    return (f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _style() -> str:
    return (HERE / "report.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    """Return the script: its parts in one function, so that they share names with nothing else."""
    parts = [(HERE / "script" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


def _environment() -> Any:
    """Return the template environment: escaping is on, and every text is made fit for the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def fit(value: Any) -> Any:
        return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, finalize=fit,
        trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["trusted"] = Markup
    return environment
