"""Text of a submission made safe for terminals, spreadsheets, Markdown, XML and workflows."""

from __future__ import annotations

import re
import unicodedata

XML_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
SPEAKING = re.compile(r"@\w|#\d|://|www\.|\w@")
"""What a host turns into a mention, a reference or a link also without any markup."""


def printable(text: str) -> str:
    """Return text without control characters, invisible marks and broken bytes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if unicodedata.category(char)[0] != "C" else _shown(char) for char in text
    )


def _shown(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def cut(text: str, limit: int) -> str:
    """Return printable text of about ``limit`` characters at most; what is left out is counted."""
    shown = printable(text)
    return shown if len(shown) <= limit else (
        f"{shown[:limit]}... ({len(shown) - limit} more characters)")


def cell(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula."""
    safe = printable(text)
    return f"'{safe}" if safe.startswith(FORMULA_STARTS) and not _is_number(safe) else safe


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def xml(text: str) -> str:
    """Return text for XML 1.0, in elements and in attributes."""
    return printable(text).translate(XML_ENTITIES)


def workflow(text: str) -> str:
    """Return text for the message of a GitHub workflow command."""
    return printable(text).replace("%", "%25")


def workflow_property(text: str) -> str:
    """Return text for a property of a GitHub workflow command."""
    return workflow(text).replace(":", "%3A").replace(",", "%2C")


def without_commands(text: str) -> str:
    """Return printed lines of which a GitHub runner takes none for a workflow command."""
    return re.sub(r"(?m)^(\s*)::", r"\1\\x3a:", text).replace("##[", "##\\x5b")


def code(text: str, *, in_table: bool = False) -> str:
    """Return text as a Markdown code span: no markup, mention or link comes to life in it."""
    safe = printable(text)
    if not safe.strip():
        return ""
    if in_table:
        safe = safe.replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", safe)), default=0) + 1)
    pad = " " if safe.startswith("`") or safe.endswith("`") else ""
    return f"{fence}{pad}{safe}{pad}{fence}"


def prose(text: str) -> str:
    """Return text as Markdown prose; what a host would bring to life becomes a code span."""
    safe = printable(text)
    return code(safe) if SPEAKING.search(safe) else PUNCTUATION.sub(r"\\\1", safe)
