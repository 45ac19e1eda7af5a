"""A click group that imports a command only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

Table = Mapping[str, tuple[str, str]]
COMMANDS: Table = {
    "check": ("submission_checker.cli.check", "Judge a submission by the rules of its round."),
    "report": ("submission_checker.cli.report", "Write tables of the results of a round."),
    "explain": ("submission_checker.cli.explain", "Say why a rule is, its limit, and how to fix."),
    "rules": ("submission_checker.cli.rules", "List the rules."),
    "rounds": ("submission_checker.cli.rounds", "List, show and compare rounds."),
    "init": ("submission_checker.cli.init", "Lay out a new submission."),
    "add": ("submission_checker.cli.add", "File a finished LoadGen run at its place."),
    "pack": ("submission_checker.cli.pack", "Make an upload that passes, beside the originals."),
    "audit": ("submission_checker.cli.audit", "Plan, run and judge audits."),
    "bug-report": ("submission_checker.cli.bug_report", "Make a bundle for a bug report."),
    "exceptions": ("submission_checker.cli.exceptions", "Keep the exceptions file."),
    "demo": ("submission_checker.cli.demo", "Make a small submission, audit it, check it."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; the modules come later.

    ``table`` is name -> (module, help); ``above`` is how variables of the environment begin for
    commands of this group.
    """

    def __init__(self, name: str, table: Table, *, above: str = "", **settings: Any) -> None:
        super().__init__(name, **settings)
        self.table = table
        self.above = above

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help page."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.table:
            return None
        command: click.Command = import_module(self.table[cmd_name][0]).command
        return with_environment(command, f"{self.above}{cmd_name}")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Propose the nearest name where a command is not known."""
        name = args[0] if args else ""
        if name and name not in self.table and not name.startswith("-"):
            from submission_checker.engine.selection import did_you_mean

            ctx.fail(f"no command {name!r}{did_you_mean(name, self.table)}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Propose commands and options without importing the commands."""
        items = [CompletionItem(name, help=text) for name, (_, text) in self.table.items()
                 if name.startswith(incomplete)]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])


PREFIX = "SUBMISSION_CHECKER"


def with_environment(command: click.Command, name: str) -> click.Command:
    """Give every option its twins in the environment, named as the option is.

    The twin of this command comes before the one of all commands.
    """
    for param in command.params:
        if isinstance(param, click.Option) and param.envvar is None:
            option = _variable(max(param.opts, key=len))
            param.envvar = [f"{PREFIX}_{_variable(name)}_{option}", f"{PREFIX}_{option}"]
    for sub, below in getattr(command, "commands", {}).items():
        with_environment(below, f"{name}_{sub}")
    return command


def _variable(name: str) -> str:
    return name.strip("-").replace("-", "_").upper()


def group(**settings: Any) -> click.Group:
    """Return the program's group of commands."""
    return LazyGroup("submission-checker", COMMANDS, **settings)
