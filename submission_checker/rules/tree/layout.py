"""TREE001-006, 021, 035, 036: divisions, submitters and what lies between the levels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase

from submission_checker.engine.context import Context
from submission_checker.engine.exceptions import FILE_NAME as EXCEPTIONS_FILE
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.files import Kind
from submission_checker.model.findings import Level, Location, Subject
from submission_checker.model.subjects import SubmitterSubject, SystemSubject, TreeSubject
from submission_checker.rules.texts import listed, quote, suggestion
from submission_checker.tree.names import near

POLICY = "policies submission_rules.adoc, Directory structure"

VERSION_CONTROL = (".git", ".github", ".gitlab", ".hg", ".svn")
"""Folders at the root that belong to the repository and not to the submission."""

LEVEL_FILES = ("README*", ".gitkeep", "privateid.json", "*.csv", "*.md", "*.html",
               "*_checker_log.txt", "submission_checklist.txt")
"""Files that tools and reviewers leave between the levels of results/.

The submission rules ask for the last two, the output of the round's checker and a form, there.
"""


@rule(
    id="TREE001", name="division-folder", title="Every folder at the root is a division",
    level=Level.ERROR, scope=Scope.TREE,
    why="results in a folder that is no division are not seen by anyone",
    fix="rename the folder to the division it is meant to be, or remove it",
    source=POLICY, key="layout.root_dirs",
)
def division_folder(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Folders at the root are divisions of the round or on its list of ignored entries."""
    layout = context.round.layout
    for name in tree.table.names(""):
        known = name in layout.root_dirs or name in layout.ignored_root_entries
        if known or name in VERSION_CONTROL or not tree.table.is_folder(name):
            continue
        close = near(name, layout.root_dirs)
        level = None if close or _looks_like_division(tree, name) else Level.WARNING
        yield Fault(Location(name), f"folder {quote(name)}",
                    f"one of {', '.join(layout.root_dirs)} ({context.cite('layout.root_dirs')})"
                    f"{suggestion(close)}", level=level)


def _looks_like_division(tree: TreeSubject, name: str) -> bool:
    return any(
        tree.table.is_folder(f"{name}/{submitter}/{role}")
        for submitter in tree.table.names(name)
        for role in ("results", "systems")
    )


@rule(
    id="TREE002", name="root-files", title="Only documents lie beside the divisions",
    level=Level.ERROR, scope=Scope.TREE,
    why="stray files at the root belong to nobody and are published with everything else",
    fix="move the file into the submitter's folder or remove it",
    source="submission checker of the round", key="layout.root_files_allowed",
)
def root_files(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Plain files at the root fit the allowed name patterns; a warning outside of the gate.

    The exceptions file has its place there: the gate reads it from the base revision.
    """
    allowed = context.round.layout.root_files_allowed
    for name in tree.table.names(""):
        entry = tree.table.entries[name]
        if entry.kind is not Kind.FILE or any(
                fnmatchcase(name, p) for p in (*allowed, EXCEPTIONS_FILE)):
            continue
        yield Fault(Location(name), f"file {quote(name)} at the root",
                    f"only {', '.join(allowed)} ({context.cite('layout.root_files_allowed')})",
                    level=None if context.gate else Level.WARNING)


@rule(
    id="TREE003", name="division-files", title="A division holds only folders of submitters",
    level=Level.ERROR, scope=Scope.TREE,
    why="a file directly in a division belongs to no submitter",
    fix="move the file into the submitter's folder or remove it",
    source="submission checker of the round", key="layout.root_dirs",
)
def division_files(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No plain files lie directly in a division folder."""
    for division in tree.divisions:
        for name in tree.table.names(division):
            path = f"{division}/{name}"
            if tree.table.entries[path].kind is Kind.FILE:
                yield Fault(Location(path), f"file {quote(name)} in {division}/",
                            "only folders of submitters", subject=Subject(division))


@rule(
    id="TREE004", name="submitter-has-results", title="The submitter has results",
    level=Level.ERROR, scope=Scope.SUBMITTER,
    why="a submitter's folder without results submits nothing",
    fix="add results/, or remove the submitter's folder from this division",
    source=POLICY, key="layout.templates",
)
def submitter_has_results(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """The folder holds at least one system with a folder of results."""
    if not submitter.has_results:
        inside = [*submitter.folder.folders, *submitter.folder.files]
        close = near("results", submitter.folder.folders)
        yield Fault(Location(submitter.path),
                    f"no results; the folder holds {listed(inside) if inside else 'nothing'}",
                    f"results/<system>/<benchmark>/<scenario>"
                    f"{suggestion(close if close != 'results' else None)}", absent=True)


@rule(
    id="TREE005", name="submitter-folders", title="The submitter's folders are the known ones",
    level=Level.INFO, scope=Scope.SUBMITTER,
    why="other folders are not read by anyone",
    fix="move the content to one of the known folders, or leave it out",
    source=POLICY, key="layout.templates",
)
def submitter_folders(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """Direct sub-folders are those of the round's templates."""
    known = {
        template.split("/")[2]
        for templates in context.round.layout.templates.values()
        for template in templates
        if template.count("/") > 2 and "{" not in template.split("/")[2]
    } | {"documentation", "code", "src"}
    for name in submitter.folder.folders:
        if name not in known and not name.startswith(("calibration", ".")):
            close = near(name, known)
            yield Fault(Location(f"{submitter.path}/{name}"), f"folder {quote(name)}",
                        f"one of {', '.join(sorted(known))}{suggestion(close)}")


@rule(
    id="TREE006", name="stray-files", title="No stray files lie between the levels of results",
    level=Level.WARNING, scope=Scope.TREE,
    why="a file between the levels belongs to no result and is easily a misplaced log",
    fix="move the file to the run it belongs to, or remove it",
    source=POLICY, key="layout.templates",
)
def stray_files(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No plain files lie in results/, in a system's or in a benchmark's folder."""
    for submitter in tree.submitters:
        results = f"{submitter.path}/results"
        folders = [results]
        for depth in range(2):
            folders += [
                f"{folder}/{name}" for folder in folders if folder.count("/") == 2 + depth
                for name in tree.table.names(folder) if tree.table.is_folder(f"{folder}/{name}")
            ]
        for folder in folders:
            for name in tree.table.names(folder):
                path = f"{folder}/{name}"
                if tree.table.entries[path].kind is Kind.FILE and not any(
                    fnmatchcase(name, pattern) for pattern in LEVEL_FILES
                ):
                    yield Fault(Location(path), f"file {quote(name)}", "only folders here",
                                subject=tree.subject_of(path))


@rule(
    id="TREE021", name="model-mapping", title="The model mapping names models of the round",
    level=Level.ERROR, scope=Scope.SUBMITTER,
    why="own benchmark names are judged by the limits of the model they are mapped to",
    fix="write a JSON object: own folder name -> model of the round",
    source="submission checker of the round", key="models",
)
def model_mapping(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """The file is an object of texts, its targets are models, its keys are used."""
    mapping = submitter.mapping
    if mapping is None:
        raise Skip("no model mapping file")
    if not isinstance(mapping.value, dict):
        problem = mapping.problems[0] if mapping.problems else None
        yield Fault(problem.at if problem else mapping.at(),
                    problem.text if problem else "no JSON object",
                    "a JSON object: own name -> model of the round")
        return
    used = {result.subject.benchmark for s in submitter.systems for result in s.results}
    for name, target in mapping.value.items():
        if not isinstance(target, str) or target not in context.round.models:
            close = near(str(target), context.round.models)
            yield Fault(mapping.at(name), f"{quote(name)} maps to {quote(target)}",
                        f"a model of {context.round.name}{suggestion(close)}", subcode=name)
        elif name not in used:
            yield Fault(mapping.at(name), f"{quote(name)} is used by no result",
                        "a benchmark folder of this name", subcode=name, level=Level.INFO)


@rule(
    id="TREE026", name="one-folder-per-result", title="Each result has one folder",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.SYSTEM,
    why="two folders for one result leave open which of them counts",
    fix="keep the folder that counts and remove the other",
    source="own", key="layout.scenario_folder_names",
)
def one_folder_per_result(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """No two scenario folders map to one scenario, no two benchmark folders to one model."""
    scenarios: dict[tuple[str, str], list[str]] = defaultdict(list)
    models: dict[str, dict[str, str]] = defaultdict(dict)
    for result in system.results:
        if result.scenario is not None:
            scenarios[result.subject.benchmark, result.scenario].append(result.path)
        if result.model is not None:
            folder = result.path.rpartition("/")[0]
            models[result.model].setdefault(result.subject.benchmark, folder)
    subject = system.description.subject
    for (benchmark, scenario), paths in scenarios.items():
        if len(paths) > 1:
            for path in paths:
                yield Fault(Location(path), f"{len(paths)} folders for {scenario}: {listed(paths)}",
                            "one folder per scenario", subcode=path.rpartition("/")[2],
                            subject=Subject(subject.division, subject.submitter, subject.system,
                                            benchmark, path.rpartition("/")[2]))
    for model, folders in models.items():
        if len(folders) > 1:
            yield Fault(Location(next(iter(folders.values()))),
                        f"{len(folders)} folders for {model}: {listed(folders)}",
                        "one folder per model",
                        subcode=model, level=None if context.closed else Level.INFO)


@rule(
    id="TREE036", name="submitter-spelling", title="A submitter's name is spelled one way",
    level=Level.WARNING, scope=Scope.TREE,
    why="the published table would show one company as two",
    fix="use one spelling in every division",
    source="own",
)
def submitter_spelling(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No two submitters differ only in case, blanks and punctuation."""
    spellings: dict[str, dict[str, str]] = defaultdict(dict)
    for submitter in tree.submitters:
        name = submitter.subject.submitter
        plain = "".join(char for char in name.casefold() if char not in "-_ .")
        spellings[plain].setdefault(name, submitter.path)
    for names in spellings.values():
        for name, path in list(names.items())[1:]:
            yield Fault(Location(path), f"submitter {quote(name)}",
                        f"the spelling {quote(next(iter(names)))}", subject=tree.subject_of(path))
