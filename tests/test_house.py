"""The house: rooms import only from lower floors, and cheap commands stay cheap."""

import ast
import functools
import subprocess
import sys

import pytest

from tests.conftest import FIRST, ROOT, TOGETHER

FLOORS = {
    "model": 0, "formats": 1, "evidence": 1, "sources": 1, "rounds": 1,
    "tree": 2, "logs": 2, "engine": 2, "render": 2, "review": 2,
    "intake": 3, "compliance_tests": 3, "rules": 4, "options": 4,
    "judging": 5, "beside": 6, "given": 7, "wider": 8, "reporting": 8, "check": 9,
    "packing": 10, "cli": 11,
}
BELOW_AUDITS = {"model", "rounds", "logs", "evidence", "formats"}
USES_AUDITS = ("submission_checker.rules.audits", "submission_checker.cli.audit")
HEAVY = ("numpy", "pandas", "jsonschema", "git", "yaml", "rich", "jinja2", "mlperf_loadgen")
PACKAGES = ("submission_checker", "compliance_tests")
FILES = [file for package in PACKAGES for file in sorted(ROOT.glob(f"{package}/**/*.py"))]
MOST_LINES = 400


def room_of(module: str) -> str | None:
    """Return the room of a module; None outside and for the package's own front door."""
    package, _, rest = module.partition(".")
    if package == "compliance_tests":
        return package
    room = rest.partition(".")[0]
    return room if package == "submission_checker" and room and not room.startswith("__") else None


def imported(file):
    """Yield the full names that a file imports anywhere, also inside functions."""
    module = file.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(module[: len(module) - node.level]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def imports():
    """Yield (module, its room, another room) for each import of that room."""
    for file in FILES:
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        room = room_of(module)
        if room is None:
            continue
        for name in imported(file):
            target = room_of(name)
            if target in FLOORS and target != room:
                yield module, room, target


@functools.cache
def edges():
    return sorted(set(imports()))


def test_every_room_has_a_floor():
    rooms = {room_of(".".join(f.relative_to(ROOT).with_suffix("").parts)) for f in FILES} - {None}
    assert sorted(rooms - set(FLOORS)) == []
    assert len(edges()) > 100, "the search for imports finds nothing"


def test_rooms_import_only_lower_floors():
    wrong = [(m, target) for m, room, target in edges() if FLOORS[room] <= FLOORS[target]]
    assert wrong == []


def test_ground_floor_imports_only_the_model():
    wrong = [(m, target) for m, room, target in edges() if FLOORS[room] == 1 and target != "model"]
    assert wrong == []


def test_audits_import_only_what_they_are_made_of():
    wrong = [(m, target) for m, room, target in edges()
             if room == "compliance_tests" and target not in BELOW_AUDITS]
    assert wrong == []


def test_only_audit_rules_and_the_audit_command_import_the_audits():
    wrong = [m for m, _, target in edges()
             if target == "compliance_tests" and not m.startswith(USES_AUDITS)]
    assert wrong == []


def test_product_imports_neither_tests_nor_fixtures():
    wrong = [(file.name, name) for file in FILES for name in imported(file)
             if name.partition(".")[0] in ("tests", "fixtures", "benchmarks")]
    assert wrong == []


def test_files_have_one_job():
    long = [str(file.relative_to(ROOT)) for file in FILES
            if len(file.read_text(encoding="utf-8").splitlines()) > MOST_LINES]
    assert long == []


@pytest.mark.parametrize("arguments", [
    ["--version"], ["--help"], ["explain", "PERF018", "--round", "v5.1"], ["rounds", "list"],
], ids=" ".join)
def test_cheap_commands_load_nothing_heavy(arguments):
    code = (
        f"import sys; sys.argv = ['submission-checker', *{arguments!r}]\n"
        "from submission_checker.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end: assert not end.code, end.code\n"
        "print('LOADED', *sorted(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         cwd=ROOT).stdout
    loaded = out.rpartition("LOADED")[2].split()
    assert "submission_checker.cli.main" in loaded
    assert sorted(set(loaded).intersection(HEAVY)) == []


def test_files_that_go_first_or_together_are_there():
    assert [name for name in (*FIRST, *TOGETHER) if not (ROOT / name).exists()] == []
