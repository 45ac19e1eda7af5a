"""No round, model or limit stands in Python code: all of it is round data.

Looked at are string and number literals outside of docstrings.
"""

import ast
import re

from submission_checker.rounds.loader import load_round, round_names
from tests.conftest import ROOT

ROUND_NAME = re.compile(r"\bv[0-9]\.[0-9]\b")
FILES = [file for package in ("submission_checker", "compliance_tests")
         for file in sorted(ROOT.glob(f"{package}/**/*.py"))]
LARGE = 1000
"""Smaller numbers are too common to say what they are."""

OTHER_MEANINGS = {1000, 1024, 2000, 5000, 10_000}
"""Units and sizes of buffers, that are limits of some round by chance."""


def literals(file):
    """Yield (line, value) of constants that are no docstring and no part of an annotation."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)}
    sources = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.keyword)
               and node.arg in ("source", "why", "fix") for inner in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docs | sources:
            yield node.lineno, node.value


def constants():
    return [(f"{file.relative_to(ROOT)}:{line}", value) for file in FILES
            for line, value in literals(file)]


def test_no_round_name():
    assert [(at, value) for at, value in constants()
            if isinstance(value, str) and ROUND_NAME.search(value)] == []


def test_no_model_name():
    models = {name for r in round_names() for name in load_round(r).models}
    assert len(models) > 30
    assert [(at, value) for at, value in constants()
            if isinstance(value, str) and value in models] == []


def test_no_limit():
    limits = set()
    for name in round_names():
        round_ = load_round(name)
        limits |= {round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule}
        limits |= set(round_.durations_ms.values())
        for model in round_.models.values():
            for table in (model.latency_bound_ms, model.min_queries, model.ttft_ms,
                          model.tpot_ms):
                limits |= {value for value in table.values() if value is not None}
            limits |= {n for n in (model.dataset_size, model.performance_sample_count,
                                   model.offline_min_samples) if n}
    limits = {value for value in limits if value >= LARGE} - OTHER_MEANINGS
    assert len(limits) > 50
    assert [(at, value) for at, value in constants()
            if isinstance(value, int) and not isinstance(value, bool) and value in limits] == []
