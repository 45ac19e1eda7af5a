"""``audit run``: audits against a live system, from the cheap checks to the filed result."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import click

from compliance_tests.runner import campaign
from compliance_tests.runner.problems import Refused
from submission_checker.cli.audit_request import how_of, place_of, target_of
from submission_checker.cli.audit_steps import Audits, Order
from submission_checker.model.errors import WrongUse
from submission_checker.render.escape import printable
from submission_checker.rounds.loader import UnknownRound


@click.command("run", help="""Run audits against a live system.

The system is COMMAND, started once per run in --cwd with audit.config in place ({outdir} and
{audit_config} in it are replaced), or a Python object, --sut module:factory, driven in a fresh
process per run. Runs are kept in --work and taken over when the command is repeated; verdicts that
belong to a submission are filed beside --result. Nothing is overwritten.""")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- [COMMAND]...")
@click.option("--round", "round_name", metavar="ROUND", required=True)
@click.option("--benchmark", required=True)
@click.option("--scenario", required=True)
@click.option("--result", type=click.Path(file_okay=False), required=True,
              help="The result that is audited: holds performance/run_1 and accuracy.")
@click.option("--test", "tests", multiple=True, metavar="TEST",
              help=f"Official tests (default: those that the round requires) or stricter ones: "
                   f"{', '.join(campaign.NAMES)}.")
@click.option("--strict", is_flag=True, help="The stricter verdicts too.")
@click.option("--repeat", type=click.IntRange(1, 64), default=8, show_default=True,
              help="Most pairs of interleaved runs; it stops once decided.")
@click.option("--duration", type=click.FloatRange(0.05), metavar="SECONDS",
              help="Least duration of each stricter run in place of user.conf's.")
@click.option("--gross", is_flag=True, help="Decide only differences beyond a factor of five.")
@click.option("--sut", metavar="MODULE:FACTORY", help="A Python system under test.")
@click.option("--custom-sut", metavar="MODULE:FACTORY", help="The same over custom data.")
@click.option("--user-conf", type=click.Path(dir_okay=False), help="Default: the result's.")
@click.option("--shim", is_flag=True, help="Change settings in the process of a Python harness.")
@click.option("--cwd", type=click.Path(file_okay=False), default=".", show_default=True,
              help="Where the command runs; modules of --sut are looked for there too.")
@click.option("--logs", multiple=True, type=click.Path(file_okay=False),
              help="Folder in which the command writes its logs, beside --cwd.")
@click.option("--work", type=click.Path(file_okay=False), help="Folder of the runs.")
@click.option("--time-limit", type=click.FloatRange(1), metavar="SECONDS", help="For each run.")
@click.option("--accuracy-command", metavar="COMMAND",
              help="The benchmark's accuracy script; {log} is replaced. Decides TEST07, and TEST01 "
                   "where answers vary.")
@click.option("--dry-run", is_flag=True, help="Check, print plan and time, start nothing.")
@click.option("--verbose", "-v", is_flag=True, help="Show what the command prints.")
def command(**given: Any) -> None:
    """Resolve, check, run, judge, file."""
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        code = _run(given)
    except (Refused, WrongUse, UnknownRound) as error:
        raise click.UsageError(printable(str(error))) from None
    except OSError as error:
        click.echo(printable(f"{error.filename or 'the work folder'}: {error.strerror}; the runs "
                             "so far are kept"), err=True)
        code = 3
    sys.exit(code)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Leave as Ctrl-C does: every clean-up runs."""
    raise KeyboardInterrupt


def _run(given: dict[str, Any]) -> int:
    target = target_of(given["round_name"], given["benchmark"], given["scenario"])
    result = Path(given["result"])
    place = place_of(result, target.round)
    how = how_of(given["command"], given["sut"], given["user_conf"], place, target.round,
                 given["cwd"], given["logs"], shim=given["shim"])
    work = Path(given["work"] or Path("audit-runs") / f"{given['benchmark']}-{target.scenario}")
    order = Order(
        target, how, result, place, work, given["tests"], strict=given["strict"],
        pairs=given["repeat"], gross=given["gross"], custom_sut=given["custom_sut"],
        duration_s=given["duration"], limit_s=given["time_limit"],
        accuracy_command=given["accuracy_command"], echo=given["verbose"],
    )
    audits = Audits(order, lambda text: click.echo(printable(text), err=True))
    for line in audits.plan_lines():
        click.echo(printable(line))
    if given["dry_run"]:
        return 0
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > cores:
        click.echo(f"note: load average {load:.1f} on {cores} cores; times will be noisy", err=True)
    return audits.carry_out(click.echo)
