"""MEAS009-010: the data types of a result."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import Result
from submission_checker.rules.meas import NARROW, NO_WORDS, RULES, description_of
from submission_checker.rules.texts import listed, quote
from submission_checker.rules.values import is_empty, is_placeholder, text_of

FORMATS = re.compile(
    r"(?<![a-z0-9])(?:fp(?:32|16|11)|tf32|bf16|bfloat16|(?:nv|mx|ocp[ -]?)?fp(?:8|6|4)|e[2-5]m[0-3]"
    r"|u?int(?:4|8|16|32|64)|bool|float(?:8|16|32)?|[iu]8|w\d+a\d+|\d{1,2}[- ]bit)", re.IGNORECASE,
)
NAMED = re.compile(r"(?<![a-z0-9])(?:bfloat|bf|tf|fp|u?int)\d{1,2}(?!\d)", re.IGNORECASE)


@rule(
    id="MEAS009", name="numerics-named", title="The data types are named",
    level=Level.WARNING, scope=Scope.RESULT, requires=("MEAS007",),
    why="the published table shows the numerics of a result",
    fix="name the formats, such as fp16 or int8",
    source="MLPerf Inference paper, section IV-A; policies submission_rules.adoc",
)
def numerics_named(result: Result, context: Context) -> Iterator[Fault]:
    """Weight and input data types contain a known format, and no other than the round allows."""
    description = description_of(result)
    for name in ("weight_data_types", "input_data_types"):
        value = description.get(name)
        if not (is_empty(value) or is_placeholder(value) or FORMATS.search(text_of(value))):
            yield Fault(description.at(name), f"{name} {quote(value)}",
                        "a format such as fp32, bf16, fp8 or int8", subcode=name)
    allowed = {text.casefold() for text in context.round.measurements.data_types}
    named = {text.casefold().replace("bf16", "bfloat16")
             for text in NAMED.findall(text_of(description.get("weight_data_types")))}
    if allowed and context.closed and (others := sorted(named - allowed)):
        yield Fault(description.at("weight_data_types"), f"weights in {listed(others)}",
                    f"one of {', '.join(context.round.measurements.data_types)} "
                    f"({context.cite('measurements.weight_data_types')})", subcode="others")


@rule(
    id="MEAS010", name="quantisation-explained", title="Quantised weights are explained",
    level=Level.INFO, open_level=OFF, scope=Scope.RESULT, requires=("MEAS007",),
    why="narrower weights than the reference come from a transformation",
    fix="say in weight_transformations how the weights were made",
    source=f"{RULES}, Weight Definition and Quantization",
)
def quantisation_explained(result: Result, context: Context) -> Iterator[Fault]:
    """Narrow weight types come with a description of how they were made."""
    description = description_of(result)
    kinds = text_of(description.get("weight_data_types"))
    made = text_of(description.get("weight_transformations")).casefold()
    if NARROW.search(kinds) and made in NO_WORDS:
        yield Fault(description.at("weight_transformations"),
                    f"weight_transformations {quote(made)} with weights in {quote(kinds)}",
                    "how the weights were made")
