"""``submission-checker add``: a finished LoadGen run, filed at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from submission_checker.cli import completion
from submission_checker.cli.main import newest_round
from submission_checker.model.errors import WrongUse
from submission_checker.packing.filing import Where, copy, filed
from submission_checker.packing.recognise import recognise
from submission_checker.render.escape import printable
from submission_checker.rounds.loader import UnknownRound, load_round
from submission_checker.sources.base import SourceError


@click.command("add", help="""File the finished LoadGen run in RUN_DIR.

Mode, scenario and audit follow from the log. A run that does not fit the round or the benchmark is
refused with the reason; nothing is overwritten.""")
@click.argument("run_dir", type=click.Path(file_okay=False))
@click.option("--to", "root", type=click.Path(file_okay=False), required=True,
              help="Root of the submission.")
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Round of the submission; default: the newest.")
@click.option("--division", default="closed", show_default=True, metavar="NAME",
              shell_complete=completion.divisions, help="closed, open or network.")
@click.option("--submitter", metavar="NAME", help="Default: the only one in the submission.")
@click.option("--system", metavar="NAME", help="Default: the only one of the submitter.")
@click.option("--benchmark", required=True, metavar="NAME", shell_complete=completion.benchmarks,
              help="The benchmark that ran; a log does not name it.")
@click.option("--scenario", metavar="NAME", shell_complete=completion.scenarios,
              help="Needed where LoadGen's scenario stands for several of the round's.")
@click.option("--test", metavar="TEST", shell_complete=completion.audits,
              help="Needed where the settings fit several audits.")
@click.option("--even-invalid", is_flag=True, help="File a run that LoadGen calls INVALID too.")
@click.option("--dry-run", is_flag=True, help="Say where the run goes, write nothing.")
def command(run_dir: str, root: str, **given: Any) -> None:
    """Recognise, place, copy."""
    try:
        round_ = load_round(given["round_name"] or newest_round())
        found = recognise(Path(run_dir))
        click.echo(f"{printable(run_dir)}: {printable(found.described())}")
        tree = Path(root)
        if not tree.is_dir():
            raise WrongUse(f"--to {root}: no such folder; submission-checker init lays one out")
        submitter = _only(given["submitter"], tree / given["division"], "submitter")
        systems = tree / given["division"] / submitter
        system = _only(given["system"], systems / "systems", "system", ".json")
        where = Where(given["division"], submitter, system, given["benchmark"],
                      given["scenario"], given["test"])
        note = _new_system(system, systems / "systems")
        filing = filed(found, where, tree, round_, even_invalid=given["even_invalid"])
        if not given["dry_run"]:
            copy(found, filing, tree)
    except (WrongUse, UnknownRound, SourceError) as error:
        raise click.UsageError(printable(str(error))) from None
    except OSError as error:
        raise click.UsageError(f"cannot write {root}: {error.strerror}") from None
    verb = "would be" if given["dry_run"] else "is now"
    here = [name for name, path in filing.files.items() if path == f"{filing.target}/{name}"]
    click.echo(f"{filing.what} {verb} {filing.target}/ ({', '.join(here)})")
    for name, path in filing.files.items():
        if name not in here:
            click.echo(f"{name} {verb} {path}")
    if found.others:
        click.echo(f"not submitted: {printable(', '.join(found.others[:8]))}")
    if note:
        click.echo(note)
    if not given["dry_run"]:
        click.echo(f"next: submission-checker check {root} --round {round_.name} "
                   "--profile self-check")


def _new_system(system: str, folder: Path) -> str:
    """Return what is said of a system without a description; its name may be mistyped."""
    known = sorted(path.stem for path in folder.glob("[!.]*.json"))
    if system in known:
        return ""
    return printable(f"note: no systems/{system}.json yet; described: {', '.join(known) or 'none'}")


def _only(given: str | None, folder: Path, what: str, ending: str = "") -> str:
    """Return what was given, or the only name that lies in a folder."""
    if given:
        return given
    names = sorted(path.name.removesuffix(ending) for path in folder.iterdir()
                   if path.name.endswith(ending) and not path.name.startswith(".")
                   and path.is_file() is bool(ending)) if folder.is_dir() else []
    if len(names) != 1:
        known = f"one of {', '.join(names)}" if names else "there is none yet"
        raise WrongUse(f"give --{what}; {known}")
    return names[0]
