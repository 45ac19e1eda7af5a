"""The page of the rules: one section per rule, with an anchor that other formats link to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from submission_checker.engine.levels import level_in_force
from submission_checker.engine.rule import Rule
from submission_checker.model.exceptions_rules import ENTRY_RULES, FAMILY, UNUSED, EntryRule
from submission_checker.rounds.links import source_url
from submission_checker.rounds.loader import load_round, real_round_names
from submission_checker.rules.registry import all_rules

CASES = Path(__file__).resolve().parents[1] / "tests" / "rules" / "expected"
LONGEST_EXAMPLE = 300
ABOUT_ENTRIES = "the exceptions file"
MARKUP = re.compile(r"[\\`*\[\]<>|]|(?<!\w)_|_(?!\w)")
"""Signs that Markdown takes for markup; an underscore inside a word is none."""
HEAD = """# Rules

One section per rule: what it demands, in which rounds and at which level, why, how to fix a
finding, and where the rule comes from. Examples are findings of the project's own test cases.
`submission-checker explain RULE --round ROUND` shows the same with the limit of a round.

An `error` decides the verdict of a result; a `warning` wants a look; `info` is for the record."""


def rules_page(families: Mapping[str, str], mark: str) -> str:
    """Return docs/rules.md: the families, then every rule in order of its id."""
    rules = all_rules()
    lines = [mark, "", HEAD, ""]
    for family, about in families.items():
        own = [rule for rule in rules if rule.id[:-3] == family]
        if own:
            lines.append(f"- **{family}**, {about}: {_links(own)}")
    lines.append(f"- **{FAMILY}**, {ABOUT_ENTRIES}: {_links(ENTRY_RULES)}")
    family = ""
    for rule in rules:
        if rule.id[:-3] != family:
            family = rule.id[:-3]
            lines += ["", f"## {family}: {families[family]}"]
        lines += ["", *section(rule)]
    lines += ["", f"## {FAMILY}: {ABOUT_ENTRIES}"]
    for entry in ENTRY_RULES:
        lines += ["", *entry_section(entry)]
    return "\n".join(lines) + "\n"


def _links(rules: Sequence[Rule | EntryRule]) -> str:
    return " ".join(f"[{rule.id[-3:]}](#{anchor(rule)})" for rule in rules)


def anchor(rule: Rule | EntryRule) -> str:
    """Return the anchor of a rule's section, such as ``perf019``."""
    return rule.id.lower()


def entry_section(rule: EntryRule) -> Iterator[str]:
    """Yield the lines of the section of a rule about the exceptions file."""
    yield f'### <a id="{anchor(rule)}"></a>{rule.id} {rule.name}'
    yield ""
    yield f"**{plain(rule.title)}.** Required: {plain(rule.required)}."
    yield ""
    strict = ", error with `--strict`" if rule is UNUSED else ""
    yield f"- *wherever an exceptions file applies*: {rule.level.label}{strict}"
    yield f"- *why*: {plain(rule.why)}"
    yield f"- *how to fix*: {plain(rule.fix)}"
    yield "- *source*: [the exceptions file](exceptions.md)"


def section(rule: Rule) -> Iterator[str]:
    """Yield the lines of one rule's section."""
    yield f'### <a id="{anchor(rule)}"></a>{rule.id} {rule.name}'
    yield ""
    yield f"**{plain(rule.title)}.** {plain(' '.join(rule.doc.split()))}"
    yield ""
    for division in ("closed", "open"):
        yield f"- *{division}*: {levels(rule, division)}"
    yield f"- *why*: {plain(rule.why)}"
    yield f"- *how to fix*: {plain(rule.fix)}"
    url = source_url(rule.source, load_round(real_round_names()[-1]))
    link = f" ([newest]({url}))" if url else ""
    yield f"- *source*: {plain(rule.source)}{link}"
    if rule.key:
        yield f"- *limit in the round data*: `{rule.key}`"
    if rule.requires:
        yield "- *needs*: " + ", ".join(f"[{name}](#{name.lower()})" for name in rule.requires)
    if not rule.suppressible:
        yield "- *exceptions*: none; the rule guards the integrity of the logs"
    example = examples().get(rule.id)
    if example is not None:
        yield (f"- *example*: found {code(example['found'])}; "
               f"required {code(example['required'])}")


def levels(rule: Rule, division: str) -> str:
    """Return the levels of a rule with their rounds, such as ``error in v1.0 to v5.1``."""
    spans: list[tuple[str, list[str]]] = []
    for name in real_round_names():
        level = level_in_force(rule, load_round(name), division)
        word = level.label if level is not None else "off"
        if spans and spans[-1][0] == word:
            spans[-1][1].append(name)
        else:
            spans.append((word, [name]))
    if len(spans) == 1:
        return "off in every round" if spans[0][0] == "off" else f"{spans[0][0]} in every round"
    return ", ".join(f"{word} in {_span(names)}" for word, names in spans)


def _span(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


@cache
def examples() -> dict[str, Any]:
    """Return rule -> its first finding among the test cases."""
    found: dict[str, Any] = {}
    for file in sorted(CASES.glob("*.json")):
        for case, findings in json.loads(file.read_text(encoding="utf-8")).items():
            if findings:
                found.setdefault(case.rpartition("-")[0], findings[0])
    return found


def plain(text: str) -> str:
    """Return text in which Markdown sees no markup but the code between double backticks."""
    parts = text.split("``")
    for i in range(0, len(parts), 2):
        parts[i] = MARKUP.sub(r"\\\g<0>", parts[i])
    return "`".join(part.strip() if i % 2 else part for i, part in enumerate(parts))


def code(text: str) -> str:
    """Return text as Markdown code on one line, cut where it is long."""
    text = " ".join(text.split())
    if len(text) > LONGEST_EXAMPLE:
        text = text[:LONGEST_EXAMPLE] + "…"
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if fence == "``" else f"`{text}`"
