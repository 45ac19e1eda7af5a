"""MEAS021: the weights that a closed result started from have an official name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import MeasurementFacts, ResultFacts, SubmitterSubject
from submission_checker.rounds.types import Round
from submission_checker.rules.texts import counted, listed, quote
from submission_checker.rules.values import (
    EDITS,
    PLACEHOLDER,
    edits,
    is_nothing,
    plain,
    text_of,
)

FIELD = "starting_weights_filename"
RECORD = re.compile(r"record/(\d{6,9})")
ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}\Z")
FILE_OR_ADDRESS = re.compile(r"://|\w\.[A-Za-z]\w{0,9}\b")
WORD = re.compile(r"[a-z0-9]+")
SHORTEST = 5
"""Letters of a text that is looked for inside of an official name."""

CHARS = 300
"""Longer texts are looked at this far."""


def name_of(official: str) -> str:
    """Return the name in an official address, without endings; of a host its own name."""
    name = official.rpartition("/")[2]
    if not name.isdigit() and "/" in official:
        while (shorter := ENDING.sub("", name)) and shorter != name:
            name = shorter
    return "" if name.isdigit() else plain(name)


def host_of(official: str) -> str:
    """Return the label of an address's host that names who keeps it, an empty text for none."""
    host = official.partition("/")[0]
    parts = host.casefold().split(".")
    return parts[-2] if len(parts) > 1 and " " not in host and parts[-1].isalpha() else ""


def resembles(given: str, official: str) -> bool:
    """Return whether a text names official weights, generously.

    It holds the official name or is a part of it, it holds the number of the record they are kept
    in, or it says in words where they come from, spelled nearly right.
    """
    text = plain(given[:CHARS])
    record = RECORD.search(official)
    if record is not None and record[1] in given:
        return True
    name, short = name_of(official), plain(ENDING.sub("", given[:CHARS].strip()))
    if name and (name in text or (len(short) >= SHORTEST and short in name)):
        return True
    if FILE_OR_ADDRESS.search(given):
        return False
    words = WORD.findall(given[:CHARS].casefold())
    pairs = [one + other for one, other in pairwise(words)]
    host = host_of(official)
    return bool(host) and any(edits(word, host) <= EDITS for word in (*words, *pairs))


def named_weights(
    description: JsonFile, model: str | None, round_: Round
) -> MeasurementFacts:
    """Return what a description names as weights; its place only where that is no official name."""
    given = text_of(description.get(FIELD))
    official = round_.weights.get(model or "", ())
    if not official or is_nothing(given) or PLACEHOLDER.match(given):
        return MeasurementFacts(weights=given)
    odd = not any(resembles(given, name) for name in official)
    return MeasurementFacts(weights=given, weights_judged=True,
                            odd_weights_at=description.at(FIELD) if odd else None)


@rule(
    id="MEAS021", name="official-weights", title="The weights are named as the official ones",
    level=Level.INFO, open_level=OFF, scope=Scope.SUBMITTER,
    why="closed results start from the reference weights; another name leaves open whether these "
        "are the same",
    fix="write the file name or address of the reference weights into starting_weights_filename",
    source="inference_policies inference_rules.adoc, Model", key="weights",
)
def official_weights(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """``starting_weights_filename`` resembles an official name or address of the model's weights.

    Each other name is shown once per model. Models without official names are not judged.
    """
    results = [facts for system in submitter.systems for facts in system.results]
    if not any(facts.measurements.weights_judged for facts in results):
        raise Skip("no result names weights of a model whose official names are known")
    groups: dict[tuple[str, str], list[ResultFacts]] = defaultdict(list)
    for facts in results:
        if facts.measurements.odd_weights_at is not None:
            groups[facts.model or "", facts.measurements.weights].append(facts)
    for (model, given), found in sorted(groups.items()):
        first = min(found, key=lambda facts: facts.path)
        more = f" ({counted(len(found), 'result')})" if len(found) > 1 else ""
        official = context.round.weights[model]
        at = first.measurements.odd_weights_at or Location(first.path)
        yield Fault(at, f"{quote(given)}{more}",
                    f"a name like {listed(official)} ({context.cite(f'weights.{model}')})",
                    subcode=f"{model}:{given[:CHARS]}", subject=first.subject)
