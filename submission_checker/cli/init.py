"""``submission-checker init``: the tree of a new submission."""

from __future__ import annotations

from pathlib import Path

import click

from submission_checker.cli import completion
from submission_checker.cli.main import newest_round
from submission_checker.model.errors import WrongUse
from submission_checker.packing.layout import Wanted, new_files, write_new
from submission_checker.render.style import shell_word
from submission_checker.rounds.loader import UnknownRound, load_round

BOTH = "datacenter,edge"


@click.command("init", help="""Lay out a new submission in DEST.

Makes the folders of the round, a system description with a hint per field, and stubs of the other
files. What is there already is never overwritten, so the command can be repeated for more
benchmarks.""")
@click.argument("dest", type=click.Path(file_okay=False))
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Round of the submission; default: the newest.")
@click.option("--division", default="closed", show_default=True, metavar="NAME",
              shell_complete=completion.divisions, help="closed, open or network.")
@click.option("--submitter", required=True, metavar="NAME",
              help="Your folder below the division.")
@click.option("--system", required=True, metavar="NAME",
              help="The system's folder below results/.")
@click.option("--system-type", default="datacenter", show_default=True, metavar="TYPE",
              help="datacenter, edge, or both (datacenter,edge).")
@click.option("--benchmark", multiple=True, required=True, metavar="NAME",
              shell_complete=completion.benchmarks,
              help="A model of the round (rounds show ROUND models); may be repeated.")
@click.option("--scenario", multiple=True, metavar="NAME", shell_complete=completion.scenarios,
              help="May be repeated; default: every scenario the round requires.")
def command(
    dest: str, round_name: str | None, division: str, submitter: str, system: str,
    system_type: str, benchmark: tuple[str, ...], scenario: tuple[str, ...],
) -> None:
    """Make what is missing, say what comes next."""
    try:
        round_ = load_round(round_name or newest_round())
        system_type = BOTH if system_type == "both" else system_type
        wanted = Wanted(division, submitter, system, system_type, benchmark, scenario)
        made, kept = write_new(Path(dest), new_files(wanted, round_))
    except (WrongUse, UnknownRound) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"cannot write {dest}: {error.strerror}") from None
    for path in made:
        click.echo(f"made {path}")
    if kept:
        click.echo(f"{len(kept)} were there and stay as they are")
    tree = f"{shell_word(dest)} --round {round_.name}"
    click.echo(f"next: fill in what says TODO, file each run with\n"
               f"  submission-checker add RUN_DIR --to {tree} --benchmark "
               f"{shell_word(benchmark[0])}\n"
               f"and see what is missing with\n"
               f"  submission-checker check {tree} --profile self-check")
