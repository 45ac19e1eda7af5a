"""Which kind of processor did the work, by the words of system descriptions (``kinds.toml``)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from submission_checker.review.records import Record

FORMAT = re.compile(
    r"(?<![a-z0-9])(?P<kind>mxfp|nvfp|bfloat|float|uint|int|bf|fp)(?P<bits>\d{1,2})(?:_t)?"
    r"(?![0-9])")
IN_WORDS = re.compile(r"signed (\d{1,2})-bit integer")
SHORT = {"bfloat": "bf", "float": "fp", "nvfp": "fp", "mxfp": "mxfp"}


@cache
def _data() -> dict[str, Any]:
    text = Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def kind_of(record: Record) -> str:
    """Return the kind of processor of a system; an accelerator without a name is not known."""
    name = record.fields.get("accelerator_model_name", "").strip().casefold()
    data = _data()
    if record.accelerators == 0 or (name in data["none"] and not record.accelerators):
        return str(data["without"])
    return next((str(kind["name"]) for kind in data["kind"]
                 if any(word in name for word in kind["has"])), str(data["unknown"]))


def numerics(text: str) -> tuple[str, ...]:
    """Return the number formats that a free text names, in short words: ``bf16``, ``int8``."""
    plain = IN_WORDS.sub(r"int\1", text.casefold())
    found = [SHORT.get(m["kind"], m["kind"]) + m["bits"] for m in FORMAT.finditer(plain)]
    return tuple(sorted(set(found)))


def numerics_text(record: Record) -> str:
    """Return the formats of a result's weights, or the submitter's words where they name none."""
    text = record.row.weight_types
    return ", ".join(numerics(text)) or text
