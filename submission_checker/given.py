"""What a check is given, and the tree read as far as the results of all systems need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from submission_checker.beside import Earlier, open_earlier, read_earlier
from submission_checker.engine.selection import FILTERS, did_you_mean
from submission_checker.intake.paths import Mappings, tree_paths
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_system
from submission_checker.intake.rounds import choose_round, no_submission
from submission_checker.model.beside import EarlierTree
from submission_checker.model.changes import Range
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.findings import Subject
from submission_checker.model.submission import SystemDescription
from submission_checker.options import Options
from submission_checker.rounds.types import Round
from submission_checker.sources.base import Source, SourceError
from submission_checker.sources.opening import changes_since, open_source
from submission_checker.tree.build import TreePaths
from submission_checker.tree.select import select_tree
from submission_checker.tree.touched import touched_tree, without

if TYPE_CHECKING:
    from concurrent.futures import Executor

Stage = Callable[[str], None]
"""Called with the name of a part of the work when it is done."""


class Given(NamedTuple):
    """What a check is given: options, the open source and the round to judge it by."""

    options: Options
    source: Source
    table: FileTable
    round: Round
    reason: str
    """Why it is judged by this round."""
    changes: Range | None
    """The changes that alone are judged, None where everything is."""
    earlier: Earlier | None


class Described(NamedTuple):
    """What is judged of a tree, with the descriptions of its systems."""

    given: Given
    reader: Reader
    tree: TreePaths
    table: FileTable
    """The files that are judged."""
    untouched: tuple[str, ...]
    """Folders left out because nothing in them changed."""
    partial: bool
    """Whether results are left out, on request or because nothing in them changed."""
    mappings: Mappings
    systems: Mapping[Subject, SystemDescription]
    before: EarlierTree | None


def open_given(path: str | Source, options: Options, done: Stage) -> Given:
    """Open what a check is given and find out its round.

    Raises:
        SourceError: the path cannot be used at all, or nothing in it changed.
        WrongUse: the options contradict each other or what was opened.
    """
    limited = options.selection.limits_rules or options.selection.limits_results
    if options.gate and limited:
        raise WrongUse("the gate judges by every rule and every result that changed; leave out "
                       "the selection of rules and results, or take another profile")
    source = open_source(path) if isinstance(path, str) else path
    changes = None if options.since is None else changes_since(source, options.since)
    if changes is not None and not changes.changes:
        raise SourceError(source.label, f"nothing changed since {options.since}")
    table = FileTable.build(source.walk())
    done("listing")
    no_submission(table, source)
    choice = choose_round(source, table, options.round)
    done("round")
    if options.previous is None and options.previous_round is not None:
        raise WrongUse("--previous-round names the round of the tree given with --previous")
    earlier = None if options.previous is None else open_earlier(
        options.previous, options.previous_round, choice.round)
    return Given(options, source, table, choice.round, choice.reason, changes, earlier)


def describe(given: Given, executor: Executor | None) -> Described:
    """Find what plays which part in the tree, take what is asked for, and read its systems."""
    reader = Reader(given.source, given.table)
    whole, mappings = tree_paths(reader, given.round)
    wanted = {name: getattr(given.options.selection, name) for name in FILTERS}
    tree, partial = select_tree(whole, wanted, did_you_mean)
    table = given.table
    untouched: tuple[str, ...] = ()
    if given.changes is not None:
        selected = tree
        tree, untouched = touched_tree(selected, (c.path for c in given.changes.changes))
        table, partial = without(given.table, selected, tree), True
    systems = {
        system.subject: load_system(system, reader, given.round)
        for submitter in tree.submitters for system in submitter.systems
    }
    before = None if given.earlier is None else read_earlier(given.earlier, executor)
    return Described(given, reader, tree, table, untouched, partial, mappings, systems, before)
