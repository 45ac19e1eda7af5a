"""Settings of ``check`` from submission-checker.toml, and where each one in force comes from.

The file is searched for from the input upward. Command line wins over environment, environment
over file, file over default. The gate takes nothing from a file that the submission could bring
along.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from submission_checker.engine.selection import did_you_mean

FILE_NAME, TABLE = "submission-checker.toml", "check"
NOT_IN_FILE = {"path", "today", "show_config", "help"}
GATE = "gate"
RELATIVE = ("exceptions",)
"""Options whose value is a path, in the file relative to its folder."""


def found_upward(path: str) -> Path | None:
    """Return the nearest settings file in the input's folder or above it."""
    start = Path(path).resolve()
    for folder in (start, *start.parents):
        file = folder / FILE_NAME
        if os.path.isfile(file):  # unlike Path.is_file silent about names that are too long
            return file
    return None


class ConfiguredCommand(click.Command):
    """A command whose options may stand in a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the file by the path among the arguments, then parse as usual."""
        if not ctx.resilient_parsing:
            given, _, _ = self.make_parser(ctx).parse_args(list(args))
            path = given.get("path")
            profile = next(o for o in self.params if o.name == "profile")
            gate = (given.get("profile") or _environment(profile)[1]) == GATE
            if isinstance(path, str) and not gate:
                file = found_upward(path)
                if file is not None:
                    ctx.default_map = self._settings(ctx, file)
                    ctx.meta[__name__] = file
        return super().parse_args(ctx, args)

    def _settings(self, ctx: click.Context, file: Path) -> dict[str, Any]:
        """Return the settings of a file by parameter; wrong ones are named with their file."""
        import tomllib  # only here: most checks have no file of settings

        try:
            data = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise click.UsageError(f"{file}: {error}", ctx) from None
        table = data.get(TABLE, {})
        if set(data) - {TABLE} or not isinstance(table, dict):
            raise click.UsageError(f"{file}: only the table [{TABLE}] is known", ctx)
        known = {word: option for option in self.get_params(ctx) for word in _words(option)}
        settings: dict[str, Any] = {}
        for word, value in table.items():
            if word not in known:
                raise click.UsageError(f"{file}: no option {word!r}{did_you_mean(word, known)}",
                                       ctx)
            option = known[word]
            settings[str(option.name)] = _checked(ctx, file, option, word, value)
        return settings


def _words(option: click.Parameter) -> list[str]:
    """Return the long names of an option without their dashes."""
    if option.name in NOT_IN_FILE or not option.expose_value or getattr(option, "hidden", False):
        return []
    return [name[2:] for name in option.opts if name.startswith("--")]


def _checked(
    ctx: click.Context, file: Path, option: click.Parameter, word: str, value: Any
) -> Any:
    """Return a value that fits its option: a list for one that may be repeated, else one value."""
    wanted: type | tuple[type, ...] = (
        list if option.multiple else bool if getattr(option, "is_flag", False) else (str, int))
    fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    if not fits or (isinstance(value, list) and any(not isinstance(v, str) for v in value)):
        kind = "a list of texts" if wanted is list else "true or false" if wanted is bool else (
            "a text in quotation marks or a whole number")
        raise click.UsageError(f"{file}: {word} is {kind}, not {value!r}", ctx)
    if word in RELATIVE:
        return str(file.parent / value)
    try:
        option.type_cast_value(ctx, value)
    except click.BadParameter as error:
        raise click.UsageError(f"{file}: {word}: {error.message}", ctx) from None
    return value


def _environment(option: click.Parameter) -> tuple[str, str]:
    """Return name and value of the variable that sets an option, both empty where none does."""
    names = [option.envvar] if isinstance(option.envvar, str) else option.envvar or ()
    return next(((name, os.environ[name]) for name in names if os.environ.get(name)), ("", ""))


def shown(ctx: click.Context) -> str:
    """Return every option with its value and origin, a line each."""
    file = ctx.meta.get(__name__)
    lines = [f"settings file: {file if file is not None else 'none'}"]
    for option in ctx.command.get_params(ctx):
        name = str(option.name)
        hidden = name in NOT_IN_FILE - {"path"} or getattr(option, "hidden", False)
        if hidden or not option.expose_value:
            continue
        value = ctx.params.get(name)
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(
            value if value is not None else "")
        lines.append(f"{_label(option):<16} {text or '-':<24} {_origin(ctx, option)}".rstrip())
    return "\n".join(lines) + "\n"


def _label(option: click.Parameter) -> str:
    long = [name[2:] for name in option.opts if name.startswith("--")]
    return long[0] if long else str(option.name).upper()


def _origin(ctx: click.Context, option: click.Parameter) -> str:
    """Return where the value of a parameter comes from."""
    source = ctx.get_parameter_source(str(option.name))
    if source is ParameterSource.COMMANDLINE:
        return "command line"
    if source is ParameterSource.ENVIRONMENT:
        return f"environment {_environment(option)[0]}"
    return FILE_NAME if source is ParameterSource.DEFAULT_MAP else "default"
