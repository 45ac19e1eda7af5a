"""TREE007-017, 033: links, sizes and names of every entry."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.model.files import Entry, FileTable, Kind
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import TreeSubject
from submission_checker.rules.texts import count, quote

CHECKER = "submission checker of the round"
PATH_LIMIT, PATH_NOTICE, NAME_LIMIT_BYTES = 255, 220, 255
"""Characters of a path and bytes of a name that common file systems and tools can carry."""

HIDDEN_TOLERATED = frozenset(
    {".gitkeep", ".gitignore", ".gitattributes", ".dockerignore", ".clang-format"}
)
ODD_CHARACTERS = frozenset('<>:"\\|?*')
DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)),
     *(f"lpt{n}" for n in range(1, 10))}
)
RUBBISH_NAMES = frozenset({".DS_Store", "Thumbs.db", "node_modules", "core"})
RUBBISH_ENDINGS = (".swp", "~", ".pem")
RESULT_ROLES = frozenset({"results", "measurements", "compliance"})


def submitted(tree: TreeSubject) -> Iterator[Entry]:
    """Yield every entry inside a division."""
    for path, entry in tree.table.entries.items():
        if path.partition("/")[0] in tree.divisions:
            yield entry


def in_code(path: str) -> bool:
    """Return whether a path lies below a submitter's code."""
    parts = path.split("/")
    return len(parts) > 3 and parts[2] in ("code", "src")


@rule(
    id="TREE007", name="broken-link", title="Every symbolic link leads somewhere",
    level=Level.ERROR, scope=Scope.TREE,
    why="a link without a target is a file that is missing",
    fix="replace the link by the file it should show",
    source=CHECKER,
)
def broken_link(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """A link's target, seen from the link's own folder, exists in the tree."""
    for entry in submitted(tree):
        if entry.kind is Kind.LINK and not entry.escapes and entry.resolved is None:
            yield Fault(Location(entry.path), f"a link to {quote(entry.target)}, which is absent",
                        "a target inside the submission", subject=tree.subject_of(entry.path))


@rule(
    id="TREE008", name="link-out", title="No symbolic link leaves the tree",
    level=Level.ERROR, scope=Scope.TREE,
    why="a link out of the tree shows files of the reader's machine, or nothing",
    fix="replace the link by the file it should show",
    source="own",
)
def link_out(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No link has an absolute target or one outside the root; such links are never followed."""
    for entry in tree.table.entries.values():
        if entry.kind is Kind.LINK and entry.escapes:
            yield Fault(Location(entry.path), f"a link to {quote(entry.target)}",
                        "a target inside the submission", subject=tree.subject_of(entry.path))


@rule(
    id="TREE009", name="link-inside", title="Files are files, not links",
    level=Level.WARNING, scope=Scope.TREE,
    why="links do not survive every archive and file system",
    fix="replace the link by the file it shows",
    source="mlcommons/inference tools/submission/repository_checks.sh",
)
def link_inside(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Any other link is named; required files are read through it."""
    for entry in submitted(tree):
        if entry.kind is Kind.LINK and entry.resolved is not None:
            yield Fault(Location(entry.path), f"a link to {quote(entry.target)}", "a file",
                        subject=tree.subject_of(entry.path))


@rule(
    id="TREE010", name="file-size", title="No file is too large for the repository",
    level=Level.ERROR, scope=Scope.TREE,
    why="large files cannot be pushed to the results repository",
    fix="truncate accuracy logs with `submission-checker pack`, remove other large files",
    source=CHECKER, key="layout.file_size_limit_bytes",
)
def file_size(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No file is larger than the round's limit."""
    key = "layout.file_size_limit_bytes"
    limit = context.limit(context.round.layout.file_size_limit_bytes, key)
    for entry in submitted(tree):
        if entry.kind is Kind.FILE and entry.size_bytes > limit:
            yield Fault(Location(entry.path), f"{count(entry.size_bytes)} bytes",
                        f"at most {count(limit)} bytes ({context.cite(key)})",
                        subject=tree.subject_of(entry.path))


@rule(
    id="TREE011", name="hidden-names", title="No name is hidden",
    level=Level.ERROR, scope=Scope.TREE,
    why="hidden files are leftovers of tools and easily overlooked",
    fix="remove the file or folder",
    source=CHECKER,
)
def hidden_names(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No name below a submitter starts with a dot; files of version control are warnings."""
    for entry in submitted(tree):
        if entry.name.startswith(".") and entry.name != ".DS_Store":
            mild = entry.name in HIDDEN_TOLERATED or in_code(entry.path)
            yield Fault(Location(entry.path), f"hidden name {quote(entry.name)}",
                        "names that do not start with a dot", subject=tree.subject_of(entry.path),
                        level=Level.WARNING if mild else None)


@rule(
    id="TREE012", name="blank-names", title="No name has a blank",
    level=Level.ERROR, scope=Scope.TREE,
    why="scripts of reviewers and of the repository break on blanks in names",
    fix="replace blanks by underscores",
    source=CHECKER,
)
def blank_names(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No name below a submitter has a blank; under code it is a warning."""
    for entry in submitted(tree):
        if " " in entry.name:
            yield Fault(Location(entry.path), f"name {quote(entry.name)}", "no blank in names",
                        subject=tree.subject_of(entry.path),
                        level=Level.WARNING if in_code(entry.path) else None)


@rule(
    id="TREE013", name="python-caches", title="No compiled Python is submitted",
    level=Level.ERROR, scope=Scope.TREE,
    why="compiled caches are leftovers that nobody can review",
    fix="remove __pycache__ folders and *.pyc files",
    source=CHECKER,
)
def python_caches(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """There is no __pycache__ folder; lone *.pyc files are warnings."""
    for entry in submitted(tree):
        if entry.name == "__pycache__" and entry.kind is Kind.FOLDER:
            yield Fault(Location(entry.path), "a __pycache__ folder", "no compiled Python",
                        subject=tree.subject_of(entry.path))
        elif entry.name.endswith(".pyc") and "/__pycache__/" not in entry.path:
            yield Fault(Location(entry.path), "a *.pyc file", "no compiled Python",
                        subject=tree.subject_of(entry.path), level=Level.WARNING)


@rule(
    id="TREE014", name="empty-folders", title="No folder is empty",
    level=Level.ERROR, scope=Scope.TREE,
    why="git does not keep empty folders, so what was checked is not what will be published",
    fix="remove the folder or add what it should hold",
    source=CHECKER,
)
def empty_folders(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Every folder holds something; outside the results it is a warning."""
    for entry in submitted(tree):
        if entry.kind is Kind.FOLDER and not tree.table.names(entry.path):
            role = entry.path.split("/")[2:3]
            yield Fault(Location(entry.path), "an empty folder", "a folder with content",
                        subject=tree.subject_of(entry.path), absent=True,
                        level=None if role and role[0] in RESULT_ROLES else Level.WARNING)


@rule(
    id="TREE015", name="path-length", title="Paths are short enough to travel",
    level=Level.WARNING, scope=Scope.TREE,
    why="long paths cannot be unpacked everywhere",
    fix="use shorter names of systems or implementations",
    source="own",
)
def path_length(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No path has more than 255 characters, no name more than 255 bytes."""
    for entry in submitted(tree):
        if len(entry.path) <= PATH_NOTICE:
            continue
        name_bytes = len(entry.name.encode("utf-8", "surrogateescape"))
        over = len(entry.path) > PATH_LIMIT or name_bytes > NAME_LIMIT_BYTES
        yield Fault(Location(entry.path), f"a path of {len(entry.path)} characters",
                    f"at most {PATH_LIMIT if over else PATH_NOTICE}",
                    subject=tree.subject_of(entry.path), level=None if over else Level.INFO)


@rule(
    id="TREE016", name="names-travel", title="Names survive other systems",
    level=Level.ERROR, scope=Scope.TREE,
    why="names that collide or cannot be written elsewhere lose files on the way",
    fix="rename the file or folder",
    source="own",
)
def names_travel(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Names are UTF-8 without control characters, and differ by more than case."""
    for entry in tree.table.entries.values():
        found = _odd_name(entry.name)
        if found is not None:
            text, level = found
            yield Fault(Location(entry.path), f"name with {text}", "a portable name",
                        subcode=text, level=level, subject=tree.subject_of(entry.path))
    yield from _collisions(tree, "")
    for entry in tree.table.entries.values():
        if entry.kind is Kind.FOLDER:
            yield from _collisions(tree, entry.path)


def _odd_name(name: str) -> tuple[str, Level | None] | None:
    if name.isascii() and name.isprintable() and not ODD_CHARACTERS.intersection(name):
        if name.endswith((".", " ")):
            return "a dot or blank at its end", Level.WARNING
        device = name.partition(".")[0].casefold() in DEVICE_NAMES
        return ("the name of a device", Level.WARNING) if device else None
    if any("\ud800" <= char <= "\udfff" for char in name):
        return "bytes that are not UTF-8", None
    if any(unicodedata.category(char) == "Cc" for char in name):
        return "a control character", None
    if any(unicodedata.category(char) == "Cf" for char in name):
        return "an invisible or right-to-left mark", Level.WARNING
    if ODD_CHARACTERS.intersection(name):
        return "a character that is special elsewhere", Level.WARNING
    return None


def _collisions(tree: TreeSubject, folder: str) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name in tree.table.names(folder):
        plain = unicodedata.normalize("NFC", name).casefold()
        if plain in seen:
            path = f"{folder}/{name}" if folder else name
            level = None if _required_path(tree.table, path) else Level.WARNING
            yield Fault(Location(path), f"{quote(name)} beside {quote(seen[plain])}",
                        "names that differ by more than case", subcode="collision", level=level,
                        subject=tree.subject_of(path))
        seen.setdefault(plain, name)


def _required_path(table: FileTable, path: str) -> bool:
    parts = path.split("/")
    return len(parts) < 3 or parts[2] in RESULT_ROLES or parts[2] == "systems"


@rule(
    id="TREE017", name="special-files", title="Every entry is a file or a folder",
    level=Level.ERROR, scope=Scope.TREE,
    why="devices, pipes and sockets are no data and are never opened",
    fix="remove the entry",
    source="own",
)
def special_files(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """There are no devices, FIFOs or sockets."""
    for entry in tree.table.entries.values():
        if entry.kind is Kind.SPECIAL:
            yield Fault(Location(entry.path), entry.problem or "a device, pipe or socket",
                        "a regular file", subject=tree.subject_of(entry.path))


@rule(
    id="TREE033", name="rubbish", title="No leftovers are submitted",
    level=Level.WARNING, scope=Scope.TREE,
    why="leftovers of editors and systems do not belong into a publication",
    fix="remove the file",
    source="own",
)
def rubbish(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """There are no system leftovers, editor copies, core dumps or keys."""
    for entry in submitted(tree):
        if entry.name in RUBBISH_NAMES or entry.name.endswith(RUBBISH_ENDINGS):
            if entry.name == "core" and (entry.kind is Kind.FOLDER or in_code(entry.path)):
                continue
            yield Fault(Location(entry.path), f"{quote(entry.name)}", "no leftovers",
                        subject=tree.subject_of(entry.path))
