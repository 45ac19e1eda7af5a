"""The exceptions file as text: entries added and taken away without touching the others."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from glob import escape
from itertools import pairwise
from typing import Any

from submission_checker.engine.exceptions import HEADER, ROOT
from submission_checker.model.errors import WrongUse

ORDER = ("rule", "subject", "subcode", "fingerprint", "reason", "approved_by", "link", "created",
         "expires", "round")

VALUE = r'"[^"\\\n]*"|\'[^\'\n]*\'|\d{4}-\d\d-\d\d'
"""A fingerprint or a date as people write them."""


def entry_text(values: Mapping[str, str | date]) -> str:
    """Return an entry as TOML; empty values are left out."""
    lines = ["[[exception]]"]
    for key in ORDER:
        value = values.get(key)
        if isinstance(value, date):
            lines.append(f"{key} = {value.isoformat()}")
        elif value:
            lines.append(f"{key} = {toml_text(value)}")
    return "\n".join(lines) + "\n"


def toml_text(text: str) -> str:
    """Return a basic string of TOML; half characters are shown, as TOML cannot hold them."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def added(text: str, entries: Iterable[str]) -> str:
    """Return the text of a file with entries at its end."""
    parts = [text.rstrip("\n")] if text.strip() else []
    return "\n\n".join([*parts, *(entry.rstrip("\n") for entry in entries)]) + "\n"


def without(text: str, numbers: Collection[int], count: int) -> str:
    """Return the text without the entries of these numbers (from 1); comments above go with them.

    ``count`` is how many entries the parsed file has; raises ``WrongUse`` where their places in
    the text cannot be told.
    """
    lines, heads = _lines(text, count)
    starts = [_with_comment(lines, head) for head in heads] + [len(lines)]
    kept = lines[:starts[0]] if heads else lines
    for number, (start, end) in enumerate(pairwise(starts), start=1):
        if number not in numbers:
            kept += lines[start:end]
    return "".join(kept).lstrip("\n")


def changed(text: str, changes: Mapping[int, Mapping[str, str | date]], count: int) -> str:
    """Return the text with new values in entries (number from 1 -> key -> value), no line added.

    Each value stands on a line of its own; raises ``WrongUse`` where it does not.
    """
    lines, heads = _lines(text, count)
    ends = [*heads[1:], len(lines)]
    for number, values in changes.items():
        for key, value in values.items():
            new = value.isoformat() if isinstance(value, date) else toml_text(value)
            form = re.compile(rf"([ \t]*{key}[ \t]*=[ \t]*)(?:{VALUE})")
            found = [(at, match) for at in range(heads[number - 1], ends[number - 1])
                     if (match := form.match(lines[at]))]
            if len(found) != 1:
                raise WrongUse(f"{key} of exception {number} stands on no line of its own; edit "
                               "the file by hand")
            at, match = found[0]
            lines[at] = match[1] + new + lines[at][match.end():]
    return "".join(lines)


def _lines(text: str, count: int) -> tuple[list[str], list[int]]:
    """Return the lines of a file and the numbers of those at which its entries begin."""
    lines = text.splitlines(keepends=True)
    heads = [number for number, line in enumerate(lines) if HEADER.match(line)]
    if len(heads) != count:
        raise WrongUse("the entries cannot be told apart in the text; edit the file by hand")
    return lines, heads


def _with_comment(lines: Sequence[str], head: int) -> int:
    """Return where the comment that touches an entry from above begins."""
    start = head
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def baseline(
    report: Mapping[str, Any], levels: Collection[str], fixed: Collection[str],
    common: Mapping[str, str | date],
) -> tuple[list[str], int]:
    """Return (entries for the open findings of a JSON report, findings that cannot have one).

    One entry for each rule, place and subcode; ``fixed`` are the rules that know no exception,
    ``common`` is what all entries share.
    """
    entries: dict[tuple[str, str, str], str] = {}
    refused = 0
    for finding in report["findings"]:
        if finding["suppressed"] is not None or finding["level"] not in levels:
            continue
        if finding["rule"] in fixed or finding["rule"].startswith("BASE"):
            refused += 1
            continue
        subject = escape(finding["location"]["path"] or ROOT)
        key = (finding["rule"], subject, finding.get("subcode", ""))
        values = dict(zip(("rule", "subject", "subcode"), key, strict=True)) | dict(common)
        entries[key] = entry_text(values)
    return [entries[key] for key in sorted(entries)], refused
