"""JSON files with limits, oddities and the line of every pointer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from submission_checker.formats.text import decode
from submission_checker.model.documents import JsonFile, Problem
from submission_checker.model.findings import Location

MAX_BYTES = 16 << 20
MAX_DEPTH = 100
MAX_DIGITS = 400
"""Digits of an integer; longer ones are refused before they cost quadratic time."""

TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def read_json(
    data: bytes, path: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> JsonFile:
    """Return a JSON file; ``value`` is None where it does not parse, ``problems`` says why."""
    problems: list[Problem] = []
    if len(data) > max_bytes:
        text = f"{len(data)} bytes of JSON, more than {max_bytes} are not read"
        return JsonFile(path, None, (Problem("size", text, Location(path)),))
    if data.startswith(b"\xef\xbb\xbf"):
        problems.append(Problem("bom", "a UTF-8 byte order mark", Location(path, 1)))
    text, bad = decode(data)
    if bad is not None:
        problems.append(Problem("encoding", bad, Location(path, 1)))
    depth = _depth(text, max_depth)
    if depth > max_depth:
        words = f"nested more than {max_depth} deep"
        return JsonFile(path, None, (*problems, Problem("depth", words, Location(path))))
    seen = _Seen()
    try:
        value = json.loads(
            text, object_pairs_hook=seen.pairs, parse_constant=seen.constant,
            parse_float=seen.floating, parse_int=seen.integer,
        )
    except json.JSONDecodeError as error:
        words = f"{error.msg} (column {error.colno})"
        at = Location(path, error.lineno)
        return JsonFile(path, None, (*problems, Problem("syntax", words, at)))
    lines = PointerLines(text)
    problems += _odd_values(seen, lines, path)
    if not isinstance(value, dict):
        problems.append(Problem("not-an-object", "no JSON object", Location(path, 1)))
    return JsonFile(path, value, tuple(problems), lines)


def _depth(text: str, limit: int) -> int:
    """Return the nesting depth, at most one more than the limit; strings are skipped."""
    depth = deepest = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text):
        char = token[0][0]
        if char in "{[":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > limit:
                return deepest
        elif char in "}]":
            depth -= 1
    return deepest


class _Seen:
    """Collects what is odd while the standard parser reads."""

    def __init__(self) -> None:
        self.duplicates: list[str] = []
        self.not_finite: list[str] = []

    def pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in items:
            if key in out:
                self.duplicates.append(key)
            else:
                out[key] = value
        return out

    def constant(self, text: str) -> None:
        self.not_finite.append(text)

    def floating(self, text: str) -> float | None:
        value = float(text)
        if math.isfinite(value):
            return value
        self.not_finite.append(text)
        return None

    def integer(self, text: str) -> int | None:
        if len(text) <= MAX_DIGITS:
            return int(text)
        self.not_finite.append(text[:20] + "…")
        return None


def _odd_values(seen: _Seen, lines: PointerLines, path: str) -> Iterator[Problem]:
    if not seen.duplicates and not seen.not_finite:
        return
    text_lines = lines.text.split("\n")
    for key in dict.fromkeys(seen.duplicates):
        quoted = json.dumps(key, ensure_ascii=False)
        at = [n for n, line in enumerate(text_lines, start=1) if quoted in line]
        yield Problem("duplicate-key", f"key {quoted} stands more than once; the first counts",
                      Location(path, at[1] if len(at) > 1 else at[0] if at else None))
    for text in dict.fromkeys(seen.not_finite):
        at = [n for n, line in enumerate(text_lines, start=1) if text.rstrip("…") in line]
        yield Problem("not-finite", f"{text} is no finite number",
                      Location(path, at[0] if at else None))


class PointerLines(Mapping[str, int]):
    """JSON pointer -> line, computed when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: dict[str, int] | None = None

    def _all(self) -> dict[str, int]:
        if self._lines is None:
            self._lines = pointer_lines(self.text)
        return self._lines

    def __getitem__(self, pointer: str) -> int:
        return self._all()[pointer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def pointer_lines(text: str) -> dict[str, int]:
    """Return the line of every object key and array item of a JSON text that parses."""
    lines: dict[str, int] = {"": 1}
    stack: list[tuple[str, int | None]] = []
    pending: str | None = None
    pointer, line, at = "", 1, 0
    expect_key = False
    for token in TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        word = token[0]
        if word in "}]":
            if stack:
                stack.pop()
            expect_key = False
        elif word == ",":
            if stack and stack[-1][1] is not None:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
            expect_key = bool(stack) and stack[-1][1] is None
        elif word == ":":
            expect_key = False
        elif expect_key and word[0] == '"':
            pending = json.loads(word, strict=False)
            pointer = f"{stack[-1][0]}/{_escape(pending)}"
            lines.setdefault(pointer, line)
            expect_key = False
        else:
            pointer = _here(stack, pending)
            lines.setdefault(pointer, line)
            pending = None
            if word == "{":
                stack.append((pointer, None))
                expect_key = True
            elif word == "[":
                stack.append((pointer, 0))
    return lines


def _here(stack: list[tuple[str, int | None]], pending: str | None) -> str:
    if not stack:
        return ""
    parent, index = stack[-1]
    return f"{parent}/{index}" if index is not None else f"{parent}/{_escape(pending or '')}"


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
