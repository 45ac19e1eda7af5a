"""What a submitter's code folders hold: sources, READMEs, and a call of LoadGen.

Code is searched as bytes and never run, imported or parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.intake.reading import Reader
from submission_checker.model.files import Entry
from submission_checker.model.subjects import CodeFacts
from submission_checker.rounds.types import Round

SOURCES = (
    ".bat", ".c", ".cc", ".cmake", ".cpp", ".cs", ".cu", ".cuh", ".cxx", ".go", ".h", ".hpp",
    ".ipynb", ".java", ".jl", ".js", ".kt", ".m", ".mk", ".mm", ".ps1", ".py", ".pyx", ".rs",
    ".scala", ".sh", ".swift", ".ts", ".v", ".vhd", ".sv",
)
BUILD_FILES = frozenset((
    "build.bazel", "cmakelists.txt", "containerfile", "dockerfile", "makefile", "meson.build",
    "pyproject.toml", "requirements.txt", "setup.cfg", "workspace",
))
CALLS = re.compile(rb"mlperf_loadgen|loadgen\.h|QuerySamplesComplete|mlperf::")
FILE_BYTES = 1 << 20
"""How much of each file is searched (the rule catalogue's own limit)."""
TOTAL_BYTES = 64 << 20
"""How much of a submitter's code is searched; a call stands in the first files of a harness."""


def code_facts(submitter: str, round_: Round, reader: Reader) -> CodeFacts:
    """Return the facts of the code below a submitter's folder."""
    roots = tuple(dict.fromkeys(
        f"{submitter}/{template.split('/')[2]}"
        for template in round_.layout.templates.get("code", ())
    ))
    entries = [
        found for root in roots for entry in reader.table.below(root)
        if (found := reader.table.follow(entry.path)) is not None
    ]
    sources = [entry for entry in entries if is_source(entry.path)]
    call, searched_all = first_call(sources, reader)
    readmes = tuple(
        entry.path for entry in entries
        if entry.size_bytes and entry.path.rpartition("/")[2].casefold().startswith("readme")
    )
    return CodeFacts(roots, len(entries), len(sources), readmes, call, searched_all)


def is_source(path: str) -> bool:
    """Return whether a file is a source or build file by its name."""
    name = path.rpartition("/")[2].casefold()
    return name.endswith(SOURCES) or not BUILD_FILES.isdisjoint((name, name.partition(".")[0]))


def first_call(sources: list[Entry], reader: Reader) -> tuple[str | None, bool]:
    """Return the path of the first source that calls LoadGen, and whether all were searched."""
    left = TOTAL_BYTES
    for entry in sources:
        if left <= 0:
            return None, False
        data = b"".join(head(entry.path, reader))
        left -= len(data)
        if CALLS.search(data):
            return entry.path, True
    return None, True


def head(path: str, reader: Reader) -> Iterator[bytes]:
    """Yield the first blocks of a file, up to the limit per file."""
    seen = 0
    for block in reader.blocks(path):
        yield block[: FILE_BYTES - seen]
        seen += len(block)
        if seen >= FILE_BYTES:
            return
