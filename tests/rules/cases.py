"""Per rule: edits of the bundled submission that the rule must find.

One module per family, ``cases_<family>.py``, holds its edits (``CASES``) and, where the unchanged
submission is not its passing case, the edit that is (``PASSING``). The exact findings stand in
``expected/<FAMILY>.json``; ``python -m tests.rules.cases [FAMILY ...]`` rewrites them, and the
difference is to be read line by line.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from fixtures.builder import ROUND, Tree
from submission_checker.engine.selection import Selection
from tests.rules.edits import Edit

HERE = Path(__file__).parent
FAMILIES = {file.stem.removeprefix("cases_").upper(): import_module(f"tests.rules.{file.stem}")
            for file in sorted(HERE.glob("cases_*.py"))}
CASES: dict[str, list[Edit]] = {
    rule: edits for module in FAMILIES.values() for rule, edits in module.CASES.items()
}
PASSING: dict[str, Edit] = {
    rule: edit for module in FAMILIES.values() for rule, edit in module.PASSING.items()
}

ELSEWHERE = {
    "INPUT001": "tests/test_bad_input.py", "INPUT002": "tests/sources/test_hostile.py",
    "RNDX003": "tests/rules/test_other_rounds.py",
    "RNDX004": "tests/rules/test_other_rounds.py", "RNDX005": "tests/rules/test_other_rounds.py",
    "RNDX006": "tests/rules/test_other_rounds.py", "RNDX007": "tests/rules/test_other_rounds.py",
    "MEAS019": "tests/rules/test_other_rounds.py", "PERF028": "tests/rules/test_other_rounds.py",
    "ACCU012": "tests/rules/test_other_rounds.py",
}
"""Rules whose cases need another round or a special file; the file named holds them."""


def expected() -> dict[str, list[dict[str, Any]]]:
    """Return the committed findings by case, ``RULE-number``."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted((HERE / "expected").glob("*.json")):
        found |= json.loads(file.read_text())
    return found


def start(rule: str, folder: Path) -> Tree:
    """Return the submission that a rule's cases start from: the bundled one, or the family's."""
    make: Callable[[Path], Tree] = getattr(_module(rule), "START", Tree.demo)
    return make(folder)


def round_of(rule: str) -> str:
    """Return the round that judges a rule's cases."""
    return str(getattr(_module(rule), "ROUND", ROUND))


def _module(rule: str) -> ModuleType:
    return next(module for module in FAMILIES.values() if rule in module.CASES)


def outcome(
    rule: str, edit: Edit, folder: Path, *, alone: bool = False
) -> list[dict[str, Any]]:
    """Return the findings of a rule on an edited copy of the bundled submission.

    ``alone`` judges by this rule only.
    """
    tree = start(rule, folder)
    edit(tree)
    selection = Selection(select=(rule,) if alone else ())
    return [
        {"level": f.level.label, "path": f.location.path, "line": f.location.line,
         "pointer": f.location.pointer, "found": f.found, "required": f.required,
         "absent": f.absent}
        for f in tree.findings(rule, round=round_of(rule), selection=selection)
    ]


def main(families: list[str]) -> None:
    """Write what is found now; read the difference before committing it."""
    for family, module in FAMILIES.items():
        if families and family not in families:
            continue
        found = {}
        for rule, edits in sorted(module.CASES.items()):
            for number, edit in enumerate(edits):
                with tempfile.TemporaryDirectory() as folder:
                    found[f"{rule}-{number}"] = outcome(rule, edit, Path(folder))
                if not found[f"{rule}-{number}"]:
                    print(f"{rule}-{number} finds nothing", file=sys.stderr)
        file = HERE / "expected" / f"{family}.json"
        file.write_text(json.dumps(found, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
