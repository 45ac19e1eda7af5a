"""Find names, addresses, mail, keys and serial numbers in the bytes of a text file.

Every search starts at a literal, so that a file without one costs a few passes of ``find``; the
expressions have bounded repetitions and run in linear time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from submission_checker.model.private import PrivateHit

WHOLE_BYTES, END_BYTES = 1 << 20, 256 << 10
"""Texts up to the first size are searched whole, of larger ones this much of both ends."""

LOG_HEAD_BYTES, LOG_TAIL_BYTES = 16 << 10, 4 << 10
"""Detail logs repeat their header in every record; the bulk are lists of sample indices."""

KINDS = 40
"""Different values per file that are kept; a file with more holds a list."""

BACK = 64
"""How far before a mark its beginning is looked for."""

HOMES = (
    (b"/home/", re.compile(rb"/home/[A-Za-z0-9._-]{1,40}")),
    (b"Users", re.compile(rb"(?:/Users/|:\\\\?Users\\\\?)[A-Za-z0-9._-]{1,40}")),
)
NAME = re.compile(rb"[A-Za-z0-9._-]{1,40}\Z")
NOT_PERSONAL = re.compile(
    rb"(?:user|ubuntu|root|mlperf.*|mlcuser|work|runner|ec2-user|centos|admin|docker)\Z",
    re.IGNORECASE,
)
SUFFIX = re.compile(rb"\.(?:local|corp|internal|lan)(?![\w.-])")
LABELS = re.compile(rb"(?:(?<=://)|(?<![\w./$\\-]))[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63})*\Z")
HOSTNAME = re.compile(rb"\bhost_?name\"?[ \t]{0,4}[:=][ \t]{0,4}\"?([A-Za-z0-9][\w.-]{2,60})",
                      re.IGNORECASE)
DOTTED = re.compile(rb"\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])")
"""What follows the first number of an address; looked for first, as its literal begins it."""

ADDRESS = re.compile(
    rb"(?<![\w.-])(?:10\.\d{1,3}|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))"
    rb"\.\d{1,3}\.\d{1,3}"
)
FIRST_DIGITS = 3
VERSION = re.compile(
    rb"(?i:version|firmware|driver|release|cuda|==|~=|>=)|\"[\w.-]{1,60}\": \"\Z"
    rb"|\b[A-Z][\w+-]{0,30} \Z"
)
"""What stands before the number of a version: such a word, a JSON name, a name with a capital."""

NAMED_ADDRESS = re.compile(
    rb"(?<![A-Za-z])(?:ip|addr\w*|host\w*|url|server|node|endpoint)\"", re.IGNORECASE,
)
MAIL = re.compile(rb"@((?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24})(?![\w@.-]*[:(])")
LOCAL = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\Z")
PUBLIC_MAIL = re.compile(rb"example\.|noreply|no-reply|\Agit@|your[._-]?|\.(?:py|sh|png|json)\Z",
                         re.IGNORECASE)
SERIAL = re.compile(
    rb"GPU-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb"|[Ss]erial [Nn]umber[ \t]{0,8}[:=][ \t]{0,8}[A-Z0-9][A-Z0-9-]{4,40}"
)
MAC = re.compile(rb":[0-9a-fA-F]{2}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}:")
WHOLE_MAC = re.compile(rb"(?<![0-9A-Fa-f:])(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![0-9A-Fa-f:])")
NO_MAC = frozenset((b"00:00:00:00:00:00", b"ff:ff:ff:ff:ff:ff"))

SECRETS = tuple(
    (mark, re.compile(pattern)) for mark, pattern in (
        (b"PRIVATE KEY-----", rb"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
        (b"hf_", rb"\bhf_[A-Za-z0-9]{30,60}\b"),
        (b"ghp_", rb"\bghp_[A-Za-z0-9]{36}\b"),
        (b"github_pat_", rb"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
        (b"glpat-", rb"\bglpat-[A-Za-z0-9_-]{20,64}"),
        (b"AKIA", rb"\bAKIA[0-9A-Z]{16}\b"),
        (b"xox", rb"\bxox[abprs]-[0-9A-Za-z-]{20,80}"),
        (b"sk-", rb"(?<![\w-])sk-[A-Za-z0-9_-]{20,200}"),
        (b"eyJ", rb"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,1000}"),
    )
)
NAMED = re.compile(
    rb"\b(?:password|passwd|api_?key)\"?[ \t]{0,4}[:=][ \t]{0,4}[\"']?"
    rb"([A-Za-z0-9!#%^&*+/@._-]{6,80})(?![\w(\[.])", re.IGNORECASE,
)
NAMED_MARKS = (b"assw", b"ASSW", b"api", b"API")
DUMMY = re.compile(
    rb"example|dummy|empty|your|placeholder|changeme|secret|password|passwd|token|none|null|xxx"
    rb"|os\.|env|args\.|self\.|config|test|true|false|optional|required|default",
    re.IGNORECASE,
)
FEW_CHARS = 5
"""A secret with so few different characters is a placeholder."""

Found = Iterator[tuple[str, int, bytes, bool, int]]
"""(kind, byte at which it begins, value, whether the form alone says what it is, times)."""


def personal_paths(data: bytes) -> Found:
    """Yield home folders of persons."""
    for mark, pattern in HOMES:
        if mark in data:
            yield from _first_of_each(data, pattern)


def _first_of_each(data: bytes, pattern: re.Pattern[bytes]) -> Found:
    """Yield each home folder once with its count: every record of a log may name the same."""
    counts = Counter(pattern.findall(data))
    left = {path for path in counts if _is_personal(path)}
    for found in pattern.finditer(data) if left else ():
        if found[0] in left:
            left.remove(found[0])
            yield "path", found.start(), found[0].lstrip(b":"), True, counts[found[0]]
            if not left:
                return


def _is_personal(path: bytes) -> bool:
    name = NAME.search(path)
    return name is not None and NOT_PERSONAL.match(name[0]) is None


def hosts(data: bytes) -> Found:
    """Yield internal host names; those that a URL or image name begins with are of kind url."""
    for found in SUFFIX.finditer(data):
        before = data[max(0, found.start() - BACK) : found.start()]
        name = LABELS.search(before)
        if name is not None:
            at = found.start() - len(name[0])
            kind = "url" if _in_url(data, at, found.end()) else "host"
            yield kind, at, name[0] + found[0], True, 1
    if b"ostname" in data or b"HOSTNAME" in data:
        for found in HOSTNAME.finditer(data):
            if found[1].lower() != b"localhost" and DUMMY.search(found[1]) is None:
                yield "host", found.start(1), found[1], False, 1


def _in_url(data: bytes, start: int, end: int) -> bool:
    return data[max(0, start - 3) : start] == b"://" or (
        re.match(rb"(?::\d{1,5})?/", data[end : end + 8]) is not None
    )


def addresses(data: bytes) -> Found:
    """Yield private addresses; numbers of versions look the same and are left out."""
    for rest in DOTTED.finditer(data):
        found = ADDRESS.search(data, max(0, rest.start() - FIRST_DIGITS), rest.end())
        if found is None:
            continue
        before = data[max(0, found.start() - BACK) : found.start()].rpartition(b"\n")[2]
        if VERSION.search(before) is not None and NAMED_ADDRESS.search(before) is None:
            continue
        if all(int(part) < 256 for part in found[0].split(b".")):
            kind = "url" if _in_url(data, found.start(), found.end()) else "address"
            yield kind, found.start(), found[0], True, 1


def mail(data: bytes) -> Found:
    """Yield e-mail addresses."""
    for found in MAIL.finditer(data) if b"@" in data else ():
        name = LOCAL.search(data, max(0, found.start() - BACK), found.start())
        if name is None or data[max(0, name.start() - 3) : name.start()] == b"://":
            continue
        value = name[0] + found[0]
        if PUBLIC_MAIL.search(value) is None:
            yield "mail", name.start(), value, True, 1


def secrets(data: bytes) -> Found:
    """Yield keys and tokens of a known form, and values that are named as such."""
    for mark, pattern in SECRETS:
        if mark in data:
            for found in pattern.finditer(data):
                if _may_be_secret(found[0]):
                    yield "secret", found.start(), found[0], True, 1
    if any(mark in data for mark in NAMED_MARKS):
        for found in NAMED.finditer(data):
            if DUMMY.search(found[1]) is None and _may_be_secret(found[1]):
                yield "secret", found.start(), found[0], False, 1


def _may_be_secret(value: bytes) -> bool:
    return b"EXAMPLE" not in value and len(set(value)) > FEW_CHARS


def serials(data: bytes) -> Found:
    """Yield serial numbers, identifiers of devices and hardware addresses."""
    if b"GPU-" in data or b"erial " in data:
        for found in SERIAL.finditer(data):
            yield "serial", found.start(), found[0], True, 1
    for mark in MAC.finditer(data):
        whole = WHOLE_MAC.search(data, max(0, mark.start() - 2), mark.end() + 2)
        if whole is not None and whole[0].lower() not in NO_MAC:
            yield "serial", whole.start(), whole[0], True, 1


Search = Callable[[bytes], Found]
TEXT: tuple[Search, ...] = (personal_paths, hosts, addresses, mail, secrets, serials)
CODE: tuple[Search, ...] = (personal_paths, secrets)
"""Code is full of examples of hosts and addresses; names and keys count there as well."""
LOG: tuple[Search, ...] = (personal_paths, hosts, addresses, mail)
"""LoadGen writes names of files and systems, and nothing else of its surroundings."""


def private_hits(
    data: bytes, path: str, searches: tuple[Search, ...] = TEXT
) -> tuple[PrivateHit, ...]:
    """Return what stands in a file, each value once with its first line and its count."""
    log = searches is LOG
    head, tail = (LOG_HEAD_BYTES, LOG_TAIL_BYTES) if log else (END_BYTES, END_BYTES)
    whole = len(data) <= (head + tail if log else WHOLE_BYTES)
    if not whole:
        head = data.rfind(b" ", 0, head) + 1 or head
    parts = ((0, data),) if whole else ((0, data[:head]), (len(data) - tail, data[-tail:]))
    found: dict[tuple[str, bytes], tuple[int, int, bool]] = {}
    for offset, part in parts:
        for search in searches:
            for kind, at, value, known, times in search(part):
                first, count, _ = found.get((kind, value), (offset + at, 0, known))
                if count or len(found) < KINDS:
                    found[kind, value] = first, count + times, known
    if not found:
        return ()
    in_order = sorted(found.items(), key=lambda item: item[1][0])
    return tuple(
        PrivateHit(kind, path, data.count(b"\n", 0, at) + 1, shown(kind, value, known), count,
                   known)
        for (kind, value), (at, count, known) in in_order
    )


SHOWN = 6


def shown(kind: str, value: bytes, known_form: bool = True) -> str:
    """Return a value as text; of a secret the first characters, or its name, and the length."""
    text = value.decode("utf-8", "replace")
    if kind != "secret" or text.startswith("-----"):
        return text
    if not known_form:
        name = re.split("[\"':= \t]", text, maxsplit=1)[0]
        value_text = text[len(name) :].lstrip("\"':= \t")
        return f"{name} … ({len(value_text)} characters)"
    return f"{text[:SHOWN]}… ({len(text)} characters)"
