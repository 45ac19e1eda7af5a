"""LoadGen's configuration files: lines of ``model.Scenario.key = value``.

LoadGen reads a value line as four words (key, ``=``, value and nothing more); ``#`` starts a
comment only as a word of its own. Lines of another form are ignored or refused by LoadGen, so they
are kept as odd lines (mlcommons/inference loadgen/test_settings_internal.cc).
"""

from __future__ import annotations

from functools import lru_cache

from submission_checker.formats.text import read_text
from submission_checker.model.documents import ConfFile, ConfLine

KEPT_TEXTS = 64
KEPT_BYTES = 1 << 16
"""Texts that are kept once read: most results of a submission carry the same mlperf.conf."""


def read_conf(data: bytes, path: str) -> ConfFile:
    """Return the settings of a conf file in order, and the lines that are none."""
    read = _kept if len(data) <= KEPT_BYTES else _settings
    return ConfFile(path, *read(data))


def _settings(data: bytes) -> tuple[tuple[ConfLine, ...], tuple[tuple[int, str], ...]]:
    settings: list[ConfLine] = []
    odd: list[tuple[int, str]] = []
    for number, line in enumerate(read_text(data, "").lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        parts = words[0].split(".")
        model, scenario, key = ".".join(parts[:-2]), parts[-2] if len(parts) > 1 else "", parts[-1]
        if len(words) != 3 or words[1] != "=" or not model or not scenario or not key:
            odd.append((number, line.strip()))
            continue
        settings.append(ConfLine(model, scenario, key, words[2], number))
    return tuple(settings), tuple(odd)


_kept = lru_cache(maxsize=KEPT_TEXTS)(_settings)


def conf_number(text: str) -> float | None:
    """Return a conf value as LoadGen reads it: decimal, 0x or 0 octal integer, or a float."""
    try:
        return int(text, 0) if not text.lstrip("+-").startswith("0") else _zero_first(text)
    except ValueError:
        try:
            value = float(text)
        except ValueError:
            return None
        return value if value == value and abs(value) != float("inf") else None


def _zero_first(text: str) -> int:
    plain = text.lstrip("+-")
    base = 16 if plain[:2].lower() == "0x" else 8 if len(plain) > 1 else 10
    return int(text, base)
