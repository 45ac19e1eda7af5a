"""MEAS014-015, 022-024, 027: texts of a submission, by the words that stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import MeasurementFacts, SubmitterSubject, TreeSubject
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Round
from submission_checker.rules.meas_weights import named_weights
from submission_checker.rules.texts import counted, quote
from submission_checker.rules.values import said, text_of

RULES = "inference_policies inference_rules.adoc"
README_BYTES = 200
"""A shorter README cannot say how to repeat a run."""

COMMAND = re.compile(
    r"\s*(?:```|~~~|\$ |(?:make|python3?|bash|sh|docker|pip3?|git|cmr?|mlcr?) )|\t| {4}"
)
BANDWIDTH = re.compile(r"\bbandwidth\b|\bnics?\b|\bgb(?:ps|it|/s)", re.IGNORECASE)
CHANGED = re.compile(r"\b(?:prun|spars|distill|retrain|fine-?tun)\w*", re.IGNORECASE)
SPECULATIVE = re.compile(
    r"\b(?:speculati(?:ve|on)\w*|eagle(?:-?\d)?|medusa|draft[- ]model|mtp)\b", re.IGNORECASE
)
RESTRICTED = re.compile(r"restricted retraining|retraining rules", re.IGNORECASE)
RETRAINING_NAMES = {
    "seed": re.compile(r"\bseed", re.IGNORECASE),
    "epochs": re.compile(r"\bepoch", re.IGNORECASE),
    "scripts": re.compile(r"\bscript|\.py\b|\.sh\b", re.IGNORECASE),
}
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".pdf", ".drawio")
DISPATCH = re.compile(r"qdl|query_?dispatch", re.IGNORECASE)


def measurement_facts(result: Result, round_: Round) -> MeasurementFacts:
    """Return what rules about a submitter need of the measurements of a result."""
    description, readme = result.measurements.description, result.measurements.readme
    facts = MeasurementFacts()
    if description is not None:
        facts = named_weights(description, result.model, round_)._replace(
            weight_types=text_of(description.get("weight_data_types")))
    if readme is None:
        return facts
    return facts._replace(
        readme=readme.path, readme_bytes=readme.size_bytes,
        readme_has_command=any(COMMAND.match(line) for line in readme.lines),
        readme_names_bandwidth=any(BANDWIDTH.search(line) for line in readme.lines),
    )


@rule(
    id="MEAS014", name="bandwidth-text", title="The network's bandwidth is documented",
    level=Level.WARNING, open_level=OFF, scope=Scope.SUBMITTER,
    why="datacenter systems must be able to take in the queries at the rate that is claimed",
    fix="add documentation/bandwidth.md with network cards, their rate and the data path",
    source=f"{RULES}, LoadGen Operation; policies submission_rules.adoc",
)
def bandwidth_text(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """A document is named after the bandwidth, or a README of the measurements speaks of it."""
    results = [
        result for system in submitter.systems for result in system.results
        if "datacenter" in (system.description.system_type or "")
    ]
    if not results:
        raise Skip("no datacenter results")
    named = any("bandwidth" in path.rpartition("/")[2].casefold() for path in submitter.documents)
    if not named and not any(result.measurements.readme_names_bandwidth for result in results):
        yield Fault(Location(submitter.path), "no text about the network's bandwidth",
                    "documentation/bandwidth.* or a section of a README", absent=True)


@rule(
    id="MEAS015", name="readme-usable", title="The READMEs say how to run",
    level=Level.INFO, scope=Scope.SUBMITTER,
    why="others repeat a result by the commands in its README",
    fix="write down the commands of the run",
    source="policies submission_rules.adoc, inspection",
)
def readme_usable(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """README.md of each result's measurements, if not empty, has a command and some length."""
    texts = [
        result.measurements for system in submitter.systems for result in system.results
        if result.measurements.readme_bytes
    ]
    short = [t for t in texts if not t.readme_has_command or t.readme_bytes <= README_BYTES]
    if short:
        first = short[0]
        lacks = f"{counted(first.readme_bytes, 'byte')} and " + (
            "a command line" if first.readme_has_command else "no command line"
        )
        yield Fault(Location(first.readme or submitter.path),
                    f"{len(short)} of {counted(len(texts), 'README')} say too little; the first "
                    f"has {lacks}", f"more than {README_BYTES} bytes and a command line",
                    evidence=tuple(text.readme or "" for text in short), absent=True)


def texts_of(result: Result, *fields: str) -> Iterator[tuple[str, Callable[[], Location]]]:
    """Yield the texts about a result: fields (default: all), README lines.

    Beside each is what gives its place, as finding it costs more than reading the text.
    """
    description, readme = result.measurements.description, result.measurements.readme
    if description is not None and description.readable:
        for name in fields or description.value:
            yield text_of(description.get(name)), partial(description.at, name)
    if readme is not None:
        for number, line in enumerate(readme.lines, start=1):
            yield line, partial(Location, readme.path, number)


def first_said(
    words: re.Pattern[str], result: Result, *fields: str
) -> tuple[str, Location] | None:
    """Return the first of the words that a text about a result says, and where."""
    for text, at in texts_of(result, *fields):
        if (word := said(words, text)) is not None:
            return word, at()
    return None


@rule(
    id="MEAS022", name="changed-weights", title="Closed texts speak of no changed weights",
    level=Level.INFO, open_level=OFF, scope=Scope.RESULT,
    why="pruning, sparsity, distillation and fine-tuning are not allowed in the closed division",
    fix="say that the reference weights were used, or submit to the open division",
    source=f"{RULES}, Model Equivalence",
)
def changed_weights(result: Result, context: Context) -> Iterator[Fault]:
    """Transformations and README say nothing of pruning, sparsity, distillation, fine-tuning."""
    found = first_said(CHANGED, result, "weight_transformations")
    if found is not None:
        yield Fault(found[1], f"the word {quote(found[0])}", "weights equivalent to the reference")


@rule(
    id="MEAS023", name="speculative-decoding", title="Speculative decoding is where it may be",
    level=Level.INFO, open_level=OFF, scope=Scope.RESULT,
    why="the closed division allows it for some models and scenarios only",
    fix="look up whether the round allows it for this model and scenario",
    source=f"{RULES}, Speculative Decoding",
)
def speculative_decoding(result: Result, context: Context) -> Iterator[Fault]:
    """Description and README say nothing of draft models."""
    found = first_said(SPECULATIVE, result)
    if found is not None:
        yield Fault(found[1], f"the word {quote(found[0])}",
                    "only for the models and scenarios that the rules name")


@rule(
    id="MEAS024", name="network-documents", title="A network submission shows its network",
    level=Level.WARNING, scope=Scope.TREE,
    why="reviewers judge by these what runs on which side of the network",
    fix="add the source of the query dispatch library and a diagram of the system",
    source=f"{RULES}, QDL; SUT over the Network",
)
def network_documents(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Network submitters have files of the query dispatch library and a diagram."""
    for submitter in tree.submitters:
        if submitter.subject.division != "network" or not submitter.has_results:
            continue
        paths = [entry.path[len(submitter.path):] for entry in tree.table.below(submitter.path)]
        at = Location(submitter.path)
        if not any(DISPATCH.search(path) for path in paths):
            yield Fault(at, "no file of a query dispatch library", "its source", subcode="qdl",
                        absent=True, subject=submitter.subject)
        if not any(path.casefold().endswith(PICTURES) for path in paths):
            yield Fault(at, "no diagram of the system", "a picture or pdf", subcode="diagram",
                        absent=True, subject=submitter.subject)


@rule(
    id="MEAS027", name="restricted-retraining", title="Restricted retraining can be repeated",
    level=Level.INFO, scope=Scope.RESULT,
    when=lambda result, context: None if context.division == "open" else "only for open results",
    why="the restricted retraining rules ask for all that is needed to retrain",
    fix="name the seed, the epochs and the scripts in the README",
    source="inference_policies inference_retraining_rules.adoc",
)
def restricted_retraining(result: Result, context: Context) -> Iterator[Fault]:
    """A result that claims the restricted retraining rules names seed, epochs and scripts."""
    claim = first_said(RESTRICTED, result)
    if claim is None:
        raise Skip("no claim of the restricted retraining rules")
    texts = [text for text, _ in texts_of(result)]
    missing = [name for name, words in RETRAINING_NAMES.items()
               if not any(words.search(text) for text in texts)]
    if missing:
        yield Fault(claim[1], f"{quote(claim[0])} without {', '.join(missing)}",
                    ", ".join(RETRAINING_NAMES))
