"""PRIV: what files tell that their submitter may not have wanted to publish.

Each rule gives one finding per submitter with the first place and a count, PRIV005 one per file.
Searched are the texts that rules read and the submitter's documents and sources (logs/private.py
and intake/private.py name the limits); accuracy logs, the analyzer's samples and files inside of
third-party folders are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.model.findings import Level, Location, Subject
from submission_checker.model.private import PrivateHit
from submission_checker.model.subjects import TreeSubject
from submission_checker.rules.texts import count, counted, listed, quote

PLACES = 10
"""Places that a finding lists."""


def folded(
    tree: TreeSubject, hits: list[PrivateHit], required: str, level: Level | None = None
) -> Iterator[Fault]:
    """Yield one fault per submitter: the values, how many files, the first place."""
    groups: dict[Subject, list[PrivateHit]] = defaultdict(list)
    for hit in hits:
        narrow = tree.subject_of(hit.path)
        groups[Subject(narrow.division, narrow.submitter)].append(hit)
    for subject, group in groups.items():
        group.sort(key=lambda hit: (hit.path, hit.line))
        values = list(dict.fromkeys(hit.value for hit in group))
        files = len({hit.path for hit in group})
        where = f" in {counted(files, 'file')}" if files > 1 else ""
        yield Fault(
            Location(group[0].path, group[0].line),
            f"{listed(values)}{where} ({counted(sum(h.count for h in group), 'place')})",
            required, level=level, subject=subject,
            evidence=tuple(f"{h.path}:{h.line}: {h.value}" for h in group[:PLACES]),
        )


def of_kind(tree: TreeSubject, kind: str) -> list[PrivateHit]:
    """Return the hits of a kind."""
    return [hit for hit in tree.private if hit.kind == kind]


@rule(
    id="PRIV001", name="personal-paths", title="Paths name no person",
    level=Level.WARNING, scope=Scope.TREE,
    why="a home folder names a person in files that stay public for good",
    fix="build and run under a neutral account, or in a container",
    source="own; names counted in the published logs",
)
def personal_paths(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No path leads through the home folder of a person; at info level outside of the gate."""
    yield from folded(tree, of_kind(tree, "path"), "paths without personal names",
                      None if context.gate else Level.INFO)


@rule(
    id="PRIV002", name="host-names", title="No internal host names",
    level=Level.INFO, scope=Scope.TREE,
    why="names of internal machines help nobody to replicate a result",
    fix="replace them by the system's name, and remove `hostname` from collected reports",
    source="own",
)
def host_names(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No name ends in .local, .corp, .internal or .lan; no line gives a host name."""
    yield from folded(tree, of_kind(tree, "host"), "no names of internal machines")


@rule(
    id="PRIV003", name="private-addresses", title="No private network addresses",
    level=Level.INFO, scope=Scope.TREE,
    why="addresses of an internal network say how it is built and help nobody to replicate",
    fix="replace them by localhost or by a name",
    source="RFC 1918; RFC 3927",
)
def private_addresses(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No address lies in a private or link-local range, outside of code."""
    yield from folded(tree, of_kind(tree, "address"), "no addresses of internal networks")


PUBLIC_NAMES = ("license", "authors", "contributors", "notice", "copying", "codeowners")


@rule(
    id="PRIV004", name="mail-addresses", title="No mail addresses in logs and descriptions",
    level=Level.INFO, scope=Scope.TREE,
    why="a person's address stays public for good",
    fix="name a team or a public contact instead",
    source="own",
)
def mail_addresses(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No mail address outside of licences and lists of authors."""
    hits = [hit for hit in of_kind(tree, "mail")
            if not hit.path.rpartition("/")[2].casefold().startswith(PUBLIC_NAMES)]
    yield from folded(tree, hits, "no addresses of persons")


@rule(
    id="PRIV005", name="keys-and-tokens", title="No keys, tokens or passwords",
    level=Level.ERROR, scope=Scope.TREE,
    why="whoever reads the submission can use it; it must be revoked even if it is removed now",
    fix="revoke the key at its issuer, remove it from the files and from the history",
    source="forms that the issuers publish",
)
def keys_and_tokens(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No private key and no access token; a password in words is a warning.

    What only its name says to be secret may be an example.
    """
    files: dict[tuple[str, bool], list[PrivateHit]] = defaultdict(list)
    for hit in of_kind(tree, "secret"):
        files[hit.path, hit.known_form].append(hit)
    for (path, known), hits in files.items():
        places = sum(hit.count for hit in hits)
        more = f" ({count(places)} places)" if places > 1 else ""
        yield Fault(
            Location(path, hits[0].line), f"{listed(dict.fromkeys(h.value for h in hits))}{more}",
            "no secrets", subcode="" if known else "named", subject=tree.subject_of(path),
            level=None if known else Level.WARNING,
            confidence="certain" if known else "likely",
            evidence=tuple(f"{h.path}:{h.line}: {h.value}" for h in hits[:PLACES]),
        )


@rule(
    id="PRIV006", name="serial-numbers", title="No serial numbers or hardware addresses",
    level=Level.INFO, scope=Scope.TREE,
    why="they identify single machines and parts",
    fix="remove them from collected reports",
    source="own",
)
def serial_numbers(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No hardware address, serial number or identifier of a device."""
    yield from folded(tree, of_kind(tree, "serial"), "no identifiers of single parts")


INSTRUCTIONS = (".md", ".sh", ".rst", "dockerfile")


@rule(
    id="PRIV007", name="internal-urls", title="Images and URLs are public",
    level=Level.WARNING, scope=Scope.TREE,
    why="nobody else can fetch what lies on an internal host, so the result cannot be replicated",
    fix="publish what is needed, and name the public place",
    source="policies submission_rules.adoc: replicability",
)
def internal_urls(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No URL or image name leads to an internal host; a warning where instructions need it."""
    hits = of_kind(tree, "url")
    needed = [hit for hit in hits if hit.path.casefold().endswith(INSTRUCTIONS)]
    rest = [hit for hit in hits if hit not in needed]
    yield from folded(tree, needed, "public places")
    yield from folded(tree, rest, "public places", Level.INFO)


CONFIGURATION = ("/config.yaml", "/config.yml")


@rule(
    id="PRIV008", name="private-endpoints", title="Endpoints in configurations are neutral",
    level=Level.WARNING, scope=Scope.TREE,
    why="the address of an endpoint says how an internal network is built",
    fix="write localhost, or an address reserved for documentation",
    source="RFC 5737; RFC 2606",
)
def private_endpoints(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No ``config.yaml`` names an internal host or address as endpoint."""
    hits = [hit for kind in ("url", "host", "address") for hit in of_kind(tree, kind)
            if hit.path.casefold().endswith(CONFIGURATION)]
    yield from folded(tree, hits, "localhost or a documentation address")


DATASET_NAMES = (".tfrecord", ".tfrecords")
ARRAYS = (".npy", ".npz", ".pkl", ".pickle", ".parquet", ".arrow", ".h5")
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
GRAPHS = ("-deps.png",)
"""Pictures that MLCommons' automation draws of the steps of a run (``mlc-deps.png``)."""
ARRAY_BYTES = 1_000_000
MEASURED = ("/results/", "/compliance/", "/measurements/", "/audit/")
DATA_FOLDERS = ("/data/", "/dataset/", "/datasets/", "/preprocessed_data/")


@rule(
    id="PRIV009", name="dataset-content", title="No content of data sets",
    level=Level.WARNING, scope=Scope.TREE,
    why="licences of the data sets forbid to publish their samples",
    fix="remove the files; say in the README where the data set comes from",
    source="licences of the data sets", key="layout.extra_accuracy_files",
)
def dataset_content(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No records, arrays of 1 MB or images of samples, except the images that the round demands.

    Images in documents and sources, and graphs of a run's steps, are not looked at.
    """
    allowed = {
        name for model in context.round.models.values() for name in model.required_artefacts
    }
    groups: dict[Subject, list[str]] = defaultdict(list)
    for path, entry in tree.table.entries.items():
        if _is_data(path, entry.size_bytes) and (
            path.rpartition("/")[0].rpartition("/")[2] not in allowed
        ):
            narrow = tree.subject_of(path)
            groups[Subject(narrow.division, narrow.submitter)].append(path)
    for subject, paths in groups.items():
        paths.sort()
        yield Fault(Location(paths[0]), f"{quote(paths[0].rpartition('/')[2])}"
                    + (f" and {len(paths) - 1} more files" if len(paths) > 1 else ""),
                    "no samples of data sets", subject=subject, evidence=tuple(paths[:PLACES]))


def _is_data(path: str, size_bytes: int) -> bool:
    name = path.casefold()
    if name.endswith(DATASET_NAMES):
        return True
    if name.endswith(ARRAYS):
        return size_bytes > ARRAY_BYTES
    return (name.endswith(IMAGES) and not name.endswith(GRAPHS)
            and any(part in name for part in (*MEASURED, *DATA_FOLDERS)))
