"""The program's entry: version without any import, then click with lazily loaded commands."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from submission_checker import __version__

if TYPE_CHECKING:
    import click

NAMES = ("submission-checker", "mlperf-check")
EXIT_WRONG_USE, EXIT_CRASH, EXIT_INTERRUPTED = 2, 4, 130
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What a stream says that takes no more."""
UNUSABLE = {errno.ENAMETOOLONG, errno.EACCES, errno.ELOOP, errno.ENOTDIR}
"""What the system says of a path that cannot be used, wherever the program meets it."""
EPILOG = """New here? `submission-checker demo` judges a bundled submission.

Every option has a twin in the environment: SUBMISSION_CHECKER_ROUND stands for --round of every
command, SUBMISSION_CHECKER_CHECK_ROUND for that of check."""


def newest_round() -> str:
    """Return the newest round by file name, without loading any round."""
    names = [
        path.stem for path in (Path(__file__).parents[1] / "rounds" / "data").glob("v*.toml")
    ]
    return max(names, key=lambda name: tuple(int(part) for part in name[1:].split(".")))


def version_text() -> str:
    """Return name, version, newest round and path; another package of this name is named."""
    here = Path(__file__).parents[1]
    text = (f"submission-checker {__version__}, rounds up to {newest_round()}\n{here}")
    for place in sys.path:
        other = Path(place or ".") / "submission_checker" / "__init__.py"
        if other.is_file() and other.resolve().parent != here.resolve():
            text += f"\nnote: another package of this name lies in {other.parent}"
    return text


def called_as() -> str:
    """Return the name by which the program was called: its own or its second one."""
    name = Path(sys.argv[0]).stem
    return name if name in NAMES else NAMES[0]


def main() -> None:
    """Run the program; never end in a traceback."""
    _take_names_for_utf8()
    _open_streams()
    try:
        _run()
    except OSError as error:
        if error.filename is not None and error.errno in UNUSABLE:
            print(f"submission-checker: {error.filename}: {error.strerror}", file=sys.stderr)
            sys.exit(EXIT_WRONG_USE)
        if error.filename is not None or error.errno not in UNWRITABLE:
            _internal(error)
        print(f"submission-checker: cannot write: {error.strerror}", file=sys.stderr)
        _throw_away_the_rest()
        sys.exit(EXIT_WRONG_USE)


def _run() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(version_text())
        return
    import click

    from submission_checker.cli.lazy import group

    program = group(
        help="Judge MLPerf Inference submissions of every round by the rules of that round.",
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"],
                          "max_content_width": 100},
        params=[click.Option(["--version", "-V"], is_flag=True, help="Print the version.")],
        callback=_no_command, invoke_without_command=True,
    )
    stdout = sys.stdout
    try:
        program.main(prog_name=called_as(), standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        _without_hidden_options(error).show()
        for told in _from_elsewhere(error):
            print(told, file=sys.stderr)
        sys.exit(EXIT_WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except SystemExit:
        if sys.stdout is not stdout:  # click met a closed pipe and put a silent stream there
            sys.exit(0)
        raise
    except OSError:
        raise
    except Exception as error:
        _internal(error)


def _take_names_for_utf8() -> None:
    """Begin again in Python's UTF-8 mode where the locale would read other names than elsewhere."""
    encoding = sys.getfilesystemencoding().replace("-", "").lower()
    if encoding != "utf8" and sys.executable and sys.platform != "win32":
        import os

        try:
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
        except OSError:
            return  # names are read in the locale's encoding then


def _open_streams() -> None:
    """Write what nobody reads (``>&-``) into nothing, and letters that a stream lacks as codes."""
    import os

    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif getattr(stream, "errors", "") == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _throw_away_the_rest() -> None:
    """Let the interpreter end without writing again what could not be written."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _internal(error: Exception) -> NoReturn:
    """Say that the program is at fault."""
    print(f"submission-checker: internal error: {type(error).__name__}: {error}\n"
          "Run with SUBMISSION_CHECKER_DEBUG=1 for the traceback.", file=sys.stderr)
    _debug()
    sys.exit(EXIT_CRASH)


def _from_elsewhere(error: click.ClickException) -> list[str]:
    """Return what to say of options that environment or settings file give: one may be wrong."""
    import os

    from click.core import ParameterSource

    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    if context is None:
        return []
    sources = {option.name: context.get_parameter_source(option.name)
               for option in context.command.params}
    variables = [
        next((name for name in option.envvar or () if os.environ.get(name)), "")
        for option in ([param] if param is not None else context.command.params)
        if sources.get(option.name) is ParameterSource.ENVIRONMENT
    ]
    if param is not None:
        return [f"The value comes from {name} in the environment." for name in variables]
    told = [f"In force from the environment: {', '.join(variables)}."] if variables else []
    settings = [option.opts[0][2:] for option in context.command.params
                if sources.get(option.name) is ParameterSource.DEFAULT_MAP]
    file = context.meta.get("submission_checker.cli.config")
    return told + ([f"In force from {file}: {', '.join(settings)}."] if settings else [])


def _without_hidden_options(error: click.ClickException) -> click.ClickException:
    """Return an error that proposes no option which the help does not show either."""
    from click import NoSuchOption, Option

    if not isinstance(error, NoSuchOption) or error.ctx is None:
        return error
    hidden = {name for param in error.ctx.command.params
              if isinstance(param, Option) and param.hidden for name in param.opts}
    near = [name for name in error.possibilities or () if name not in hidden]
    return NoSuchOption(error.option_name, possibilities=near, ctx=error.ctx)


def _debug() -> None:
    import os
    import traceback

    if os.environ.get("SUBMISSION_CHECKER_DEBUG"):
        traceback.print_exc()


def _no_command(version: bool) -> None:
    import click

    context = click.get_current_context()
    if version:
        click.echo(version_text())
        context.exit()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit()
