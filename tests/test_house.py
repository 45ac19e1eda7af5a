"""The house: rooms import only from lower floors, and cheap commands stay cheap."""

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FLOORS = {
    "model": 0, "formats": 1, "evidence": 1, "sources": 1, "rounds": 1,
    "tree": 2, "logs": 2, "engine": 2, "render": 2, "review": 2,
    "intake": 3, "compliance_tests": 3, "rules": 4, "judging": 5, "check": 6, "packing": 7,
    "cli": 8,
}
HEAVY = ("numpy", "pandas", "jsonschema", "git", "yaml", "rich", "jinja2")


def room_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "compliance_tests":
        return "compliance_tests"
    if parts[0] != "submission_checker" or len(parts) < 2:
        return None
    return parts[1]


def edges():
    files = [*ROOT.glob("submission_checker/**/*.py"), *ROOT.glob("compliance_tests/**/*.py")]
    for file in files:
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        room = room_of(module)
        if room is None or room.startswith("__"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                target = room_of(name)
                if target is not None and target != room:
                    yield module, room, target


def test_rooms_import_only_lower_floors():
    wrong = [
        (module, target) for module, room, target in edges()
        if FLOORS[room] <= FLOORS[target]
    ]
    assert wrong == []


def test_ground_floor_imports_only_the_model():
    wrong = [(m, t) for m, room, t in edges() if FLOORS[room] == 1 and t != "model"]
    assert wrong == []


def test_only_audit_rules_import_the_audits():
    wrong = [
        module for module, _, target in edges()
        if target == "compliance_tests"
        and not module.startswith(("submission_checker.rules.audits",
                                   "submission_checker.cli.audit"))
    ]
    assert wrong == []


def test_files_have_one_job():
    long = [
        str(file.relative_to(ROOT)) for file in ROOT.glob("submission_checker/**/*.py")
        if len(file.read_text(encoding="utf-8").splitlines()) > 500
    ]
    assert long == []


@pytest.mark.parametrize("arguments", [
    ["--version"], ["--help"], ["explain", "PERF018", "--round", "v5.1"], ["rounds", "list"],
])
def test_cheap_commands_load_nothing_heavy(arguments):
    code = (
        f"import sys; sys.argv = ['submission-checker', *{arguments!r}]\n"
        "from submission_checker.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "print('LOADED', *sorted(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         cwd=ROOT).stdout
    loaded = set(out.rpartition("LOADED")[2].split())
    assert not loaded.intersection(HEAVY)
