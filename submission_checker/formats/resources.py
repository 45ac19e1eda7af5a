"""Data that ship with the program: schemas and the bundled submission.

In an installed wheel they lie inside the package, in a checkout beside it.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
PLACES = {
    "schemas": ("schemas", "../schemas"),
    "demo": ("demo", "../fixtures/demo_submission"),
}


class MissingResource(RuntimeError):
    """Data that belong to the program are not there: the installation is broken."""


def resource_folder(name: str) -> Path:
    """Return the folder of the schemas or of the bundled submission."""
    for place in PLACES[name]:
        folder = (PACKAGE / place).resolve()
        if folder.is_dir():
            return folder
    raise MissingResource(f"the {name} that belong to the program are missing; install it again")


def schema_text(name: str) -> str:
    """Return the text of a JSON Schema, such as ``report``."""
    return (resource_folder("schemas") / f"{name}.schema.json").read_text(encoding="utf-8")


def demo_submission() -> Path:
    """Return the folder of the bundled submission."""
    return resource_folder("demo")


def demo_suts() -> tuple[str, Path] | None:
    """Return (package, folder to import it from) of the demonstration systems.

    None where neither the installation nor a checkout has them.
    """
    if (PACKAGE / "demo_suts").is_dir():
        return f"{PACKAGE.name}.demo_suts", PACKAGE.parent
    if (PACKAGE.parent / "fixtures" / "suts").is_dir():
        return "fixtures.suts", PACKAGE.parent
    return None
