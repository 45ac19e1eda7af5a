"""The pages of commands and exit codes, made from the program's own declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from docs.rule_pages import plain
from submission_checker.cli.exit_codes import MEANINGS, ORDER
from submission_checker.cli.lazy import COMMANDS, group

PROGRAM = "submission-checker"


def exit_codes_page(mark: str) -> str:
    """Return docs/exit-codes.md."""
    lines = [mark, "", "# Exit codes", "",
             "The same for every output format. A run never ends in a traceback: a crash of a rule",
             "becomes a finding of that rule, and everything else is still reported.", "",
             "| exit code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in MEANINGS.items()]
    order = ", ".join(str(code) for code in ORDER)
    lines += ["", f"Where several apply, the first of {order} is returned.", "",
              "In a script, ask for the code and not for words in the output:", "",
              "```bash", f"{PROGRAM} check submission --round v5.1 -o json:report.json",
              "case $? in", "  0) echo 'ready to submit' ;;", "  1) echo 'findings' ;;",
              "  *) echo 'not judged' ;;", "esac", "```"]
    return "\n".join(lines) + "\n"


def commands_page(mark: str) -> str:
    """Return docs/commands.md: every command with its arguments and options."""
    program = group()
    context = click.Context(program, info_name=PROGRAM)
    lines = [mark, "", "# Commands", "",
             "`submission-checker COMMAND --help` shows the same in the terminal.",
             "`mlperf-check` is a second name of the program.", "",
             "| command | what it does |", "|---|---|"]
    lines += [f"| [{name}](#{name}) | {plain(about)} |" for name, (_, about) in COMMANDS.items()]
    for name in COMMANDS:
        command = program.get_command(context, name)
        if command is not None:
            lines += _command(command, name, 2)
    return "\n".join(lines) + "\n"


def _command(command: click.Command, name: str, depth: int) -> Iterator[str]:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    usage = " ".join([PROGRAM, name, *(["[OPTIONS]"] if options else []),
                      *(_argument(p) for p in arguments)])
    yield from ("", f'{"#" * depth} <a id="{name.replace(" ", "-")}"></a>{name}', "")
    for paragraph in (command.help or "").replace("\b", "").split("\n\n"):
        yield from (plain(" ".join(paragraph.split())), "")
    yield f"    {usage}"
    if options:
        yield from ("", "| option | meaning |", "|---|---|")
        for option in options:
            yield f"| {_names(option)} | {_meaning(option)} |"
    if isinstance(command, click.Group):
        context = click.Context(command)
        for sub in command.list_commands(context):
            below = command.get_command(context, sub)
            assert below is not None
            yield from _command(below, f"{name} {sub}", depth + 1)


def _argument(param: click.Argument) -> str:
    if param.metavar and "[" in param.metavar:
        return param.metavar
    text = (param.metavar or (param.name or "").upper()) + ("..." if param.nargs == -1 else "")
    return text if param.required else f"[{text}]"


def _names(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    if option.is_flag:
        return names
    choices: Any = getattr(option.type, "choices", None)
    value = option.metavar or ("\\|".join(str(c) for c in choices) if choices else "")
    return f"{names} {value}".strip()


def _meaning(option: click.Option) -> str:
    text = plain(option.help or "")
    if option.show_default and option.default not in (None, False, ()):
        text += f" Default: `{option.default}`."
    return text
