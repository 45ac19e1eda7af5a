"""``submission-checker audit``: which audits are due, running them, re-judging their logs."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "plan": ("submission_checker.cli.audit_plan",
             "List the audits of a submission: required, present, missing, hours."),
    "run": ("submission_checker.cli.audit_run", "Run audits against a live system."),
    "verify": ("submission_checker.cli.audit_verify", "Judge the logs of audits again."),
}


class AuditGroup(click.Group):
    """Imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


command = AuditGroup("audit", help="Audits: plan them, run them against a live system, judge "
                                   "their logs again.")
