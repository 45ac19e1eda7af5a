"""Small text files as lines, tolerant of line ends, byte order marks and bad bytes."""

from __future__ import annotations

from submission_checker.model.documents import TextFile

MAX_LINES = 100_000
MAX_LINE_CHARS = 65_536


def decode(data: bytes) -> tuple[str, str | None]:
    """Return (text, problem); bytes that are not UTF-8 become replacement characters."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "UTF-16 text"
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "replace"), f"byte {data[error.start]:#04x} is not UTF-8"


def read_text(data: bytes, path: str) -> TextFile:
    """Return the lines of a text; very long lines and very many lines are cut."""
    text, problem = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) > MAX_LINES:
        problem = problem or f"more than {MAX_LINES} lines"
        lines = lines[:MAX_LINES]
    if any(len(line) > MAX_LINE_CHARS for line in lines):
        problem = problem or f"a line of more than {MAX_LINE_CHARS} characters"
        lines = [line[:MAX_LINE_CHARS] for line in lines]
    return TextFile(path, tuple(lines), len(data), problem)
