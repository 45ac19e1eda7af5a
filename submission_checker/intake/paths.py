"""The tree of a source with the submitters' own model names."""

from __future__ import annotations

from submission_checker.intake.reading import Reader
from submission_checker.model.documents import JsonFile
from submission_checker.rounds.types import Round
from submission_checker.tree.build import TreePaths, build_tree, mapping_paths

Mappings = dict[tuple[str, str], JsonFile | None]
"""(division, submitter) -> the submitter's model mapping."""


def tree_paths(reader: Reader, round_: Round) -> tuple[TreePaths, Mappings]:
    """Return every path with its part, and the mappings that were needed for it."""
    mappings = {
        key: reader.json(path) for key, path in mapping_paths(reader.table, round_).items()
    }
    targets = {
        key: {k: v for k, v in file.value.items() if isinstance(v, str)}
        for key, file in mappings.items() if file is not None and isinstance(file.value, dict)
    }
    return build_tree(reader.table, round_, targets), mappings
