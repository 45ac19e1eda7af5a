"""YAML files of a submission: plain values only, with limits, oddities and the line of every key.

Values are built from the parser's events, so that a tag never makes an object and an alias is
counted with the size of what it stands for before that is built.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from submission_checker.formats.text import decode
from submission_checker.model.documents import JsonFile, Problem
from submission_checker.model.findings import Location

MAX_BYTES = 1 << 20
MAX_DEPTH = 50
MAX_NODES = 100_000
"""Values of a file, each alias counted with all that it stands for."""
MAX_DIGITS = 400

PLAIN = "tag:yaml.org,2002:"
NULLS = ("", "~", "null", "Null", "NULL")
BOOLEANS = {
    word: truth for words, truth in (("yes true on", True), ("no false off", False))
    for plain in words.split() for word in (plain, plain.capitalize(), plain.upper())
}
"""YAML 1.1 reads ``on`` and ``off`` as truth values, as the usual readers do."""
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)\Z")
FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|\.[0-9]+(?:[eE][-+]?[0-9]+)?)\Z"
)
NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)\Z")


class _Refused(Exception):
    """The file goes beyond a limit or is no plain data."""

    def __init__(self, kind: str, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.line = line


def read_yaml(data: bytes, path: str) -> JsonFile:
    """Return a YAML file; ``value`` is None where it is refused, ``problems`` says why.

    Scalars become null, truth values, integers, finite floats or texts; dates stay texts. The
    first of two equal keys counts. More than one document, tags that name objects, merge keys and
    aliases into themselves are refused.
    """
    if len(data) > MAX_BYTES:
        text = f"{len(data)} bytes of YAML, more than {MAX_BYTES} are not read"
        return JsonFile(path, None, (Problem("size", text, Location(path)),))
    text, bad = decode(data)
    builder = _Builder(path)
    if bad is not None:
        builder.problems.append(Problem("encoding", bad, Location(path, 1)))
    try:
        value = builder.document(text)
    except _Refused as refused:
        at = Location(path, refused.line)
        return JsonFile(path, None, (*builder.problems, Problem(refused.kind, refused.text, at)))
    if not isinstance(value, dict):
        builder.problems.append(Problem("not-an-object", "no YAML mapping", Location(path, 1)))
    return JsonFile(path, value, tuple(builder.problems), builder.lines)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; ``key`` is the key whose value comes next."""

    value: dict[str, Any] | list[Any]
    pointer: str
    anchor: str | None
    first_node: int
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    path: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=lambda: {"": 1})
    nodes: int = 0
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """Name -> (value, number of values in it)."""
    unfinished: set[str] = field(default_factory=set)
    stack: list[_Open] = field(default_factory=list)
    root: Any = None

    def document(self, text: str) -> Any:
        """Return the value of the only document."""
        documents = 0
        for event in _events(text):
            name = type(event).__name__
            line = event.start_mark.line + 1
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise _Refused("documents", "more than one YAML document", line)
            elif name == "ScalarEvent":
                self._scalar(event, line)
            elif name == "AliasEvent":
                self._alias(event.anchor, line)
            elif name in ("MappingStartEvent", "SequenceStartEvent"):
                self._start({} if name[0] == "M" else [], event, line)
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                self._end()
        return self.root

    def _count(self, more: int, line: int) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            words = f"more than {MAX_NODES} values, each alias counted with what it stands for"
            raise _Refused("aliases" if self.anchors else "size", words, line)

    def _start(self, value: Any, event: Any, line: int) -> None:
        self._plain_tag(event.tag, ("map",) if isinstance(value, dict) else ("seq",), line)
        if len(self.stack) >= MAX_DEPTH:
            raise _Refused("depth", f"nested more than {MAX_DEPTH} deep", line)
        self._count(1, line)
        pointer = self._put(value, line)
        if event.anchor is not None:
            self.unfinished.add(event.anchor)
        self.stack.append(_Open(value, pointer, event.anchor, self.nodes))

    def _end(self) -> None:
        done = self.stack.pop()
        if done.anchor is not None:
            self.unfinished.discard(done.anchor)
            self.anchors[done.anchor] = (done.value, self.nodes - done.first_node + 1)

    def _alias(self, anchor: str, line: int) -> None:
        if anchor in self.unfinished:
            raise _Refused("aliases", f"alias {anchor} stands inside of what it names", line)
        if anchor not in self.anchors:
            raise _Refused("syntax", f"alias {anchor} names nothing", line)
        value, size = self.anchors[anchor]
        self._count(size, line)
        if self._wants_key():
            self._key(value, line)
        else:
            self._put(value, line)

    def _scalar(self, event: Any, line: int) -> None:
        self._count(1, line)
        if self._wants_key() and event.tag is None and event.implicit[0] and event.value == "<<":
            raise _Refused("merge", "a merge key", line)
        self._plain_tag(event.tag, ("str", "int", "float", "bool", "null", "timestamp"), line)
        plain = event.tag is None and event.implicit[0]
        value = self._resolved(event.value, line) if plain else event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)
        if self._wants_key():
            self._key(value if isinstance(value, str) else event.value, line)
        else:
            self._put(value, line)

    def _plain_tag(self, tag: str | None, allowed: tuple[str, ...], line: int) -> None:
        if tag is not None and tag != "!" and tag.removeprefix(PLAIN) not in allowed:
            raise _Refused("tag", f"tag {tag[:60]}, which names no plain value", line)

    def _resolved(self, text: str, line: int) -> Any:
        if text in NULLS:
            return None
        if text in BOOLEANS:
            return BOOLEANS[text]
        if INTEGER.match(text) and len(text) <= MAX_DIGITS:
            return int(text.replace("_", ""))
        if FLOAT.match(text) and len(text) <= MAX_DIGITS:
            value = float(text.replace("_", ""))
            if math.isfinite(value):
                return value
        elif not NOT_FINITE.match(text) and not (INTEGER.match(text) or FLOAT.match(text)):
            return text
        words = f"{text[:20]} is no finite number"
        self.problems.append(Problem("not-finite", words, Location(self.path, line)))
        return None

    def _wants_key(self) -> bool:
        top = self.stack[-1] if self.stack else None
        return top is not None and isinstance(top.value, dict) and top.key is None

    def _key(self, key: Any, line: int) -> None:
        if not isinstance(key, str):
            raise _Refused("key", "a key that is no text", line)
        top = self.stack[-1]
        top.key = key
        pointer = f"{top.pointer}/{_escape(key)}"
        if key in top.value:
            words = f'key "{key[:60]}" stands more than once; the first counts'
            self.problems.append(Problem("duplicate-key", words, Location(self.path, line)))
        else:
            self.lines[pointer] = line

    def _put(self, value: Any, line: int) -> str:
        """Put a value where it belongs and return its pointer."""
        if not self.stack:
            self.root = value
            return ""
        top = self.stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
            pointer = f"{top.pointer}/{len(top.value) - 1}"
            self.lines.setdefault(pointer, line)
            return pointer
        if top.key is None:
            raise _Refused("key", "a key that is no text", line)
        key, top.key = top.key, None
        if key not in top.value:
            top.value[key] = value
        return f"{top.pointer}/{_escape(key)}"


def _events(text: str) -> Iterator[Any]:
    import yaml

    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        words = str(getattr(error, "problem", None) or getattr(error, "reason", "no YAML"))
        raise _Refused("syntax", words, mark.line + 1 if mark is not None else None) from error


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
